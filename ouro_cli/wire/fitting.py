"""Arguments fitted to a route: each in its place and of its type; all faults said at once."""

import itertools
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from ouro_cli.model.identity import near
from ouro_cli.model.route import Route
from ouro_cli.openapi import refs
from ouro_cli.openapi.schema import as_json_schema
from ouro_cli.wire import parameters
from ouro_cli.wire.coercion import (
    child_schema,
    closed_properties,
    is_index,
    kinds_of,
    properties_of,
    required_of,
    typed,
)
from ouro_cli.wire.inputs import CONTROL, HEADER_NAME, Arguments, Field, Input
from ouro_cli.wire.media import json_media

_MOST_PADDING = 1_000
_MOST_FAULTS = 50
_NO_TEXT = "holds half a surrogate pair, which is no text"

# One regular expression of a document must not hold us: fancy-regex gives up after so many steps.
_PATTERNS = jsonschema_rs.FancyRegexOptions(backtrack_limit=100_000)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with an input: where it stands, and why."""

    where: str
    why: str

    def __str__(self) -> str:
        return f"{self.where}: {self.why}" if self.where else self.why


def fit(
    arguments: Arguments,
    route: Route,
    components: dict[str, Any],
    openapi: str,
) -> tuple[Input, list[Fault]]:
    """Give every argument its place and type on the route, and say all that is wrong with it.

    `components` holds what the route's schemas refer to: reference -> value. A word whose key is
    a declared path, query or header parameter goes there, any other into the body.
    """
    return _Fitting(arguments, route, components, openapi).fit()


class _Fitting:
    def __init__(
        self, arguments: Arguments, route: Route, components: dict[str, Any], openapi: str
    ) -> None:
        self._arguments = arguments
        self._operation = route.operation
        self._openapi = openapi
        self._components = {
            reference: as_json_schema(value, openapi) for reference, value in components.items()
        }
        self._faults: list[Fault] = []
        self._values: dict[str, dict[str, Any]] = {
            "path": {},
            "query": {},
            "header": {},
            "cookie": {},
        }
        media = json_media(self._operation.request_body)
        self._body_schema: Any = None
        if media is not None:
            schema = media.get("schema")
            self._body_schema = self._schema({} if schema is None else schema)

    def fit(self) -> tuple[Input, list[Fault]]:
        body, has_body = self._arguments.body, self._arguments.has_body
        for place, pairs in (
            ("path", self._arguments.path),
            ("query", self._arguments.query),
            ("header", self._arguments.headers),
        ):
            for name, text in pairs:
                self._put(place, name, text, is_text=True)
        for word in self._arguments.fields:
            declared = self._declared_place(word.key)
            if declared is not None:
                self._put(declared, word.key, word.value, is_text=word.is_text)
            elif self._body_schema is None:
                self._unknown(word.key)
            else:
                body, has_body = self._into_body(body, word), True
        self._check_parameters()
        body, has_body = self._checked_body(body, has_body)
        return (
            Input(
                path=self._values["path"],
                query=self._values["query"],
                headers=self._values["header"],
                cookies=self._values["cookie"],
                body=body,
                has_body=has_body,
            ),
            self._faults,
        )

    def _declared_place(self, key: str) -> str | None:
        for place in ("path", "query", "header", "cookie"):
            if key in self._operation.parameters_in(place):
                return place
        return None

    def _put(self, place: str, name: str, value: Any, *, is_text: bool) -> None:
        declared = self._operation.parameters_in(place)
        if place == "header":
            # Header names do not tell upper from lower case; the declared spelling is kept.
            name = next((each for each in declared if each.lower() == name.lower()), name)
        parameter = declared.get(name)
        if parameter is None and place == "path":
            hint = _hint(name, declared)
            self._faults.append(
                Fault(name, f"the path {self._operation.path} has no such place{hint}")
            )
            return
        if parameter is not None and is_ours(parameter):
            self._faults.append(Fault(name, "is filled in by ouro"))
            return
        schema = self._parameter_schema(parameter) if parameter else {}
        if is_text:
            value = typed(value, schema)
        values = self._values[place]
        if name in values:
            held = values[name] if isinstance(values[name], list) else [values[name]]
            value = [*held, *(value if isinstance(value, list) else [value])]
        values[name] = value

    def _unknown(self, key: str) -> None:
        why = f"no parameter has this name, and {self._no_body()}"
        self._faults.append(Fault(key, f"{why}{_hint(key, self._asked())}"))

    def _no_body(self) -> str:
        content = (self._operation.request_body or {}).get("content")
        if not content:
            return "it takes no body"
        return f"its body is {' or '.join(map(str, content))}, and ouro sends JSON alone"

    def _asked(self) -> list[str]:
        return [each["name"] for each in self._operation.parameters if not is_ours(each)]

    def _into_body(self, body: Any, word: Field) -> Any:
        schema: Any = self._body_schema
        steps = word.steps or (word.key,)
        if len(steps) > 1 and word.key in properties_of(schema):
            steps = (word.key,)
        if steps[0]:
            self._check_key(steps[0])
        is_list = []
        for step in steps:
            is_list.append(_is_place_in_list(step, schema, self._body_schema))
            schema = child_schema(schema, self._body_schema, step)
        value = typed(word.value, schema, self._body_schema) if word.is_text else word.value
        try:
            return _set(body, list(zip(steps, is_list, strict=True)), value)
        except TypeError:
            self._faults.append(Fault(word.key, "the body holds no object or list there"))
            return body

    def _check_key(self, key: str) -> None:
        known = closed_properties(self._body_schema)
        if known and key not in known:
            hint = _hint(key, [*known, *self._asked()])
            self._faults.append(Fault(key, f"the body has no such field{hint}"))

    def _check_parameters(self) -> None:
        for parameter in self._operation.parameters:
            place, name = parameter["in"], parameter["name"]
            if is_ours(parameter):
                continue
            values = self._values[place]
            where = f"{name} ({place})"
            if name not in values:
                if parameter.get("required") or place == "path":
                    kind = _kind(self._parameter_schema(parameter))
                    self._faults.append(Fault(where, f"is required{kind}"))
                continue
            fault = _unfit(parameter, values[name])
            if fault:
                self._faults.append(Fault(where, fault))
            else:
                self._validate(values[name], self._parameter_schema(parameter), where)
        for place in ("query", "header"):
            declared = self._operation.parameters_in(place)
            for name, value in self._values[place].items():
                fault = _unfit({"name": name, "in": place}, value)
                if name not in declared and fault:
                    self._faults.append(Fault(f"{name} ({place})", fault))

    def _checked_body(self, body: Any, has_body: bool) -> tuple[Any, bool]:
        """The body to send: what was given, or `{}` where that is all that the route asks for."""
        required = (self._operation.request_body or {}).get("required") is True
        if self._body_schema is None:
            if has_body or required:
                self._faults.append(Fault("body", self._no_body()))
        elif has_body:
            if _is_unicode(body):
                self._validate(body, self._body_schema, "")
            else:
                self._faults.append(Fault("body", _NO_TEXT))
        elif required:
            kinds = kinds_of(self._body_schema, self._body_schema, set())
            if "object" in kinds and not self._errors({}, self._body_schema):
                return {}, True
            self._faults.append(Fault("body", self._missing_body()))
        return body, has_body

    def _missing_body(self) -> str:
        names = required_of(self._body_schema)
        return f"is required: {', '.join(names)}" if names else "is required"

    def _validate(self, value: Any, schema: Any, where: str) -> None:
        for place, why in self._errors(value, schema):
            # Of a list in a parameter, the place is a number: the parameter's name goes before it.
            self._faults.append(Fault(".".join(filter(None, (where, place))) or "body", why))

    def _errors(self, value: Any, schema: Any) -> list[tuple[str, str]]:
        """What the schema has against the value: where, and why; the first few of very many."""
        try:
            # `offline`: else a reference would be fetched from wherever the document says.
            validator = jsonschema_rs.Draft202012Validator(
                schema, pattern_options=_PATTERNS, offline=True
            )
        except ValueError:
            # A schema that is none cannot judge an input; the API will.
            return []
        return [
            _plainly(error)
            for error in itertools.islice(validator.iter_errors(value), _MOST_FAULTS)
        ]

    def _parameter_schema(self, parameter: dict[str, Any]) -> Any:
        schema = parameter.get("schema")
        if schema is None:
            content = parameter.get("content")
            media: Any = next(iter(content.values()), {}) if isinstance(content, dict) else {}
            schema = media.get("schema", {}) if isinstance(media, dict) else {}
        return self._schema(schema)

    def _schema(self, schema: Any) -> Any:
        return refs.bundle(as_json_schema(schema, self._openapi), self._components)


def is_ours(parameter: dict[str, Any]) -> bool:
    """Whether the contract fills this parameter: a header named `ouro-*` is not asked for."""
    return parameter["in"] == "header" and str(parameter["name"]).lower().startswith("ouro-")


def _unfit(parameter: dict[str, Any], value: Any) -> str:
    """Why the value cannot stand in the parameter's place at all; empty where it can."""
    if not _is_unicode(value):
        return _NO_TEXT
    if parameter["in"] == "path":
        if value is None or not parameters.path_text({**parameter, "style": "simple"}, value):
            return "is empty"
        text = parameters.path_text(parameter, value)
        return f"'{text}' would lead to another path" if text in (".", "..") else ""
    if parameter["in"] == "header":
        if not HEADER_NAME.fullmatch(parameter["name"]):
            return "is no name of a header"
        if CONTROL.search(parameters.header_text(parameter, value)):
            return "control characters are not allowed in a header"
    return ""


