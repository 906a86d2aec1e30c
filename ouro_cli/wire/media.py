"""Media types: which of those that a document offers we speak."""

from typing import Any


def is_json(media_type: str) -> bool:
    """Whether the media type is JSON, or JSON under another name (`application/problem+json`)."""
    kind = media_type.split(";", 1)[0].strip().lower()
    return kind in ("application/json", "text/json", "*/*", "application/*") or kind.endswith(
        "+json"
    )


def json_media_type(request_body: dict[str, Any] | None) -> str | None:
    """The name under which a request body offers JSON; None where it does not."""
    content = (request_body or {}).get("content") or {}
    return next((name for name in content if is_json(name)), None)


def json_media(request_body: dict[str, Any] | None) -> dict[str, Any] | None:
    """The media type object under which a request body offers JSON; None where it does not."""
    name = json_media_type(request_body)
    if name is None or request_body is None:
        return None
    media = request_body["content"][name]
    return media if isinstance(media, dict) else {}
