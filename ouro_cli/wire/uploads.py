"""Files on their way into a request: named, then kept, then sent as they are."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

_SHA256 = re.compile("[0-9a-f]{64}")
KEPT_KEY = "$file"
"""What stands for a kept file in a stored request: the only key of an object."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that a person named; nothing of it has been read.

    `media_type` is what was said of it, else what its name suggests, else empty. `open` gives
    the bytes of what is no file, such as standard input; `size` is then unknown.
    """

    path: str
    filename: str = ""
    size: int | None = None
    media_type: str = ""
    open: Callable[[], BinaryIO] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file whose bytes the registry keeps, as an action's request names it."""

    sha256: str
    size: int
    filename: str = ""
    media_type: str = ""

    def as_value(self) -> dict[str, Any]:
        """The JSON value that stands for the file in an action's request."""
        facts = {"sha256": self.sha256, "size": self.size}
        named = {"filename": self.filename or None, "type": self.media_type or None}
        return {KEPT_KEY: facts | named}


def kept_file(value: Any) -> KeptFile | None:
    """The kept file that a value of a stored request stands for; None where it is plain data."""
    facts = value.get(KEPT_KEY) if isinstance(value, dict) and len(value) == 1 else None
    if not isinstance(facts, dict):
        return None
    sha256, size = facts.get("sha256"), facts.get("size")
    if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256) or not isinstance(size, int):
        return None
    return KeptFile(sha256, size, facts.get("filename") or "", facts.get("type") or "")


def replaced(value: Any, put: Callable[[Upload], Any]) -> Any:
    """The value with something else in the place of each file."""
    if isinstance(value, Upload):
        return put(value)
    if isinstance(value, dict):
        return {key: replaced(each, put) for key, each in value.items()}
    if isinstance(value, list):
        return [replaced(each, put) for each in value]
    return value


def kept_in(value: Any) -> Iterator[KeptFile]:
    """Every kept file that a stored request names."""
    if (kept := kept_file(value)) is not None:
        yield kept
    elif isinstance(value, dict):
        for each in value.values():
            yield from kept_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from kept_in(each)
