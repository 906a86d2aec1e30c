"""Text as the type that its schema asks for."""

import contextlib
import math
import re
from typing import Any

from ouro_cli.model.json_text import read_json
from ouro_cli.openapi import refs
from ouro_cli.wire.shape import child_schema


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


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
