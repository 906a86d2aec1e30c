"""What durable callbacks cost: the listener, beside one commit for each, and beside bare SQLite.

All sides write the same rows into copies of one registry on the same disk, in turn, each in a
process of its own. Disks differ most in what a sync costs, so a sync can be made to take longer:
`slow_disk.c` is preloaded into all of them alike.
"""

import asyncio
import contextlib
import json
import os
import secrets
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from measure import CommandFailed

from ouro_cli.model.identity import new_id
from ouro_cli.process import this_process
from ouro_cli.store.registry import Store
from ouro_cli.store.rows import time_text
from ouro_cli.wire.webhook import token_hash

CONNECTIONS = 64
TOGETHER = 256

_BODY = b'{"status": "completed", "response": {"n": 1, "text": "hello world"}}'
_RESPONSE = b'{"n": 1, "text": "hello world"}'
_ONES = 200

_SERVE = """
import signal, sys
from ouro_cli import seat
from ouro_cli.runtime import open_runtime
from ouro_cli.web import server, writer

def stop(*_):
    raise KeyboardInterrupt

signal.signal(signal.SIGTERM, stop)
writer.MOST_TOGETHER = int(sys.argv[2])
rt = open_runtime()
held = seat.take_seat(rt.settings.home, host="127.0.0.1", port=int(sys.argv[1]), strict=True)
try:
    server.serve(rt, held, until_idle=False)
except KeyboardInterrupt:
    pass
"""

Waiting = list[tuple[str, str]]


class NotServed(CommandFailed):
    """The listener did not answer as it must to be measured."""


@dataclass(frozen=True)
class Figure:
    """Ours and a peer's, medians over the rounds, and the quartiles of the rounds' own ratios."""

    name: str
    ours: float
    peer: float
    ratios: list[float]
    unit: str
    goal: float
    at_least: bool

    def is_met(self) -> bool:
        """Whether the median is where it shall be."""
        middle = statistics.median(self.ratios)
        return middle >= self.goal if self.at_least else middle <= self.goal

    def __str__(self) -> str:
        lower, middle, upper = statistics.quantiles(self.ratios, n=4, method="inclusive")
        sign, verdict = ">=" if self.at_least else "<=", "met" if self.is_met() else "not met"
        return (
            f"{self.name:56} {self.ours:7.1f} {self.peer:7.1f}  {middle:6.2f}"
            f" [{lower:.2f} {upper:.2f}]  goal {sign} {self.goal:.2f}  {verdict} ({self.unit})"
        )


def figures(
    home: Path, folder: Path, *, rounds: int, callbacks: int, slow_sync: float = 0.0
) -> list[Figure]:
    """The three figures of the listener, measured side by side in each round."""
    bench = Bench(home, folder, slow_sync)
    found = [bench.round(callbacks) for _ in range(rounds)]
    sync = statistics.median(each.sync for each in found) * 1000
    disk = f"a sync takes {sync:.2f} ms"
    return [
        _figure(f"{CONNECTIONS} connections / one commit each, {disk}", found, "alone", 8),
        _figure(f"{CONNECTIONS} connections / bare SQLite, {disk}", found, "bare", 0.5),
        Figure(
            f"one callback / one sync, {disk}",
            statistics.median(each.one for each in found) * 1000,
            sync,
            [each.one / each.sync for each in found],
            "ms",
            2,
            at_least=False,
        ),
    ]


def _figure(name: str, found: list["Round"], peer: str, goal: float) -> Figure:
    ours, theirs = [each.together for each in found], [getattr(each, peer) for each in found]
    ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
    middle = statistics.median(ours), statistics.median(theirs)
    return Figure(name, *middle, ratios, "callbacks/s", goal, at_least=True)


@dataclass(frozen=True)
class Round:
    """What one round found: callbacks a second, and seconds of one callback and of one sync."""

    together: float
    alone: float
    bare: float
    one: float
    sync: float


class Bench:
    """Rounds on copies of a registry that holds one finished action of the route they are for."""

    def __init__(self, home: Path, folder: Path, slow_sync: float = 0.0) -> None:
        self._home = home
        self._folder = folder
        self._environment = {**os.environ, "OURO_USER": "bench"}
        if slow_sync:
            self._environment |= _preloaded(folder, slow_sync)

    def round(self, callbacks: int) -> Round:
        """All sides once; those that commit each alone get a quarter of the callbacks."""
        with self._copy(callbacks + _ONES) as (copy, waiting), self._listener(copy, TOGETHER) as at:
            _, each = asyncio.run(_fire(at, waiting[:_ONES], 1))
            seconds, _ = asyncio.run(_fire(at, waiting[_ONES:], CONNECTIONS))
        one, together = statistics.median(each), callbacks / seconds
        few = callbacks // 4
        with self._copy(few) as (copy, waiting), self._listener(copy, 1) as at:
            seconds, _ = asyncio.run(_fire(at, waiting, CONNECTIONS))
        with self._copy(callbacks) as (copy, waiting):
            bare, sync = self._bare(copy, waiting)
        return Round(together, few / seconds, callbacks / bare, one, sync)

    def _bare(self, copy: Path, waiting: Waiting) -> tuple[float, float]:
        """How long bare SQLite takes, sixty-four to a commit; and how long a sync takes."""
        ids = copy / "ids.json"
        ids.write_text(json.dumps([action_id for action_id, _ in waiting]))
        words = [sys.executable, __file__, str(copy / "registry.db"), str(ids)]
        said = subprocess.run(words, env=self._environment, capture_output=True, check=True)
        seconds, sync = json.loads(said.stdout)
        return seconds, sync

    @contextlib.contextmanager
    def _copy(self, count: int) -> Iterator[tuple[Path, Waiting]]:
        """A copy of the registry in which so many actions wait; their ids and tokens."""
        copy = self._folder / "copy"
        shutil.copytree(self._home, copy, ignore=shutil.ignore_patterns("listener.*"))
        store = Store(copy)
        sample = store.actions.get(store.actions.newest_id(None) or "")
        now = datetime.now(UTC)
        waiting = [(new_id(), secrets.token_urlsafe(32)) for _ in range(count)]
        request: dict[str, Any] = {"body": {}, "parameters": None, "query": None}
        with store.transaction() as tx:
            for action_id, token in waiting:
                tx.actions.add(action_id, sample.route.id, sample.user_id, request, "bench", now)
                tx.actions.claim(
                    action_id,
                    owner=this_process(),
                    token_hash=token_hash(token),
                    callback_url=f"http://127.0.0.1:9/actions/{action_id}/response",
                    at=now,
                )
                tx.actions.acknowledge(action_id, status_code=202, poll_url=None, at=now)
        store.close()
        yield copy, waiting
        shutil.rmtree(copy)

    @contextlib.contextmanager
    def _listener(self, home: Path, group: int) -> Iterator[int]:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = int(probe.getsockname()[1])
        environment = {**self._environment, "OURO_HOME": str(home)}
        words = [sys.executable, "-c", _SERVE, str(port), str(group)]
        server = subprocess.Popen(words, env=environment)
        try:
            _await(port)
            yield port
        finally:
            server.terminate()
            server.wait()


