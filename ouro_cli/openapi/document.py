"""Bytes in, one OpenAPI document out; what is something else is named for what it is."""

import codecs
import json
import re
from dataclasses import dataclass
from typing import Any

from ouro_cli.errors import DocumentUnreadable
from ouro_cli.model.service import Finding

DEEPEST = 200

_SUPPORTED = re.compile(r"3\.[012](\.\d+)?(-.*)?")
_OTHERS = {
    "asyncapi": "an AsyncAPI document",
    "arazzo": "an Arazzo workflow, not an API",
    "swaggerVersion": "a Swagger 1.2 document",
    "_postman_id": "a Postman collection",
    "$schema": "a JSON Schema",
    "raml": "a RAML document",
}


@dataclass(frozen=True, slots=True)
class Document:
    """A document as read: the value, its OpenAPI version, and what was odd about the bytes."""

    value: dict[str, Any]
    openapi: str
    warnings: tuple[Finding, ...]

    @property
    def info(self) -> dict[str, Any]:
        """Its `info` object; empty where it has none."""
        info = self.value.get("info")
        return info if isinstance(info, dict) else {}


def parse(data: bytes, source: str) -> Document:
    """Read JSON or YAML into a document of OpenAPI 3.0, 3.1 or 3.2.

    Raises DocumentUnreadable, in one line with the place, for everything else.
    """
    warnings: list[Finding] = []
    text = _decode(data, warnings)
    if not text.strip():
        raise DocumentUnreadable(source=source, why="it is empty")
    value = _load(text, source)
    if not isinstance(value, dict):
        raise DocumentUnreadable(
            source=source, why=f"it holds {_kind(value)}, not an OpenAPI document"
        )
    return Document(value, _version(value, source), tuple(warnings))


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
    if stripped[:1] in "{[":
        return _load_json(text, source)
    if re.match(r"(?i)<!doctype html|<html|<head|<body", stripped):
        raise DocumentUnreadable(source=source, why="it is HTML, not OpenAPI; is a login needed?")
    if stripped.startswith("<"):
        raise DocumentUnreadable(source=source, why="it is XML, not OpenAPI")
    # PyYAML is worth its import only where a document is YAML.
    from ouro_cli.openapi.yaml_text import YamlFault, read_yaml  # noqa: PLC0415

    try:
        return read_yaml(text)
    except YamlFault as fault:
        raise DocumentUnreadable(source=source, why=f"invalid YAML at {fault}") from None


def _load_json(text: str, source: str) -> Any:
    try:
        value = json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as fault:
        why = f"invalid JSON at line {fault.lineno} column {fault.colno}"
        raise DocumentUnreadable(source=source, why=why) from None
    except ValueError as fault:
        raise DocumentUnreadable(source=source, why=f"a number is out of range: {fault}") from None
    except RecursionError:
        raise DocumentUnreadable(source=source, why=f"nested deeper than {DEEPEST}") from None
    return value


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


def _version(value: dict[str, Any], source: str) -> str:
    if "openapi" in value:
        version = str(value["openapi"])
        if _SUPPORTED.fullmatch(version):
            return version
        why = f"OpenAPI version {version} is not supported (3.0, 3.1, 3.2 are)"
    elif "swagger" in value:
        why = f"Swagger {value['swagger']} is not supported (OpenAPI 3.0, 3.1, 3.2 are)"
    else:
        other = next((name for key, name in _OTHERS.items() if key in value), None)
        if other is None and isinstance(value.get("info"), dict) and "_postman_id" in value["info"]:
            other = "a Postman collection"
        why = f"it is {other}" if other else "it has no 'openapi' field"
    raise DocumentUnreadable(source=source, why=why)


def _kind(value: Any) -> str:
    return {list: "a list", str: "plain text", type(None): "nothing"}.get(type(value), "a scalar")
