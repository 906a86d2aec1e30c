"""A dataset's columns: their names, and the types that what they hold allows (contract 9.5)."""

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

TEXT = "text"
BIGINT = "bigint"
DOUBLE = "double precision"
BOOLEAN = "boolean"
TIMESTAMP = "timestamp with time zone"

MOST_COLUMNS = 2_000
"""How many columns a table of SQLite holds."""

_LONGEST_NAME = 60
_LARGEST = 2**63

# Each cell of a column is followed by a mark, so that one expression reads many cells at once.
_MARK = "\x1f"
# A number that Python or SQLite would write otherwise stays text: 007, +49, 1e400, twenty digits.
_INTEGER = r"-?[1-9][0-9]{0,18}|0"
_NUMBER = r"-?(?:(?:0|[1-9][0-9]{0,14})(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-2]?[0-9]{1,2})?"
_TRUTH = r"true|false|True|False|TRUE|FALSE"
_MOMENT = (
    r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])[T ](?:[01][0-9]|2[0-3]):[0-5][0-9]"
    r"(?::[0-5][0-9](?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})"
)
_CELLS = {
    kind: re.compile(f"(?:(?:{pattern})?+{_MARK})*+")
    for kind, pattern in (
        (BOOLEAN, _TRUTH),
        (BIGINT, _INTEGER),
        (DOUBLE, _NUMBER),
        (TIMESTAMP, _MOMENT),
    )
}
_MANY_DIGITS = re.compile(r"[0-9]{19}")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, and its type in PostgreSQL's words, as the contract has them."""

    name: str
    type: str


def column_names(given: Iterable[Any]) -> list[str]:
    """The names as the contract has them, lower snake case; those that would be alike get numbers.

    `["Band gap (eV)", "band-gap ev", ""]` -> `["band_gap_ev", "band_gap_ev_2", "column"]`.
    """
    names: dict[str, None] = {}
    for each in given:
        plain = unicodedata.normalize("NFKC", str(each)).lower()
        name = re.sub(r"[\W_]+", "_", plain)[:_LONGEST_NAME].strip("_") or "column"
        unlike, number = name, 2
        while unlike in names:
            unlike, number = f"{name}_{number}", number + 1
        names[unlike] = None
    return list(names)


class CellType:
    """The type of a column of text cells, as more and more of them are seen.

    An empty cell says nothing. What would be read back otherwise than it was written stays text:
    leading zeros, a plus, integers beyond 64 bits.
    """

    def __init__(self) -> None:
        self._possible = [BOOLEAN, BIGINT, DOUBLE, TIMESTAMP]
        self._is_seen = False

    def see(self, cells: Sequence[str]) -> None:
        """Narrow the type by these cells."""
        if not self._possible or not any(cells):
            return
        self._is_seen = True
        text = _MARK.join((*cells, ""))
        if text.count(_MARK) != len(cells):
            self._possible = []
            return
        self._possible = [
            each
            for each in self._possible
            if _CELLS[each].fullmatch(text) and (each != BIGINT or _is_small(text, cells))
        ]

    @property
    def type(self) -> str:
        """The narrowest type that all cells allow; text where there was none to see."""
        return self._possible[0] if self._possible and self._is_seen else TEXT


class ValueType:
    """The type of a column of JSON values, as more and more of them are seen."""

    def __init__(self) -> None:
        self._kinds: set[type] = set()
        self._is_too_big = False
        self._moments = CellType()

    def see(self, values: Sequence[Any]) -> None:
        """Narrow the type by these values."""
        kinds = set(map(type, values))
        self._kinds |= kinds
        if int in kinds and not self._is_too_big:
            self._is_too_big = not all(
                -_LARGEST <= each < _LARGEST for each in values if type(each) is int
            )
        if str in kinds:
            self._moments.see([each or "x" for each in values if type(each) is str])

    @property
    def type(self) -> str:
        """The type that holds every value that was seen."""
        kinds = self._kinds - {type(None)}
        if kinds == {bool}:
            return BOOLEAN
        if kinds == {int} and not self._is_too_big:
            return BIGINT
        if kinds in ({float}, {int, float}) and not self._is_too_big:
            return DOUBLE
        if kinds == {datetime} or (kinds == {str} and self._moments.type == TIMESTAMP):
            return TIMESTAMP
        return TEXT


def stored(kind: str, json_text: Callable[[Any], str]) -> Callable[[Any], Any]:
    """How a JSON value is put into a column of this type; what is nested becomes `json_text`."""

    def as_number(value: Any) -> float | None:
        # Neither SQLite nor JSON knows NaN and infinity.
        return value if value is not None and math.isfinite(value) else None

    def as_text(value: Any) -> str | None:
        if type(value) is str:
            # Half a surrogate pair is no Unicode, and SQLite takes nothing else.
            return value if value.isascii() else value.encode("utf-8", "replace").decode()
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.isoformat()
        if isinstance(value, bytes):
            return value.hex()
        return json_text(value) if isinstance(value, bool | dict | list) else str(value)

    if kind in (BIGINT, BOOLEAN):
        return lambda value: value
    return as_number if kind == DOUBLE else as_text


def _is_small(text: str, cells: Sequence[str]) -> bool:
    if not _MANY_DIGITS.search(text):
        return True
    return all(-_LARGEST <= int(each) < _LARGEST for each in cells if each)
