"""What schemas say of a value before it is there: its kind, and what lies within."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

Find = Callable[[str], Any]
"""The schema that a reference leads to; None where it leads nowhere."""

_MOST_PARTS = 500
_BRANCHES = ("allOf", "anyOf", "oneOf")
_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (str, "string"),
    (list, "array"),
    (dict, "object"),
)


class NotKnown(LookupError):
    """Nothing is said of such a part; `is_certain` where it cannot be there at all."""

    def __init__(self, message: str, *, is_certain: bool) -> None:
        super().__init__(message)
        self.is_certain = is_certain


@dataclass(frozen=True, slots=True)
class Known:
    """A value, by the schemas that may describe it; with none, nothing is known of it."""

    schemas: tuple[Any, ...] = ()
    find: Find = lambda _: None

    def kinds(self) -> frozenset[str]:
        """The JSON types that it may have; empty where they are not known."""
        found = [self._kinds(each, 0) for each in self.schemas]
        return frozenset().union(*found) if found and all(found) else frozenset()

    def at(self, steps: Iterable[str]) -> "Known":
        """What is known of a part of it; raises NotKnown where the schemas have no such part."""
        known = self
        for step in steps:
            known = known._inside(step)
            if not known.schemas:
                return known
        return known

    def fields(self) -> list[str]:
        """The names of the fields that are known of it."""
        return list(dict.fromkeys(name for each in self._flat() for name in _properties(each)))

    def required(self) -> list[str]:
        """The names of the fields that it must have."""
        found: dict[str, None] = {}
        for each in self._flat(("allOf",)):
            required = each.get("required")
            found |= dict.fromkeys(map(str, required if isinstance(required, list) else ()))
        return list(found)

    def _inside(self, step: str) -> "Known":
        flat = self._flat()
        found: list[Any] = []
        for each in flat:
            properties, extra = _properties(each), each.get("additionalProperties")
            if step in properties:
                found.append(properties[step])
            elif isinstance(extra, dict):
                found.append(extra)
            if step.isdigit() and isinstance(each.get("items"), dict):
                found.append(each["items"])
        if found:
            return Known(tuple(found), self.find)
        self._check_open(step, flat)
        return Known()

    def _check_open(self, step: str, flat: list[dict[str, Any]]) -> None:
        kinds = self.kinds()
        if kinds and not kinds & {"object", "array"}:
            told = " or ".join(sorted(kinds))
            raise NotKnown(f"has no '{step}': it is {told}", is_certain=True)
        if kinds == {"array"} and not step.isdigit():
            raise NotKnown(f"has no '{step}': it is a list", is_certain=True)
        names = self.fields()
        if not names or any(_lets_more_in(each) for each in flat):
            return
        told = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
        is_closed = all(each.get("additionalProperties") is False for each in flat)
        raise NotKnown(f"has no '{step}' in its schema (fields: {told})", is_certain=is_closed)

    def _flat(self, branches: tuple[str, ...] = _BRANCHES) -> list[dict[str, Any]]:
        """Every schema that speaks of the value itself, references followed."""
        pending = list(self.schemas)
        flat: list[dict[str, Any]] = []
        seen: set[str] = set()
        while pending and len(flat) < _MOST_PARTS:
            schema = pending.pop(0)
            if not isinstance(schema, dict):
                continue
            reference = schema.get("$ref")
            if isinstance(reference, str) and reference not in seen:
                seen.add(reference)
                pending.append(self.find(reference))
            parts = [each for word in branches for each in _list(schema.get(word))]
            pending += parts
            if len(schema) > 1 or not (parts or reference):
                flat.append(schema)
        return flat

    def _kinds(self, schema: Any, depth: int) -> frozenset[str]:
        if not isinstance(schema, dict) or depth > 20:
            return frozenset()
        stated = schema.get("type")
        kinds = {each for each in [*_list(stated), stated] if isinstance(each, str)}
        values = [*_list(schema.get("enum")), *([schema["const"]] if "const" in schema else [])]
        if not kinds:
            kinds = {kind_of(each) for each in values}
        if not kinds:
            kinds = set(self._kinds_of_branches(schema, depth))
        is_nullable = kinds and True in (schema.get("nullable"), schema.get("x-nullable"))
        return frozenset(kinds | {"null"} if is_nullable else kinds)

    def _kinds_of_branches(self, schema: dict[str, Any], depth: int) -> frozenset[str]:
        if isinstance(schema.get("$ref"), str):
            return self._kinds(self.find(schema["$ref"]), depth + 1)
        for each in _list(schema.get("allOf")):
            if kinds := self._kinds(each, depth + 1):
                return kinds
        for word in ("anyOf", "oneOf"):
            found = [self._kinds(each, depth + 1) for each in _list(schema.get(word))]
            if found and all(found):
                return frozenset().union(*found)
        return frozenset()


def of_kind(*kinds: str) -> Known:
    """A value of which its type alone is known."""
    return Known(({"type": list(kinds)},))


def kind_of(value: Any) -> str:
    """The JSON type of a value."""
    return next((name for kind, name in _KINDS if isinstance(value, kind)), "null")


def found_in(component: Callable[[str], str | None]) -> Find:
    """How references are followed where components are kept as JSON texts."""

    def find(reference: str) -> Any:
        text = component(reference)
        return None if text is None else json.loads(text)

    return find


def _properties(schema: dict[str, Any]) -> dict[str, Any]:
    found = schema.get("properties")
    return found if isinstance(found, dict) else {}


def _lets_more_in(schema: dict[str, Any]) -> bool:
    return bool(schema.get("additionalProperties") or schema.get("patternProperties"))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
