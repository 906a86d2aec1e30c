"""Parameter values as they stand in a path, a query, a header and a cookie (OAS 3.2, 4.12)."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from ouro_cli.wire.media import is_json

_BETWEEN_QUERY_ITEMS = {"spaceDelimited": "%20", "pipeDelimited": "%7C"}

Parameter = dict[str, Any]
"""A parameter object as OpenAPI writes it."""


def path_text(parameter: Parameter, value: Any) -> str:
    """The value where its `{name}` stood: percent-encoded, so that it never leaves its place."""
    style = parameter.get("style", "simple")
    if "content" in parameter or style not in ("label", "matrix"):
        return _simple(parameter, value, encode)
    explode = parameter.get("explode") is True
    if style == "label":
        return "." + _simple(parameter, value, encode, "." if explode else ",")
    name = encode(str(parameter.get("name", "")))
    if explode and isinstance(value, dict):
        return "".join(f";{key}={each}" for key, each in _members(value, encode))
    if explode and isinstance(value, list):
        return "".join(f";{name}={each}" for each in _items(value, encode))
    return f";{name}={_simple(parameter, value, encode)}"


def header_text(parameter: Parameter, value: Any) -> str:
    """The value as a header's: not encoded."""
    return _simple(parameter, value, str)


def query_pairs(parameter: Parameter, value: Any) -> list[tuple[str, str]]:
    """The value as name=value pairs, both percent-encoded; none for null."""
    name = encode(parameter["name"])
    if value is None:
        return []
    if "content" in parameter:
        return [(name, encode(_as_content(parameter, value)))]
    style = parameter.get("style", "form")
    explode = parameter.get("explode", style in ("form", "cookie"))
    between = _BETWEEN_QUERY_ITEMS.get(style, ",")
    if isinstance(value, list):
        items = _items(value, encode)
        return [(name, each) for each in items] if explode else [(name, between.join(items))]
    if isinstance(value, dict):
        members = _members(value, encode)
        if style == "deepObject":
            return [(f"{name}%5B{key}%5D", each) for key, each in members]
        if explode:
            return members
        return [(name, between.join(text for member in members for text in member))]
    return [(name, encode(scalar_text(value)))]


def cookie_pairs(parameter: Parameter, value: Any) -> list[str]:
    """The value as `name=value` cookies, percent-encoded: no value can begin another cookie."""
    return [f"{name}={each}" for name, each in query_pairs(parameter, value)]


def scalar_text(value: Any) -> str:
    """A scalar as a parameter's text: true, 1, 1.5, the text itself; what is nested, as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None or isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def encode(text: str) -> str:
    """Percent-encoded, but for RFC 3986's unreserved characters."""
    return quote(text, safe="", errors="replace")


def _simple(
    parameter: Parameter, value: Any, write: Callable[[str], str], between: str = ","
) -> str:
    if "content" in parameter:
        return write(_as_content(parameter, value))
    if isinstance(value, list):
        return between.join(_items(value, write))
    if isinstance(value, dict):
        inside = "=" if parameter.get("explode") is True else ","
        return between.join(f"{key}{inside}{each}" for key, each in _members(value, write))
    return write(scalar_text(value))


def _items(value: list[Any], write: Callable[[str], str]) -> list[str]:
    return [write(scalar_text(each)) for each in value if each is not None]


def _members(value: dict[str, Any], write: Callable[[str], str]) -> list[tuple[str, str]]:
    return [
        (write(key), write(scalar_text(each))) for key, each in value.items() if each is not None
    ]


def _as_content(parameter: Parameter, value: Any) -> str:
    media_type = next(iter(parameter["content"]), "")
    if isinstance(value, str) and not is_json(media_type):
        return value
    return json.dumps(value, ensure_ascii=False)
