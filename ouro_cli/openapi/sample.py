"""An example that a schema would accept, made without chance."""

from typing import Any

from ouro_cli.openapi import refs

DEEPEST = 8

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


def example_of(media: dict[str, Any], schema: Any, *, everything: bool = False) -> Any:
    """An example for a media type object or a parameter: its own example, else one of its schema.

    `schema` is self-contained: its references lead into itself. Without `everything` an object
    holds its required properties alone, or all of them where none is required.
    """
    if "example" in media:
        return media["example"]
    examples = media.get("examples")
    if isinstance(examples, dict):
        for each in examples.values():
            if isinstance(each, dict) and "value" in each:
                return each["value"]
    return _sample(schema, schema, 0, everything)


def _sample(schema: Any, root: Any, depth: int, everything: bool) -> Any:
    try:
        schema = refs.follow(root, schema)
    except refs.Unresolvable:
        return None
    if not isinstance(schema, dict):
        return None
    for key in ("example", "default", "const"):
        if key in schema:
            return schema[key]
    for key in ("examples", "enum"):
        listed = schema.get(key)
        if isinstance(listed, list) and listed:
            return listed[0]
    for key in ("oneOf", "anyOf"):
        choices = schema.get(key)
        if isinstance(choices, list) and choices:
            chosen = _sample(_likeliest(choices), root, depth, everything)
            return _joined(chosen, schema, root, depth, everything)
    if isinstance(schema.get("allOf"), list):
        merged: Any = None
        for part in schema["allOf"]:
            merged = _merge(merged, _sample(part, root, depth, everything))
        return _joined(merged, schema, root, depth, everything)
    return _by_type(schema, root, depth, everything)


def _likeliest(choices: list[Any]) -> Any:
    return next(
        (each for each in choices if not (isinstance(each, dict) and each.get("type") == "null")),
        choices[0],
    )


def _joined(value: Any, schema: dict[str, Any], root: Any, depth: int, everything: bool) -> Any:
    if "properties" in schema:
        return _merge(value, _object(schema, root, depth, everything))
    return value


def _merge(first: Any, second: Any) -> Any:
    if isinstance(first, dict) and isinstance(second, dict):
        return {**first, **second}
    return second if first is None else first


def _by_type(schema: dict[str, Any], root: Any, depth: int, everything: bool) -> Any:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((each for each in kind if each != "null"), "null")
    if kind is None:
        kind = "object" if "properties" in schema else "array" if "items" in schema else "string"
    match kind:
        case "object":
            return _object(schema, root, depth, everything)
        case "array":
            least = max(int(schema.get("minItems", 1)), 0)
            if depth >= DEEPEST:
                return []
            item = _sample(schema.get("items", {}), root, depth + 1, everything)
            return [item] * min(max(least, 1), 100)
        case "string":
            return _string(schema)
        case "integer" | "number":
            return _number(schema, kind)
        case "boolean":
            return True
        case _:
            return None


def _object(schema: dict[str, Any], root: Any, depth: int, everything: bool) -> dict[str, Any]:
    properties = schema.get("properties")
    if not isinstance(properties, dict) or depth >= DEEPEST:
        return {}
    required = schema.get("required")
    wanted = set(required) if isinstance(required, list) else set()
    if everything or not (wanted or depth):
        wanted = set(properties)
    return {
        name: _sample(each, root, depth + 1, everything)
        for name, each in properties.items()
        if name in wanted and not (isinstance(each, dict) and each.get("readOnly") is True)
    }


def _string(schema: dict[str, Any]) -> str:
    text = _FORMATS.get(str(schema.get("format")), "text")
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    if isinstance(least, int) and len(text) < least:
        text = (text or "x") * (least // len(text or "x") + 1)
        text = text[:least]
    return text[:most] if isinstance(most, int) else text


def _number(schema: dict[str, Any], kind: str) -> int | float:
    low, high = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    value: int | float = 1 if kind == "integer" else 1.5
    if isinstance(low, int | float) and value < low:
        value = low
    if isinstance(above, int | float) and value <= above:
        value = above + 1
    if isinstance(high, int | float) and value > high:
        value = high
    if isinstance(below, int | float) and value >= below:
        value = below - 1
    step = schema.get("multipleOf")
    if isinstance(step, int | float) and step > 0:
        value = -(-value // step) * step
    return int(value) if kind == "integer" else value
