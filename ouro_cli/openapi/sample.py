"""An example that a schema would accept, made without chance."""

import contextlib
import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from ouro_cli.openapi import refs

DEEPEST = 8

_MOST_VALUES = 5_000
_MOST_ITEMS = 100
_LONGEST_TEXT = 100_000
_STATED = ("example", "default", "const")
_LISTED = ("examples", "enum")

_FORMATS = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "time": "12:00:00Z",
    "duration": "PT1H",
    "email": "ada@example.org",
    "hostname": "example.org",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.org",
    "url": "https://example.org",
    "uri-reference": "/example",
    "uuid": "01234567-89ab-7def-8123-456789abcdef",
    "byte": "b3Vybw==",
    "binary": "",
    "password": "correct horse",
}

_TEXTS = (
    *("text", "Text", "TEXT", "a", "A", "0", "1", "ab", "AB", "abc", "ABC", "01", "123", "1.0"),
    *("1.0.0", "a1", "A1", "a-b", "a_b", "a.b", "a/b", "/a", "en-US", "#a1b2c3", "+12025550123"),
    *("2026-01", "12:00", "12:00:00", "ada@example.org", *_FORMATS.values()),
    *(letter * count for count in range(2, 65) for letter in "aA1"),
)
"""What is tried, in this order, where a pattern or a length is asked for."""


def example_of(media: dict[str, Any], schema: Any, *, everything: bool = False) -> Any:
    """An example for a media type object or a parameter: its own example, else one of its schema.

    `schema` is self-contained: its references lead into itself. Without `everything` an object
    holds its required properties alone, or, where none is required, all of them at the top.
    """
    if "example" in media:
        return media["example"]
    examples = media.get("examples")
    if isinstance(examples, dict):
        for each in examples.values():
            if isinstance(each, dict) and "value" in each:
                return each["value"]
    return _Sampler(schema, everything).value(schema, 0)


