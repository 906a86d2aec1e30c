"""What is wrong with an input: where it stands, why, and the name that was perhaps meant."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ouro_cli.model.identity import near

NO_TEXT = "holds half a surrogate pair, which is no text"

_SHORTEST_FUZZY = 4


@dataclass(frozen=True, slots=True)
class Missing:
    """A required value that was not given, and all that is known of it.

    `place` is `path`, `query`, `querystring`, `header`, `cookie` or `body`; `steps` is the way
    into the body, empty for the whole of it. `is_file` is true where a file is to be uploaded.
    """

    place: str
    name: str
    schema: Any = None
    description: str = ""
    steps: tuple[str, ...] = ()
    is_file: bool = False

    @property
    def label(self) -> str:
        """Its name as a person reads it: `address.street`."""
        return ".".join(self.steps) or self.name


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with an input: where it stands, and why.

    `missing` says what has to be given where nothing else is wrong.
    """

    where: str
    why: str
    missing: tuple[Missing, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        return f"{self.where}: {self.why}" if self.where else self.why


def hint(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'limit'?`, where a known name is near at all."""
    close = near(name, known, 1)
    return f"; did you mean '{close[0]}'?" if close else ""


def meant(name: str, known: Iterable[str], given: Iterable[str] = ()) -> str | None:
    """The known name that this one can only be a slip of, and that was not given beside it.

    Stricter than a hint, since a document may be incomplete: the same letters written another
    way, or one letter wrong, two in a long name; but singular and plural are names of their own.
    """
    taken = set(given)
    for other in known:
        if other not in taken and other != name and _is_slip(name, other):
            return other
    return None


def is_unicode(value: Any) -> bool:
    """Whether all text in the value can be written as UTF-8."""
    try:
        json.dumps(value, ensure_ascii=False, default=lambda _: None).encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_slip(name: str, other: str) -> bool:
    plain, plain_other = _plain(name), _plain(other)
    if plain == plain_other:
        return True
    if plain in (f"{plain_other}s", f"{plain_other}es") or plain_other in (
        f"{plain}s",
        f"{plain}es",
    ):
        return False
    shorter = min(len(plain), len(plain_other))
    if shorter < _SHORTEST_FUZZY or plain.isdigit():
        return False
    return _distance(plain, plain_other, 2) <= (1 if shorter < 10 else 2)


def _plain(name: str) -> str:
    return "".join(each for each in name.lower() if each.isalnum())


def _distance(a: str, b: str, most: int) -> int:
    """How many letters have to be added, dropped, changed or swapped with their neighbour."""
    if abs(len(a) - len(b)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        before_last, before, row = before, row, [i]
        for j, right in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (left != right))
            if i > 1 and j > 1 and left == b[j - 2] and a[i - 2] == right:
                cost = min(cost, before_last[j - 2] + 1)
            row.append(cost)
    return row[-1]
