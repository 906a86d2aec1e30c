"""A service of any behaviour on a real socket: a test gives the function that answers."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


@dataclass
class Call:
    """A request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body's JSON."""
        return json.loads(self.body)

    def call_back(self, payload: Any, *, token: str | None = None) -> int:
        """POST a payload to where the request said; the status of the answer."""
        return self.post(self.headers["ouro-webhook-url"], payload, token=token)

    def log(self, message: str) -> int:
        """POST a line to the action's log."""
        url = self.headers["ouro-webhook-url"].removesuffix("response") + "log"
        return self.post(url, {"message": message, "level": "info"})

    def post(self, url: str, payload: Any, *, token: str | None = None) -> int:
        """POST a payload with the action's token, or with another."""
        headers = {"ouro-webhook-token": token or self.headers["ouro-webhook-token"]}
        return post(url, payload, headers)


@dataclass
class Reply:
    """What to answer."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def data(self) -> bytes:
        """The body's bytes: bytes as they are, else JSON."""
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else json.dumps(self.body).encode()


Answer = Callable[[Call], Reply]


class Upstream:
    """A service that runs: its address, and the calls that have arrived."""

    def __init__(self, answer: Answer) -> None:
        self.calls: list[Call] = []
        self.answer = answer
        upstream = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                call = Call(self.command, self.path, headers, self.rfile.read(length))
                upstream.calls.append(call)
                reply = upstream.answer(call)
                self.send_response(reply.status)
                headers = {"content-type": "application/json", **reply.headers}
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(reply.data)))
                self.end_headers()
                self.wfile.write(reply.data)

            do_GET = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_POST

            def log_message(self, *_: Any) -> None:
                return

        class Server(ThreadingHTTPServer):
            request_queue_size = 256

            def handle_error(self, *_: Any) -> None:
                # The program may be killed at any moment; that is what the tests are about.
                return

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def close(self) -> None:
        """Stop it."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@contextmanager
def serving(answer: Answer) -> Iterator[Upstream]:
    """A service that answers so, while the block lasts."""
    upstream = Upstream(answer)
    try:
        yield upstream
    finally:
        upstream.close()


def post(url: str, payload: Any, headers: dict[str, str], *, method: str = "POST") -> int:
    """POST bytes or JSON; the status of the answer, 0 where none came."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    try:
        connection.request(
            method, parts.path, data, {"content-type": "application/json", **headers}
        )
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def later(seconds: float, work: Callable[[], Any]) -> None:
    """Do it in a thread of its own, after a while."""

    def run() -> None:
        time.sleep(seconds)
        work()

    threading.Thread(target=run, daemon=True).start()


def document(*operations: dict[str, Any], **extra: Any) -> dict[str, Any]:
    """An OpenAPI document of these operations, each with its `method` and `path`."""
    paths: dict[str, Any] = {}
    for operation in operations:
        stated = {key: value for key, value in operation.items() if key not in ("method", "path")}
        paths.setdefault(operation["path"], {})[operation["method"]] = stated
    return {
        "openapi": "3.1.0",
        "info": {"title": "Test", "version": "1"},
        "paths": paths,
        **extra,
    }


def json_body(schema: dict[str, Any] | None = None, *, required: bool = False) -> dict[str, Any]:
    """A request body of JSON."""
    return {"required": required, "content": {"application/json": {"schema": schema or {}}}}


def write_document(folder: Path, *operations: dict[str, Any], **extra: Any) -> str:
    """The document of these operations as a file; its path."""
    path = folder / "openapi.json"
    path.write_text(json.dumps(document(*operations, **extra)))
    return str(path)
