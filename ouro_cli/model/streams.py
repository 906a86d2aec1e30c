"""Answers that come piece by piece: server-sent events, and JSON a line, as lines for the story."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ouro_cli.model.json_text import read_json

_EVENTS = "text/event-stream"
_LINES = frozenset(
    {
        *("application/x-ndjson", "application/ndjson", "application/jsonl"),
        *("application/x-jsonlines", "application/jsonlines", "application/json-lines"),
        *("application/json-seq", "application/stream+json", "application/x-json-stream"),
    }
)
_SAID_DONE = frozenset({"[DONE]", "[done]"})
_ENDS = re.compile("\r\n|\n|\r")

LONGEST = 16 * 1024 * 1024
"""How many characters one event may hold; what is longer is kept, and not read as one."""


@dataclass(frozen=True, slots=True)
class Item:
    """One event or line: its kind (`message` where nothing else was said), and its text."""

    kind: str
    text: str

    @property
    def value(self) -> Any:
        """The JSON that its text holds, else the text."""
        try:
            return read_json(self.text)
        except ValueError:
            return self.text

    @property
    def is_end(self) -> bool:
        """Whether it only says that the stream is over."""
        return self.text.strip() in _SAID_DONE

    @property
    def line(self) -> str:
        """How it stands in the story."""
        text = " ".join(self.text.split())
        return text if self.kind in ("message", "") else f"{self.kind}: {text}"


def is_stream(media_type: str) -> bool:
    """Whether an answer of this media type comes piece by piece."""
    kind = media_type.partition(";")[0].strip().lower()
    return kind == _EVENTS or kind in _LINES


class StreamReader:
    """Reads a stream as its bytes come in; each piece may end anywhere."""

    def __init__(self, media_type: str) -> None:
        self._is_events = media_type.partition(";")[0].strip().lower() == _EVENTS
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._kind = ""
        self._data: list[str] = []
        self._is_first = True

    def feed(self, piece: bytes, *, is_last: bool = False) -> Iterator[Item]:
        """The events or lines that end within these bytes.

        An event without its blank line at the end of the stream is no event (HTML 9.2.6); a last
        line of JSON needs no end.
        """
        text = self._rest + self._decoder.decode(piece, is_last)
        if self._is_first and text:
            text, self._is_first = text.removeprefix("\ufeff"), False
        if is_last and not self._is_events and text:
            text += "\n"
        # A carriage return at the very end may be half of a pair.
        end = len(text) - (text.endswith("\r") and not is_last)
        lines = _ENDS.split(text[:end]) if end else [""]
        self._rest = lines.pop() + text[end:]
        if len(self._rest) > LONGEST:
            self._rest = ""
        for line in lines:
            item = self._event(line) if self._is_events else self._line(line)
            if item is not None:
                yield item

    def _line(self, line: str) -> Item | None:
        # A record separator precedes each text of a JSON text sequence (RFC 7464).
        line = line.strip(" \t\x1e")
        return Item("message", line) if line else None

    def _event(self, line: str) -> Item | None:
        if line:
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "data":
                self._data.append(value)
            elif name == "event":
                self._kind = value
            return None
        item = Item(self._kind or "message", "\n".join(self._data)) if self._data else None
        self._data, self._kind = [], ""
        return item


def items_of(data: bytes, media_type: str) -> list[Item]:
    """All events or lines of a whole stream, without the one that only says that it is over."""
    found = StreamReader(media_type).feed(data, is_last=True)
    return [each for each in found if not each.is_end]
