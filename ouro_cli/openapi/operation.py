"""One operation of a document: what it says, what its path says for it, and what cannot be read."""

import re
from collections.abc import Callable
from typing import Any

from ouro_cli.model.poll import EXTENSION, read_poll
from ouro_cli.model.price import PriceFault, read_price
from ouro_cli.model.route import Operation
from ouro_cli.openapi import refs
from ouro_cli.openapi.extensions import read_declared
from ouro_cli.openapi.room import Room
from ouro_cli.openapi.servers import read_servers

_PLACES = ("path", "query", "header", "cookie", "querystring")
_IGNORED_HEADERS = frozenset({"accept", "content-type", "authorization"})
_TEMPLATE = re.compile(r"\{([^{}]+)\}")
_WORDS: tuple[tuple[str, type], ...] = (
    ("schema", dict),
    ("content", dict),
    ("style", str),
    ("explode", bool),
    ("required", bool),
    ("description", str),
)
"""What a parameter says of itself, and what it has to say it with."""

Warn = Callable[[str, str], None]
"""Takes a finding: the place, and what is odd there."""


class OperationReader:
    """Reads the operations of one document, whose root its references lead into."""

    def __init__(self, root: dict[str, Any], room: Room, warn: Warn) -> None:
        self._root = root
        self._room = room
        self._warn = warn
        self.leads_out = False
        """Whether a reference led out of the document; where, is not told here."""

    def operation(
        self,
        path: str,
        method: str,
        raw: Any,
        shared: list[dict[str, Any]],
        servers: tuple[dict[str, Any], ...],
        where: str,
    ) -> Operation | None:
        """The operation at this place; None where there is none.

        `shared` and `servers` are its path item's parameters and servers.
        """
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
            servers=self.servers(raw, where) or servers,
            callbacks=tuple(self._callbacks(raw.get("callbacks"), f"{where}/callbacks")),
            poll=self._poll(raw, where),
            deprecated=raw.get("deprecated") is True,
            idempotent=self._idempotent(raw, where),
        )
        for problem in problems:
            self._warn(where, problem)
        return operation

    def parameters(self, raw: Any, where: str) -> list[dict[str, Any]]:
        """The parameters of a list, references followed; what cannot be read is left out."""
        if not isinstance(raw, list):
            if raw is not None:
                self._warn(where, "is no list of parameters; left out")
            return []
        read = []
        for index, each in enumerate(raw):
            place = f"{where}/{index}"
            parameter = self.followed(each, place)
            if parameter is None and each is not None:
                continue
            if not (
                isinstance(parameter, dict)
                and isinstance(parameter.get("name"), str)
                and parameter.get("in") in _PLACES
            ):
                self._warn(place, "is no parameter; left out")
            elif parameter["in"] != "header" or parameter["name"].lower() not in _IGNORED_HEADERS:
                read.append(self._well_said(parameter, place))
        return read

    def servers(self, raw: dict[str, Any], where: str) -> tuple[dict[str, Any], ...]:
        """The servers that a document, a path item or an operation names for itself."""
        if raw.get("servers") is None:
            return ()
        return read_servers(raw["servers"], f"{where}/servers", self._warn)

    def followed(self, value: Any, where: str) -> Any:
        """What the value leads to, where it is a reference; None, and a finding, for nowhere."""
        try:
            return refs.follow(self._root, value)
        except refs.LeadsOut:
            self.leads_out = True
        except refs.Unresolvable as fault:
            self._warn(where, str(fault))
        return None

    def _merged(
        self, path: str, where: str, shared: list[dict[str, Any]], raw: dict[str, Any]
    ) -> tuple[dict[str, Any], ...]:
        own = self.parameters(raw.get("parameters"), f"{where}/parameters")
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

    def _well_said(self, parameter: dict[str, Any], where: str) -> dict[str, Any]:
        """The parameter without what it says in a way that nobody can read."""
        for word, kind in _WORDS:
            if word in parameter and not isinstance(parameter[word], kind):
                if (word, parameter[word]) != ("schema", True):
                    self._warn(f"{where}/{word}", "cannot be read; left out")
                parameter = {key: value for key, value in parameter.items() if key != word}
        return parameter

    def _request_body(self, raw: Any, where: str) -> dict[str, Any] | None:
        body = self.followed(raw, where)
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
            str(code): self.followed(each, f"{where}/{code}")
            for code, each in raw.items()
            if not str(code).startswith("x-")
        }
        return {
            code: self._with_links(each, f"{where}/{code}")
            for code, each in read.items()
            if isinstance(each, dict)
        }

    def _with_links(self, answer: dict[str, Any], where: str) -> dict[str, Any]:
        """The response with its links as they are, not as references."""
        links = answer.get("links")
        if not isinstance(links, dict):
            return answer
        read = {name: self.followed(link, f"{where}/links/{name}") for name, link in links.items()}
        return {**answer, "links": {name: each for name, each in read.items() if each}}

    def _callbacks(self, raw: Any, where: str) -> list[str]:
        """The calls that the operation says the API makes: `name METHOD where to`."""
        told = []
        for name, stated in raw.items() if isinstance(raw, dict) else ():
            callback = self.followed(stated, f"{where}/{refs.pointer(name)[2:]}")
            for expression, item in callback.items() if isinstance(callback, dict) else ():
                self._room.take(len(name) + len(expression))
                told += [
                    f"{name} {method.upper()} {expression}"
                    for method in (item if isinstance(item, dict) else ())
                    if isinstance(item[method], dict) and method.isalpha() and method.islower()
                ]
        return told

    def _pricing(self, raw: dict[str, Any], where: str) -> dict[str, Any] | None:
        declared = raw.get("x-ouro-pricing")
        if declared is None:
            return None
        try:
            return read_price(declared).as_declaration()
        except PriceFault as fault:
            self._warn(f"{where}/x-ouro-pricing", f"{fault}; left out")
            return None

    def _poll(self, raw: dict[str, Any], where: str) -> dict[str, Any] | bool | None:
        declared = raw.get(EXTENSION)
        if declared is None:
            return None
        try:
            return read_poll(declared)
        except ValueError as fault:
            self._warn(f"{where}/{EXTENSION}", f"{fault}; left out")
            return None

    def _execution_mode(self, raw: dict[str, Any], where: str) -> str:
        mode = raw.get("x-ouro-execution-mode", "sync")
        if mode in ("sync", "async"):
            return str(mode)
        self._warn(where, f"x-ouro-execution-mode {mode!r} is neither sync nor async")
        return "sync"

    def _idempotent(self, raw: dict[str, Any], where: str) -> bool | None:
        said = raw.get("x-ouro-idempotent")
        if said is None or isinstance(said, bool):
            return said
        self._warn(f"{where}/x-ouro-idempotent", "is neither true nor false; left out")
        return None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
