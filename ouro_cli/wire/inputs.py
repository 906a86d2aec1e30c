"""What a person typed, read as words and fitted to a route: typed, complete, checked."""

import contextlib
import itertools
import json
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import jsonschema_rs

from ouro_cli.model.identity import near
from ouro_cli.model.json_text import JsonFault
from ouro_cli.model.json_text import read_json as read_json_text
from ouro_cli.model.route import Route
from ouro_cli.openapi import refs
from ouro_cli.openapi.schema import as_json_schema
from ouro_cli.wire import parameters
from ouro_cli.wire.media import json_media

# HTTPie's separators, the longer first where two begin at one place.
_WORD = re.compile(r"((?:\\.|[^\\:=@])*?)(:=@|:=|==|=@|=|@|:)(.*)", re.DOTALL)
_ESCAPED = re.compile(r"\\([\\:=@\[\]])")
_KEY_HEAD = re.compile(r"(?:\\.|[^\\\[])*", re.DOTALL)
_KEY_STEP = re.compile(r"\[((?:\\.|[^\\\[\]])*)\]", re.DOTALL)
_MOST_PADDING = 1_000
_MOST_FAULTS = 50

_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "x-api-key"})
_OUR_HEADERS = frozenset(
    {
        *("idempotency-key", "host", "content-length", "transfer-encoding", "accept-encoding"),
        *("connection", "keep-alive", "upgrade", "te", "trailer", "expect"),
    }
)
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f]")
_NO_TEXT = "holds half a surrogate pair, which is no text"

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
    """One `key=value` word; its value is text that is still to be typed, or JSON.

    `steps` is the way that the key describes: `a[b][]` leads through `a` and `b` to a list's end.
    """

    key: str
    value: Any
    is_text: bool
    steps: tuple[str, ...] = ()


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
        written, separator, value = match.groups()
        key, steps = _unescaped(written), _steps(written)
        match separator:
            case "=":
                fields.append(Field(key, value, True, steps))
            case ":=":
                fields.append(Field(key, read_json(value, key), False, steps))
            case "=@":
                fields.append(Field(key, read_file(value), True, steps))
            case ":=@":
                fields.append(Field(key, read_json(read_file(value), value), False, steps))
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
        return read_json_text(text)
    except json.JSONDecodeError as fault:
        place = (
            f"line {fault.lineno} column {fault.colno}" if "\n" in text else f"column {fault.colno}"
        )
        raise WordFault(f"{what}: invalid JSON at {place}") from None
    except JsonFault as fault:
        raise WordFault(f"{what}: {fault}") from None


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
        if len(steps) > 1 and word.key in _properties(schema):
            steps = (word.key,)
        if steps[0]:
            self._check_key(steps[0])
        is_list = []
        for step in steps:
            is_list.append(_is_place_in_list(step, schema, self._body_schema))
            schema = _child_schema(schema, self._body_schema, step)
        value = typed(word.value, schema, self._body_schema) if word.is_text else word.value
        try:
            return _set(body, list(zip(steps, is_list, strict=True)), value)
        except TypeError:
            self._faults.append(Fault(word.key, "the body holds no object or list there"))
            return body

    def _check_key(self, key: str) -> None:
        known = _closed_properties(self._body_schema)
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
            kinds = _kinds(self._body_schema, self._body_schema, set())
            if "object" in kinds and not self._errors({}, self._body_schema):
                return {}, True
            self._faults.append(Fault("body", self._missing_body()))
        return body, has_body

    def _missing_body(self) -> str:
        names = _required(self._body_schema)
        return f"is required: {', '.join(names)}" if names else "is required"

    def _validate(self, value: Any, schema: Any, where: str) -> None:
        for place, why in self._errors(value, schema):
            self._faults.append(Fault(place or where or "body", why))

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
            (".".join(map(str, error.instance_path)), _plainly(error))
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
        if not _HEADER_NAME.fullmatch(parameter["name"]):
            return "is no name of a header"
        if _CONTROL.search(parameters.header_text(parameter, value)):
            return "control characters are not allowed in a header"
    return ""


def typed(text: Any, schema: Any, root: Any = None) -> Any:
    """Text as the type that the schema asks for; text where it fits none.

    Where the schema lets text in, what was typed stays text, but for a list or an object that is
    let in too and was typed as JSON.
    """
    if not isinstance(text, str):
        return text
    root = schema if root is None else root
    kinds = _kinds(schema, root, set())
    wanted = kinds & {"array", "object"} if "string" in kinds else kinds
    for kind in ("null", "boolean", "integer", "number", "array", "object"):
        if kind in wanted:
            value = _as(kind, text)
            if value is not _NO:
                return value
    if "array" in kinds and "string" not in kinds:
        return [typed(text, _child_schema(schema, root, ""), root)]
    return text


_NO = object()


def _as(kind: str, text: str) -> Any:
    match kind:
        case "null":
            return None if text in ("null", "") else _NO
        case "boolean":
            return {"true": True, "false": False}.get(text.lower(), _NO)
        case "integer":
            return int(text) if _INTEGER.fullmatch(text) else _NO
        case "number":
            return _number(text)
        case _:
            if not text.lstrip().startswith("[" if kind == "array" else "{"):
                return _NO
            try:
                return read_json_text(text)
            except ValueError:
                return _NO


