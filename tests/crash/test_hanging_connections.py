"""A thousand connections that hang, and begin anew as soon as they are cut, beside honest ones."""

import asyncio
import contextlib
import itertools
import resource
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ouro_cli import seat
from tests.support.listening import Desk, Waiting, call_back, listening
from tests.support.program import Program
from tests.support.real_documents import FIGURE

HANGING = 1_000
DONE = {"status": "completed", "response": {"n": 1}}


class Attack:
    """Connections that drip their head, drip their body, or say nothing after one request."""

    def __init__(self, port: int, action: Waiting) -> None:
        self.cuts = 0
        self.open = 0
        self._port = port
        head = f"POST /actions/{action.id}/response HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        proof = f"ouro-webhook-token: {action.token}\r\n"
        self._openings = {
            "head": head.encode(),
            "body": f"{head}{proof}Content-Length: 100000\r\n\r\n{{".encode(),
            "chunks": f"{head}{proof}Transfer-Encoding: chunked\r\n\r\n1\r\n{{\r\n".encode(),
            "idle": f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode(),
        }
        self._drips = {"head": b"X-A: b\r\n", "body": b" ", "chunks": b"1\r\n \r\n", "idle": b""}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._attack()))

    def __enter__(self) -> "Attack":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    async def _attack(self) -> None:
        kinds = itertools.islice(itertools.cycle(self._openings), HANGING)
        tasks = [asyncio.create_task(self._hang(kind)) for kind in kinds]
        while not self._stop.is_set():
            await asyncio.sleep(0.1)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _hang(self, kind: str) -> None:
        while True:
            with contextlib.suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
                self.open += 1
                try:
                    writer.write(self._openings[kind])
                    while not reader.at_eof() and not writer.is_closing():
                        await asyncio.sleep(1)
                        writer.write(self._drips[kind])
                        await writer.drain()
                finally:
                    self.open -= 1
                    self.cuts += 1
                    writer.close()
            await asyncio.sleep(0.2)


@pytest.fixture(autouse=True)
def _room_for_sockets() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _peak_mib(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(each for each in lines if each.startswith("VmHWM")).split()[1]) / 1024


def test_d7_honest_callbacks_are_answered_while_a_thousand_connections_hang(
    home: Path, tmp_path: Path, ouro: Program, record_property: Any
) -> None:
    desk = Desk(home, tmp_path)
    with listening(ouro) as port:
        victim, *honest = desk.waiting(41, f"http://127.0.0.1:{port}")
        seconds = []
        with Attack(port, victim) as attack:
            deadline = time.monotonic() + 30
            while attack.open < HANGING * 9 // 10 and attack.cuts < HANGING:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            for each in honest:
                began = time.monotonic()
                assert call_back(port, each, DONE) == 200
                seconds.append(time.monotonic() - began)
                time.sleep(0.1)
            seated = seat.find_seated(home)
            assert seated is not None
            peak = _peak_mib(seated.pid)
        told = (
            f"{len(honest)} callbacks beside {HANGING} hanging connections, {attack.cuts} of them"
            f" cut: slowest {max(seconds):.3f} s, {peak:.0f} MiB at the peak"
        )
        record_property(FIGURE, told)
        statuses = {desk.status(each) for each in honest}
        desk.rt.store.close()
    assert statuses == {"success"}
    assert max(seconds) < 1, told
    assert peak < 200, told
