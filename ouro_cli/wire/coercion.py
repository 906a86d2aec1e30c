"""What a schema says of a value before it is checked: which types fit, and what lies inside."""

import contextlib
import math
import re
from typing import Any

from ouro_cli.model.json_text import read_json
from ouro_cli.openapi import refs


def typed(text: Any, schema: Any, root: Any = None) -> Any:
    """Text as the type that the schema asks for; text where it fits none.

    Where the schema lets text in, what was typed stays text, but for a list or an object that is
    let in too and was typed as JSON.
    """
    if not isinstance(text, str):
        return text
    root = schema if root is None else root
    kinds = kinds_of(schema, root, set())
    wanted = kinds & {"array", "object"} if "string" in kinds else kinds
    for kind in ("null", "boolean", "integer", "number", "array", "object"):
        if kind in wanted:
            value = _as(kind, text)
            if value is not _NO:
                return value
    if "array" in kinds and "string" not in kinds:
        return [typed(text, child_schema(schema, root, ""), root)]
    return text


_NO = object()


def _as(kind: str, text: str) -> Any:
    match kind:
        case "null":
            return None if text in ("null", "") else _NO
        case "boolean":
            return {"true": True, "false": False}.get(text.lower(), _NO)
        case "integer":
            return int(text) if _INTEGER.fullmatch(text) else _NO
        case "number":
            return _number(text)
        case _:
            if not text.lstrip().startswith("[" if kind == "array" else "{"):
                return _NO
            try:
                return read_json(text)
            except ValueError:
                return _NO


_INTEGER = re.compile(r"[-+]?[0-9]{1,4000}")
_DECIMAL = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})?")


def _number(text: str) -> Any:
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text) and math.isfinite(float(text)):
        return float(text)
    return _NO


def kinds_of(schema: Any, root: Any, seen: set[str]) -> set[str]:
    """The JSON types that a schema lets in, as far as it says; `seen` are references followed."""
    if not isinstance(schema, dict):
        return set()
    kind = schema.get("type")
    kinds = {each for each in (kind if isinstance(kind, list) else [kind]) if isinstance(each, str)}
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference not in seen:
        seen.add(reference)
        with contextlib.suppress(refs.Unresolvable):
            kinds |= kinds_of(refs.lookup(root, reference), root, seen)
    stated = [*_list(schema.get("enum")), *([schema["const"]] if "const" in schema else [])]
    kinds |= {_json_kind(each) for each in stated if not isinstance(each, str)}
    for key in ("oneOf", "anyOf", "allOf"):
        for each in _list(schema.get(key)):
            kinds |= kinds_of(each, root, seen)
    if not kinds and "properties" in schema:
        return {"object"}
    if not kinds and "items" in schema:
        return {"array"}
    return kinds


def _json_kind(value: Any) -> str:
    if value is None:
        return "null"
    # bool before number: Python counts True among the integers.
    for kind, name in ((bool, "boolean"), (int | float, "number"), (dict, "object")):
        if isinstance(value, kind):
            return name
    return "array"


def child_schema(schema: Any, root: Any, step: str, seen: frozenset[str] = frozenset()) -> Any:
    """The schema of what lies one step inside; `{}` where nothing is said of it."""
    if not isinstance(schema, dict):
        return {}
    reference = schema.get("$ref")
    if isinstance(reference, str):
        if reference in seen:
            return {}
        try:
            return child_schema(refs.lookup(root, reference), root, step, seen | {reference})
        except refs.Unresolvable:
            return {}
    items = schema.get("items")
    if is_index(step) and isinstance(items, dict):
        return items
    properties = properties_of(schema)
    if step in properties:
        return properties[step]
    for key in ("allOf", "anyOf", "oneOf"):
        for each in _list(schema.get(key)):
            found = child_schema(each, root, step, seen)
            if found:
                return found
    extra = schema.get("additionalProperties")
    return extra if isinstance(extra, dict) else {}


def is_index(step: str) -> bool:
    """Whether a key's step can lead into a list: a number, or `""` for its end."""
    return step == "" or (step.isascii() and step.isdigit())


def closed_properties(schema: Any) -> list[str]:
    """The names that a body's fields may have, where its schema names them all."""
    try:
        schema = refs.follow(schema, schema)
    except refs.Unresolvable:
        return []
    open_words = ("anyOf", "oneOf", "allOf", "patternProperties", "if")
    if not isinstance(schema, dict) or any(word in schema for word in open_words):
        return []
    if schema.get("additionalProperties") not in (None, False):
        return []
    return list(properties_of(schema))


def properties_of(schema: Any) -> dict[str, Any]:
    """An object schema's properties; empty where it names none."""
    properties = schema.get("properties") if isinstance(schema, dict) else None
    return properties if isinstance(properties, dict) else {}


def required_of(schema: Any) -> list[str]:
    """The names that an object schema requires."""
    try:
        schema = refs.follow(schema, schema)
    except refs.Unresolvable:
        return []
    required = schema.get("required") if isinstance(schema, dict) else None
    return [str(each) for each in required] if isinstance(required, list) else []


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
