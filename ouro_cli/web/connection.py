"""A connection under fire: how long it may take, how much it may send, and who must go first.

uvicorn reads HTTP with llhttp and leaves all of this to whoever stands before it. Here nobody
stands before it, so its protocol is held within bounds: the head of a request in five seconds, all
of it in thirty, one meaning for its length, and a fixed number of connections.
"""

import asyncio
import socket
import time
from collections.abc import Callable
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from ouro_cli.web.answers import SECURITY_HEADERS, envelope
from ouro_cli.web.lobby import Lobby, Stage

HEAD_SECONDS = 5.0
IDLE_SECONDS = 30
LARGEST_HEAD = 64 * 1024
MOST_HEADERS = 100

WHOLE = "ouro.whole"
"""The extension of an ASGI scope that says: the body is here, nobody has to be waited for."""

_INTERIM = b"HTTP/1.1 100"
_OFFER = (b"connection", b"upgrade", b"http2-settings")
_LEAVE_SECONDS = 1.0
_REASONS = {
    400: ("bad_request", "The request cannot be understood."),
    408: ("too_slow", "The request did not end in time."),
    431: ("head_too_large", "The head of the request is too large."),
}
_SECURITY = b"".join(f"{name}: {value}\r\n".encode() for name, value in SECURITY_HEADERS)


class _Joined:
    """A transport that sends the head of an answer along with what follows: one call, not two."""

    def __init__(self, transport: asyncio.Transport, close: Callable[[], None]) -> None:
        self._transport = transport
        self._close = close
        self._head = b""
        self._is_head = True

    def write(self, data: bytes) -> None:
        """Send this, but for a head: that waits for the body's first part."""
        if self._is_head and not data.startswith(_INTERIM):
            self._is_head, self._head = False, data
            return
        head, self._head = self._head, b""
        self._transport.write(head + data if head else data)

    def close(self) -> None:
        """Send what waits, and close."""
        self.write(b"")
        self._close()

    def is_closing(self) -> bool:
        """Whether it is closed, or about to be."""
        return self._transport.is_closing()


class _HeadTooLarge(Exception):
    """More headers, or longer ones, than anybody needs."""


class _Ambiguous(Exception):
    """A request that another reader would cut elsewhere (RFC 9112 section 6.3)."""


