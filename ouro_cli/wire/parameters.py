"""Parameter values as they stand in a path, a query and a header (OpenAPI 3.1 section 4.8.12)."""

import json
from typing import Any
from urllib.parse import quote

DEFAULT_STYLES = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}


def path_text(parameter: dict[str, Any], value: Any) -> str:
    """The value where its `{name}` stood: percent-encoded, so that it never leaves its place."""
    return _simple(parameter, value, encode)


def header_text(parameter: dict[str, Any], value: Any) -> str:
    """The value as a header's: not encoded."""
    return _simple(parameter, value, str)


def query_pairs(parameter: dict[str, Any], value: Any) -> list[tuple[str, str]]:
    """The value as name=value pairs, both percent-encoded; none for null."""
    name = encode(parameter["name"])
    if value is None:
        return []
    if "content" in parameter:
        return [(name, encode(json.dumps(value, ensure_ascii=False)))]
    style = parameter.get("style", "form")
    explode = parameter.get("explode", style == "form")
    if isinstance(value, list):
        items = [encode(scalar_text(each)) for each in value if each is not None]
        if explode:
            return [(name, each) for each in items]
        return [(name, _DELIMITERS.get(style, ",").join(items))]
    if isinstance(value, dict):
        members = [(encode(key), encode(scalar_text(each))) for key, each in value.items()]
        if style == "deepObject":
            return [(f"{name}%5B{key}%5D", each) for key, each in members]
        if explode:
            return members
        return [(name, ",".join(f"{key},{each}" for key, each in members))]
    return [(name, encode(scalar_text(value)))]


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


_DELIMITERS = {"form": ",", "spaceDelimited": "%20", "pipeDelimited": "%7C"}


def _simple(parameter: dict[str, Any], value: Any, write: Any) -> str:
    if "content" in parameter:
        return str(write(json.dumps(value, ensure_ascii=False)))
    if isinstance(value, list):
        return ",".join(write(scalar_text(each)) for each in value)
    if isinstance(value, dict):
        between = "=" if parameter.get("explode") else ","
        return ",".join(
            f"{write(key)}{between}{write(scalar_text(each))}" for key, each in value.items()
        )
    return str(write(scalar_text(value)))
