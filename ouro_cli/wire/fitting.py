"""Arguments fitted to a route: each in its place and of its type; all faults said at once."""

from dataclasses import dataclass, field
from typing import Any

from ouro_cli.model.route import Route
from ouro_cli.openapi import refs
from ouro_cli.openapi.schema import as_json_schema
from ouro_cli.wire import parameters
from ouro_cli.wire.body_fitting import BodyFitting
from ouro_cli.wire.coercion import kinds_of, typed
from ouro_cli.wire.faults import NO_TEXT, Fault, Missing, hint, is_unicode, meant
from ouro_cli.wire.inputs import CONTROL, HEADER_NAME, Arguments, Input
from ouro_cli.wire.judging import Judge, Judgement, Place, kind_text
from ouro_cli.wire.shape import child_schema
from ouro_cli.wire.uploads import Upload

_PLACES = ("path", "query", "header", "cookie", "querystring")
# What every API may be told, whether its document says so or not.
_COMMON_HEADERS = frozenset(
    {
        *("accept", "accept-charset", "accept-language", "cache-control", "content-language"),
        *("date", "dnt", "forwarded", "from", "if-match", "if-modified-since", "if-none-match"),
        *("if-range", "if-unmodified-since", "origin", "pragma", "prefer", "priority", "range"),
        *("referer", "traceparent", "tracestate", "user-agent", "via", "x-request-id"),
        *("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-correlation-id"),
    }
)
_MOST_NOTES = 20
_BAD_IN_COOKIE = frozenset(' ;\\\t"')


@dataclass(frozen=True, slots=True)
class Fitted:
    """What became of the arguments: an input; all that is wrong; and what is merely odd."""

    input: Input
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def missing(self) -> list[Missing]:
        """What is still to be given, where nothing else is wrong."""
        if not all(each.missing for each in self.faults):
            return []
        return [missing for each in self.faults for missing in each.missing]


def fit(arguments: Arguments, route: Route, components: dict[str, Any], openapi: str) -> Fitted:
    """Give every argument its place and type on the route, and say all that is wrong with it.

    `components` holds what the route's schemas refer to: reference -> value. A word whose key is
    a declared parameter goes to its place, any other into the body.
    """
    return Fitter(route, components, openapi).fit(arguments)


class Fitter:
    """Fits arguments to one route, once or a million times: its schemas are read once."""

    def __init__(self, route: Route, components: dict[str, Any], openapi: str) -> None:
        self.operation = route.operation
        self.judge = Judge()
        self._openapi = openapi
        self._components = {
            reference: as_json_schema(value, openapi) for reference, value in components.items()
        }
        self._schemas: dict[int, tuple[Any, Any]] = {}
        self.names = [each["name"] for each in self.operation.parameters if not is_ours(each)]
        self._declared = {place: self.operation.parameters_in(place) for place in _PLACES}

    def fit(self, arguments: Arguments) -> Fitted:
        """Give every argument its place and type, and say all that is wrong."""
        return _Fitting(arguments, self).fit()

    def parameters_in(self, place: str) -> dict[str, dict[str, Any]]:
        """The parameters of a place, by their names."""
        return self._declared[place]

    def schema(self, schema: Any) -> Any:
        """The schema as JSON Schema, with all that it refers to: the same one for the same."""
        if not schema:
            return schema
        known = self._schemas.get(id(schema))
        if known is None:
            bundled = refs.bundle(as_json_schema(schema, self._openapi), self._components)
            known = self._schemas[id(schema)] = (schema, bundled)
        return known[1]


