"""What a schema says of the inside of a value: its fields, and which branch is meant."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ouro_cli.openapi import refs

_MOST_NODES = 50_000
_BRANCHED = ("oneOf", "anyOf")


@dataclass(slots=True)
class Description:
    """All that the parts of a schema say of an object's fields.

    `names` maps each field to the schemas that speak of it: those that hold whatever branch is
    taken, and those of branches; `items` are such schemas for what a list holds. `is_open` says
    whether other fields are let in by an express word.
    """

    names: dict[str, tuple[list[Any], list[Any]]] = field(default_factory=dict)
    items: tuple[list[Any], list[Any]] = field(default_factory=lambda: ([], []))
    is_open: bool = False


def described(schema: Any, root: Any) -> Description:
    """What a schema says, its references followed and all of its branches seen."""
    return _described([schema], [], root, None)


def walk(value: Any, schema: Any, root: Any) -> Iterator[tuple[list[str], Any, Description]]:
    """Every object in a value: the way to it, itself, and what its schema says of it.

    A value of very many parts is not walked to its end: the validator sees all of it.
    """
    nodes = 0
    pending: list[tuple[list[str], Any, list[Any], list[Any]]] = [([], value, [schema], [])]
    while pending and nodes < _MOST_NODES:
        steps, each, certain, possible = pending.pop()
        nodes += 1
        if isinstance(each, dict):
            said = _described(certain, possible, root, each)
            yield steps, each, said
            for key, inside in each.items():
                if isinstance(inside, dict | list) and key in said.names:
                    pending.append(([*steps, key], inside, *said.names[key]))
        elif isinstance(each, list):
            said = _described(certain, possible, root, each)
            if any(said.items):
                for index, inside in enumerate(each):
                    if isinstance(inside, dict | list):
                        pending.append(([*steps, str(index)], inside, *said.items))


def is_read_only(schemas: list[Any], root: Any) -> bool:
    """Whether one of these schemas says that a field stands in answers only."""
    for schema in schemas:
        with contextlib.suppress(refs.Unresolvable):
            for each in (schema, refs.follow(root, schema)):
                if isinstance(each, dict) and each.get("readOnly") is True:
                    return True
    return False


def discriminated(schema: Any, value: Any, keyword: str = "oneOf") -> tuple[str | None, int | None]:
    """The name of the tag that tells a schema's branches apart, and the branch that a value names.

    OpenAPI's `discriminator` says both; the branch is None where the value names none.
    """
    stated = schema.get("discriminator") if isinstance(schema, dict) else None
    tag = stated.get("propertyName") if isinstance(stated, dict) else None
    if not isinstance(tag, str):
        return None, None
    said = value.get(tag) if isinstance(value, dict) else None
    branches = _list(schema.get(keyword))
    if not isinstance(said, str):
        return tag, None
    wanted = mapping_of(schema).get(said, said)
    if not wanted.startswith("#"):
        wanted = f"#/components/schemas/{wanted}"
    for index, branch in enumerate(branches):
        reference = branch.get("$ref") if isinstance(branch, dict) else None
        if isinstance(reference, str) and _same(reference, wanted):
            return tag, index
    return tag, None


def mapping_of(schema: Any) -> dict[str, str]:
    """What a discriminator's values lead to, where the document says so."""
    stated = schema.get("discriminator") if isinstance(schema, dict) else None
    mapping = stated.get("mapping") if isinstance(stated, dict) else None
    if not isinstance(mapping, dict):
        return {}
    return {key: each for key, each in mapping.items() if isinstance(each, str)}


def child_schema(
    schema: Any, root: Any, step: str, value: Any = None, seen: frozenset[str] = frozenset()
) -> Any:
    """The schema of what lies one step inside; `{}` where nothing is said of it.

    `value` is the object or list that the step leads into, as far as it is known: its tag says
    which of several branches is meant.
    """
    if not isinstance(schema, dict):
        return {}
    reference = schema.get("$ref")
    if isinstance(reference, str):
        if reference in seen:
            return {}
        with contextlib.suppress(refs.Unresolvable):
            target = refs.lookup(root, reference)
            return child_schema(target, root, step, value, seen | {reference})
        return {}
    items = schema.get("items")
    if is_index(step) and isinstance(items, dict):
        return items
    properties = properties_of(schema)
    if step in properties:
        return properties[step]
    for each in [*_list(schema.get("allOf")), *_branches(schema, root, value)]:
        found = child_schema(each, root, step, value, seen)
        if found:
            return found
    extra = schema.get("additionalProperties")
    return extra if isinstance(extra, dict) else {}


def is_binary(schema: Any) -> bool:
    """Whether a field of a form is a file (OAS 3.0 `format: binary`, 3.1 `contentMediaType`)."""
    if not isinstance(schema, dict):
        return False
    if schema.get("format") == "binary":
        return True
    return "contentMediaType" in schema and "contentEncoding" not in schema


