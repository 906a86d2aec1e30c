"""Bytes in, one OpenAPI document out; what is something else is named for what it is."""

import codecs
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ouro_cli.errors import DocumentUnreadable
from ouro_cli.model.json_text import JsonFault, read_json
from ouro_cli.model.service import Finding
from ouro_cli.openapi import anchors, swagger
from ouro_cli.openapi.room import Room

MOST_VALUES = 4_000_000
"""How many values a document may hold; the largest one known, Microsoft Graph's, holds half."""

_SUPPORTED = re.compile(r"3\.[012](\.\d+)?(-.*)?")
_SWAGGER = re.compile(r"2(\.0)?(\.\d+)?")
_PLACED = 8 * 2**20
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_OTHERS = {
    "asyncapi": "an AsyncAPI document",
    "arazzo": "an Arazzo workflow, not an API",
    "swaggerVersion": "a Swagger 1.2 document",
    "_postman_id": "a Postman collection",
    "$schema": "a JSON Schema",
}


Join = Callable[[Any, list[Finding]], Any]
"""Takes a document's value, and gives it with what its references into other files lead to."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document as read: the value, its OpenAPI version, and what was odd about the bytes.

    The value is that of OpenAPI 3; of a document in Swagger 2.0, whose version stays `2.0`, what
    is said the same in 3 is found where 3 says it. `stated` is what the document said itself,
    `size` its length in characters, and `source` where it came from. Where it `is_joined`, other
    files are in it, and whatever leads out of it all the same has been told of.
    """

    value: dict[str, Any]
    openapi: str
    warnings: tuple[Finding, ...]
    stated: dict[str, Any]
    size: int
    source: str
    is_joined: bool = False

    @property
    def info(self) -> dict[str, Any]:
        """Its `info` object; empty where it has none."""
        info = self.value.get("info")
        return info if isinstance(info, dict) else {}


def parse(data: bytes, source: str, join: Join | None = None) -> Document:
    """Read JSON or YAML into a document of Swagger 2.0, OpenAPI 3.0, 3.1 or 3.2.

    `join` is asked to bring in what lies in other files. Raises DocumentUnreadable, in one line
    with the place, for everything else.
    """
    warnings: list[Finding] = []
    text = _decode(data, warnings)
    value = _read(text, source)
    if not isinstance(value, dict):
        raise DocumentUnreadable(
            source=source, why=f"it holds {_kind(value)}, not an OpenAPI document"
        )
    version = _version(value, source)
    if not isinstance(value.get("info"), dict):
        warnings.append(Finding("#/info", "is no object: the document does not say what it is"))
    if anchors.may_be_in(text):
        anchors.write_as_pointers(value)
    if join is not None:
        value = join(value, warnings)
    read = value
    if version == swagger.VERSION:
        read = swagger.as_openapi(value, Room(len(text), source), warnings)
    return Document(
        value=read,
        openapi=version,
        warnings=tuple(warnings),
        stated=value,
        size=len(text),
        source=source,
        is_joined=join is not None,
    )


def read_value(data: bytes, source: str) -> Any:
    """The value that JSON or YAML holds, whatever it is; DocumentUnreadable where it is neither."""
    text = _decode(data, [])
    value = _read(text, source)
    if anchors.may_be_in(text):
        anchors.write_as_pointers(value)
    return value


def _read(text: str, source: str) -> Any:
    if not text or text.isspace():
        raise DocumentUnreadable(source=source, why="it is empty")
    return _load(text, source)


def _decode(data: bytes, warnings: list[Finding]) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        warnings.append(Finding("", f"is not UTF-8 at byte {fault.start}; read as Latin-1"))
        return data.decode("latin-1")


def _load(text: str, source: str) -> Any:
    stripped = text.lstrip()
    is_json = stripped[:1] in "{["
    if sum(map(text.count, ",{[" if is_json else ",{[\n")) > MOST_VALUES:
        raise DocumentUnreadable(source=source, why=f"it holds more than {MOST_VALUES:,} values")
    if is_json:
        return _load_json(text, source)
    if re.match(r"(?i)<!doctype html|<html|<head|<body", stripped):
        raise DocumentUnreadable(
            source=source, why="it is HTML, not OpenAPI; perhaps one has to log in there"
        )
    if stripped.startswith("<"):
        raise DocumentUnreadable(source=source, why="it is XML, not OpenAPI")
    if stripped.startswith("#%RAML"):
        raise DocumentUnreadable(source=source, why="it is a RAML document, not OpenAPI")
    # PyYAML is worth its import only where a document is YAML.
    from ouro_cli.openapi.yaml_text import YamlFault, read_yaml  # noqa: PLC0415

    try:
        return read_yaml(text)
    except YamlFault as fault:
        raise DocumentUnreadable(source=source, why=f"invalid YAML at {fault}") from None


def _load_json(text: str, source: str) -> Any:
    try:
        value = read_json(text, unlike_keys=True)
    except json.JSONDecodeError as fault:
        why = f"invalid JSON at line {fault.lineno} column {fault.colno}"
    except JsonFault as fault:
        why = f"invalid JSON{_line_of(fault, text)}: {fault}"
    else:
        return _without_lone_surrogates(value) if _SURROGATE.search(text) else value
    raise DocumentUnreadable(source=source, why=why)


def _line_of(fault: JsonFault, text: str) -> str:
    """Where a fault lies that the JSON reader does not place: JSON is YAML, whose reader does."""
    from ouro_cli.openapi.yaml_text import YamlFault, read_yaml  # noqa: PLC0415

    if len(text) > _PLACED:
        return ""
    try:
        read_yaml(text)
    except YamlFault as placed:
        line, _, why = str(placed).partition(": ")
        return f" at {line}" if why == str(fault) else ""
    return ""


def _without_lone_surrogates(value: Any) -> Any:
    # Half a surrogate pair is no text: no database takes it.
    return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


def _version(value: dict[str, Any], source: str) -> str:
    if "openapi" in value:
        version = str(value["openapi"])
        if _SUPPORTED.fullmatch(version):
            return version
        why = f"OpenAPI version {version[:20]} is not supported (2.0, 3.0, 3.1, 3.2 are)"
    elif "swagger" in value:
        version = str(value["swagger"])
        if _SWAGGER.fullmatch(version):
            return swagger.VERSION
        why = f"Swagger {version[:20]} is not supported (2.0 and OpenAPI 3.0, 3.1, 3.2 are)"
    else:
        other = next((name for key, name in _OTHERS.items() if key in value), None)
        if other is None and isinstance(value.get("info"), dict) and "_postman_id" in value["info"]:
            other = "a Postman collection"
        why = f"it is {other}" if other else "it has no 'openapi' field"
    raise DocumentUnreadable(source=source, why=why)


def _kind(value: Any) -> str:
    return {list: "a list", str: "plain text", type(None): "nothing"}.get(type(value), "a scalar")
