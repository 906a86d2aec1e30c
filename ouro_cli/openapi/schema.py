"""Schemas as OpenAPI writes them, turned into JSON Schema 2020-12, which all else speaks."""

from typing import Any

from ouro_cli.openapi import refs
from ouro_cli.openapi.judge import is_pattern

_DATA = frozenset({"example", "examples", "default", "enum", "const"})
_NAMED = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
_COMBINED = frozenset({"$ref", "allOf", "anyOf", "oneOf"})


def as_json_schema(schema: Any, openapi: str) -> Any:
    """The schema as one that judges a request: what OpenAPI alone says is said in JSON Schema.

    The words of 3.0 and of Swagger 2.0 (`nullable`, `x-nullable`, boolean bounds, the type `file`)
    are translated; schemas of 3.1 and later are JSON Schema already, but for such a bound. A
    property that is `readOnly` is required of answers only. `$id` and `$schema` are left out, for
    they would move the base of the references; so is a reference that leads out of the document,
    for nothing may be fetched; and so is a pattern that is no regular expression, for it would
    make the whole schema none.
    """
    if isinstance(schema, list):
        return [as_json_schema(each, openapi) for each in schema]
    if not isinstance(schema, dict):
        return schema
    read: dict[str, Any] = {}
    for key, value in schema.items():
        if key in ("$id", "$schema") and isinstance(value, str):
            continue
        if key in _DATA:
            read[key] = value
        elif key == "pattern" and isinstance(value, str):
            if is_pattern(value):
                read[key] = value
        elif key in _NAMED and isinstance(value, dict):
            names = filter(is_pattern, value) if key == "patternProperties" else value
            read[key] = {name: as_json_schema(value[name], openapi) for name in names}
        elif key == "$ref" and isinstance(value, str):
            if value.startswith("#"):
                read[key] = refs.as_uri(value)
        else:
            read[key] = as_json_schema(value, openapi)
    read = _with_bounds(_with_required(read))
    return _from_30(read) if openapi.startswith(("2.", "3.0")) else read


def _with_required(schema: dict[str, Any]) -> dict[str, Any]:
    if "required" not in schema:
        return schema
    required, properties = schema.pop("required"), schema.get("properties")
    known = properties if isinstance(properties, dict) else {}
    # `required: true`, from older drafts, says nothing here, and would make the schema none.
    if isinstance(required, list):
        schema["required"] = [
            name
            for name in required
            if isinstance(name, str) and not _is_read_only(known.get(name))
        ]
    return schema


def _is_read_only(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("readOnly") is True


def _with_bounds(schema: dict[str, Any]) -> dict[str, Any]:
    # A boolean is 3.0's way to say it, and stands in many a document of 3.1 too.
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        flag = schema.get(exclusive)
        if isinstance(flag, bool):
            del schema[exclusive]
            if flag and bound in schema:
                schema[exclusive] = schema.pop(bound)
    return schema


def _from_30(schema: dict[str, Any]) -> dict[str, Any]:
    if schema.get("type") == "file":
        schema["type"] = "string"
    if True not in (schema.pop("nullable", None), schema.pop("x-nullable", None)):
        return schema
    kind = schema.get("type")
    if isinstance(kind, str):
        schema["type"] = [kind, "null"]
    elif kind is None and _COMBINED & schema.keys():
        # Strictly, `nullable` says nothing beside a reference; everybody means it all the same.
        return {"anyOf": [schema, {"type": "null"}]}
    if isinstance(schema.get("enum"), list) and None not in schema["enum"]:
        schema["enum"] = [*schema["enum"], None]
    return schema
