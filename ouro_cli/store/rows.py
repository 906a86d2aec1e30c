"""How values stand in a row: times as ISO 8601 with offset, all else that is nested as JSON."""

import json
from datetime import UTC, datetime
from typing import Any


def time_text(at: datetime | None) -> str | None:
    """A moment as the registry and the contract write it, in UTC with microseconds."""
    return None if at is None else at.astimezone(UTC).isoformat(timespec="microseconds")


def moment(text: str) -> datetime:
    """The moment that a row's text names."""
    return datetime.fromisoformat(text)


def maybe_moment(text: str | None) -> datetime | None:
    """The moment that a row's text names, if it names one."""
    return None if text is None else datetime.fromisoformat(text)


def json_text(value: Any) -> str:
    """A value as JSON text; what is no Unicode stays escaped, since SQLite takes UTF-8 alone."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":"))
    return text
