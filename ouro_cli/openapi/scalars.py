"""Texts and numbers that keep the bounds of a schema, the plainest first, made without chance."""

import math
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from itertools import islice
from typing import Any

LONGEST_TEXT = 100_000

_SHORTEST = "abcdefghijklmnopqrstuvwxyz"
_MOST_TRIES = 400
_MOST_TRIES_IN_ALL = 4_000
_MOST_MATCHES = 100
_MOST_STEPS = 100
_FORMS: dict[str, tuple[str, str, str]] = {
    # What stands before, what is repeated to make it longer or another, what stands behind.
    "email": ("ada", "a", "@example.org"),
    "idn-email": ("ada", "a", "@example.org"),
    "uri": ("https://example.org", "/a", ""),
    "url": ("https://example.org", "/a", ""),
    "iri": ("https://example.org", "/a", ""),
    "uri-reference": ("/example", "/a", ""),
    "iri-reference": ("/example", "/a", ""),
    "uri-template": ("/example", "/a", ""),
    "json-pointer": ("/example", "/a", ""),
    "hostname": ("", "a.", "example.org"),
    "idn-hostname": ("", "a.", "example.org"),
    "byte": ("b3Vybw==", "b3Vy", ""),
    "binary": ("", "a", ""),
    "password": ("correct horse", " battery", ""),
}
_FORMATS = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "time": "12:00:00Z",
    "duration": "PT1H",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uuid": "01234567-89ab-7def-8123-456789abcdef",
    "relative-json-pointer": "1",
    "regex": "^a",
    **{name: form[0] + form[2] for name, form in _FORMS.items()},
}
_OTHERS = {
    "date": "2026-02-{:02}",
    "date-time": "2026-01-31T13:{:02}:00Z",
    "time": "13:{:02}:00Z",
    "duration": "PT{}H",
    "ipv4": "192.0.2.{}",
    "ipv6": "2001:db8::{}",
    "uuid": "01234567-89ab-7def-8123-456789abc{:03}",
    "regex": "^a{{{}}}",
}
"""How the second, third, ... value of a form is written, where many unlike ones are asked for."""

_TEXTS = (
    *("text", "Text", "TEXT", "a", "A", "0", "1", "ab", "AB", "abc", "ABC", "01", "123", "1.0"),
    *("1.0.0", "a1", "A1", "a-b", "a_b", "a.b", "a/b", "/a", "en-US", "#a1b2c3", "+12025550123"),
    *("2026-01", "12:00", "12:00:00", "true", "USD", "10.00", "192.0.2.0/24", "Correct1!Horse"),
    *_FORMATS.values(),
)
"""What is tried, in this order, where a pattern is asked for."""


class Texts:
    """Makes texts; of all patterns together only so many are tried, for one alone may take long."""

    def __init__(self) -> None:
        self._tries_left = _MOST_TRIES_IN_ALL
        self._found: dict[tuple[Any, ...], list[str]] = {}

    def of(self, schema: dict[str, Any], skip: int = 0) -> Iterator[str]:
        """Texts of the schema's format, pattern and length, all unlike, `skip` of them left out.

        Where none is found, one that keeps the length alone.
        """
        least = whole(schema.get("minLength"), 0)
        most = whole(schema.get("maxLength"), LONGEST_TEXT)
        pattern = schema.get("pattern")
        if isinstance(pattern, str):
            key = (pattern, str(schema.get("format")), least, most)
            if key not in self._found:
                self._found[key] = list(self._matching(schema, pattern, least, most))
            found: Iterable[str] = self._found[key]
        else:
            found = _unlike(each for each in _formed(schema) if least <= len(each) <= most)
        count = 0
        for count, text in enumerate(found, 1):
            if count > skip:
                yield text
        if not count:
            yield _of_length("text", schema)

    def _matching(
        self, schema: dict[str, Any], pattern: str, least: int, most: int
    ) -> Iterator[str]:
        matches = _matcher(pattern)
        count = 0
        for text in islice(_unlike(_proposed(schema, pattern, least)), _MOST_TRIES):
            if not least <= len(text) <= most:
                continue
            if self._tries_left <= 0 or count == _MOST_MATCHES:
                return
            self._tries_left -= 1
            if matches(text):
                count += 1
                yield text


def _unlike(given: Iterator[Any]) -> Iterator[Any]:
    seen = set()
    for each in given:
        if each not in seen:
            seen.add(each)
            yield each