class Connection(HttpToolsProtocol):
    """uvicorn's protocol, held within bounds."""

    def __init__(self, *, lobby: Lobby, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.deadline = 0.0
        self._lobby = lobby
        self._stage = Stage.IDLE
        self._began = 0.0
        self._received = 0
        self._head_size = 0
        self._refusal = 400
        self._is_leaving = False
        self._lengths: list[bytes] = []
        self._codings: list[bytes] = []

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Let it in; the head of its first request is awaited from now on."""
        super().connection_made(transport)
        # Head and body of an answer are two writes: the second must not wait for an ACK.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._begin()
        self._lobby.enter()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._lobby.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; a head that goes on and on is refused while it comes."""
        if self._is_leaving or self.transport.is_closing():
            return
        if self._stage is Stage.IDLE:
            self._begin()
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            self._decline(data[offer.args[0] :])
        except httptools.HttpParserError:
            self._refuse(self._refusal)
        if self._stage is Stage.HEAD:
            self._received += len(data)
            if self._received > LARGEST_HEAD and not self._is_leaving:
                self._refuse(431)

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        if self._stage is not Stage.HEAD:
            self._begin()
        self._head_size = 0
        self._lengths, self._codings = [], []

    def on_url(self, url: bytes) -> None:
        """Its address."""
        super().on_url(url)
        if len(self.url) > LARGEST_HEAD:
            self._refusal = 431
            raise _HeadTooLarge

    def on_header(self, name: bytes, value: bytes) -> None:
        """One of its headers."""
        super().on_header(name, value)
        self._head_size += len(name) + len(value)
        if self._head_size > LARGEST_HEAD or len(self.headers) > MOST_HEADERS:
            self._refusal = 431
            raise _HeadTooLarge
        name = name.lower()
        if name == b"content-length":
            self._lengths.append(value)
        elif name == b"transfer-encoding":
            self._codings.append(value)

    def on_headers_complete(self) -> None:
        """Its head is whole: from here on there is only one way to read it, or it is refused."""
        if not _is_plain(self.url, self._lengths, self._codings, self.parser.get_http_version()):
            raise _Ambiguous
        if self.parser.should_upgrade():
            # llhttp stops here, and the request is read anew without its offer.
            return
        self._stage = Stage.BODY
        self.deadline = self._began + self._lobby.body_seconds
        super().on_headers_complete()
        # The answer to a HEAD is a head alone.
        if self.parser.get_method() != b"HEAD":
            self.cycle.transport = _Joined(self.transport, self._close)  # type: ignore[assignment]

    def on_message_complete(self) -> None:
        """It is whole."""
        if self.parser.should_upgrade():
            return
        super().on_message_complete()
        self.scope["extensions"] = {WHOLE: {}}
        is_answered = self.cycle is None or self.cycle.response_complete
        self._move(Stage.IDLE if is_answered else Stage.ANSWER)

    def on_response_complete(self) -> None:
        """It is answered; the next one may come."""
        super().on_response_complete()
        # Behind it, another one may be whole already.
        if self._stage is Stage.ANSWER and self.cycle.response_complete:
            self._move(Stage.IDLE)

    def expire(self) -> None:
        """Its time is up."""
        is_silent = self._stage is Stage.HEAD and not self._received
        is_answered = (
            self._stage is Stage.BODY and self.cycle is not None and self.cycle.response_started
        )
        if is_silent or is_answered or self._is_leaving:
            self.transport.abort()
        else:
            self._refuse(408)

    def drop(self) -> None:
        """Make room for another."""
        self.transport.abort()

    def _decline(self, rest: bytes) -> None:
        """Go on in HTTP/1.1 with who offers another protocol: the parser would skip the body.

        Java's client makes such an offer with every callback, unless it is told not to.
        """
        if self.parser.get_method() == b"CONNECT":
            self._refuse(400)
            return
        kept = [each for each in self.headers if each[0] not in _OFFER]
        lines = [b"%b %b HTTP/1.1" % (self.parser.get_method(), self.url)]
        lines += [b"%b: %b" % each for each in kept]
        if any(name == b"connection" and b"close" in value.lower() for name, value in self.headers):
            lines.append(b"connection: close")
        self.parser = httptools.HttpRequestParser(self)
        self.data_received(b"\r\n".join([*lines, b"", rest]))

    def _begin(self) -> None:
        self._received = 0
        self._began = time.monotonic()
        self.deadline = self._began + min(HEAD_SECONDS, self._lobby.body_seconds)
        self._move(Stage.HEAD)

    def _move(self, stage: Stage) -> None:
        self._stage = stage
        self._lobby.move(self, stage)

    def _refuse(self, status: int) -> None:
        """Say no, and close: nothing more can be understood here."""
        said = envelope(status, *_REASONS[status])
        facts = f"content-type: application/json\r\ncontent-length: {len(said)}\r\n"
        head = STATUS_LINE[status] + _SECURITY + facts.encode() + b"connection: close\r\n\r\n"
        self.transport.write(head + said)
        self._close()
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()

    def _close(self) -> None:
        """Close, once the other side has had a moment to read why it is not heard to the end.

        To close while it still sends would reset the connection, and the answer with it.
        """
        if self._stage not in (Stage.HEAD, Stage.BODY) or self.transport.is_closing():
            self.transport.close()
        elif not self._is_leaving:
            self._is_leaving = True
            self.deadline = time.monotonic() + _LEAVE_SECONDS
            self.transport.write_eof()


def _is_plain(url: bytes, lengths: list[bytes], codings: list[bytes], version: str) -> bool:
    """Whether everybody who reads this head finds the same end of the request."""
    if not url.startswith(b"/") or len(lengths) > 1 or len(codings) > 1:
        return False
    if codings:
        return not lengths and version == "1.1" and codings[0].strip().lower() == b"chunked"
    return not lengths or lengths[0].isdigit()