_INTEGER = re.compile(r"[-+]?[0-9]{1,4000}")
_DECIMAL = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})?")


def _number(text: str) -> Any:
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text) and math.isfinite(float(text)):
        return float(text)
    return _NO


def _kinds(schema: Any, root: Any, seen: set[str]) -> set[str]:
    """The JSON types that a schema lets in, as far as it says; `seen` are references followed."""
    if not isinstance(schema, dict):
        return set()
    kind = schema.get("type")
    kinds = {each for each in (kind if isinstance(kind, list) else [kind]) if isinstance(each, str)}
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference not in seen:
        seen.add(reference)
        with contextlib.suppress(refs.Unresolvable):
            kinds |= _kinds(refs.lookup(root, reference), root, seen)
    stated = [*_list(schema.get("enum")), *([schema["const"]] if "const" in schema else [])]
    kinds |= {_json_kind(each) for each in stated if not isinstance(each, str)}
    for key in ("oneOf", "anyOf", "allOf"):
        for each in _list(schema.get(key)):
            kinds |= _kinds(each, root, seen)
    if not kinds and "properties" in schema:
        return {"object"}
    if not kinds and "items" in schema:
        return {"array"}
    return kinds


def _json_kind(value: Any) -> str:
    if value is None:
        return "null"
    # bool before number: Python counts True among the integers.
    for kind, name in ((bool, "boolean"), (int | float, "number"), (dict, "object")):
        if isinstance(value, kind):
            return name
    return "array"


def _child_schema(schema: Any, root: Any, step: str, seen: frozenset[str] = frozenset()) -> Any:
    """The schema of what lies one step inside; `{}` where nothing is said of it."""
    if not isinstance(schema, dict):
        return {}
    reference = schema.get("$ref")
    if isinstance(reference, str):
        if reference in seen:
            return {}
        try:
            return _child_schema(refs.lookup(root, reference), root, step, seen | {reference})
        except refs.Unresolvable:
            return {}
    items = schema.get("items")
    if _is_index(step) and isinstance(items, dict):
        return items
    properties = _properties(schema)
    if step in properties:
        return properties[step]
    for key in ("allOf", "anyOf", "oneOf"):
        for each in _list(schema.get(key)):
            found = _child_schema(each, root, step, seen)
            if found:
                return found
    extra = schema.get("additionalProperties")
    return extra if isinstance(extra, dict) else {}


def _is_index(step: str) -> bool:
    return step == "" or (step.isascii() and step.isdigit())


def _is_place_in_list(step: str, schema: Any, root: Any) -> bool:
    """Whether the step leads into a list that is not there yet; a number may be a field's name."""
    if step == "" or not _is_index(step):
        return step == ""
    kinds = _kinds(schema, root, set())
    return "array" in kinds or "object" not in kinds


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
    return list(_properties(schema))


def _properties(schema: Any) -> dict[str, Any]:
    properties = schema.get("properties") if isinstance(schema, dict) else None
    return properties if isinstance(properties, dict) else {}


def _required(schema: Any) -> list[str]:
    try:
        schema = refs.follow(schema, schema)
    except refs.Unresolvable:
        return []
    required = schema.get("required") if isinstance(schema, dict) else None
    return [str(each) for each in required] if isinstance(required, list) else []


def _steps(written: str) -> tuple[str, ...]:
    """The steps of a key as it was written; a key whose brackets do not match is one step."""
    match = _KEY_HEAD.match(written)
    head = match.group() if match else ""
    rest = written[len(head) :]
    steps = _KEY_STEP.findall(rest)
    if "".join(f"[{step}]" for step in steps) != rest:
        return (_unescaped(written),)
    return tuple(_unescaped(step) for step in ([head] if head else []) + steps)


def _unescaped(written: str) -> str:
    return _ESCAPED.sub(r"\1", written)


def _set(container: Any, steps: list[tuple[str, bool]], value: Any) -> Any:
    """The container with the value at the end of the steps, each with whether it is in a list.

    `""` appends to a list, a number is an index; what is skipped on the way there is null.
    """
    if not steps:
        return value
    (step, is_in_list), rest = steps[0], steps[1:]
    if container is None:
        container = [] if is_in_list else {}
    if isinstance(container, list) and _is_index(step):
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


def _check_header(name: str, value: str) -> None:
    if not _HEADER_NAME.fullmatch(name):
        raise WordFault(f"'{name}' is no name of a header")
    if name.lower() in _OUR_HEADERS or name.lower().startswith("ouro-"):
        raise WordFault(f"{name}: this header is set by ouro")
    if name.lower() in _SECRET_HEADERS:
        raise WordFault(
            f"{name}: secrets on the command line are seen by others, so this one should be "
            "replaced; set it with ouro auth set"
        )
    if _CONTROL.search(value):
        raise WordFault(f"{name}: control characters are not allowed in a header")


def _hint(name: str, known: Iterable[str]) -> str:
    close = near(name, known, 1)
    return f"; did you mean '{close[0]}'?" if close else ""


def _is_unicode(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


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
