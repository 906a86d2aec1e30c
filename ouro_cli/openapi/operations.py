"""The operations of a document: one per path and method, parameters merged, references left in."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ouro_cli.errors import DocumentUnreadable
from ouro_cli.model.route import Operation
from ouro_cli.model.service import Finding
from ouro_cli.openapi import refs
from ouro_cli.openapi.document import Document
from ouro_cli.openapi.findings import told_once
from ouro_cli.openapi.names import Names
from ouro_cli.openapi.operation import OperationReader
from ouro_cli.openapi.places import references
from ouro_cli.openapi.room import Room

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")

MOST_OPERATIONS = 100_000
"""How many operations a document may state; the largest one known has 22,361."""

_METHOD = re.compile(r"[A-Za-z][A-Za-z-]*")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a document says: its operations, what they refer to, and what could not be read.

    `components` maps each reference that an operation reaches to the JSON text behind it;
    `webhooks` are the calls that the API says it makes, and `servers` those at the document's
    root, both as `Service` keeps them.
    """

    operations: list[Operation]
    components: dict[str, str]
    findings: list[Finding]
    webhooks: tuple[dict[str, str], ...]
    servers: tuple[dict[str, Any], ...]

    @property
    def warnings(self) -> list[Finding]:
        """The findings, those that are alike told once."""
        return told_once(self.findings)


def read_operations(document: Document) -> Reading:
    """Every operation of the document; what cannot be read is a warning with its JSON pointer.

    Raises DocumentUnreadable where its references unfold beyond all proportion.
    """
    reader = _Reader(document)
    operations = list(reader.unlike_operations())
    webhooks, servers = tuple(reader.webhooks()), reader.servers()
    return Reading(operations, reader.components(), reader.findings, webhooks, servers)


def references_of(operation: Operation) -> set[str]:
    """Every reference that an operation makes by itself."""
    return refs.references_in(_stated(operation))


def _stated(operation: Operation) -> str:
    return json.dumps([operation.parameters, operation.request_body, operation.responses])


class _Reader:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._root = document.value
        self._room = Room(document.size, document.source)
        self._wanted: set[str] = set()
        self.findings: list[Finding] = list(document.warnings)
        self._names = Names(self._warn)
        self._inside = OperationReader(self._root, self._room, self._warn)

    def unlike_operations(self) -> Iterator[Operation]:
        """The operations; of two that are one route (`pets` and `/pets`) the first."""
        seen: set[tuple[str, str]] = set()
        for operation, where in self._operations():
            if operation.key in seen:
                self._warn(where, "stands twice; the later one was left out")
                continue
            if len(seen) == MOST_OPERATIONS:
                why = f"it states more than {MOST_OPERATIONS:,} operations"
                raise DocumentUnreadable(source=self._document.source, why=why)
            seen.add(operation.key)
            text = _stated(operation)
            self._room.take(len(text))
            self._wanted |= refs.references_in(text)
            self._names.check(operation, where)
            yield operation

    def webhooks(self) -> Iterator[dict[str, str]]:
        """The calls that the document says the API makes, by name and method."""
        stated = self._root.get("webhooks")
        for name, item in stated.items() if isinstance(stated, dict) else ():
            where = refs.pointer("webhooks", name)
            for method, raw, _ in self._methods(self._path_item(item, where), where):
                if isinstance(raw, dict):
                    summary = raw.get("summary")
                    told = summary if isinstance(summary, str) else ""
                    yield {"name": name, "method": method, "summary": told}

    def servers(self) -> tuple[dict[str, Any], ...]:
        """The servers that the document names for all its operations."""
        return self._inside.servers(self._root, "#")

    def components(self) -> dict[str, str]:
        """All that the operations reach: reference -> JSON text."""
        found, missing = refs.closure(sorted(self._wanted), self._text_behind)
        if missing or self._inside.leads_out:
            self._tell_of(missing)
        return found

    def _operations(self) -> Iterator[tuple[Operation, str]]:
        paths = self._root.get("paths")
        if not isinstance(paths, dict):
            if paths is not None or "webhooks" not in self._root:
                self._warn(refs.pointer("paths"), "is no object: the document has no routes")
            return
        for path, stated in paths.items():
            if path.startswith("x-"):
                continue
            where = refs.pointer("paths", path)
            if not path.startswith("/"):
                self._warn(where, "does not start with a slash")
                path = f"/{path}"
            item = self._path_item(stated, where)
            shared = self._inside.parameters(item.get("parameters"), f"{where}/parameters")
            servers = self._inside.servers(item, where)
            for method, raw, place in self._methods(item, where):
                operation = self._inside.operation(path, method, raw, shared, servers, place)
                if operation is not None:
                    yield operation, place

    def _path_item(self, stated: Any, where: str) -> dict[str, Any]:
        """The path item, with what it refers to beneath what it says itself; `{}` for none."""
        item = self._inside.followed(stated, where)
        if not isinstance(item, dict):
            if item is not None or stated is None:
                self._warn(where, "is no path item")
            return {}
        if item is not stated:
            # One item may be referred to by thousands of paths.
            self._room.take(len(json.dumps(item)))
            return {**item, **{key: each for key, each in stated.items() if key != "$ref"}}
        return dict(item)

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

    def _text_behind(self, reference: str) -> str | None:
        try:
            text = json.dumps(refs.lookup(self._root, reference))
        except refs.Unresolvable:
            return None
        self._room.take(len(text))
        return text

    def _tell_of(self, missing: set[str]) -> None:
        """Say where references stand that lead nowhere; those in quoted data are none."""
        for tokens, holder, word in references(self._document.stated):
            reference = holder[word]
            if reference.startswith("#"):
                if reference in missing:
                    told = f"{reference} is not there"
                    self._warn(refs.pointer(*tokens), told)
            elif not self._document.is_joined:
                told = f"{reference} leads out of the document, and is not followed"
                self._warn(refs.pointer(*tokens), f"{told}; see --allow-refs")

    def _warn(self, pointer: str, message: str) -> None:
        self.findings.append(Finding(pointer, message))
