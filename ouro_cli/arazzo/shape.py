"""The objects of the Arazzo specification, and what a value lacks to be one.

The tables are those of its section Schema, 1.0.1's fields and 1.1's; what they say in words
(exactly one of these, only beside that) follows in `rules`.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ouro_cli.arazzo.findings import Finding
from ouro_cli.openapi.refs import pointer

KEY = re.compile(r"[a-zA-Z0-9.\-_]+")
"""What the specification lets outputs and components be called."""

Steps = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an object: what it takes, and what it is of that is not just a text.

    `kind` is a word of `_KINDS`, or the name of an object in `OBJECTS`; `holds` says whether it is
    that itself, a list of it, or a map of names to it.
    """

    kind: str
    holds: str = "one"
    is_required: bool = False
    choices: tuple[str, ...] = ()
    since: str = "1.0"


def _text(*, is_required: bool = False, choices: tuple[str, ...] = (), since: str = "1.0") -> Field:
    return Field("text", is_required=is_required, choices=choices, since=since)


def _list(kind: str, *, is_required: bool = False, since: str = "1.0") -> Field:
    return Field(kind, "list", is_required=is_required, since=since)


def _map(kind: str) -> Field:
    return Field(kind, "map")


_CRITERION_KINDS = ("simple", "regex", "jsonpath", "xpath")
_FOLLOW_UP = {
    "name": _text(is_required=True),
    "workflowId": _text(),
    "stepId": _text(),
    "criteria": _list("criterion"),
    "parameters": _list("parameter", since="1.1"),
}

OBJECTS: dict[str, dict[str, Field]] = {
    "description": {
        "arazzo": _text(is_required=True),
        "$self": _text(since="1.1"),
        "info": Field("info", is_required=True),
        "sourceDescriptions": _list("source", is_required=True),
        "workflows": _list("workflow", is_required=True),
        "components": Field("components"),
    },
    "info": {
        "title": _text(is_required=True),
        "summary": _text(),
        "description": _text(),
        "version": _text(is_required=True),
    },
    "source": {
        "name": _text(is_required=True),
        "url": _text(is_required=True),
        "type": _text(choices=("openapi", "arazzo", "asyncapi")),
    },
    "workflow": {
        "workflowId": _text(is_required=True),
        "summary": _text(),
        "description": _text(),
        "inputs": Field("schema"),
        "dependsOn": _list("text"),
        "steps": _list("step", is_required=True),
        "successActions": _list("success action"),
        "failureActions": _list("failure action"),
        "outputs": _map("expression"),
        "parameters": _list("parameter"),
    },
    "step": {
        "stepId": _text(is_required=True),
        "description": _text(),
        "operationId": _text(),
        "operationPath": _text(),
        "workflowId": _text(),
        "channelPath": _text(since="1.1"),
        "parameters": _list("parameter"),
        "requestBody": Field("request body"),
        "successCriteria": _list("criterion"),
        "onSuccess": _list("success action"),
        "onFailure": _list("failure action"),
        "outputs": _map("expression"),
        "timeout": Field("count", since="1.1"),
        "correlationId": Field("any", since="1.1"),
        "action": _text(choices=("send", "receive"), since="1.1"),
        "dependsOn": _list("text", since="1.1"),
    },
    "parameter": {
        "name": _text(is_required=True),
        "in": _text(choices=("path", "query", "header", "cookie", "body", "querystring")),
        "value": Field("any", is_required=True),
    },
    "success action": {**_FOLLOW_UP, "type": _text(is_required=True, choices=("end", "goto"))},
    "failure action": {
        **_FOLLOW_UP,
        "type": _text(is_required=True, choices=("end", "goto", "retry")),
        "retryAfter": Field("number"),
        "retryLimit": Field("count"),
    },
    "components": {
        "inputs": _map("schema"),
        "parameters": _map("parameter"),
        "successActions": _map("success action"),
        "failureActions": _map("failure action"),
    },
    "reusable": {"reference": _text(is_required=True), "value": Field("any")},
    "criterion": {
        "context": _text(),
        "condition": _text(is_required=True),
        "type": Field("criterion type"),
    },
    "criterion type": {
        "type": _text(is_required=True, choices=("jsonpath", "xpath", "jsonpointer")),
        "version": _text(is_required=True),
    },
    "request body": {
        "contentType": _text(),
        "payload": Field("any"),
        "replacements": _list("replacement"),
    },
    "replacement": {
        "target": _text(is_required=True),
        "targetSelectorType": Field("selector type", since="1.1"),
        "value": Field("any", is_required=True),
    },
}
_REUSABLE = ("parameter", "success action", "failure action")
_TYPE_WORDS = {
    "criterion type": _CRITERION_KINDS,
    "selector type": ("jsonpath", "xpath", "jsonpointer"),
}
_KINDS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "text": ("a text", lambda value: isinstance(value, str)),
    "any": ("a value", lambda _: True),
    "schema": ("a JSON Schema", lambda value: isinstance(value, dict | bool)),
    "number": ("a number that is not negative", lambda value: _is_number(value)),
    "count": (
        "a whole number that is not negative",
        lambda value: _is_number(value) and value == int(value),
    ),
    "expression": (
        "an expression",
        lambda value: isinstance(value, str) or is_selector(value),
    ),
}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def is_selector(value: Any) -> bool:
    """Whether a value is a Selector Object (1.1): it has these three fields and no other."""
    return (
        isinstance(value, dict)
        and value.keys() == {"context", "selector", "type"}
        and isinstance(value["context"], str)
        and isinstance(value["selector"], str)
    )


