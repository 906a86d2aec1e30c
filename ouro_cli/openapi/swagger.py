"""Swagger 2.0 said as OpenAPI 3.0 says it: bodies, forms, servers and security where 3.0 has them.

What schemas refer to stays where it is (`#/definitions/Pet`), and so do the schemas' own words,
which `schema` reads: a document is no larger for it, and its pointers stay true.
"""

import json
from typing import Any

from ouro_cli.model.service import Finding
from ouro_cli.openapi import refs
from ouro_cli.openapi.room import Room

VERSION = "2.0"

_EACH = 100
"""How many characters' room one entry of a list that is written anew takes."""

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
_FILE = {"type": "string", "format": "binary"}
_SCHEMA_WORDS = (
    "type", "format", "items", "default", "enum", "pattern", "minimum", "maximum",
    "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "minItems",
    "maxItems", "uniqueItems", "x-nullable",
)  # fmt: skip
_STYLES: dict[str, dict[str, Any]] = {
    "csv": {"style": "form", "explode": False},
    "ssv": {"style": "spaceDelimited", "explode": False},
    "pipes": {"style": "pipeDelimited", "explode": False},
    "multi": {"style": "form", "explode": True},
}
_FLOWS = {
    "implicit": "implicit",
    "password": "password",
    "application": "clientCredentials",
    "accessCode": "authorizationCode",
}


def as_openapi(stated: dict[str, Any], room: Room, warnings: list[Finding]) -> dict[str, Any]:
    """The document with its paths, servers and security schemes as OpenAPI 3.0 writes them."""
    return _Translation(stated, room, warnings).document()


class _Translation:
    def __init__(self, stated: dict[str, Any], room: Room, warnings: list[Finding]) -> None:
        self._stated = stated
        self._room = room
        self._warnings = warnings

    def document(self) -> dict[str, Any]:
        stated = self._stated
        paths = stated.get("paths")
        read = dict(stated)
        if isinstance(paths, dict):
            read["paths"] = {
                path: self._path_item(item, refs.pointer("paths", path))
                for path, item in paths.items()
            }
        read["servers"] = self._servers(_texts(stated.get("schemes")) or [""])
        schemes = stated.get("securityDefinitions")
        read["components"] = {
            "securitySchemes": {name: _scheme(each) for name, each in schemes.items()}
            if isinstance(schemes, dict)
            else {}
        }
        return read

    def _servers(self, schemes: list[str]) -> list[dict[str, Any]]:
        host, base = self._stated.get("host"), self._stated.get("basePath")
        path = base if isinstance(base, str) else ""
        if path and not path.startswith("/"):
            path = f"/{path}"
        if not isinstance(host, str) or not host:
            return [{"url": path}] if path else []
        # Encrypted first, where a choice is given.
        in_order = sorted(schemes, key=lambda scheme: scheme != "https")
        return [{"url": f"{scheme}:" * bool(scheme) + f"//{host}{path}"} for scheme in in_order]

    def _path_item(self, stated: Any, where: str) -> Any:
        item = self._followed(stated)
        if not isinstance(item, dict):
            return item
        if item is not stated:
            # One item may be referred to by thousands of paths.
            self._room.take(len(json.dumps(item)))
        shared = self._parameters(item.get("parameters"), f"{where}/parameters")
        read = {key: value for key, value in item.items() if key.startswith("x-")}
        read["parameters"] = [_parameter(each) for each in shared if _has_own_place(each)]
        for method in _METHODS:
            raw = item.get(method)
            if isinstance(raw, dict):
                read[method] = self._operation(raw, shared, f"{where}/{method}")
            elif method in item:
                read[method] = raw
        return read

    def _operation(
        self, raw: dict[str, Any], shared: list[dict[str, Any]], where: str
    ) -> dict[str, Any]:
        own = self._parameters(raw.get("parameters"), f"{where}/parameters")
        merged = {(each["in"], each["name"]): each for each in [*shared, *own]}
        read = dict(raw)
        read["parameters"] = [_parameter(each) for each in own if _has_own_place(each)]
        body = self._request_body(list(merged.values()), raw)
        if body is not None:
            read["requestBody"] = body
        read["responses"] = self._responses(raw)
        schemes = _texts(raw.get("schemes"))
        if schemes and (servers := self._servers(schemes)):
            read["servers"] = servers
        for each in merged.values():
            if each.get("collectionFormat") == "tsv":
                why = f"the list '{each['name']}' is separated by tabs, which ouro cannot write"
                self._warn(where, f"{why}; commas are sent")
        return read

    def _parameters(self, raw: Any, where: str) -> list[dict[str, Any]]:
        if not isinstance(raw, list):
            if raw is not None:
                self._warn(where, "is no list of parameters; left out")
            return []
        read = []
        for index, each in enumerate(raw):
            try:
                parameter = refs.follow(self._stated, each)
            except refs.Unresolvable as fault:
                self._warn(f"{where}/{index}", str(fault))
                continue
            if (
                isinstance(parameter, dict)
                and isinstance(parameter.get("name"), str)
                and isinstance(parameter.get("in"), str)
                and parameter["in"] in ("path", "query", "header", "body", "formData")
            ):
                read.append(parameter)
            else:
                self._warn(f"{where}/{index}", "is no parameter; left out")
        return read

    def _request_body(
        self, parameters: list[dict[str, Any]], raw: dict[str, Any]
    ) -> dict[str, Any] | None:
        consumes = _texts(raw.get("consumes")) or _texts(self._stated.get("consumes"))
        self._room.take(_EACH * (len(consumes) + len(parameters)))
        body = next((each for each in parameters if each["in"] == "body"), None)
        if body is not None:
            media: dict[str, Any] = {"schema": body.get("schema", {})}
            read: dict[str, Any] = {
                "content": dict.fromkeys(consumes or ["application/json"], media),
                "required": body.get("required") is True,
            }
            if isinstance(body.get("description"), str):
                read["description"] = body["description"]
            return read
        fields = [each for each in parameters if each["in"] == "formData"]
        return _form(fields, consumes) if fields else None

    def _responses(self, raw: dict[str, Any]) -> dict[str, Any]:
        stated = raw.get("responses")
        if not isinstance(stated, dict):
            return {}
        produces = _texts(raw.get("produces")) or _texts(self._stated.get("produces"))
        return {
            code: response if code.startswith("x-") else self._response(response, produces)
            for code, response in stated.items()
        }

    def _response(self, raw: Any, produces: list[str]) -> Any:
        response = self._followed(raw)
        if not isinstance(response, dict):
            return raw
        read = {key: response[key] for key in response if key not in ("schema", "examples")}
        headers = response.get("headers")
        self._room.take(_EACH * (len(produces) + len(response)))
        if isinstance(headers, dict):
            self._room.take(_EACH * len(headers))
            read["headers"] = {name: _header(each) for name, each in headers.items()}
        schema = response.get("schema")
        examples = response.get("examples")
        examples = examples if isinstance(examples, dict) else {}
        if schema is not None or examples:
            usual = "application/octet-stream" if _is_file(schema) else "application/json"
            read["content"] = {
                kind: _media(schema, examples.get(kind))
                for kind in dict.fromkeys([*(produces or [usual]), *examples])
            }
        return read

    def _followed(self, value: Any) -> Any:
        try:
            return refs.follow(self._stated, value)
        except refs.Unresolvable:
            # As it stands: whoever reads the operation says what is wrong with it.
            return value

    def _warn(self, pointer: str, message: str) -> None:
        self._warnings.append(Finding(pointer, message))


