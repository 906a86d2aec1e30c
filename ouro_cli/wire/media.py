"""Media types: which of those that a document offers we speak."""

from typing import Any


def is_json(media_type: str) -> bool:
    """Whether the media type is JSON, or JSON under another name (`application/problem+json`)."""
    kind = _kind(media_type)
    return kind in ("application/json", "text/json", *_RANGES) or kind.endswith("+json")


def json_media_type(request_body: dict[str, Any] | None) -> str | None:
    """The name under which a request body offers JSON, the plain one first; None where none is."""
    content = (request_body or {}).get("content") or {}
    offered = [name for name in content if is_json(name)]
    return min(offered, key=_strangeness, default=None)


def json_media(request_body: dict[str, Any] | None) -> dict[str, Any] | None:
    """The media type object under which a request body offers JSON; None where it does not."""
    name = json_media_type(request_body)
    if name is None or request_body is None:
        return None
    media = request_body["content"][name]
    return media if isinstance(media, dict) else {}


_RANGES = ("application/*", "*/*")


def _strangeness(media_type: str) -> int:
    kind = _kind(media_type)
    return 0 if kind == "application/json" else 2 if kind in _RANGES else 1


def _kind(media_type: str) -> str:
    return media_type.split(";", 1)[0].strip().lower()