def shape_faults(document: Any) -> Iterator[Finding]:
    """Every way in which the value is not built as the specification's tables say."""
    version = document.get("arazzo") if isinstance(document, dict) else None
    is_old = isinstance(version, str) and version.startswith("1.0")
    yield from _Walk(is_old=is_old).of_object("description", document, ())


class _Walk:
    def __init__(self, *, is_old: bool) -> None:
        self._is_old = is_old

    def of_object(self, name: str, value: Any, at: Steps) -> Iterator[Finding]:
        if not isinstance(value, dict):
            yield Finding(pointer(*at), f"is {named(value)}, expected {_a(name)} object")
            return
        if name in _REUSABLE and "reference" in value:
            name = "reusable"
        fields = OBJECTS[name]
        for key, field in fields.items():
            if field.is_required and key not in value:
                yield Finding(pointer(*at), f"{_a(name)} object needs the field '{key}'")
        for key, each in value.items():
            place = (*at, key)
            if key in fields:
                yield from self._of_field(fields[key], key, each, place)
            elif not str(key).startswith("x-"):
                message = f"{_a(name)} object has no field '{str(key)[:60]}'; it is not read"
                yield Finding(pointer(*place), message, is_error=False)

    def _of_field(self, field: Field, key: str, value: Any, at: Steps) -> Iterator[Finding]:
        if self._is_old and field.since == "1.1":
            message = f"'{key}' is of Arazzo 1.1, and the file says 1.0"
            yield Finding(pointer(*at), message, is_error=False)
        if field.holds == "one":
            yield from self._of_value(field, value, at)
        elif field.holds == "list":
            yield from self._of_list(field, value, at)
        else:
            yield from self._of_map(field, value, at)

    def _of_list(self, field: Field, value: Any, at: Steps) -> Iterator[Finding]:
        if not isinstance(value, list):
            yield Finding(pointer(*at), f"is {named(value)}, expected a list")
            return
        if not value and (field.is_required or at[-1] == "successCriteria"):
            yield Finding(pointer(*at), "is empty; at least one must stand in it")
        for index, each in enumerate(value):
            yield from self._of_value(field, each, (*at, index))

    def _of_map(self, field: Field, value: Any, at: Steps) -> Iterator[Finding]:
        if not isinstance(value, dict):
            yield Finding(pointer(*at), f"is {named(value)}, expected an object of names")
            return
        for key, each in value.items():
            if not KEY.fullmatch(key):
                message = f"'{key[:60]}' is no name: letters, digits, '.', '-' and '_' may stand"
                yield Finding(pointer(*at, key), message)
            yield from self._of_value(field, each, (*at, key))

    def _of_value(self, field: Field, value: Any, at: Steps) -> Iterator[Finding]:
        if field.kind in _TYPE_WORDS:
            yield from self._of_type(_TYPE_WORDS[field.kind], value, at)
        elif field.kind in OBJECTS:
            yield from self.of_object(field.kind, value, at)
        elif not _KINDS[field.kind][1](value):
            yield Finding(pointer(*at), f"is {named(value)}, expected {_KINDS[field.kind][0]}")
        elif field.choices and value not in field.choices:
            known = ", ".join(field.choices)
            yield Finding(pointer(*at), f"'{str(value)[:60]}' is none of: {known}")

    def _of_type(self, words: tuple[str, ...], value: Any, at: Steps) -> Iterator[Finding]:
        if isinstance(value, dict):
            yield from self.of_object("criterion type", value, at)
        elif value not in words:
            yield Finding(pointer(*at), f"'{str(value)[:60]}' is none of: {', '.join(words)}")


def named(value: Any) -> str:
    """What kind of value it is, in words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    names = {str: "a text", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return names.get(type(value), "something else")


def _a(name: str) -> str:
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"
