"""What a person typed, read as words and fitted to a route: typed, complete, checked."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import jsonschema_rs

from ouro_cli.model.identity import near
from ouro_cli.model.route import Route
from ouro_cli.openapi import refs
from ouro_cli.openapi.schema import as_json_schema
from ouro_cli.wire.media import json_media

# HTTPie's separators, the longer first where two begin at one place.
_WORD = re.compile(r"((?:\\.|[^\\:=@])*?)(:=@|:=|==|=@|=|@|:)(.*)", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)")
_KEY_STEP = re.compile(r"\[([^\[\]]*)\]")
_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "x-api-key"})
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")

# One regular expression of a document must not hold us: fancy-regex gives up after so many steps.
_PATTERNS = jsonschema_rs.FancyRegexOptions(backtrack_limit=100_000)


class WordFault(ValueError):
    """A word that cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with an input: where it stands, and why."""

    where: str
    why: str

    def __str__(self) -> str:
        return f"{self.where}: {self.why}" if self.where else self.why


@dataclass(frozen=True, slots=True)
class Field:
    """One `key=value` word; its value is text that is still to be typed, or JSON."""

    key: str
    value: Any
    is_text: bool


@dataclass(frozen=True, slots=True)
class Arguments:
    """What was typed, before any route is known."""

    fields: tuple[Field, ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    path: tuple[tuple[str, str], ...] = ()
    body: Any = None
    has_body: bool = False


@dataclass(frozen=True, slots=True)
class Input:
    """What a route is called with: checked, typed, and complete.

    It is also what an action keeps as its request: `as_request` is the contract's echo of it.
    """

    path: dict[str, Any] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, Any] = field(default_factory=dict)
    cookies: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    has_body: bool = False

    def as_request(self) -> dict[str, Any]:
        """The echo that an action stores: `body`, `parameters` (path), `query`, `headers`."""
        request: dict[str, Any] = {"body": self.body if self.has_body else None}
        request["parameters"] = self.path or None
        request["query"] = self.query or None
        if self.headers:
            request["headers"] = self.headers
        if self.cookies:
            request["cookies"] = self.cookies
        return request

    @classmethod
    def of_request(cls, request: dict[str, Any]) -> "Input":
        """The input that an action's stored request echoes."""
        return cls(
            path=request.get("parameters") or {},
            query=request.get("query") or {},
            headers=request.get("headers") or {},
            cookies=request.get("cookies") or {},
            body=request.get("body"),
            has_body=request.get("body") is not None,
        )


def read_arguments(
    words: Iterable[str],
    *,
    body: Any = None,
    has_body: bool = False,
    path: Iterable[tuple[str, str]] = (),
    query: Iterable[tuple[str, str]] = (),
    headers: Iterable[tuple[str, str]] = (),
    read_file: Callable[[str], str],
) -> Arguments:
    """Words in HTTPie's grammar, and what the options gave, as one value.

    `read_file` gives a file's text for `key=@file` and `key:=@file.json`. Raises WordFault for a
    word that has no separator, JSON that is none, and a secret on the command line.
    """
    fields: list[Field] = []
    all_query, all_headers = list(query), list(headers)
    for word in words:
        match = _WORD.fullmatch(word)
        if match is None or not match.group(1):
            raise WordFault(
                f"'{word}' is no word like key=text, key:=json, key==query, Name:header"
            )
        key, separator, value = _ESCAPED.sub(r"\1", match.group(1)), match.group(2), match.group(3)
        match separator:
            case "=":
                fields.append(Field(key, value, is_text=True))
            case ":=":
                fields.append(Field(key, read_json(value, key), is_text=False))
            case "=@":
                fields.append(Field(key, read_file(value), is_text=True))
            case ":=@":
                fields.append(Field(key, read_json(read_file(value), value), is_text=False))
            case "==":
                all_query.append((key, value))
            case ":":
                all_headers.append((key, value.strip()))
            case _:
                raise WordFault(f"'{word}' uploads a file, and this route takes JSON")
    for name, value in all_headers:
        _check_header(name, value)
    return Arguments(
        tuple(fields), tuple(all_query), tuple(all_headers), tuple(path), body, has_body
    )


