"""The operations of a document: one per path and method, parameters merged, references left in."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ouro_cli.model.price import PriceFault, read_price
from ouro_cli.model.route import Operation
from ouro_cli.model.service import Finding
from ouro_cli.openapi import refs
from ouro_cli.openapi.document import Document
from ouro_cli.openapi.extensions import read_declared

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")

_PLACES = ("path", "query", "header", "cookie")
_IGNORED_HEADERS = frozenset({"accept", "content-type", "authorization"})
_TEMPLATE = re.compile(r"\{([^{}]+)\}")
_METHOD = re.compile(r"[A-Za-z][A-Za-z-]*")
_WORDS: tuple[tuple[str, type], ...] = (
    ("schema", dict),
    ("content", dict),
    ("style", str),
    ("explode", bool),
    ("required", bool),
    ("description", str),
)
"""What a parameter says of itself, and what it has to say it with."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a document says: its operations, what they refer to, and what could not be read.

    `components` maps each reference that an operation reaches to the JSON text behind it.
    """

    operations: list[Operation]
    components: dict[str, str]
    warnings: list[Finding]


def read_operations(document: Document) -> Reading:
    """Every operation of the document; what cannot be read is a warning with its JSON pointer."""
    reader = _Reader(document)
    operations = list(reader.unlike_operations())
    components = reader.components(operations)
    return Reading(operations, components, reader.warnings)


def references_of(operation: Operation) -> set[str]:
    """Every reference that an operation makes by itself."""
    stated = [operation.parameters, operation.request_body, operation.responses]
    return refs.references_in(json.dumps(stated))


class _Reader:
    def __init__(self, document: Document) -> None:
        self._root = document.value
        self.warnings: list[Finding] = list(document.warnings)

    def unlike_operations(self) -> Iterator[Operation]:
        """The operations; of two that are one route (`pets` and `/pets`) the first."""
        seen: set[tuple[str, str]] = set()
        for operation in self.operations():
            if operation.key in seen:
                where = refs.pointer("paths", operation.path, operation.method.lower())
                self._warn(where, "stands twice; the later one was left out")
            else:
                seen.add(operation.key)
                yield operation

    def operations(self) -> Iterator[Operation]:
        paths = self._root.get("paths")
        if not isinstance(paths, dict):
            if paths is not None or "webhooks" not in self._root:
                self._warn(refs.pointer("paths"), "is no object: the document has no routes")
            return
        for path, item in paths.items():
            if path.startswith("x-"):
                continue
            where = refs.pointer("paths", path)
            if not path.startswith("/"):
                self._warn(where, "does not start with a slash")
                path = f"/{path}"
            item = self._followed(item, where)
            if not isinstance(item, dict):
                self._warn(where, "is no path item")
                continue
            shared = self._parameters(item.get("parameters"), f"{where}/parameters")
            for method, raw, place in self._methods(item, where):
                operation = self._operation(path, method, raw, shared, place)
                if operation is not None:
                    yield operation

    def _methods(self, item: dict[str, Any], where: str) -> Iterator[tuple[str, Any, str]]:
        for method in METHODS:
            if method in item:
                yield method.upper(), item[method], f"{where}/{method}"
        # OpenAPI 3.2 has a place for methods of any name.
        others = item.get("additionalOperations")
        for method, raw in others.items() if isinstance(others, dict) else ():
            place = f"{where}/additionalOperations/{method}"
            if _METHOD.fullmatch(method):
                yield method, raw, place
            else:
                self._warn(place, "is no method")

    def components(self, operations: list[Operation]) -> dict[str, str]:
        wanted: set[str] = set()
        for operation in operations:
            wanted |= references_of(operation)
        found, missing = refs.closure(sorted(wanted), self._text_behind)
        for reference in sorted(missing):
            if reference.startswith("#"):
                self._warn(reference, "is referred to, and is not there")
            else:
                self._warn("", f"{reference} leads out of the document, and is not followed")
        return found

    def _text_behind(self, reference: str) -> str | None:
        try:
            return json.dumps(refs.lookup(self._root, reference))
        except refs.Unresolvable:
            return None

    def _operation(
        self, path: str, method: str, raw: Any, shared: list[dict[str, Any]], where: str
    ) -> Operation | None:
        if not isinstance(raw, dict):
            self._warn(where, "is no operation")
            return None
        problems: list[str] = []
        request_body = self._request_body(raw.get("requestBody"), f"{where}/requestBody")
        declared = read_declared(
            raw, request_body, lambda value: refs.follow(self._root, value), problems
        )
        operation = Operation(
            method=method,
            path=path,
            summary=_text(raw.get("summary")),
            description=_text(raw.get("description")),
            operation_id=_text(raw.get("operationId")),
            tags=tuple(str(tag) for tag in _list(raw.get("tags"))),
            parameters=self._merged(path, where, shared, raw),
            request_body=request_body,
            responses=self._responses(raw.get("responses"), f"{where}/responses"),
            security=raw["security"] if isinstance(raw.get("security"), list) else None,
            execution_mode=self._execution_mode(raw, where),
            input_assets=declared.inputs,
            output_assets=declared.outputs,
            pricing=self._pricing(raw, where),
            fills_properties=declared.properties,
            response_charts=declared.charts,
            extensions={key: raw[key] for key in raw if key.startswith("x-")},
            deprecated=raw.get("deprecated") is True,
        )
        for problem in problems:
            self._warn(where, problem)
        return operation

    def _merged(
        self, path: str, where: str, shared: list[dict[str, Any]], raw: dict[str, Any]
    ) -> tuple[dict[str, Any], ...]:
        own = self._parameters(raw.get("parameters"), f"{where}/parameters")
        merged = {(each["in"], each["name"]): each for each in [*shared, *own]}
        declared = {name: None for place, name in merged if place == "path"}
        templates = dict.fromkeys(_TEMPLATE.findall(path))
        for name in templates:
            if name not in declared:
                self._warn(where, f"the path parameter '{name}' is not declared; taken as text")
                merged["path", name] = {
                    "name": name,
                    "in": "path",
                    "required": True,
                    "schema": {"type": "string"},
                }
        for name in declared:
            if name not in templates:
                self._warn(where, f"the path parameter '{name}' is not in the path; left out")
                del merged["path", name]
        return tuple(merged.values())

    def _parameters(self, raw: Any, where: str) -> list[dict[str, Any]]:
        if not isinstance(raw, list):
            if raw is not None:
                self._warn(where, "is no list of parameters; left out")
            return []
        read = []
        for index, each in enumerate(raw):
            place = f"{where}/{index}"
            parameter = self._followed(each, place)
            if not (
                isinstance(parameter, dict)
                and isinstance(parameter.get("name"), str)
                and parameter.get("in") in _PLACES
            ):
                self._warn(place, "is no parameter; left out")
            elif parameter["in"] != "header" or parameter["name"].lower() not in _IGNORED_HEADERS:
                read.append(self._well_said(parameter, place))
        return read

    def _well_said(self, parameter: dict[str, Any], where: str) -> dict[str, Any]:
        """The parameter without what it says in a way that nobody can read."""
        for word, kind in _WORDS:
            if word in parameter and not isinstance(parameter[word], kind):
                if (word, parameter[word]) != ("schema", True):
                    self._warn(f"{where}/{word}", "cannot be read; left out")
                parameter = {key: value for key, value in parameter.items() if key != word}
        return parameter

    def _request_body(self, raw: Any, where: str) -> dict[str, Any] | None:
        body = self._followed(raw, where)
        if body is None:
            return None
        if not isinstance(body, dict) or not isinstance(body.get("content"), dict):
            self._warn(where, "is no request body; left out")
            return None
        return body

    def _responses(self, raw: Any, where: str) -> dict[str, Any]:
        if not isinstance(raw, dict):
            return {}
        read = {
            str(code): self._followed(each, f"{where}/{code}")
            for code, each in raw.items()
            if not str(code).startswith("x-")
        }
        return {code: each for code, each in read.items() if isinstance(each, dict)}

    def _execution_mode(self, raw: dict[str, Any], where: str) -> str:
        mode = raw.get("x-ouro-execution-mode", "sync")
        if mode in ("sync", "async"):
            return str(mode)
        self._warn(where, f"x-ouro-execution-mode {mode!r} is neither sync nor async")
        return "sync"

    def _pricing(self, raw: dict[str, Any], where: str) -> dict[str, Any] | None:
        declared = raw.get("x-ouro-pricing")
        if declared is None:
            return None
        try:
            return read_price(declared).as_declaration()
        except PriceFault as fault:
            self._warn(f"{where}/x-ouro-pricing", f"{fault}; left out")
            return None

    def _followed(self, value: Any, where: str) -> Any:
        try:
            return refs.follow(self._root, value)
        except refs.Unresolvable as fault:
            self._warn(where, str(fault))
            return None

    def _warn(self, pointer: str, message: str) -> None:
        self.warnings.append(Finding(pointer, message))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