def _await(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as line:
            line.sendall(b"GET / HTTP/1.0\r\n\r\n")
            if line.recv(100):
                return
        time.sleep(0.05)
    raise NotServed("the listener did not start")


def _preloaded(folder: Path, slow_sync: float) -> dict[str, str]:
    """The environment of a process whose disk syncs slowly; it takes a C compiler."""
    library = folder / "slow_disk.so"
    source = Path(__file__).with_name("slow_disk.c")
    words = ["cc", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"]
    subprocess.run(words, check=True, capture_output=True)
    return {"LD_PRELOAD": str(library), "SLOW_SYNC": str(int(slow_sync * 1e6))}


class _Caller(asyncio.Protocol):
    """One connection that calls back, waits for the answer, and calls back again."""

    def __init__(self, shots: Iterator[bytes], taken: list[float]) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._shots, self._taken = shots, taken
        self._said = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self._said += data
        if not self._said.endswith(b'"error": null}'):
            if b'"error": {' in self._said:
                self.done.set_exception(NotServed(self._said.decode()))
            return
        self._said = b""
        self._taken.append(time.perf_counter() - self._began)
        self._next()

    def _next(self) -> None:
        shot = next(self._shots, None)
        if shot is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._began = time.perf_counter()
        self._transport.write(shot)


async def _fire(port: int, waiting: Waiting, connections: int) -> tuple[float, list[float]]:
    """How long all callbacks take over so many connections, and how long each of them."""
    head = f"Host: 127.0.0.1:{port}\r\nContent-Length: {len(_BODY)}\r\n"
    shots = iter([
        f"POST /actions/{action_id}/response HTTP/1.1\r\n{head}ouro-webhook-token: {token}\r\n\r\n"
        .encode() + _BODY
        for action_id, token in waiting
    ])  # fmt: skip
    taken: list[float] = []
    loop, callers = asyncio.get_running_loop(), [_Caller(shots, taken) for _ in range(connections)]
    began = time.perf_counter()
    for caller in callers:
        await loop.create_connection(lambda made=caller: made, "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.gather(*(caller.done for caller in callers))
    return time.perf_counter() - began, taken


def _write_bare(database: str, ids: list[str]) -> float:
    """Write what a callback writes, with nothing but sqlite3, sixty-four callbacks to a commit."""
    connection = sqlite3.connect(database, isolation_level=None)
    connection.executescript(
        "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
    )
    now = time_text(datetime.now(UTC))
    began = time.perf_counter()
    for start in range(0, len(ids), CONNECTIONS):
        connection.execute("BEGIN IMMEDIATE")
        for action_id in ids[start : start + CONNECTIONS]:
            connection.execute(
                "UPDATE action SET status = 'success', response = ?, response_type = ?,"
                " ended_by = 'webhook', finished_at = ?, last_updated = ?"
                " WHERE id = ? AND status IN ('queued', 'in-progress')",
                (_RESPONSE, "application/json", now, now, action_id),
            )
            told = connection.execute(
                "INSERT INTO event (action_id, at, kind, level, message) VALUES (?, ?, ?, ?, ?)",
                (action_id, now, "finished", "info", "succeeded"),
            )
            connection.execute(
                "INSERT INTO event_text (rowid, words) VALUES (?, ?)",
                (told.lastrowid, f"succeeded {_RESPONSE.decode()}"),
            )
            connection.execute(
                "INSERT INTO receipt (id, action_id, received_at, verdict, sha256, media_type,"
                " data) VALUES (?, ?, ?, 'settled', ?, 'application/json', ?)",
                (new_id(), action_id, now, "0" * 64, _BODY),
            )
        connection.execute("COMMIT")
    return time.perf_counter() - began


def _sync(folder: Path) -> float:
    """The median of how long a sync of four KiB takes, in seconds."""
    taken = []
    with (folder / "sync").open("wb", buffering=0) as file:
        file.write(bytes(2**20))
        for number in range(200):
            os.pwrite(file.fileno(), os.urandom(4096), 4096 * number)
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - began)
    return statistics.median(taken)


if __name__ == "__main__":
    actions = json.loads(Path(sys.argv[2]).read_text())
    print(json.dumps([_write_bare(sys.argv[1], actions), _sync(Path(sys.argv[1]).parent)]))
