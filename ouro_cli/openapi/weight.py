"""How often a value would be looked at to hold it against a schema: a bomb is told beforehand."""

from collections.abc import Callable
from typing import Any

Find = Callable[[Any, str], Any]
"""Takes a value and a reference into it; what is there, or LookupError."""

HEAVIEST = 20_000
"""So many schemas may be asked about one and the same value; real ones ask a few dozen."""

DEEPEST = 200
"""So many schemas may ask one another in a row without a step into the value."""

_LISTS = ("allOf", "anyOf", "oneOf")
_SINGLES = ("not", "if", "then", "else")


def is_too_heavy(schema: Any, find: Find) -> bool:
    """Whether some part of a self-contained schema would hold us, or our stack, for too long.

    Thirty schemas, each twice `allOf` the next, ask a thousand million times.
    """
    scales = _Scales(schema, find)
    pending = [schema]
    while pending:
        each = pending.pop()
        if isinstance(each, dict):
            if scales.weight(each, 0) > HEAVIEST:
                return True
            pending += [child for child in each.values() if isinstance(child, dict | list)]
        elif isinstance(each, list):
            pending += [child for child in each if isinstance(child, dict | list)]
    return False


class _Scales:
    def __init__(self, root: Any, find: Find) -> None:
        self._root = root
        self._find = find
        self._known: dict[int, int] = {}
        self._open: set[int] = set()

    def weight(self, schema: Any, depth: int) -> int:
        """How many schemas are asked about a value that this one is asked about."""
        if not isinstance(schema, dict) or id(schema) in self._open:
            return 1
        known = self._known.get(id(schema))
        if known is not None:
            return known
        if depth > DEEPEST:
            return HEAVIEST + 1
        self._open.add(id(schema))
        weight = 1 + sum(self.weight(each, depth + 1) for each in self._asked_too(schema))
        self._open.discard(id(schema))
        self._known[id(schema)] = weight
        return weight

    def _asked_too(self, schema: dict[str, Any]) -> list[Any]:
        """The schemas that this one asks about the same value."""
        asked = [each for word in _LISTS for each in _list(schema.get(word))]
        asked += [schema[word] for word in _SINGLES if word in schema]
        dependent = schema.get("dependentSchemas")
        asked += dependent.values() if isinstance(dependent, dict) else ()
        reference = schema.get("$ref")
        if isinstance(reference, str):
            try:
                asked.append(self._find(self._root, reference))
            except LookupError:
                return asked
        return asked


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
