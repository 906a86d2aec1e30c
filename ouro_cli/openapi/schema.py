"""Schemas as OpenAPI 3.0 writes them, turned into JSON Schema 2020-12, which all else speaks."""

from typing import Any

_DATA = frozenset({"example", "examples", "default", "enum", "const"})
_NAMED = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})


def as_json_schema(schema: Any, openapi: str) -> Any:
    """The schema with 3.0's own words (`nullable`, boolean bounds) said in JSON Schema's.

    Schemas of 3.1 and later are JSON Schema already. `$id` and `$schema` are left out: they
    would move the base against which the references are resolved.
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
        elif key in _NAMED and isinstance(value, dict):
            read[key] = {name: as_json_schema(each, openapi) for name, each in value.items()}
        else:
            read[key] = as_json_schema(value, openapi)
    return _from_30(read) if openapi.startswith("3.0") else read


def _from_30(schema: dict[str, Any]) -> dict[str, Any]:
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        flag = schema.get(exclusive)
        if isinstance(flag, bool):
            del schema[exclusive]
            if flag and bound in schema:
                schema[exclusive] = schema.pop(bound)
    if schema.pop("nullable", None) is True:
        kind = schema.get("type")
        if isinstance(kind, str):
            schema["type"] = [kind, "null"]
        if isinstance(schema.get("enum"), list) and None not in schema["enum"]:
            schema["enum"] = [*schema["enum"], None]
    return schema
