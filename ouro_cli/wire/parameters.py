"""Parameter values as they stand in a path, a query, a header and a cookie (OAS 3.2, 4.12)."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from ouro_cli.wire.media import is_json

Parameter = dict[str, Any]
"""A parameter object as OpenAPI writes it."""

Pairs = list[tuple[str, str]]

_BETWEEN_QUERY_ITEMS = {"spaceDelimited": "%20", "pipeDelimited": "%7C"}

# What RFC 3986 reserves and may still stand in its place: no `&`, `#` and `+`, which would split
# or change a query, no brackets, which no part of an address may hold; in a path no `/` and `?`.
_RESERVED_IN_QUERY = ":/?@!$'()*,;="
_RESERVED_IN_PATH = ":@!$&'()*+,;="
_TRIPLE = re.compile("(%[0-9A-Fa-f]{2})")


def path_text(parameter: Parameter, value: Any) -> str:
    """The value where its `{name}` stood: percent-encoded, so that it never leaves its place."""
    style = parameter.get("style", "simple")
    explode = parameter.get("explode") is True
    if "content" in parameter or style not in ("label", "matrix"):
        return _simple(parameter, value, _writer(parameter, _RESERVED_IN_PATH, ",="))
    write = _writer(parameter, _RESERVED_IN_PATH, ".;,=")
    if style == "label":
        return "." + _simple(parameter, value, write, "." if explode else ",")
    name = encode(str(parameter.get("name", "")))
    if value is None:
        return f";{name}"
    if explode and isinstance(value, dict):
        return "".join(f";{key}={each}" for key, each in _members(value, write))
    if explode and isinstance(value, list):
        return "".join(f";{name}={each}" for each in _items(value, write))
    return f";{name}={_simple(parameter, value, write)}"


def header_text(parameter: Parameter, value: Any) -> str:
    """The value as a header's: not encoded."""
    return _simple(parameter, value, str)


def query_pairs(parameter: Parameter, value: Any) -> Pairs:
    """The value as name=value pairs, both percent-encoded.

    A value that is undefined is written as the specification's table has it, `name=`; whoever
    builds a request leaves such a parameter out.
    """
    style = parameter.get("style", "form")
    explode = parameter.get("explode", style in ("form", "cookie"))
    between = _BETWEEN_QUERY_ITEMS.get(style, ",")
    write = _writer(parameter, _RESERVED_IN_QUERY, "" if explode else ",")
    return _pairs(parameter, value, write, encode, explode, between)


def plain_pairs(parameter: Parameter, value: Any) -> Pairs:
    """The value as name and value pairs with nothing encoded: for the parts of a form."""
    style = parameter.get("style", "form")
    explode = parameter.get("explode", style in ("form", "cookie"))
    between = {"spaceDelimited": " ", "pipeDelimited": "|"}.get(style, ",")
    return _pairs(parameter, value, str, str, explode, between)


def cookie_pairs(parameter: Parameter, value: Any) -> list[str]:
    """The value as `name=value` cookies.

    In the form style they are percent-encoded, so that no value can begin another cookie; the
    cookie style (OAS 3.2) encodes nothing, and takes what a cookie can hold as it is.
    """
    if parameter.get("style") == "cookie":
        return [f"{name}={each}" for name, each in plain_pairs(parameter, value)]
    return [f"{name}={each}" for name, each in query_pairs(parameter, value)]


def scalar_text(value: Any) -> str:
    """A scalar as a parameter's text: true, 1, 1.5, the text itself; what is nested, as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None or isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def content_text(media_type: str, value: Any) -> str:
    """A value as its media type writes it: text as it is, unless it is JSON."""
    if isinstance(value, str) and not is_json(media_type):
        return value
    return json.dumps(value, ensure_ascii=False)


def encode(text: str) -> str:
    """Percent-encoded, but for RFC 3986's unreserved characters."""
    return quote(text, safe="", errors="replace")


def _writer(parameter: Parameter, reserved: str, delimiters: str) -> Callable[[str], str]:
    """How a value is encoded; `delimiters` are those of the style, which no value may hold."""
    if parameter.get("allowReserved") is not True:
        return encode
    safe = "".join(each for each in reserved if each not in delimiters)

    def write(text: str) -> str:
        # RFC 6570 section 3.2.3 lets what is encoded already pass.
        return "".join(
            part if index % 2 else quote(part, safe=safe, errors="replace")
            for index, part in enumerate(_TRIPLE.split(text))
        )

    return write


def _pairs(
    parameter: Parameter,
    value: Any,
    write: Callable[[str], str],
    write_name: Callable[[str], str],
    explode: bool,
    between: str,
) -> Pairs:
    name = write_name(parameter["name"])
    if "content" in parameter:
        return [(name, write(_as_content(parameter, value)))]
    if value is None:
        return [(name, "")]
    if parameter.get("style") == "deepObject" and isinstance(value, dict | list):
        opening, closing = write_name("["), write_name("]")
        return _deep(name, value, lambda key: f"{opening}{write_name(key)}{closing}", write)
    if isinstance(value, list):
        items = _items(value, write)
        return [(name, each) for each in items] if explode else [(name, between.join(items))]
    if isinstance(value, dict):
        if explode:
            return _members(value, write, write_name)
        return [(name, between.join(text for each in _members(value, write) for text in each))]
    return [(name, write(scalar_text(value)))]


def _deep(
    name: str, value: Any, bracketed: Callable[[str], str], write: Callable[[str], str]
) -> Pairs:
    """`name[a][b]=1`, as qs, PHP and Rack read it back.

    The specification leaves open what lies deeper than one level: lists are `name[a][]=1`, and
    `name[a][0][b]=1` where their items are nested themselves.
    """
    if value is None:
        return []
    if isinstance(value, dict):
        inside = [(name + bracketed(key), each) for key, each in value.items()]
    elif isinstance(value, list):
        is_nested = any(isinstance(each, dict | list) for each in value)
        inside = [
            (name + bracketed(str(index) if is_nested else ""), each)
            for index, each in enumerate(value)
        ]
    else:
        return [(name, write(scalar_text(value)))]
    return [pair for key, each in inside for pair in _deep(key, each, bracketed, write)]


def _simple(
    parameter: Parameter, value: Any, write: Callable[[str], str], between: str = ","
) -> str:
    if "content" in parameter:
        return write(_as_content(parameter, value))
    if value is None:
        return ""
    if isinstance(value, list):
        return between.join(_items(value, write))
    if isinstance(value, dict):
        inside = "=" if parameter.get("explode") is True else ","
        return between.join(f"{key}{inside}{each}" for key, each in _members(value, write))
    return write(scalar_text(value))


def _items(value: list[Any], write: Callable[[str], str]) -> list[str]:
    return [write(scalar_text(each)) for each in value if each is not None]


def _members(
    value: dict[str, Any],
    write: Callable[[str], str],
    write_name: Callable[[str], str] | None = None,
) -> Pairs:
    write_name = write_name or write
    return [
        (write_name(key), write(scalar_text(each)))
        for key, each in value.items()
        if each is not None
    ]


def _as_content(parameter: Parameter, value: Any) -> str:
    return content_text(next(iter(parameter["content"]), ""), value)
