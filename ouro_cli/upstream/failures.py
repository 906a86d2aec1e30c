"""A request on its way, and what it means where the way ends: at which step, and why."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from ouro_cli.crash import crash_point
from ouro_cli.upstream.cutting import cutting
from ouro_cli.upstream.tls import why_not
from ouro_cli.wire.outcome import NoAnswer

# isort: split
# After the client, which keeps httpx from loading its own command line.
import httpx

_STEPS: tuple[tuple[type[Exception], str, bool], ...] = (
    (httpx.ConnectTimeout, "connect: timed out", False),
    (httpx.ConnectError, "connect", False),
    (httpx.PoolTimeout, "connect: timed out", False),
    (httpx.ProxyError, "proxy", False),
    (httpx.UnsupportedProtocol, "connect", False),
    (httpx.LocalProtocolError, "send", False),
    (httpx.WriteTimeout, "send: timed out", True),
    (httpx.WriteError, "send", True),
    (httpx.ReadTimeout, "read: timed out", True),
    (httpx.RemoteProtocolError, "read", True),
    (httpx.ReadError, "read", True),
    (httpx.HTTPError, "read", True),
)


class Way:
    """How far a request has come; httpcore tells it, as its `trace` extension.

    `is_sent` is true once the first byte of the request may have left. `sockets` holds that of the
    connection in use, which an earlier call may have opened.
    """

    def __init__(self, sockets: list[socket.socket] | None = None) -> None:
        self.step = "connect"
        self.is_sent = False
        self.is_late = False
        self._sockets = [] if sockets is None else sockets

    def __call__(self, event: str, info: dict[str, Any]) -> None:
        """Take note of an event such as `http11.send_request_headers.started`."""
        name, _, when = event.rpartition(".")
        match name.rpartition(".")[2], when:
            case "connect_tcp" | "start_tls", "complete":
                self._sockets[:] = [info["return_value"].get_extra_info("socket")]
            case "connect_tcp", "started":
                self.step = "connect"
            case "start_tls", "started":
                # What was sent so far was a proxy asked to connect us.
                self.step, self.is_sent = "tls", False
            case "send_request_headers", "started":
                self.step, self.is_sent = "send", True
            case "receive_response_headers", "started":
                self.step = "read"
                crash_point("R5")

    @contextmanager
    def cut_after(self, seconds: float) -> Iterator[None]:
        """Cut the connection after so long: in the main thread an alarm does better than that."""
        if threading.current_thread() is threading.main_thread():
            yield
            return
        with cutting(seconds, self._cut):
            yield

    def _cut(self) -> None:
        self.is_late = True
        for each in self._sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


def no_answer(fault: httpx.HTTPError, way: Way | None = None, *, proxied: bool = False) -> NoAnswer:
    """What a failure of httpx says, without any address."""
    step, why, was_sent = _told(fault)
    if way is not None:
        was_sent = was_sent and way.is_sent
        if step == "connect" and way.step == "tls":
            step = "tls"
    is_lasting = isinstance(fault, httpx.UnsupportedProtocol | httpx.LocalProtocolError)
    for cause in _causes(fault):
        if isinstance(cause, socket.gaierror):
            step, why = "dns", (cause.strerror or "no address").lower()
            is_lasting = cause.errno == socket.EAI_NONAME
        elif isinstance(cause, ssl.SSLError) and not was_sent:
            step, why, is_lasting = "tls", why_not(cause), True
    if proxied and step in ("dns", "connect"):
        step, why = "proxy", f"{step}: {why}"
    return NoAnswer(step, why, was_sent, is_lasting=is_lasting)


def _told(fault: httpx.HTTPError) -> tuple[str, str, bool]:
    for kind, step, was_sent in _STEPS:
        if isinstance(fault, kind):
            step, _, what = step.partition(": ")
            return step, what or _reason(fault), was_sent
    raise AssertionError("unreachable")


def _reason(fault: BaseException) -> str:
    """Why, in the operating system's words: httpx's own may hold the whole address."""
    for cause in _causes(fault):
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror.lower()
    text = str(fault).split("http", 1)[0].strip()
    return text.lower() or type(fault).__name__


def _causes(fault: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = fault
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__