class _Sampler:
    def __init__(self, root: Any, everything: bool) -> None:
        self._root = root
        self._everything = everything
        self._values_left = _MOST_VALUES

    def value(self, schema: Any, depth: int) -> Any:
        schema = self._flat(schema, frozenset())
        for key in _STATED:
            if key in schema:
                return schema[key]
        for key in _LISTED:
            if _list(schema.get(key)):
                return schema[key][0]
        match _kind(schema):
            case "object":
                return self._object(schema, depth)
            case "array":
                return self._array(schema, depth)
            case "string":
                return _string(schema)
            case "integer":
                return _number(schema, whole=True)
            case "number":
                return _number(schema, whole=False)
            case "boolean":
                return True
            case _:
                return None

    def _flat(self, schema: Any, followed: frozenset[str]) -> dict[str, Any]:
        """The schema with its references followed, one of its choices taken, and all joined."""
        self._values_left -= 1
        if not isinstance(schema, dict) or self._values_left < 0:
            return {}
        own = {
            key: value
            for key, value in schema.items()
            if key not in ("$ref", "allOf", "anyOf", "oneOf")
        }
        parts = [*_list(schema.get("allOf"))]
        for key in ("anyOf", "oneOf"):
            if _list(schema.get(key)):
                parts.append(_likeliest(schema[key]))
        reference = schema.get("$ref")
        joined: list[dict[str, Any]] = []
        if isinstance(reference, str) and reference not in followed:
            followed |= {reference}
            with contextlib.suppress(refs.Unresolvable):
                joined.append(self._flat(refs.lookup(self._root, reference), followed))
        joined += [self._flat(each, followed) for each in parts[:_MOST_ITEMS]]
        return _joined([*joined, own])

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        if depth >= DEEPEST or self._values_left <= 0:
            return {}
        properties = schema.get("properties")
        properties = properties if isinstance(properties, dict) else {}
        required = [each for each in _list(schema.get("required")) if isinstance(each, str)]
        others = schema.get("additionalProperties")
        names = dict.fromkeys(required)
        # Far inside, what is required is enough: so a recursion ends before it has to be cut.
        if (self._everything and depth < DEEPEST // 2) or not (required or depth):
            names |= dict.fromkeys(properties)
        least = min(_whole(schema.get("minProperties"), 0), _MOST_ITEMS)
        for name in [*properties, *(f"key{number}" for number in range(1, least + 1))]:
            if len(names) < least:
                names[name] = None
        in_order = [each for each in properties if each in names]
        in_order += [each for each in names if each not in properties]
        return {
            name: self.value(properties.get(name, others), depth + 1)
            for name in in_order
            if not _is_read_only(properties.get(name))
        }

    def _array(self, schema: dict[str, Any], depth: int) -> list[Any]:
        if depth >= DEEPEST or self._values_left <= 0:
            return []
        first = [self.value(each, depth + 1) for each in _list(schema.get("prefixItems"))]
        most = _whole(schema.get("maxItems"), _MOST_ITEMS)
        least = max(_whole(schema.get("minItems"), 0), 0 if first else 1)
        missing = min(least, most, _MOST_ITEMS) - len(first)
        if missing <= 0 or schema.get("items") is False:
            return first[:most]
        item = self.value(schema.get("items"), depth + 1)
        if schema.get("uniqueItems") is not True or missing == 1:
            return [*first, *[item] * missing]
        choices = _list(self._flat(schema.get("items"), frozenset()).get("enum"))
        return [*first, *(choices[:missing] or _unlike(item, missing))]


def _joined(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """All parts as one schema; of what two of them say the later wins, but both properties stay."""
    shapes = [each for each in parts if "properties" in each or "required" in each]
    joined: dict[str, Any] = {}
    for part in parts:
        for key, value in part.items():
            if key in (*_STATED, "examples") and part is not parts[-1] and len(shapes) > 1:
                # The example of one part lacks what the others ask for.
                continue
            if key == "properties" and isinstance(value, dict):
                held = joined.setdefault("properties", {})
                joined["properties"] = held | {
                    name: {"allOf": [held[name], each]} if name in held else each
                    for name, each in value.items()
                }
            elif key == "required" and isinstance(value, list):
                joined["required"] = [*joined.get("required", []), *value]
            else:
                joined[key] = value
    return joined


def _kind(schema: dict[str, Any]) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((each for each in kind if each != "null"), "null")
    if isinstance(kind, str):
        return kind
    if "properties" in schema or "required" in schema or "additionalProperties" in schema:
        return "object"
    if "items" in schema or "prefixItems" in schema:
        return "array"
    return "number" if schema.keys() & {"minimum", "maximum", "multipleOf"} else "string"


def _likeliest(choices: list[Any]) -> Any:
    return next(
        (each for each in choices if not (isinstance(each, dict) and each.get("type") == "null")),
        choices[0],
    )


def _unlike(item: Any, count: int) -> list[Any]:
    if isinstance(item, str):
        return [f"{item}{number or ''}" for number in range(count)]
    if isinstance(item, int | float) and not isinstance(item, bool):
        return [item + number for number in range(count)]
    return [item]


def _string(schema: dict[str, Any]) -> str:
    least, most = _whole(schema.get("minLength"), 0), _whole(schema.get("maxLength"), _LONGEST_TEXT)
    usual = _FORMATS.get(str(schema.get("format")), "text")
    matches = _matcher(schema.get("pattern"))
    for text in (usual, *_TEXTS):
        if least <= len(text) <= most and matches(text):
            return text
    usual = usual or "text"
    text = usual * (min(least, _LONGEST_TEXT) // len(usual) + 1)
    return text[: max(least, min(most, len(usual)))]


def _matcher(pattern: Any) -> Callable[[str], bool]:
    if not isinstance(pattern, str):
        return lambda _: True
    # The expression is the document's: Python's own could be kept busy by it for years.
    import jsonschema_rs  # noqa: PLC0415

    options = jsonschema_rs.FancyRegexOptions(backtrack_limit=10_000)
    try:
        schema = {"pattern": pattern}
        return jsonschema_rs.Draft202012Validator(schema, pattern_options=options).is_valid
    except ValueError:
        return lambda _: True


def _number(schema: dict[str, Any], *, whole: bool) -> int | float:
    usual: int | float = 1 if whole else 1.5
    for number in _candidates(schema, Fraction(usual)):
        if _fits(number, schema, whole):
            return int(number) if whole or number.denominator == 1 else float(number)
    return usual


def _candidates(schema: dict[str, Any], usual: Fraction) -> Iterator[Fraction]:
    lows = [_fraction(schema.get(key)) for key in ("minimum", "exclusiveMinimum")]
    highs = [_fraction(schema.get(key)) for key in ("maximum", "exclusiveMaximum")]
    low = max((each for each in lows if each is not None), default=None)
    high = min((each for each in highs if each is not None), default=None)
    starts = [usual]
    if low is not None:
        starts += [low, low + Fraction(1, 2), low + 1]
    if low is not None and high is not None:
        starts.append((low + high) / 2)
    if high is not None:
        starts += [high, high - Fraction(1, 2), high - 1]
    step = _fraction(schema.get("multipleOf")) or Fraction(1)
    yield from starts
    for start in starts:
        yield math.ceil(start / step) * step
        yield math.floor(start / step) * step


def _fits(number: Fraction, schema: dict[str, Any], whole: bool) -> bool:
    low, high = _fraction(schema.get("minimum")), _fraction(schema.get("maximum"))
    above, below = (
        _fraction(schema.get("exclusiveMinimum")),
        _fraction(schema.get("exclusiveMaximum")),
    )
    step = _fraction(schema.get("multipleOf"))
    return (
        (low is None or number >= low)
        and (high is None or number <= high)
        and (above is None or number > above)
        and (below is None or number < below)
        and (not step or (number / step).denominator == 1)
        and (not whole or number.denominator == 1)
    )


def _fraction(value: Any) -> Fraction | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, int):
        return Fraction(value)
    # By its text: 0.1 means a tenth, and not the nearest binary number.
    return Fraction(str(value)) if math.isfinite(value) else None


def _whole(value: Any, otherwise: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_read_only(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("readOnly") is True