class _Fitting:
    def __init__(self, arguments: Arguments, fitter: Fitter) -> None:
        self._arguments = arguments
        self._fitter = fitter
        self._operation = fitter.operation
        self._judgement = Judgement()
        self._values: dict[str, dict[str, Any]] = {place: {} for place in _PLACES}
        self._body = BodyFitting(
            *(arguments, self._operation.request_body, fitter.schema, fitter.names),
            *(self._judgement, fitter.judge),
        )

    def fit(self) -> Fitted:
        for place, pairs in (
            ("path", self._arguments.path),
            ("query", self._arguments.query),
            ("header", self._arguments.headers),
        ):
            for name, text in pairs:
                self._put(place, name, text, is_text=True)
        words = []
        for word in self._arguments.fields:
            declared = self._declared_place(word.key)
            if declared is None:
                words.append(word)
            elif isinstance(word.value, Upload):
                why = f"is a {declared} parameter, and takes no file"
                self._judgement.faults.append(Fault(word.key, why))
            else:
                self._put(declared, word.key, word.value, is_text=word.is_text)
        self._body.put(words)
        self._check_parameters()
        self._body.check()
        values = self._values
        return Fitted(
            Input(
                path=values["path"],
                query=values["query"],
                headers=values["header"],
                cookies=values["cookie"],
                body=self._body.value,
                has_body=self._body.is_given,
                query_string=next(iter(values["querystring"].values()), None),
                content_type=self._body.content_type,
            ),
            self._judgement.faults,
            _not_too_many(self._judgement.notes),
        )

    def _declared_place(self, key: str) -> str | None:
        for place in _PLACES:
            if key in self._fitter.parameters_in(place):
                return place
        return None

    def _put(self, place: str, name: str, value: Any, *, is_text: bool) -> None:
        declared = self._fitter.parameters_in(place)
        if place == "header":
            # Header names do not tell upper from lower case; the declared spelling is kept.
            name = next((each for each in declared if each.lower() == name.lower()), name)
        parameter = declared.get(name)
        if parameter is None:
            if place == "query" and self._put_into_query_string(name, value):
                return
            if not self._may_be_undeclared(place, name, declared):
                return
        elif is_ours(parameter):
            self._judgement.faults.append(Fault(name, "is filled in by ouro"))
            return
        schema = self._parameter_schema(parameter) if parameter else {}
        if is_text and not (value == "" and _may_be_empty(parameter)):
            value = _typed(value, schema, parameter or {})
        elif isinstance(value, int | float) and kinds_of(schema, schema, set()) == {"string"}:
            # Written into an address or a header, a number and its text are the same.
            value = parameters.scalar_text(value)
        values = self._values[place]
        if name in values:
            held = values[name] if isinstance(values[name], list) else [values[name]]
            value = [*held, *(value if isinstance(value, list) else [value])]
        values[name] = value

    def _put_into_query_string(self, name: str, text: str) -> bool:
        """Make the name a field of the parameter that is the whole query, where there is one."""
        for whole, parameter in self._fitter.parameters_in("querystring").items():
            schema = self._parameter_schema(parameter)
            held = self._values["querystring"].get(whole, {})
            if isinstance(held, dict):
                value = typed(text, child_schema(schema, schema, name), schema)
                self._values["querystring"][whole] = {**held, name: value}
                return True
        return False

    def _may_be_undeclared(self, place: str, name: str, declared: dict[str, Any]) -> bool:
        """Whether a name that the document does not know is passed on; say so either way."""
        if place == "path":
            path = self._operation.path
            why = f"the path {path} has no such place{hint(name, declared)}"
            self._judgement.faults.append(Fault(name, why))
            return False
        if place == "header" and name.lower() in _COMMON_HEADERS:
            return True
        given = self._arguments.query if place == "query" else self._arguments.headers
        asked = [each for each in declared if not is_ours(declared[each])]
        other = meant(name, asked, [each for each, _ in given])
        if other is not None:
            why = f"is no parameter; did you mean '{other}'?"
            self._judgement.faults.append(Fault(f"{name} ({place})", why))
            return False
        if declared or place == "query":
            why = f"is not in the document{hint(name, asked)}"
            self._judgement.notes.append(f"{name} ({place}): {why}")
        return True

    def _check_parameters(self) -> None:
        for parameter in self._operation.parameters:
            if not is_ours(parameter):
                self._check_parameter(parameter)
        for place in ("query", "header"):
            declared = self._fitter.parameters_in(place)
            for name, value in self._values[place].items():
                fault = _unfit({"name": name, "in": place}, value)
                if name not in declared and fault:
                    self._judgement.faults.append(Fault(f"{name} ({place})", fault))

    def _check_parameter(self, parameter: dict[str, Any]) -> None:
        place, name = parameter["in"], parameter["name"]
        values = self._values[place]
        where = Place(place, name)
        if place != "path" and values.get(name, 0) is None:
            # Null is what is not there (OAS 3.2, 4.12: a value that is undefined is left out).
            del values[name]
        if name not in values:
            if parameter.get("required") or place == "path":
                self._judgement.faults.append(self._missing(parameter, where))
            return
        fault = _unfit(parameter, values[name])
        if not fault and parameter.get("required") and _says_nothing(parameter, values[name]):
            fault = "is required, and what is empty is left out"
        if fault:
            self._judgement.faults.append(Fault(where.at([]), fault))
        elif not (values[name] == "" and _may_be_empty(parameter)):
            judged = self._fitter.judge(values[name], self._parameter_schema(parameter), where)
            self._judgement.faults += judged.faults
            self._judgement.notes += judged.notes

    def _missing(self, parameter: dict[str, Any], where: Place) -> Fault:
        schema = self._parameter_schema(parameter)
        said = parameter.get("description")
        description = said if isinstance(said, str) else ""
        if not description and isinstance(schema, dict):
            description = str(schema.get("description") or "")
        missing = Missing(where.place, where.name, schema, description)
        return Fault(where.at([]), f"is required{kind_text(schema)}", (missing,))

    def _parameter_schema(self, parameter: dict[str, Any]) -> Any:
        schema = parameter.get("schema")
        if schema is None:
            content = parameter.get("content")
            media: Any = next(iter(content.values()), {}) if isinstance(content, dict) else {}
            schema = media.get("schema", {}) if isinstance(media, dict) else {}
        return self._fitter.schema(schema)