def read_json(text: str, what: str) -> Any:
    """The JSON value that a text holds; WordFault names `what` was read, and the place."""
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as fault:
        place = (
            f"line {fault.lineno} column {fault.colno}" if "\n" in text else f"column {fault.colno}"
        )
        raise WordFault(f"{what}: invalid JSON at {place}") from None
    except ValueError as fault:
        raise WordFault(f"{what}: {fault}") from None
    except RecursionError:
        raise WordFault(f"{what}: nested too deep") from None


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
        self._body_schema = self._schema(media.get("schema", {})) if media is not None else None

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
        self._check_body(body, has_body)
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
            self._faults.append(Fault(name, f"the path {self._operation.path} has no such place"))
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
        known = [each["name"] for each in self._operation.parameters if not is_ours(each)]
        close = near(key, known, 1)
        hint = f"; did you mean '{close[0]}'?" if close else ""
        self._faults.append(Fault(key, f"no parameter has this name, and it takes no body{hint}"))

    def _into_body(self, body: Any, word: Field) -> Any:
        steps = _steps(word.key)
        schema = self._body_schema
        self._check_key(steps[0])
        for step in steps:
            schema = _child_schema(schema, self._body_schema, step)
        value = typed(word.value, schema, self._body_schema) if word.is_text else word.value
        body = {} if body is None else body
        try:
            return _set(body, steps, value)
        except TypeError:
            self._faults.append(Fault(word.key, "the body holds no object or list there"))
            return body

    def _check_key(self, key: str) -> None:
        known = _closed_properties(self._body_schema)
        if known and key not in known:
            close = near(key, known, 1)
            hint = f"; did you mean '{close[0]}'?" if close else ""
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
            if place == "path" and values[name] in ("", [], None):
                self._faults.append(Fault(where, "is empty"))
                continue
            self._validate(values[name], self._parameter_schema(parameter), where)

    def _check_body(self, body: Any, has_body: bool) -> None:
        if self._body_schema is None:
            if has_body:
                self._faults.append(Fault("body", "this route takes none"))
            return
        required = (self._operation.request_body or {}).get("required") is True
        if not has_body:
            if required:
                self._faults.append(Fault("body", self._missing_body()))
            return
        self._validate(body, self._body_schema, "")

    def _missing_body(self) -> str:
        names = _required(self._body_schema)
        return f"is required: {', '.join(names)}" if names else "is required"

    def _validate(self, value: Any, schema: Any, where: str) -> None:
        try:
            validator = jsonschema_rs.Draft202012Validator(schema, pattern_options=_PATTERNS)
        except ValueError:
            # A schema that is none cannot judge an input; the API will.
            return
        for error in validator.iter_errors(value):
            place = ".".join(str(step) for step in error.instance_path)
            self._faults.append(Fault(place or where or "body", _plainly(error)))

    def _parameter_schema(self, parameter: dict[str, Any]) -> Any:
        schema = parameter.get("schema")
        if schema is None:
            media: Any = next(iter((parameter.get("content") or {}).values()), {})
            schema = media.get("schema", {}) if isinstance(media, dict) else {}
        return self._schema(schema)

    def _schema(self, schema: Any) -> Any:
        return refs.bundle(as_json_schema(schema, self._openapi), self._components)


def is_ours(parameter: dict[str, Any]) -> bool:
    """Whether the contract fills this parameter: a header named `ouro-*` is not asked for."""
    return parameter["in"] == "header" and str(parameter["name"]).lower().startswith("ouro-")


def typed(text: Any, schema: Any, root: Any = None) -> Any:
    """Text as the type that the schema asks for; text where it fits none."""
    if not isinstance(text, str):
        return text
    kinds = _kinds(schema, schema if root is None else root, 0)
    for kind in ("null", "boolean", "integer", "number", "array", "object"):
        if kind in kinds:
            value = _as(kind, text)
            if value is not _NO:
                return value
    return text


_NO = object()


def _as(kind: str, text: str) -> Any:
    match kind:
        case "null":
            return None if text in ("null", "") else _NO
        case "boolean":
            return {"true": True, "false": False}.get(text.lower(), _NO)
        case "integer":
            return int(text) if re.fullmatch(r"[-+]?\d{1,4000}", text) else _NO
        case "number":
            return _number(text)
        case _:
            opening = "[" if kind == "array" else "{"
            if text.lstrip().startswith(opening):
                try:
                    return json.loads(text)
                except ValueError:
                    return _NO
            return [text] if kind == "array" else _NO


def _number(text: str) -> Any:
    if re.fullmatch(r"[-+]?\d{1,4000}", text):
        return int(text)
    if re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?", text):
        return float(text)
    return _NO


