"""The message inside an error, whatever shape its API gives it."""

from typing import Any


def message_in(value: Any) -> str:
    """The message inside an error of any common shape; empty where there is none (section 0)."""
    return _message(value, _DEEPEST_MESSAGE).encode("utf-8", "replace").decode()


_DEEPEST_MESSAGE = 10
_LONGEST_MESSAGE = 1_000
_MOST_ENTRIES = 20


def _message(value: Any, depth: int) -> str:
    if isinstance(value, str):
        text = value.strip()
        # A page that says sorry, in HTML, is no message.
        return "" if text.startswith("<") else text[:_LONGEST_MESSAGE]
    if not isinstance(value, dict) or depth == 0:
        return ""
    for key in ("message", "detail", "error", "errors", "title", "msg"):
        found = value.get(key)
        if isinstance(found, list) and found:
            return "; ".join(map(_entry_message, found[:_MOST_ENTRIES]))[:_LONGEST_MESSAGE]
        said = _message(found, depth - 1)
        if said:
            return said
    return ""


def _entry_message(entry: Any) -> str:
    """One of several errors: `body.name: Field required`, as FastAPI lists them."""
    if not isinstance(entry, dict):
        return str(entry)
    place = entry.get("loc")
    where = ".".join(map(str, place)) if isinstance(place, list) else ""
    said = _message({**entry, "message": entry.get("msg") or entry.get("message")}, 2)
    return ": ".join(part for part in (where, said or "is invalid") if part)
