"""What the listener answers: always in the contract's envelope, always with the same headers."""

import json
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from ouro_cli.errors import (
    BodyTooLarge,
    BodyUnreadable,
    LinkUnknown,
    OuroError,
    RegistryUnavailable,
    SecretUnavailable,
    WrongToken,
)
from ouro_cli.safety import redact, safe_line

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

HTTP = {
    WrongToken: 401,
    BodyUnreadable: 400,
    BodyTooLarge: 413,
    SecretUnavailable: 503,
    RegistryUnavailable: 503,
    LinkUnknown: 404,
}

SECURITY_HEADERS = [
    ("X-Content-Type-Options", "nosniff"),
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'none'"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
]
"""What every answer says: it is no page, nobody shows it in one, and nobody keeps a copy."""

_AGAIN = (b"retry-after", b"5")
_CLOSE = (b"connection", b"close")


def envelope(status: int, code: str, message: str) -> bytes:
    """An answer that says no, in the contract's envelope (section 0)."""
    error: dict[str, Any] = {"message": message, "code": code, "status": status}
    return json.dumps({"data": None, "error": error}).encode()


async def answer_with(send: Send, status: int, data: bytes, *more: tuple[bytes, bytes]) -> None:
    """Answer with JSON, and with more headers beside the usual ones."""
    length = (b"content-length", str(len(data)).encode())
    headers = [(b"content-type", b"application/json"), length, *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": data})


async def say_no(send: Send, status: int, code: str, message: str) -> None:
    """Refuse, and end the connection: the body may not have been read to its end."""
    again = [_AGAIN] if status == 503 else []
    await answer_with(send, status, envelope(status, code, message), _CLOSE, *again)


async def refuse(send: Send, fault: Exception) -> None:
    """Answer with what went wrong, in the contract's envelope."""
    if isinstance(fault, OuroError):
        status = next((code for kind, code in HTTP.items() if isinstance(fault, kind)), 500)
        await say_no(send, status, fault.code, fault.message)
        return
    # Whatever it was, the callback is not on disk: its sender had better come again.
    told = f"{type(fault).__name__}: {safe_line(redact(str(fault)))}"
    sys.stderr.write(f"ouro: {told}\n")
    await say_no(send, 503, "fault", "The callback could not be kept.")