def _kinds(schema: Any, root: Any, depth: int) -> set[str]:
    """The JSON types that a schema lets in, as far as it says so; text stays text where it may."""
    try:
        schema = refs.follow(root, schema)
    except refs.Unresolvable:
        return set()
    if not isinstance(schema, dict) or depth > 8:
        return set()
    kind = schema.get("type")
    kinds = set(kind) if isinstance(kind, list) else {kind} if isinstance(kind, str) else set()
    if "enum" in schema:
        kinds |= {_json_kind(each) for each in schema["enum"] if not isinstance(each, str)}
    for key in ("oneOf", "anyOf", "allOf"):
        for each in schema.get(key) or ():
            kinds |= _kinds(each, root, depth + 1)
    if "string" in kinds:
        # "3" for a field of text or number is text: what was typed reaches the API unchanged.
        return kinds & {"null"} if not kinds & {"array", "object"} else {"array", "object"} & kinds
    return kinds


def _json_kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | float) else "string"


def _child_schema(schema: Any, root: Any, step: str) -> Any:
    try:
        schema = refs.follow(root, schema)
    except refs.Unresolvable:
        return {}
    if not isinstance(schema, dict):
        return {}
    if step == "" or step.isdigit():
        items = schema.get("items")
        if isinstance(items, dict):
            return items
    properties = schema.get("properties")
    if isinstance(properties, dict) and step in properties:
        return properties[step]
    for key in ("allOf", "anyOf", "oneOf"):
        for each in schema.get(key) or ():
            found = _child_schema(each, root, step)
            if found:
                return found
    extra = schema.get("additionalProperties")
    return extra if isinstance(extra, dict) else {}


def _closed_properties(schema: Any) -> list[str]:
    """The names that a body's fields may have, where its schema names them all."""
    try:
        schema = refs.follow(schema, schema)
    except refs.Unresolvable:
        return []
    open_words = ("anyOf", "oneOf", "allOf", "patternProperties", "if")
    if not isinstance(schema, dict) or any(word in schema for word in open_words):
        return []
    if schema.get("additionalProperties") not in (None, False):
        return []
    properties = schema.get("properties")
    return list(properties) if isinstance(properties, dict) else []


def _required(schema: Any) -> list[str]:
    try:
        schema = refs.follow(schema, schema)
    except refs.Unresolvable:
        return []
    required = schema.get("required") if isinstance(schema, dict) else None
    return [str(each) for each in required] if isinstance(required, list) else []


def _steps(key: str) -> list[str]:
    head, bracket, rest = key.partition("[")
    if not bracket or not head:
        return [key]
    steps = _KEY_STEP.findall("[" + rest)
    written = "".join(f"[{step}]" for step in steps)
    return [head, *steps] if written == "[" + rest else [key]


def _set(container: Any, steps: list[str], value: Any) -> Any:
    """The container with the value at the end of the steps; `""` appends, a number is an index."""
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if container is None:
        container = [] if step == "" else {}
    if isinstance(container, list):
        copied = list(container)
        if step == "":
            copied.append(_set(None, rest, value))
            return copied
        index = int(step) if step.isdigit() else -1
        if not 0 <= index < len(copied):
            raise TypeError
        copied[index] = _set(copied[index], rest, value)
        return copied
    if not isinstance(container, dict) or step == "":
        raise TypeError
    return {**container, step: _set(container.get(step), rest, value)}


def _check_header(name: str, value: str) -> None:
    if not _HEADER_NAME.fullmatch(name):
        raise WordFault(f"'{name}' is no name of a header")
    if name.lower() in _SECRET_HEADERS:
        raise WordFault(
            f"{name}: secrets on the command line are seen by others, so this one should be "
            "replaced; set it with ouro auth set"
        )
    if any(ord(each) < 32 or ord(each) == 127 for each in value):
        raise WordFault(f"{name}: control characters are not allowed in a header")


def _kind(schema: Any) -> str:
    if not isinstance(schema, dict):
        return ""
    if isinstance(schema.get("enum"), list):
        return f": one of {', '.join(map(str, schema['enum'][:10]))}"
    kind = schema.get("type")
    return f": {kind}" if isinstance(kind, str) else ""


def _plainly(error: jsonschema_rs.ValidationError) -> str:
    message = str(error.message)
    return message if len(message) <= 200 else f"{message[:199]}…"


def _refuse_constant(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")