def _not_too_many(notes: list[str]) -> list[str]:
    unlike = list(dict.fromkeys(notes))
    more = len(unlike) - _MOST_NOTES
    return unlike if more <= 0 else [*unlike[:_MOST_NOTES], f"{more} more are like that"]


def is_ours(parameter: dict[str, Any]) -> bool:
    """Whether the contract fills this parameter: a header named `ouro-*` is not asked for."""
    return parameter["in"] == "header" and str(parameter["name"]).lower().startswith("ouro-")


def _unfit(parameter: dict[str, Any], value: Any) -> str:
    """Why the value cannot stand in the parameter's place at all; empty where it can."""
    if not is_unicode(value):
        return NO_TEXT
    match parameter["in"]:
        case "path":
            if value is None or not parameters.path_text({**parameter, "style": "simple"}, value):
                return "is empty"
            text = parameters.path_text(parameter, value)
            return f"'{text}' would lead to another path" if text in (".", "..") else ""
        case "header":
            if not HEADER_NAME.fullmatch(parameter["name"]):
                return "is no name of a header"
            if CONTROL.search(parameters.header_text(parameter, value)):
                return "control characters are not allowed in a header"
        case "cookie" if parameter.get("style") == "cookie":
            text = "".join(
                each.partition("=")[2] for each in parameters.cookie_pairs(parameter, value)
            )
            if not text.isascii() or _BAD_IN_COOKIE & set(text) or CONTROL.search(text):
                return "holds a character that no cookie can hold"
    return ""


def _typed(text: str, schema: Any, parameter: dict[str, Any]) -> Any:
    """Text as the parameter's type; a list may be typed as it stands in the request: `a,b`."""
    value = typed(text, schema)
    is_list_of_one = isinstance(value, list) and not text.lstrip().startswith("[")
    if not is_list_of_one or _is_repeated(parameter):
        return value
    between = {"pipeDelimited": "|", "spaceDelimited": " "}.get(parameter.get("style", ""), ",")
    item = child_schema(schema, schema, "")
    return [typed(each, item, schema) for each in text.split(between)]


def _is_repeated(parameter: dict[str, Any]) -> bool:
    """Whether each item of a list is a `name=value` of its own."""
    style = parameter.get("style", "form")
    explode: bool = parameter.get("explode", style in ("form", "cookie"))
    return parameter.get("in") in ("query", "cookie") and explode


def _says_nothing(parameter: dict[str, Any], value: Any) -> bool:
    """Whether nothing of a list or an object would stand in the query or the cookies."""
    if parameter["in"] not in ("query", "cookie") or not isinstance(value, list | dict):
        return False
    return not parameters.query_pairs(parameter, value)


def _may_be_empty(parameter: dict[str, Any] | None) -> bool:
    """Whether `name=` says something by itself (OAS 3.2, `allowEmptyValue`)."""
    if parameter is None or parameter["in"] != "query":
        return False
    return parameter.get("allowEmptyValue") is True
