"""What a schema has against a value, found in bounded time."""

import contextlib
import functools
from collections.abc import Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from ouro_cli.openapi import refs

if TYPE_CHECKING:
    import jsonschema_rs

MOST_FAULTS = 200

_MOST_VISITS = 100_000
_DEEPEST = 300
_LISTS = ("allOf", "anyOf", "oneOf")
_SINGLE = ("not", "if", "then", "else")


class Judge:
    """Judges values by a self-contained schema; with `formats`, by the forms of texts too."""

    def __init__(self, schema: Any, *, formats: bool = True) -> None:
        self._schema = schema
        self._validator = _build(schema, formats)

    @property
    def is_able(self) -> bool:
        """Whether the schema is one at all."""
        return self._validator is not None

    def faults(self, value: Any) -> "list[jsonschema_rs.ValidationError] | None":
        """What is wrong with the value, the first few of very many.

        None where the schema is none, or asks for more steps than anybody has time for.
        """
        if self._validator is None or not _is_light(self._schema, value):
            return None
        return list(islice(self._validator.iter_errors(value), MOST_FAULTS))


@functools.lru_cache(maxsize=10_000)
def is_pattern(pattern: str) -> bool:
    """Whether the text is a regular expression as JSON Schema has them."""
    return _build({"pattern": pattern}, formats=False) is not None


def _build(schema: Any, formats: bool) -> "jsonschema_rs.Draft202012Validator | None":
    # Worth its import only where something is checked.
    import jsonschema_rs  # noqa: PLC0415

    try:
        return jsonschema_rs.Draft202012Validator(
            schema,
            # The expressions are the document's: none of them may keep us busy.
            pattern_options=jsonschema_rs.FancyRegexOptions(backtrack_limit=10_000),
            validate_formats=formats,
            offline=True,
        )
    except ValueError:
        return None


def _is_light(schema: Any, value: Any) -> bool:
    """Whether a validator comes to its end soon: it walks shared parts once per way into them."""
    return _Visits(schema).count(schema, value, 0) <= _MOST_VISITS


class _Visits:
    """How often a validator looks at a schema and its parts, each pair with a value added up once.

    `{"allOf": [A, A]}`, with an A that is built the same way of a B, doubles at every step: forty
    lines can ask for 2 to the 40th.
    """

    def __init__(self, root: Any) -> None:
        self._root = root
        self._known: dict[tuple[int, int], int] = {}

    def count(self, schema: Any, value: Any, depth: int) -> int:
        if not isinstance(schema, dict):
            return 1
        pair = (id(schema), id(value))
        if pair in self._known:
            return self._known[pair]
        if depth > _DEEPEST:
            return _MOST_VISITS + 1
        # Whoever leads to itself on the same value is looked at once.
        self._known[pair] = 1
        visits = 1
        for part, inside in chain(self._in_place(schema, value), _inside(schema, value)):
            visits += self.count(part, inside, depth + 1)
            if visits > _MOST_VISITS:
                break
        self._known[pair] = visits
        return visits

    def _in_place(self, schema: dict[str, Any], value: Any) -> Iterator[tuple[Any, Any]]:
        reference = schema.get("$ref")
        if isinstance(reference, str):
            with contextlib.suppress(refs.Unresolvable):
                yield refs.lookup(self._root, reference), value
        for key in _LISTS:
            if isinstance(schema.get(key), list):
                yield from ((each, value) for each in schema[key])
        yield from ((schema[key], value) for key in _SINGLE if key in schema)
        dependent = schema.get("dependentSchemas")
        if isinstance(dependent, dict):
            yield from ((each, value) for each in dependent.values())


def _inside(schema: dict[str, Any], value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, dict):
        properties = schema.get("properties")
        properties = properties if isinstance(properties, dict) else {}
        patterns = schema.get("patternProperties")
        others = [*(patterns.values() if isinstance(patterns, dict) else ())]
        others += [schema[key] for key in _OTHERS if key in schema]
        for name, each in value.items():
            if name in properties:
                yield properties[name], each
            yield from ((other, each) for other in others)
    elif isinstance(value, list):
        first = schema.get("prefixItems")
        first = first if isinstance(first, list) else []
        yield from zip(first, value, strict=False)
        for key in ("items", "contains", "unevaluatedItems"):
            if key in schema:
                yield from ((schema[key], each) for each in value)


_OTHERS = ("additionalProperties", "unevaluatedProperties")
