"""A listener as a process of its own, actions that wait for callbacks, and senders of any kind."""

import contextlib
import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ouro_cli import seat
from ouro_cli.model.identity import new_id
from ouro_cli.process import this_process
from ouro_cli.runtime import Runtime
from ouro_cli.settings import Settings
from ouro_cli.store.registry import Store
from ouro_cli.upstream.client import send
from ouro_cli.upstream.documents import read_document
from ouro_cli.usecases.find_reference import find_route
from ouro_cli.usecases.import_service import ImportOptions, import_service
from ouro_cli.wire.webhook import token_hash
from tests.support.program import Program
from tests.support.upstream import json_body, write_document


@dataclass(frozen=True)
class Waiting:
    """An action that was accepted, and the token with which it may be called back."""

    id: str
    token: str = field(repr=False)


class Desk:
    """A registry with one route, `ada/x-post`, whose actions are written straight into it."""

    def __init__(self, home: Path, folder: Path, **operation: Any) -> None:
        self.home = home
        self.rt = Runtime(
            settings=Settings(home=home, user="ada", port=0),
            store=Store(home),
            send=send,
            read_document=read_document,
            now=lambda: datetime.now(UTC),
            new_id=new_id,
        )
        stated = {"method": "post", "path": "/x", "summary": "X", "requestBody": json_body()}
        path = write_document(folder, stated | operation)
        import_service(self.rt, path, ImportOptions(base_url="http://127.0.0.1:9"))

    def waiting(self, count: int, base: str = "http://127.0.0.1:9") -> list[Waiting]:
        """So many actions that were accepted, and promised callbacks at this address."""
        route, rt = find_route(self.rt, "ada/x-post"), self.rt
        made = []
        with rt.store.transaction() as tx:
            user_id = tx.people.id_of("ada", new_id(), rt.now())
            for _ in range(count):
                each = Waiting(new_id(), secrets.token_urlsafe(32))
                request: dict[str, Any] = {"body": {}, "parameters": None, "query": None}
                tx.actions.add(each.id, route.id, user_id, request, "test", rt.now())
                tx.actions.claim(
                    each.id,
                    owner=this_process(),
                    token_hash=token_hash(each.token),
                    callback_url=f"{base}/actions/{each.id}/response",
                    at=rt.now(),
                )
                tx.actions.acknowledge(each.id, status_code=202, poll_url=None, at=rt.now())
                made.append(each)
        return made

    def status(self, action: Waiting) -> str:
        """How the action stands."""
        return self.rt.store.actions.get(action.id).status.value

    def verdicts(self, action: Waiting) -> list[str]:
        """What became of the callbacks that came for it."""
        return [each.verdict for each in self.rt.store.receipts.of_action(action.id)]

    def kinds(self, action: Waiting) -> list[str]:
        """The kinds of the lines in its story."""
        return [each.kind for each in self.rt.store.events.after([action.id], 0)]


@dataclass(frozen=True)
class Answer:
    """An answer of the listener."""

    status: int
    headers: dict[str, str]
    body: bytes


def post(
    port: int, path: str, data: bytes, headers: dict[str, str], *, method: str = "POST"
) -> Answer:
    """One request on a connection of its own; status 0 where no answer came."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, data, headers)
        answer = connection.getresponse()
        names = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, names, answer.read())
    except (OSError, http.client.HTTPException):
        return Answer(0, {}, b"")
    finally:
        connection.close()


def call_back(port: int, action: Waiting, payload: Any, token: str | None = None) -> int:
    """Call back for an action; the status of the answer, 0 where none came."""
    data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    headers = {"ouro-webhook-token": action.token if token is None else token}
    return post(port, f"/actions/{action.id}/response", data, headers).status


def talk(port: int, data: bytes, *, wait: float = 10) -> bytes:
    """Send these bytes, and return all that comes until the other side closes or falls silent."""
    said = b""
    with (
        socket.create_connection(("127.0.0.1", port), timeout=wait) as connection,
        contextlib.suppress(OSError),
    ):
        connection.sendall(data)
        while part := connection.recv(65536):
            said += part
    return said


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def start_listener(ouro: Program, port: int, *words: str) -> "subprocess.Popen[str]":
    """`ouro listen` at this port, once it says that it listens."""
    listener = ouro.start("listen", "--port", str(port), *words)
    assert listener.stdout is not None
    assert listener.stdout.readline().startswith("Listening on ")
    return listener


@contextlib.contextmanager
def listening(ouro: Program, *words: str) -> Iterator[int]:
    """A listener while the block lasts, ended as by Ctrl-C; its port."""
    port = free_port()
    listener = start_listener(ouro, port, *words)
    try:
        await_open(port)
        yield port
    finally:
        listener.terminate()
        listener.communicate(timeout=30)
        end_listener(ouro.home)


def await_open(port: int, seconds: float = 30) -> None:
    """Wait until the listener answers."""
    deadline = time.monotonic() + seconds
    while post(port, "/", b"", {}, method="GET").status != 404:
        assert time.monotonic() < deadline, "nobody listens"
        time.sleep(0.05)


def end_listener(home: Path) -> None:
    """End whoever has been left behind in the background of a registry."""
    deadline = time.monotonic() + 30
    while (seated := seat.find_seated(home)) is not None and time.monotonic() < deadline:
        with contextlib.suppress(ProcessLookupError):
            os.kill(seated.pid, signal.SIGTERM)
        time.sleep(0.1)
