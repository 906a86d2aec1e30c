"""The one request by which a browser comes back from saying yes (RFC 8252 section 7.3)."""

import http.server
import os
import secrets
import select
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ouro_cli.errors import PortTaken

_PATH = "/callback"
_LONGEST = 16_384
_PAGE = (
    b"<!doctype html><meta charset=utf-8><title>ouro</title>"
    b"<p style='font:18px sans-serif;margin:4em'>%s You can close this page.</p>"
)
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Connection": "close",
}


class Redirect:
    """A server on this machine that waits for the answer to what was asked with this `state`."""

    def __init__(self, state: str, port: int = 0) -> None:
        self._state = state.encode()
        self._answer: dict[str, str] | None = None
        redirect = self

        class Handler(http.server.BaseHTTPRequestHandler):
            # A browser may open a connection ahead of need, and say nothing on it.
            timeout = 2

            def do_GET(self) -> None:
                answer = redirect._read(self.path)
                if answer is None:
                    self._say(404, b"There is nothing here.")
                else:
                    self._say(200, b"Done." if "code" in answer else b"It was refused.")
                redirect._answer = redirect._answer or answer

            def _say(self, status: int, words: bytes) -> None:
                self.send_response(status)
                for name, value in _HEADERS.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(_PAGE % words)

            def log_message(self, format: str, *args: object) -> None:
                """Keep quiet: the address holds the code."""

        class Server(http.server.HTTPServer):
            def handle_error(self, request: Any, client_address: Any) -> None:
                """A browser may hang up; that is no fault of ours."""

        try:
            self._server = Server(("127.0.0.1", port), Handler)
        except OSError as fault:
            why = (fault.strerror or str(fault)).lower()
            hint = "Choose another that the client is registered for: --redirect-port."
            raise PortTaken(host="127.0.0.1", port=port, why=why, hint=hint) from None
        self._server.timeout = 1
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}{_PATH}"

    def __enter__(self) -> "Redirect":
        return self

    def __exit__(self, *_: object) -> None:
        self._server.server_close()

    def wait(self, patience: float, terminal: int | None = None) -> dict[str, str] | None:
        """What the answer says, by name; None where none came within so many seconds.

        The address that the browser was sent to may also be typed at the terminal, where the
        browser runs on a machine that cannot reach this one.
        """
        deadline = time.monotonic() + patience
        sources = [self._server.fileno()] + ([] if terminal is None else [terminal])
        while self._answer is None and (left := deadline - time.monotonic()) > 0:
            ready, _, _ = select.select(sources, [], [], left)
            if self._server.fileno() in ready:
                self._server.handle_request()
            elif terminal in ready and terminal is not None:
                typed = os.read(terminal, _LONGEST)
                if not typed:
                    sources.remove(terminal)
                self._answer = self._read(typed.decode("utf-8", "replace").strip())
        return self._answer

    def _read(self, address: str) -> dict[str, str] | None:
        """The answer in an address; None where it is not the one that is waited for."""
        try:
            parts = urlsplit(address)
        except ValueError:
            return None
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        is_ours = parts.path == _PATH and secrets.compare_digest(
            asked.get("state", "").encode("utf-8", "surrogateescape"), self._state
        )
        return asked if is_ours else None
