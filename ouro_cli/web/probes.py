"""The listener's look at itself from outside: whether its public address still leads here."""

import hashlib
import secrets
import sys
import threading
import time
from collections.abc import Callable

from ouro_cli.safety import redact, safe_line
from ouro_cli.seat import Seat
from ouro_cli.upstream.probe import ask
from ouro_cli.web.answers import Receive, Scope, Send

EVERY_SECONDS = 30.0

_PATH = "/probes/"


class Probes:
    """`GET /probes/{word}`: answered for the one word that we are just asking ourselves with."""

    def __init__(self) -> None:
        self._word = ""

    async def answer(self, scope: Scope, _receive: Receive, send: Send) -> bool:
        """Answer if this is our own question; False where it is not."""
        word = self._word
        if not word or scope["method"] != "GET" or scope["path"] != f"{_PATH}{word}":
            return False
        data = _proof(word)
        headers = [
            (b"content-type", b"text/plain"),
            (b"content-length", str(len(data)).encode()),
            (b"connection", b"close"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": data})
        return True

    def trouble_with(self, url: str) -> str:
        """Why this address does not lead here; empty where it does. Takes ten seconds at most."""
        self._word = secrets.token_urlsafe(24)
        try:
            return ask(f"{url}{_PATH}{self._word}", _proof(self._word))
        finally:
            self._word = ""


def keep_probing(
    probes: Probes, seat: Seat, on_return: Callable[[], None], stop: threading.Event
) -> None:
    """Look every half minute, and note in the seat what is wrong; `on_return` once it is not."""
    if not seat.seated.is_public:
        return
    while not stop.wait(0 if not seat.seated.checked_at else EVERY_SECONDS):
        before, trouble = seat.seated.trouble, probes.trouble_with(seat.url)
        seat.note(trouble, time.time())
        if trouble != before:
            told = f"{seat.url} leads here" if not trouble else f"{seat.url}: {trouble}"
            sys.stderr.write(f"ouro: {safe_line(redact(told))}\n")
        if before and not trouble:
            on_return()


def _proof(word: str) -> bytes:
    return hashlib.sha256(word.encode()).hexdigest().encode()