def is_index(step: str) -> bool:
    """Whether a key's step can lead into a list: a number, or `""` for its end."""
    return step == "" or (step.isascii() and step.isdigit())


def properties_of(schema: Any) -> dict[str, Any]:
    """An object schema's properties; empty where it names none."""
    properties = schema.get("properties") if isinstance(schema, dict) else None
    return properties if isinstance(properties, dict) else {}


def required_of(schema: Any, root: Any) -> list[str]:
    """The names that an object schema requires, whatever branch is taken."""
    required: dict[str, None] = {}
    for each in _flattened([schema], root):
        required |= dict.fromkeys(map(str, _list(each.get("required"))))
    return list(required)


def _described(certain: list[Any], possible: list[Any], root: Any, value: Any) -> Description:
    said = Description()
    sure = _flattened(certain, root)
    sure += _flattened([each for schema in sure for each in _named_branches(schema, value)], root)
    perhaps = _with_branches(sure, _flattened(possible, root), root)
    for schemas, place in ((sure, 0), (perhaps, 1)):
        for each in schemas:
            for name, child in properties_of(each).items():
                said.names.setdefault(name, ([], []))[place].append(child)
            if isinstance(each.get("items"), dict):
                said.items[place].append(each["items"])
    said.is_open = (
        not said.names
        or any(_is_open(each) for each in [*sure, *perhaps])
        or any(_is_bare(each) for each in perhaps)
    )
    return said


def _named_branches(schema: dict[str, Any], value: Any) -> Iterator[Any]:
    """The branches that a value names by its tag."""
    for keyword in _BRANCHED:
        _, index = discriminated(schema, value, keyword)
        if index is not None:
            yield schema[keyword][index]


def _with_branches(sure: list[Any], perhaps: list[Any], root: Any) -> list[dict[str, Any]]:
    """All that may be said, depending on which branches are taken."""
    found: list[dict[str, Any]] = []
    held = {id(each) for each in sure}
    seen: set[int] = set()
    pending = [*sure, *perhaps]
    while pending:
        schema = pending.pop()
        if id(schema) in seen:
            continue
        seen.add(id(schema))
        if id(schema) not in held:
            found.append(schema)
        inside = [each for word in _BRANCHED for each in _list(schema.get(word))]
        inside += [schema.get(word) for word in ("then", "else")]
        dependent = schema.get("dependentSchemas")
        inside += dependent.values() if isinstance(dependent, dict) else []
        pending += _flattened(inside, root)
    return found


def _is_open(schema: dict[str, Any]) -> bool:
    """Whether a schema lets in fields that it does not name, by an express word."""
    return (
        schema.get("additionalProperties") not in (None, False)
        or schema.get("unevaluatedProperties") not in (None, False)
        or "patternProperties" in schema
    )


def _is_bare(schema: dict[str, Any]) -> bool:
    """Whether a branch lets in every object, since it names no field."""
    names_some = schema.keys() & {"properties", "allOf", *_BRANCHED, "required", "$ref"}
    return not names_some and schema.get("type") in (None, "object")


def _flattened(schemas: list[Any], root: Any) -> list[dict[str, Any]]:
    """These schemas with what they refer to and what `allOf` joins, each of them once."""
    found: list[dict[str, Any]] = []
    seen: set[int] = set()
    pending = list(reversed(schemas))
    while pending:
        schema = pending.pop()
        if not isinstance(schema, dict) or id(schema) in seen:
            continue
        seen.add(id(schema))
        found.append(schema)
        if isinstance(schema.get("$ref"), str):
            with contextlib.suppress(refs.Unresolvable):
                pending.append(refs.lookup(root, schema["$ref"]))
        pending += _list(schema.get("allOf"))
    return found


def _branches(schema: dict[str, Any], root: Any, value: Any) -> list[Any]:
    """The branches of a schema, the one that a value's tag names before all others."""
    found: list[Any] = []
    for keyword in reversed(_BRANCHED):
        branches = _list(schema.get(keyword))
        _, index = discriminated(schema, value, keyword)
        if index is not None:
            found.append(branches[index])
        elif isinstance(value, dict):
            branches = sorted(branches, key=lambda each: not _tags_fit(each, root, value))
        found += branches
    return found


def _tags_fit(branch: Any, root: Any, value: dict[str, Any]) -> bool:
    """Whether a value has what a branch says of fields that can be only this or that."""
    for schema in _flattened([branch], root):
        for name, child in properties_of(schema).items():
            if name in value and isinstance(child, dict):
                choices = [child["const"]] if "const" in child else _list(child.get("enum"))
                if choices and value[name] not in choices:
                    return False
    return True


def _same(reference: str, other: str) -> bool:
    return refs.pointer_tokens(reference) == refs.pointer_tokens(other)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