def _is_place_in_list(step: str, schema: Any, root: Any) -> bool:
    """Whether the step leads into a list that is not there yet; a number may be a field's name."""
    if step == "" or not is_index(step):
        return step == ""
    kinds = kinds_of(schema, root, set())
    return "array" in kinds or "object" not in kinds


def _set(container: Any, steps: list[tuple[str, bool]], value: Any) -> Any:
    """The container with the value at the end of the steps, each with whether it is in a list.

    `""` appends to a list, a number is an index; what is skipped on the way there is null.
    """
    if not steps:
        return value
    (step, is_in_list), rest = steps[0], steps[1:]
    if container is None:
        container = [] if is_in_list else {}
    if isinstance(container, list) and is_index(step):
        index = int(step[:9]) if step else len(container)
        missing = index + 1 - len(container)
        if missing > _MOST_PADDING:
            raise TypeError
        copied = [*container, *[None] * missing]
        copied[index] = _set(copied[index], rest, value)
        return copied
    if not isinstance(container, dict) or step == "":
        raise TypeError
    return {**container, step: _set(container.get(step), rest, value)}


def _hint(name: str, known: Iterable[str]) -> str:
    close = near(name, known, 1)
    return f"; did you mean '{close[0]}'?" if close else ""


def _is_unicode(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _kind(schema: Any) -> str:
    if not isinstance(schema, dict):
        return ""
    if isinstance(schema.get("enum"), list):
        return f": one of {', '.join(map(str, schema['enum'][:10]))}"
    kind = schema.get("type")
    return f": {kind}" if isinstance(kind, str) else ""


def _plainly(error: jsonschema_rs.ValidationError) -> tuple[str, str]:
    """Where an error stands in the value, and what it is, in the words of a person."""
    place = list(map(str, error.instance_path))
    missing = getattr(error.kind, "property", None)
    if missing is not None:
        return ".".join([*place, str(missing)]), "is required"
    options = getattr(error.kind, "options", None)
    if isinstance(options, list):
        shown = ", ".join(json.dumps(each, ensure_ascii=False) for each in options[:12])
        why = f"is none of {shown}{', …' if len(options) > 12 else ''}"
        return ".".join(place), why
    message = str(error.message)
    return ".".join(place), message if len(message) <= 200 else f"{message[:199]}…"