def _proposed(schema: dict[str, Any], pattern: str, least: int) -> Iterator[str]:
    """What a pattern might take: what is usual, then what can be read from the pattern."""
    # Only a pattern is worth the import.
    from ouro_cli.openapi.pattern_text import texts_of  # noqa: PLC0415

    yield from islice(_formed(schema), 3)
    yield from _TEXTS
    for text in texts_of(pattern):
        yield text
        if len(text) < least <= LONGEST_TEXT:
            # Without an anchor there may stand anything around it.
            yield text + "a" * (least - len(text))


def _formed(schema: dict[str, Any]) -> Iterator[str]:
    """Texts of the schema's format: the usual one, one as long as is asked for, and others."""
    form = str(schema.get("format"))
    if form in _OTHERS:
        yield _FORMATS[form]
        yield from (_OTHERS[form].format(number) for number in range(1, 29))
        return
    if form not in _FORMS:
        text = _of_length("text", schema)
        yield from (text, f"{text}1", *(f"{text[:-2]}{number}" for number in range(10, 99)))
        yield from _SHORTEST
        return
    before, filler, behind = _FORMS[form]
    room = min(whole(schema.get("minLength"), 0), LONGEST_TEXT) - len(before) - len(behind)
    least = max(0, -(-room // len(filler)))
    yield from (f"{before}{filler * count}{behind}" for count in range(least, least + 99))


def _of_length(text: str, schema: dict[str, Any]) -> str:
    """The text, repeated or cut until it is neither too short nor too long."""
    least = min(whole(schema.get("minLength"), 0), LONGEST_TEXT)
    most = max(whole(schema.get("maxLength"), LONGEST_TEXT), 0)
    return (text * (least // len(text) + 1))[: max(least, min(most, len(text)))]


def _matcher(pattern: str) -> Callable[[str], bool]:
    # The expression is the document's: Python's own could be kept busy by it for years.
    from ouro_cli.openapi.judge import Judge  # noqa: PLC0415

    judge = Judge({"pattern": pattern})
    return lambda text: judge.faults(text) == []


def numbers(schema: dict[str, Any], *, is_whole: bool, skip: int = 0) -> Iterator[int | float]:
    """Numbers within the schema's bounds and steps, all unlike, `skip` of them left out.

    Where none is found, the usual one.
    """
    usual: int | float = 1 if is_whole else 1.5
    bounds = _Bounds(schema, is_whole)
    count = 0
    for count, number in enumerate(_unlike(filter(bounds.hold, bounds.tries(usual))), 1):
        if count > skip:
            yield int(number) if is_whole or number.denominator == 1 else float(number)
    if not count:
        yield usual


class _Bounds:
    """Between which numbers, and at which steps, a schema wants its own."""

    def __init__(self, schema: dict[str, Any], is_whole: bool) -> None:
        self._least, self._most = _fraction(schema.get("minimum")), _fraction(schema.get("maximum"))
        self._above = _fraction(schema.get("exclusiveMinimum"))
        self._below = _fraction(schema.get("exclusiveMaximum"))
        self._step = _fraction(schema.get("multipleOf"))
        self._is_whole = is_whole

    def hold(self, number: Fraction) -> bool:
        """Whether the number keeps all of them."""
        return (
            (self._least is None or number >= self._least)
            and (self._most is None or number <= self._most)
            and (self._above is None or number > self._above)
            and (self._below is None or number < self._below)
            and (not self._step or (number / self._step).denominator == 1)
            and (not self._is_whole or number.denominator == 1)
        )

    def tries(self, usual: int | float) -> Iterator[Fraction]:
        """Numbers that may do: the usual one, those at the bounds, and whole steps from there."""
        low = max((each for each in (self._least, self._above) if each is not None), default=None)
        high = min((each for each in (self._most, self._below) if each is not None), default=None)
        starts = [Fraction(usual)]
        if low is not None:
            starts += [low, low + Fraction(1, 2), low + 1]
        if low is not None and high is not None:
            if low > high:
                return
            starts.append((low + high) / 2)
        if high is not None:
            starts += [high, high - Fraction(1, 2), high - 1]
        step = self._step or Fraction(1)
        yield from starts
        for distance in range(_MOST_STEPS):
            for start in starts if distance == 0 else starts[:2]:
                yield (math.ceil(start / step) + distance) * step
                yield (math.floor(start / step) - distance) * step


def _fraction(value: Any) -> Fraction | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, int):
        return Fraction(value)
    # By its text: 0.1 means a tenth, and not the nearest binary number.
    return Fraction(str(value)) if math.isfinite(value) else None


def whole(value: Any, otherwise: int) -> int:
    """The value where it is a whole number, as a bound has to be; else the other."""
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise
