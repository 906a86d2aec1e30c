"""Calls made of real documents: each with an example of ours, and a twin spoiled in one place."""

import base64
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ouro_cli.model.route import Operation
from ouro_cli.openapi import document, operations, refs, sample
from ouro_cli.openapi.schema import as_json_schema
from ouro_cli.wire.fitting import Fitted, fit, is_ours
from ouro_cli.wire.forms import FileBytes, pieces_of
from ouro_cli.wire.inputs import Arguments, Field, Input
from ouro_cli.wire.media import Kind, Media, usual_media
from ouro_cli.wire.request import Callback, UpstreamRequest, build_request
from ouro_cli.wire.shape import described
from tests.builders import a_route

BASE = "http://api.test"
# Two values side by side, or one behind a question mark, cannot be told apart by any judge.
_PLAIN_PATH = re.compile(r"([^{}?#]|\{\w[\w.$-]*\}(?=[^{}/]*(/|\?|$)))*(\?[^{}]*)?")
_FRAGMENT = re.compile("#[^/{}]*$")
SPOILED = "spoiled!"
_EACH_DOCUMENT = 3
_LARGEST = 4 * 2**20


@dataclass(frozen=True)
class Call:
    """A call to one operation of a document: its values, and what the document says of it."""

    source: str
    mini: dict[str, Any]
    operation: Operation
    components: dict[str, Any]
    openapi: str
    values: Input

    @property
    def name(self) -> str:
        """Where it comes from: document, method and path."""
        return f"{self.source} {self.operation.method} {self.operation.path}"

    def fitted(self) -> Fitted:
        """What we say of it, each value given as a word: text as it is, all else as JSON."""
        values = self.values
        places = (values.path, values.query, values.headers, values.cookies)
        words = tuple(
            Field(name, value, isinstance(value, str))
            for place in places
            for name, value in place.items()
        )
        arguments = Arguments(fields=words, body=values.body, has_body=values.has_body)
        route = a_route(operation=self.operation)
        return fit(arguments, route, self.components, self.openapi)

    def request(self) -> UpstreamRequest:
        """The request that its values become, right or wrong."""
        return build_request(
            BASE,
            a_route(operation=self.operation),
            self.values,
            action_id="1",
            user_id="2",
            callback=Callback("http://127.0.0.1/cb", "t0ken"),
        )

    def as_line(self) -> str:
        """It as a line for the judge."""
        request = self.request()
        body = None
        if request.body is not None:
            pieces = [each for each in pieces_of(request.body) if not isinstance(each, FileBytes)]
            body = base64.b64encode(b"".join(pieces)).decode()
        return json.dumps(
            {
                "document": self.mini,
                "method": request.method,
                "url": request.url,
                "template": plain_path(self.operation),
                "headers": request.headers,
                "body": body,
            }
        )


def plain_path(operation: Operation) -> str:
    """Its path without what some authors append to tell two operations of one path apart."""
    return _FRAGMENT.sub("", operation.path).partition("?")[0]


@dataclass(frozen=True)
class Twin:
    """A call that is wrong in one place, and what was done to it."""

    call: Call
    what: str


def calls(folder: Path, count: int, chance: random.Random) -> Iterator[tuple[Call, Twin]]:
    """So many calls from the documents of a folder, in the order of chance."""
    paths = sorted(folder.rglob("*.json"))
    chance.shuffle(paths)
    made = 0
    for path in paths:
        if path.stat().st_size > _LARGEST:
            continue
        for pair in _of_document(path, str(path.relative_to(folder)), chance):
            yield pair
            made += 1
            if made == count:
                return


def _of_document(path: Path, name: str, chance: random.Random) -> Iterator[tuple[Call, Twin]]:
    read = document.parse(path.read_bytes(), name)
    reading = operations.read_operations(read)
    found = list(reading.operations)
    chance.shuffle(found)
    made = 0
    for operation in found:
        call = _call(name, read, operation, reading.components, chance)
        twin = call and _twin(call, chance)
        if call and twin:
            yield call, twin
            made += 1
            if made == _EACH_DOCUMENT:
                return


def _call(
    name: str,
    read: document.Document,
    operation: Operation,
    texts: dict[str, str],
    chance: random.Random,
) -> Call | None:
    item = read.value["paths"].get(operation.path)
    names = [each["name"] for each in operation.parameters]
    if not isinstance(item, dict) or "$ref" in item or len(set(names)) < len(names):
        return None
    if not _PLAIN_PATH.fullmatch(_FRAGMENT.sub("", operation.path)):
        return None
    stated = json.dumps([operation.parameters, operation.request_body])
    found, _ = refs.closure(refs.references_in(stated), texts.get)
    components = {reference: json.loads(text) for reference, text in found.items()}
    bare = Call(name, _mini(read, operation, item), operation, components, read.openapi, Input())
    return replace(bare, values=_values(bare, chance))


