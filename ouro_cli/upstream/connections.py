"""Connections that stay open between the calls of many: made as for one call, and used again."""

import socket
import ssl
import threading
import time
from dataclasses import dataclass, field

from ouro_cli.upstream.resolve import unresolved
from ouro_cli.upstream.tls import tls_for
from ouro_cli.wire.outcome import NoAnswer

# isort: split
# After the client, which keeps httpx from loading its own command line.
import httpx

_IDLE_SECONDS = 1.0
"""A connection that has rested longer may be closed by the other side at any moment: not used."""

_FOUND_SECONDS = 30.0

_ONE = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=_IDLE_SECONDS)


@dataclass(slots=True)
class Line:
    """A client that one thread uses, with one connection at most, and that connection's socket."""

    client: httpx.Client
    sockets: list[socket.socket] = field(default_factory=list)


class Connections:
    """The connections of those who call together; each thread has its own, so nobody waits."""

    def __init__(self) -> None:
        self._mine = threading.local()
        self._all: list[httpx.Client] = []
        self._tls: dict[tuple[bool, bool], ssl.SSLContext] = {}
        self._found: dict[str, float] = {}

    def tls(self, url: str, *, is_verified: bool) -> ssl.SSLContext:
        """How to speak TLS with an address; certificates are read once."""
        key = (url.lower().startswith("https:"), is_verified)
        if key not in self._tls:
            self._tls[key] = tls_for(url, is_verified=is_verified)
        return self._tls[key]

    def unresolved(self, host: str, seconds: float) -> NoAnswer | None:
        """Why a name cannot be called; what was found a moment ago is not asked for again."""
        now = time.monotonic()
        if now - self._found.get(host, -_FOUND_SECONDS) < _FOUND_SECONDS:
            return None
        fault = unresolved(host, seconds)
        if fault is None:
            self._found[host] = now
        return fault

    def line(self, verify: ssl.SSLContext, proxy: str | None) -> Line:
        """This thread's client for calls that go so."""
        lines: dict[tuple[int, str | None], Line] = self._mine.__dict__.setdefault("lines", {})
        line = lines.get((id(verify), proxy))
        if line is None:
            client = httpx.Client(
                verify=verify, trust_env=False, proxy=proxy, headers={}, limits=_ONE
            )
            self._all.append(client)
            line = lines[id(verify), proxy] = Line(client)
        return line

    def close(self) -> None:
        """Close all of them."""
        while self._all:
            self._all.pop().close()