def _has_own_place(parameter: dict[str, Any]) -> bool:
    return parameter["in"] not in ("body", "formData")


def _parameter(stated: dict[str, Any]) -> dict[str, Any]:
    read: dict[str, Any] = {
        key: value
        for key, value in stated.items()
        if (key not in _SCHEMA_WORDS and key != "collectionFormat")
    }
    read["schema"] = _schema(stated)
    if stated.get("type") == "array" and stated["in"] == "query":
        read |= _STYLES.get(str(stated.get("collectionFormat")), _STYLES["csv"])
    return read


def _schema(stated: dict[str, Any]) -> dict[str, Any]:
    schema = {word: stated[word] for word in _SCHEMA_WORDS if word in stated}
    return schema | _FILE if _is_file(schema) else schema


def _is_file(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("type") == "file"


def _form(fields: list[dict[str, Any]], consumes: list[str]) -> dict[str, Any]:
    kinds = [each for each in consumes if each in _FORMS]
    if any(_is_file(each) for each in fields):
        kinds = ["multipart/form-data"]
    encoding = {
        each["name"]: _STYLES.get(str(each.get("collectionFormat")), _STYLES["csv"])
        for each in fields
        if each.get("type") == "array"
    }
    required = [each["name"] for each in fields if each.get("required") is True]
    properties = {}
    for each in fields:
        properties[each["name"]] = _schema(each)
        if isinstance(each.get("description"), str):
            properties[each["name"]]["description"] = each["description"]
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    media: dict[str, Any] = {"schema": schema}
    if encoding:
        media["encoding"] = encoding
    return {"content": dict.fromkeys(kinds or _FORMS[1:], media), "required": bool(required)}


def _header(stated: Any) -> Any:
    if not isinstance(stated, dict):
        return stated
    kept = ("description", *(key for key in stated if key.startswith("x-")))
    return {key: stated[key] for key in kept if key in stated} | {"schema": _schema(stated)}


def _media(schema: Any, example: Any) -> dict[str, Any]:
    media: dict[str, Any] = {} if schema is None else {"schema": schema}
    if _is_file(schema):
        media["schema"] = dict(_FILE)
    return media if example is None else media | {"example": example}


def _scheme(stated: Any) -> Any:
    if not isinstance(stated, dict):
        return stated
    described = {key: stated[key] for key in stated if key == "description" or key[:2] == "x-"}
    if stated.get("type") == "basic":
        return {"type": "http", "scheme": "basic", **described}
    if stated.get("type") != "oauth2":
        return stated
    flow = {key: stated[key] for key in ("authorizationUrl", "tokenUrl", "scopes") if key in stated}
    name = _FLOWS.get(str(stated.get("flow")))
    return {"type": "oauth2", "flows": {name: {"scopes": {}} | flow} if name else {}, **described}


def _texts(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