def _mini(read: document.Document, operation: Operation, item: dict[str, Any]) -> dict[str, Any]:
    """A document of this operation alone; without security, which is not what is judged here."""
    method = operation.method.lower()
    own = {key: value for key, value in item[method].items() if key not in ("security", "servers")}
    own = {**own, "responses": {"200": {"description": "ok"}}}
    own.pop("callbacks", None)
    shared = {"parameters": item["parameters"]} if "parameters" in item else {}
    mini = {
        "openapi": read.value["openapi"],
        "info": {"title": "T", "version": "1"},
        "servers": [{"url": BASE}],
        "paths": {plain_path(operation): {**shared, method: own}},
    }

    def find(reference: str) -> str | None:
        try:
            return json.dumps(refs.lookup(read.value, reference))
        except refs.Unresolvable:
            return None

    wanted = refs.references_in(json.dumps(mini))
    found, _ = refs.closure(wanted, find)
    if any('"discriminator"' in text for text in found.values()):
        # A tag may name what nothing refers to.
        names = read.value.get("components", {}).get("schemas", {})
        found, _ = refs.closure([*wanted, *(f"#/components/schemas/{n}" for n in names)], find)
    whole: dict[str, Any] = refs.bundle(
        mini, {reference: json.loads(text) for reference, text in found.items()}
    )
    return whole


def _values(call: Call, chance: random.Random) -> Input:
    places: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}, "cookie": {}}
    for parameter in call.operation.parameters:
        required = parameter.get("required") or parameter["in"] == "path"
        if (required or chance.random() < 0.3) and not is_ours(parameter):
            value = sample.example_of(parameter, schema_of(call, parameter.get("schema")))
            places[parameter["in"]][parameter["name"]] = value
    media = usual_media(call.operation.request_body)
    body = None
    if media is not None and media.kind.has_fields:
        body = sample.example_of(media.stated, schema_of(call, media.schema))
    elif media is not None:
        body = "text"
    return Input(
        path=places["path"],
        query=places["query"],
        headers=places["header"],
        cookies=places["cookie"],
        body=body,
        has_body=media is not None,
    )


def schema_of(call: Call, schema: Any) -> Any:
    """A schema of the call's document as JSON Schema, complete in itself."""
    components = {
        reference: as_json_schema(value, call.openapi)
        for reference, value in call.components.items()
    }
    return refs.bundle(as_json_schema({} if schema is None else schema, call.openapi), components)


def _twin(call: Call, chance: random.Random) -> Twin | None:
    twins = [*_spoiled_parameters(call), *_spoiled_bodies(call)]
    return chance.choice(twins) if twins else None


_FIELDS = {"path": "path", "query": "query", "header": "headers", "cookie": "cookies"}


def _spoiled_parameters(call: Call) -> Iterator[Twin]:
    for parameter in call.operation.parameters:
        place, name = parameter["in"], parameter["name"]
        if place not in _FIELDS:
            continue
        values = getattr(call.values, _FIELDS[place])
        if name not in values:
            continue
        if parameter.get("required") and place != "path":
            rest = {key: value for key, value in values.items() if key != name}
            yield _with(call, f"{name} ({place}) left out", **{_FIELDS[place]: rest})
        schema = schema_of(call, parameter.get("schema"))
        for what, wrong in _wrong_values([schema], schema, is_text=True):
            spoiled = {_FIELDS[place]: {**values, name: wrong}}
            yield _with(call, f"{name} ({place}) {what}", **spoiled)


def _spoiled_bodies(call: Call) -> Iterator[Twin]:
    media: Media | None = usual_media(call.operation.request_body)
    body = call.values.body
    if media is None or not media.kind.has_fields or not isinstance(body, dict):
        return
    schema = schema_of(call, media.schema)
    said = described(schema, schema)
    for name in _required(schema):
        if name in body:
            rest = {key: value for key, value in body.items() if key != name}
            yield _with(call, f"body.{name} left out", body=rest)
    for name in body:
        certain = said.names[name][0] if name in said.names else []
        for what, wrong in _wrong_values(certain, schema, is_text=media.kind is not Kind.JSON):
            yield _with(call, f"body.{name} {what}", body={**body, name: wrong})


def _required(schema: Any) -> list[str]:
    try:
        own = refs.follow(schema, schema)
    except refs.Unresolvable:
        return []
    required = own.get("required") if isinstance(own, dict) else None
    return required if isinstance(required, list) else []


def _wrong_values(schemas: list[Any], root: Any, *, is_text: bool) -> Iterator[tuple[str, Any]]:
    """Values that one of these schemas cannot take, and what is wrong with them."""
    for schema in schemas:
        try:
            own = refs.follow(root, schema)
        except refs.Unresolvable:
            continue
        if not isinstance(own, dict) or not isinstance(own.get("type"), str):
            continue
        if own.get("enum"):
            yield "out of its enum", SPOILED
        elif own["type"] in ("integer", "number", "boolean"):
            yield "of another type", SPOILED
        elif own["type"] == "string" and not is_text:
            yield "of another type", {"spoiled": True}
        elif own["type"] in ("array", "object") and not is_text:
            yield "of another type", SPOILED


def _with(call: Call, what: str, **values: Any) -> Twin:
    return Twin(replace(call, values=replace(call.values, **values)), what)
