"""A schema as one flat object: references followed, `allOf` joined, one of each choice taken."""

from collections.abc import Iterator
from typing import Any

from ouro_cli.openapi import refs

STATED = ("const", "example", "default", "examples", "enum")
"""Keywords whose values an author wrote down."""

_MOST_PARTS = 100
_COMBINED = ("$ref", "allOf", "anyOf", "oneOf")
_LOWEST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_HIGHEST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")

NOTHING: Any = object()
"""What stands for no value at all, since None is one."""

Flat = dict[str, Any]

_KINDS = ("object", "array", "string", "number", "boolean", "null")


class Flattener:
    """Flattens the parts of one self-contained schema, within a budget of steps."""

    def __init__(self, root: Any, budget: int) -> None:
        self._root = root
        self.steps_left = budget

    def ways(self, schema: Any, followed: tuple[str, ...] = ()) -> Iterator[Flat]:
        """Every way to take the schema's choices, the likeliest first."""
        self.steps_left -= 1
        if not isinstance(schema, dict) or self.steps_left < 0:
            yield {}
            return
        own = {key: value for key, value in schema.items() if key not in _COMBINED}
        for parts in self._products(self._parts(schema, followed)):
            yield joined([*parts, *self._discriminated(schema, followed), own])

    def _parts(self, schema: Flat, followed: tuple[str, ...]) -> list[tuple[list[Any], Any]]:
        """What has to be joined: of each part its choices, and the references on the way there."""
        parts: list[tuple[list[Any], Any]] = []
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference not in followed:
            try:
                target = refs.lookup(self._root, reference)
            except refs.Unresolvable:
                pass
            else:
                parts.append(([target], (*followed, reference)))
        parts += [([each], followed) for each in listed(schema.get("allOf"))[:_MOST_PARTS]]
        for key in ("oneOf", "anyOf"):
            choices = listed(schema.get(key))[:_MOST_PARTS]
            if choices:
                ordered = sorted(choices, key=_is_null)
                parts.append(([_named(schema, each) for each in ordered], followed))
        return parts

    def _products(self, parts: list[tuple[list[Any], Any]]) -> Iterator[list[Flat]]:
        if not parts:
            yield []
            return
        choices, followed = parts[0]
        for choice in choices:
            for first in self.ways(choice, followed):
                for rest in self._products(parts[1:]):
                    yield [first, *rest]
                    if self.steps_left < 0:
                        return

    def _discriminated(self, schema: Flat, followed: tuple[str, ...]) -> list[Flat]:
        """The discriminator of a base schema says which of those that build on it this one is."""
        if len(followed) < 2 or schema.get("oneOf") or schema.get("anyOf"):
            return []
        return _said(schema.get("discriminator"), followed[0])


def joined(parts: list[Flat]) -> Flat:
    """All parts as one schema: bounds narrowed, properties of both kept, else the later wins."""
    shapes = [each for each in parts if "properties" in each or "required" in each]
    result: Flat = {}
    for part in parts:
        for key, value in part.items():
            if key in STATED[1:4] and part is not parts[-1] and len(shapes) > 1:
                # The example of one part lacks what the others ask for.
                continue
            result[key] = _both(key, result[key], value) if key in result else value
    return result


def _both(key: str, held: Any, value: Any) -> Any:
    if key == "properties" and isinstance(held, dict) and isinstance(value, dict):
        return held | {
            name: {"allOf": [held[name], each]} if name in held else each
            for name, each in value.items()
        }
    if key == "required":
        return [*listed(held), *listed(value)]
    if key in ("enum", "type") and listed(held) and listed(value):
        return [each for each in value if each in held] or value
    if key == "type" and listed(held) and value in held:
        return value
    if key == "type" and listed(value) and held in value:
        return held
    if key in _LOWEST and _is_number(held) and _is_number(value):
        return max(held, value)
    if key in _HIGHEST and _is_number(held) and _is_number(value):
        return min(held, value)
    if key in ("items", "additionalProperties") and isinstance(held, dict):
        return {"allOf": [held, value]} if isinstance(value, dict) else value
    return held if key == "additionalProperties" and held is False else value


def _named(schema: Flat, choice: Any) -> Any:
    """The choice, with what the discriminator calls it."""
    reference = choice.get("$ref") if isinstance(choice, dict) else None
    said = _said(schema.get("discriminator"), reference) if isinstance(reference, str) else []
    return {"allOf": [choice, *said]} if said else choice


def _said(discriminator: Any, reference: str) -> list[Flat]:
    name = discriminator.get("propertyName") if isinstance(discriminator, dict) else None
    if not isinstance(name, str):
        return []
    word = refs.pointer_tokens(reference)[-1:] or [""]
    mapping = discriminator.get("mapping")
    for key, target in mapping.items() if isinstance(mapping, dict) else ():
        if target in (reference, word[0]):
            word = [key]
            break
    return [{"properties": {name: {"default": word[0]}}, "required": [name]}]


def _is_null(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("type") == "null"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def kinds_of(flat: Flat) -> list[str]:
    """The types that the value may have, the likeliest first."""
    kind = flat.get("type")
    if isinstance(kind, str):
        return [kind]
    if listed(kind):
        return sorted((each for each in listed(kind) if isinstance(each, str)), key="null".__eq__)
    if flat.keys() & {"properties", "required", "additionalProperties"}:
        likely = "object"
    elif flat.keys() & {"items", "prefixItems"}:
        likely = "array"
    else:
        is_number = flat.keys() & {"minimum", "maximum", "multipleOf"}
        likely = "number" if is_number else "string"
    return [likely, *(each for each in _KINDS if each != likely)]


def as_kind(kind: str, value: Any) -> Any:
    """The value in another type, where that is how it was meant; else NOTHING."""
    if kind == "string" and isinstance(value, int | float):
        return str(value).lower() if isinstance(value, bool) else str(value)
    if kind == "boolean" and value in ("true", "false"):
        return value == "true"
    if kind == "array" and not isinstance(value, list):
        return [value]
    if kind in ("integer", "number") and isinstance(value, str):
        try:
            return int(value[:20]) if kind == "integer" else float(value[:20])
        except ValueError:
            pass
    return NOTHING


def properties_of(flat: Flat) -> dict[str, Any]:
    """The properties that a flat schema knows by name."""
    properties = flat.get("properties")
    return properties if isinstance(properties, dict) else {}


def member_of(flat: Flat, name: str) -> Any:
    """The schema of a member of an object."""
    properties = properties_of(flat)
    return properties[name] if name in properties else flat.get("additionalProperties")


def is_read_only(schema: Any) -> bool:
    """Whether only answers hold what the schema describes."""
    return isinstance(schema, dict) and schema.get("readOnly") is True


def listed(value: Any) -> list[Any]:
    """The value where it is a list; else an empty one."""
    return value if isinstance(value, list) else []
