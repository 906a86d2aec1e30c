"""Arguments, fitted to a route: every one in its place and of its type, or all that is wrong."""

from pathlib import Path
from typing import Any

import pytest

from ouro_cli.model.route import Route
from ouro_cli.openapi import sample
from ouro_cli.wire.coercion import typed
from ouro_cli.wire.fitting import fit
from ouro_cli.wire.inputs import Field, Input, read_arguments
from tests.builders import a_parameter, a_route

NUMBER = {"type": "integer"}
BODY: dict[str, Any] = {
    "type": "object",
    "required": ["formula"],
    "properties": {
        "formula": {"type": "string"},
        "count": {"type": "integer"},
        "weights": {"type": "array", "items": {"type": "number"}},
        "options": {
            "type": "object",
            "properties": {"fast": {"type": "boolean"}, "tags": {"items": {"type": "string"}}},
            "additionalProperties": {"type": "integer"},
        },
    },
}


def read(*words: str, **options: Any) -> Any:
    return read_arguments(words, read_file=lambda name: f"<{name}>", **options)


def fitted(route: Route, *words: str, **options: Any) -> Input:
    """The input of words without fault."""
    components = options.pop("components", {})
    openapi = options.pop("openapi", "3.1.0")
    done = fit(read(*words, **options), route, components, openapi)
    assert [str(each) for each in done.faults] == []
    return done.input


def faults_of(route: Route, *words: str, **options: Any) -> list[str]:
    components = options.pop("components", {})
    return [str(each) for each in fit(read(*words, **options), route, components, "3.1.0").faults]


# Places.


def test_a_word_goes_to_the_parameter_of_its_name_and_else_into_the_body() -> None:
    route = a_route(
        "PUT",
        "/items/{id}",
        parameters=[
            a_parameter("id", "path", NUMBER),
            a_parameter("q", "query", {"type": "boolean"}),
            a_parameter("X-Trace", "header"),
            a_parameter("session", "cookie"),
        ],
        body=BODY,
    )
    values = fitted(route, "id=7", "q=true", "X-Trace=abc", "session=s", "formula=NaCl")
    assert values == Input(
        path={"id": 7},
        query={"q": True},
        headers={"X-Trace": "abc"},
        cookies={"session": "s"},
        body={"formula": "NaCl"},
        has_body=True,
    )


def test_a_place_may_be_said_outright() -> None:
    route = a_route("GET", "/items/{id}", parameters=[a_parameter("id", "path", NUMBER)])
    values = fitted(route, "id==text", "Id:1", path=[("id", "7")])
    assert (values.path, values.query, values.headers) == ({"id": 7}, {"id": "text"}, {"Id": "1"})


def test_a_header_is_typed_and_named_as_it_was_declared_whatever_its_case() -> None:
    route = a_route("GET", "/", parameters=[a_parameter("X-Count", "header", NUMBER)])
    assert fitted(route, "x-count:7").headers == {"X-Count": 7}


def test_a_query_that_is_given_twice_becomes_a_list() -> None:
    schema = {"type": "array", "items": NUMBER}
    route = a_route("GET", "/", parameters=[a_parameter("n", "query", schema)])
    assert fitted(route, "n==1", "n==2", "n:=[3]").query == {"n": [1, 2, 3]}


def test_a_query_that_nobody_declared_is_sent_as_it_was_typed() -> None:
    assert fitted(a_route("GET", "/"), "a==1", "a==2").query == {"a": ["1", "2"]}


def test_headers_that_ouro_fills_in_are_not_asked_for() -> None:
    parameters = [
        a_parameter(name, "header", required=True) for name in ("ouro-route-id", "OURO-X")
    ]
    assert fitted(a_route("GET", "/", parameters=parameters)) == Input()


def test_headers_that_ouro_fills_in_are_not_taken() -> None:
    route = a_route("GET", "/", parameters=[a_parameter("ouro-route-id", "header")])
    assert faults_of(route, "ouro-route-id=x") == ["ouro-route-id: is filled in by ouro"]


# Bodies.


def test_words_build_on_the_body_that_was_given() -> None:
    route = a_route(body=BODY)
    values = fitted(
        route, "count=3", "options[fast]=true", body={"formula": "X", "count": 1}, has_body=True
    )
    assert values.body == {"formula": "X", "count": 3, "options": {"fast": True}}


@pytest.mark.parametrize(
    ("words", "body"),
    [
        (["a[b]=1"], {"a": {"b": "1"}}),
        (["a[]=x", "a[]=y"], {"a": ["x", "y"]}),
        (["a[b][]=x", "a[b][]=y", "a[c]:=1"], {"a": {"b": ["x", "y"], "c": 1}}),
        (["a[0]=x", "a[1]=y", "a[0]=z"], {"a": ["z", "y"]}),
        (["a[2]=x"], {"a": [None, None, "x"]}),
        (["a[][b]=1", "a[][b]=2"], {"a": [{"b": "1"}, {"b": "2"}]}),
        (["a[0][b]=1", "a[0][c]=2"], {"a": [{"b": "1", "c": "2"}]}),
        (["a:=null", "a[b]=1"], {"a": {"b": "1"}}),
        (["a=1", "a=2"], {"a": "2"}),
        (["a:={}", "a[b]=1"], {"a": {"b": "1"}}),
        ([r"a\[b\]=1"], {"a[b]": "1"}),
        (["a[b=1"], {"a[b": "1"}),
    ],
)
def test_brackets_build_objects_and_lists(words: list[str], body: Any) -> None:
    assert fitted(a_route(body={"type": "object"}), *words).body == body


def test_a_body_that_is_a_list_is_built_from_its_elements() -> None:
    route = a_route(body={"type": "array", "items": NUMBER})
    assert fitted(route, "[]=1", "[]=2").body == [1, 2]


def test_a_number_names_a_field_where_the_schema_has_an_object() -> None:
    prices = {"type": "object", "additionalProperties": NUMBER}
    route = a_route(
        body={"type": "object", "properties": {"prices": prices, "n": {"items": NUMBER}}}
    )
    assert fitted(route, "prices[2024]=5", "n[0]=1").body == {"prices": {"2024": 5}, "n": [1]}


def test_a_field_may_have_brackets_in_its_name() -> None:
    route = a_route(body={"type": "object", "properties": {"filter[name]": NUMBER}})
    assert fitted(route, "filter[name]=1").body == {"filter[name]": 1}


@pytest.mark.parametrize(
    ("words", "body"),
    [
        pytest.param(["a[b]=1"], {"a": 5}, id="inside a number"),
        pytest.param(["a[]=1"], {"a": {}}, id="appending to an object"),
        pytest.param(["a[b]=1"], {"a": []}, id="a name in a list"),
        pytest.param(["a=1"], [], id="a name in a body that is a list"),
        pytest.param(["a[5000]=1"], {"a": []}, id="an index far beyond the end"),
        pytest.param(["a[99999999999]=1"], {"a": []}, id="an index beyond all bounds"),
    ],
)
def test_what_cannot_be_put_in_is_a_fault(words: list[str], body: Any) -> None:
    key = words[0].split("=")[0]
    assert faults_of(a_route(body={}), *words, body=body, has_body=True) == [
        f"{key}: the body holds no object or list there"
    ]


def test_a_required_body_without_required_fields_may_be_left_out() -> None:
    route = a_route(body={"type": "object", "properties": {"n": NUMBER}})
    values = fitted(route)
    assert (values.body, values.has_body) == ({}, True)


@pytest.mark.parametrize(
    ("schema", "components"),
    [
        pytest.param({"$ref": "#/c/A"}, {"#/c/A": {"type": "object"}}, id="by reference"),
        pytest.param({"allOf": [{"properties": {"n": NUMBER}}]}, {}, id="in parts"),
        pytest.param(
            {"properties": {"id": {"readOnly": True}}, "required": ["id"]}, {}, id="but for answers"
        ),
    ],
)
def test_a_required_body_without_required_fields_is_known_for_it(
    schema: Any, components: dict[str, Any]
) -> None:
    assert fitted(a_route(body=schema), components=components).body == {}


@pytest.mark.parametrize(
    ("schema", "fault"),
    [
        (BODY, "body: is required: formula"),
        ({"$ref": "#/c/A"}, "body: is required: n"),
        ({"$ref": "#/c/Gone"}, "body: is required"),
        ({"type": "array"}, "body: is required"),
        ({"type": "object", "minProperties": 1}, "body: is required"),
        ({}, "body: is required"),
        (True, "body: is required"),
        ({"$ref": "#/c/Loop"}, "body: is required"),
    ],
)
def test_a_required_body_is_asked_for(schema: Any, fault: str) -> None:
    components = {
        "#/c/A": {"type": "object", "required": ["n"]},
        "#/c/Loop": {"$ref": "#/c/Loop"},
    }
    assert faults_of(a_route(body=schema), components=components) == [fault]


def test_a_body_that_is_not_required_is_not_sent() -> None:
    assert not fitted(a_route(body=BODY, required=False)).has_body


def test_null_may_be_a_body() -> None:
    values = fitted(a_route(body={"type": "null"}), body=None, has_body=True)
    assert (values.body, values.has_body) == (None, True)


@pytest.mark.parametrize("media", [None, {}, {"schema": None}])
def test_a_body_of_which_nothing_is_said_takes_anything(media: Any) -> None:
    route = a_route(request_body={"content": {"application/json": media}})
    assert fitted(route, "a[b]=1").body == {"a": {"b": "1"}}


# Faults.


def test_all_faults_are_said_at_once() -> None:
    route = a_route(
        "POST",
        "/items/{id}",
        parameters=[
            a_parameter("id", "path", NUMBER),
            a_parameter("limit", "query", NUMBER, required=True),
            a_parameter("mode", "query", {"enum": ["a", "b"]}, required=True),
        ],
        body=BODY,
    )
    faults = faults_of(route, "id=x", "mode=c", "formla=NaCl", "count=many", path=[("idd", "1")])
    assert faults == [
        "idd: the path /items/{id} has no such place; did you mean 'id'?",
        "formla: the body has no such field; did you mean 'formula'?",
        'id (path): is "x", and must be a whole number',
        "limit (query): is required: integer",
        'mode (query): is "c", and must be one of "a", "b"',
        "body.formula: is required: string",
        'body.count: is "many", and must be a whole number',
    ]


@pytest.mark.parametrize(
    ("parameter", "fault"),
    [
        (a_parameter("n", "query", NUMBER, required=True), "n (query): is required: integer"),
        (
            a_parameter("n", "query", {"enum": ["a", 1]}, required=True),
            "n (query): is required: one of a, 1",
        ),
        (a_parameter("n", "query", {"$ref": "#/x"}, required=True), "n (query): is required"),
        (
            {"name": "n", "in": "header", "required": True, "content": {"a/b": {"schema": NUMBER}}},
            "n (header): is required: integer",
        ),
        (
            {"name": "n", "in": "query", "required": True, "content": {"a/b": 5}},
            "n (query): is required",
        ),
        ({"name": "n", "in": "query", "required": True, "content": []}, "n (query): is required"),
        ({"name": "n", "in": "cookie", "required": True}, "n (cookie): is required"),
        ({"name": "n", "in": "query", "required": True, "schema": True}, "n (query): is required"),
    ],
)
def test_a_missing_parameter_is_asked_for(parameter: dict[str, Any], fault: str) -> None:
    assert faults_of(a_route("GET", "/", parameters=[parameter])) == [fault]


def test_a_place_in_the_path_is_always_required() -> None:
    route = a_route("GET", "/{a}", parameters=[{"name": "a", "in": "path"}])
    assert faults_of(route) == ["a (path): is required"]


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ('""', "a (path): is empty"),
        ("null", "a (path): is empty"),
        ("[]", "a (path): is empty"),
        ("[null]", "a (path): is empty"),
        ("{}", "a (path): is empty"),
        ('[""]', "a (path): is empty"),
        ('"."', "a (path): '.' would lead to another path"),
        ('".."', "a (path): '..' would lead to another path"),
        ('"\\ud800"', "a (path): holds half a surrogate pair, which is no text"),
    ],
)
def test_a_path_value_that_cannot_stand_in_its_place_is_refused(value: str, fault: str) -> None:
    route = a_route("GET", "/{a}", parameters=[a_parameter("a", "path", {"minLength": 9})])
    assert faults_of(route, f"a:={value}") == [fault]


def test_a_label_of_a_dot_would_lead_to_another_path_too() -> None:
    route = a_route("GET", "/{a}", parameters=[a_parameter("a", "path", style="label")])
    assert faults_of(route, "a=.") == ["a (path): '..' would lead to another path"]
    assert fitted(route, "a=x").path == {"a": "x"}


@pytest.mark.parametrize("value", ["../admin", "a/b", "?x", "...", "%2e%2e", " ", "0"])
def test_a_path_value_may_look_odd(value: str) -> None:
    route = a_route("GET", "/{a}", parameters=[a_parameter("a", "path")])
    assert fitted(route, f"a={value}").path == {"a": value}


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["X-A=a\r\nEvil: 1"], "X-A (header): control characters are not allowed in a header"),
        (['X-A:=["a\\u0000"]'], "X-A (header): control characters are not allowed in a header"),
        (["X-A=\udcff"], "X-A (header): holds half a surrogate pair, which is no text"),
        (["X-B:\udcff"], "X-B (header): holds half a surrogate pair, which is no text"),
        (["q==\udcff"], "q (query): holds half a surrogate pair, which is no text"),
        (["bad name=1"], "bad name (header): is no name of a header"),
    ],
)
def test_no_value_breaks_out_of_its_header_or_query(words: list[str], fault: str) -> None:
    parameters = [a_parameter("X-A", "header", {}), a_parameter("bad name", "header")]
    assert faults_of(a_route("GET", "/", parameters=parameters), *words) == [fault]


def test_text_that_is_none_is_refused_in_the_body() -> None:
    assert faults_of(a_route(body={}), "a=\udcff") == [
        "body: holds half a surrogate pair, which is no text"
    ]


@pytest.mark.parametrize(
    ("request_body", "fault"),
    [
        (None, "n: no parameter has this name, and it takes no body; did you mean 'nn'?"),
        (
            {"content": {"image/*": {}, "video/*": {}}},
            "n: no parameter has this name, and its body is image/* or video/*; "
            "say which: --content-type TYPE; did you mean 'nn'?",
        ),
    ],
)
def test_a_word_that_has_no_place_is_a_fault_with_what_is_near(
    request_body: Any, fault: str
) -> None:
    parameters = [a_parameter("nn"), a_parameter("ouro-n", "header")]
    route = a_route("GET", "/", parameters=parameters, request_body=request_body)
    assert faults_of(route, "n=1") == [fault]


@pytest.mark.parametrize(
    ("request_body", "options", "faults"),
    [
        (None, {"body": 1, "has_body": True}, ["body: it takes no body"]),
        (
            {"content": {"text/csv": {}}},
            {"body": 1, "has_body": True},
            ["body: is text/csv, and must be given as text or a file"],
        ),
        ({"required": True, "content": {"text/csv": {}}}, {}, ["body: is required"]),
        ({"content": {"text/csv": {}}}, {}, []),
    ],
)
def test_a_body_that_is_none_of_the_routes_is_refused(
    request_body: Any, options: Any, faults: Any
) -> None:
    assert faults_of(a_route(request_body=request_body), **options) == faults


@pytest.mark.parametrize(
    "extra", [{"additionalProperties": {}}, {"patternProperties": {"^x": {}}}, {"anyOf": [{}]}]
)
def test_an_open_body_takes_fields_that_it_does_not_name(extra: dict[str, Any]) -> None:
    schema = {"type": "object", "properties": {"a": NUMBER}, **extra}
    assert fitted(a_route(body=schema), "xyz=1").body == {"xyz": "1"}


def test_very_many_faults_are_not_all_told() -> None:
    route = a_route(body={"type": "array", "items": NUMBER})
    assert len(faults_of(route, body=["x"] * 1_000, has_body=True)) == 50


def test_a_long_value_is_not_repeated_whole() -> None:
    (fault,) = faults_of(a_route(body=NUMBER), body="x" * 10_000, has_body=True)
    assert len(fault) < 250


@pytest.mark.parametrize(
    "schema",
    [
        pytest.param({"type": "file"}, id="an unknown type"),
        pytest.param({"pattern": "(?<"}, id="a broken pattern"),
        pytest.param({"$ref": "#Anchor"}, id="an anchor that is nowhere"),
        pytest.param({"properties": 5}, id="properties that are none"),
        pytest.param({"anyOf": 5, "enum": 5, "type": {}}, id="no lists"),
        pytest.param({"allOf": [{"$ref": "#"}]}, id="itself"),
        pytest.param({"$ref": "#/$defs/A", "$defs": {"A": {"$ref": "#/$defs/A"}}}, id="a circle"),
        pytest.param(
            {"anyOf": [{"$ref": "#/c/A"}], "properties": {"a": {"$ref": "#/c/A"}}}, id="in circles"
        ),
    ],
)
def test_a_schema_that_cannot_judge_lets_the_api_judge(schema: Any) -> None:
    components = {"#/c/A": {"anyOf": [{"$ref": "#/c/A"}] * 30}}
    fit(read("a[b]=1"), a_route(body=schema), components, "3.1.0")


@pytest.mark.parametrize("word", ["$ref", "$dynamicRef"])
def test_nothing_is_fetched_to_judge_a_value(word: str, tmp_path: Path) -> None:
    elsewhere = tmp_path / "schema.json"
    elsewhere.write_text('{"type": "integer"}')
    schema = {"properties": {"a": {word: elsewhere.as_uri()}}}
    assert fitted(a_route(body=schema), "a=x").body == {"a": "x"}


def test_what_is_missing_in_the_document_does_not_stop_the_rest_from_being_checked() -> None:
    schema = {"properties": {"a": {"$ref": "#/components/schemas/Gone"}, "b": NUMBER}}
    assert faults_of(a_route(body=schema), "a=1", "b=x") == [
        'body.b: is "x", and must be a whole number'
    ]


def test_a_pattern_that_never_ends_is_given_up() -> None:
    schema = {"type": "string", "pattern": "^(a+)+(?=b)$"}
    route = a_route("GET", "/", parameters=[a_parameter("a", "query", schema)])
    assert faults_of(route, f"a={'a' * 60}")


def test_schemas_of_3_0_are_read_as_such() -> None:
    route = a_route(body={"properties": {"a": {"type": "string", "nullable": True}}})
    assert fitted(route, "a:=null", openapi="3.0.3").body == {"a": None}


@pytest.mark.parametrize(
    "broken",
    [{"pattern": "[\\p{all}]*"}, {"type": "file"}, {"required": "a"}, {"enum": 5}, {"type": ["x"]}],
)
def test_a_part_of_a_schema_that_is_none_does_not_stop_the_rest_from_judging(broken: Any) -> None:
    schema = {"properties": {"a": broken, "b": NUMBER, "c": {"$ref": "#/c/C"}}}
    components = {"#/c/C": {"items": {"pattern": "(?<"}, "type": "array"}}
    assert faults_of(a_route(body=schema), "a=1", "b=x", "c=1", components=components) == [
        'body.b: is "x", and must be a whole number'
    ]


# Types.


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        ({"type": "string"}, "7", "7"),
        ({"type": "string"}, "null", "null"),
        ({"type": "string"}, "[1]", "[1]"),
        ({}, "7", "7"),
        (True, "7", "7"),
        ({"type": "integer"}, "7", 7),
        ({"type": "integer"}, "-07", -7),
        ({"type": "integer"}, "7.5", "7.5"),
        ({"type": "integer"}, "9" * 5_000, "9" * 5_000),
        ({"type": "integer"}, "\u0667", "\u0667"),
        ({"type": "number"}, "7", 7),
        ({"type": "number"}, "7.5e1", 75.0),
        ({"type": "number"}, ".5", 0.5),
        ({"type": "number"}, "1e999", "1e999"),
        ({"type": "number"}, "nan", "nan"),
        ({"type": "boolean"}, "True", True),
        ({"type": "boolean"}, "false", False),
        ({"type": "boolean"}, "yes", "yes"),
        ({"type": ["integer", "null"]}, "null", None),
        ({"type": ["integer", "null"]}, "", None),
        ({"type": ["integer", "null"]}, "7", 7),
        ({"type": ["string", "null"]}, "null", "null"),
        ({"type": ["string", "null"]}, "", ""),
        ({"type": ["string", "integer"]}, "7", "7"),
        ({"type": "array"}, "[1, 2]", [1, 2]),
        ({"type": "array", "items": {"type": "integer"}}, "7", [7]),
        ({"type": "array", "items": {"type": "string"}}, "[x", ["[x"]),
        ({"items": {"type": "boolean"}}, "true", [True]),
        ({"type": "object"}, '{"a": 1}', {"a": 1}),
        ({"type": "object"}, "{a}", "{a}"),
        ({"type": "object"}, "[" * 9_999, "[" * 9_999),
        ({"properties": {}}, '{"a": 1}', {"a": 1}),
        ({"anyOf": [{"type": "string"}, {"type": "array"}]}, "x", "x"),
        ({"anyOf": [{"type": "string"}, {"type": "array"}]}, '["x"]', ["x"]),
        ({"anyOf": [{"type": "integer"}, {"type": "array"}]}, "7", 7),
        ({"allOf": [{"type": "integer"}, {"minimum": 3}]}, "7", 7),
        ({"enum": [1, 2, "auto"]}, "2", 2),
        ({"enum": [1, 2, "auto"]}, "auto", "auto"),
        ({"enum": [True, None]}, "true", True),
        ({"const": 3}, "3", 3),
        ({"enum": [{"a": 1}]}, '{"a": 1}', {"a": 1}),
        ({"$ref": "#/$defs/N", "$defs": {"N": {"type": "integer"}}}, "7", 7),
        ({"$ref": "#/$defs/Gone"}, "7", "7"),
        ({"type": "integer"}, 7, 7),
        ({"type": "integer"}, None, None),
    ],
)
def test_text_becomes_what_the_schema_asks_for(schema: Any, text: Any, value: Any) -> None:
    assert (typed(text, schema), type(typed(text, schema))) == (value, type(value))


@pytest.mark.parametrize(
    ("word", "schema", "body"),
    [
        ("a[b]=1", {"properties": {"a": {"properties": {"b": NUMBER}}}}, {"a": {"b": 1}}),
        ("a[x]=1", {"properties": {"a": {"additionalProperties": NUMBER}}}, {"a": {"x": 1}}),
        ("a[]=1", {"properties": {"a": {"items": NUMBER}}}, {"a": [1]}),
        ("a=1", {"allOf": [{"$ref": "#/c/A"}]}, {"a": 1}),
        ("a=1", {"anyOf": [{"type": "null"}, {"properties": {"a": NUMBER}}]}, {"a": 1}),
        ("a=1", {"$ref": "#/c/Gone"}, {"a": "1"}),
        ("a[b][c]=1", {"type": "object", "additionalProperties": True}, {"a": {"b": {"c": "1"}}}),
    ],
)
def test_a_field_is_typed_by_the_schema_of_its_place(word: str, schema: Any, body: Any) -> None:
    components = {"#/c/A": {"properties": {"a": NUMBER}}}
    assert fitted(a_route(body=schema), word, components=components).body == body


def test_a_file_is_text_that_is_typed_and_json_is_not() -> None:
    route = a_route(body={"properties": {"a": {"type": "string"}, "n": {}}, "type": "object"})
    assert fitted(route, "a=@x", 'n:="1"').body == {"a": "<x>", "n": "1"}


def test_a_field_made_without_steps_is_one_step() -> None:
    arguments = read()
    done = fit(
        type(arguments)(fields=(Field("a[b]", "1", is_text=True),)), a_route(body={}), {}, "3.1.0"
    )
    assert (done.input.body, done.faults) == ({"a[b]": "1"}, [])


# Echo.


@pytest.mark.parametrize(
    "values",
    [
        Input(),
        Input(path={"a": 1}, query={"b": [2]}, headers={"C": "3"}, cookies={"d": "4"}),
        Input(body={"a": 1}, has_body=True),
        Input(body=[], has_body=True),
        Input(body=0, has_body=True),
        Input(body=False, has_body=True),
    ],
)
def test_an_action_keeps_what_it_was_called_with(values: Input) -> None:
    assert Input.of_request(values.as_request()) == values


def test_the_echo_of_nothing_has_the_contracts_keys() -> None:
    assert Input().as_request() == {"body": None, "parameters": None, "query": None}


def test_the_example_of_a_body_is_without_fault() -> None:
    example = sample.example_of({}, BODY)
    assert fitted(a_route(body=BODY), body=example, has_body=True).body == {"formula": "text"}


# Names that the document does not know.


def test_a_mistyped_query_or_header_is_a_fault_and_a_strange_one_is_passed_on() -> None:
    parameters = [a_parameter("per_page", "query", NUMBER), a_parameter("X-Trace-Id", "header")]
    route = a_route("GET", "/", parameters=parameters)
    assert faults_of(route, "perpage==5", "X-Trace-Ib:a") == [
        "perpage (query): is no parameter; did you mean 'per_page'?",
        "X-Trace-Ib (header): is no parameter; did you mean 'X-Trace-Id'?",
    ]
    done = fit(read("debug==1", "X-Other:a", "Accept-Language:de"), route, {}, "3.1.0")
    assert (done.input.query, set(done.input.headers)) == (
        {"debug": "1"},
        {"X-Other", "Accept-Language"},
    )
    assert done.notes == [
        "debug (query): is not in the document",
        "X-Other (header): is not in the document",
    ]


def test_a_number_is_text_where_text_is_asked_for_in_an_address() -> None:
    parameters = [
        a_parameter("id", "path"),
        a_parameter("n", "query", {"type": ["string", "null"]}),
    ]
    route = a_route("GET", "/{id}", parameters=parameters)
    assert fitted(route, "id:=7").path == {"id": "7"}
    assert faults_of(route, "id=7", "n:=7") == ["n (query): is 7, and must be text or null"]


def test_null_is_left_out_and_does_not_count_as_given() -> None:
    parameters = [a_parameter("a", "query", {}), a_parameter("b", "query", {}, required=True)]
    route = a_route("GET", "/", parameters=parameters)
    assert fitted(route, "a:=null", "b=1").query == {"b": "1"}
    assert faults_of(route, "b:=null") == ["b (query): is required: string"]


@pytest.mark.parametrize(
    ("facts", "text", "value"),
    [
        ({"place": "query", "explode": False}, "1,2", [1, 2]),
        ({"place": "query"}, "1,2", ["1,2"]),
        ({"place": "path"}, "1,2", [1, 2]),
        ({"place": "header"}, "1,2", [1, 2]),
        ({"place": "query", "style": "pipeDelimited"}, "1|2", [1, 2]),
        ({"place": "query", "explode": False}, "[1,2]", [1, 2]),
        ({"place": "query", "explode": False}, "1", [1]),
    ],
)
def test_a_list_may_be_typed_as_it_stands_in_the_request(
    facts: dict[str, Any], text: str, value: Any
) -> None:
    schema = {"type": "array", "items": NUMBER}
    parameter = a_parameter("n", schema=schema, **facts)
    path = "/{n}" if facts["place"] == "path" else "/"
    done = fit(read(f"n={text}"), a_route("GET", path, parameters=[parameter]), {}, "3.1.0")
    places = {"query": done.input.query, "path": done.input.path, "header": done.input.headers}
    assert places[facts["place"]]["n"] == value


EITHER = {"type": ["object", "array"]}


@pytest.mark.parametrize(
    ("value", "is_left_out"), [("{}", True), ("[]", True), ('{"a": 1}', False)]
)
def test_what_is_required_may_not_vanish(value: str, is_left_out: bool) -> None:
    route = a_route("GET", "/", parameters=[a_parameter("q", "query", EITHER, required=True)])
    expected = ["q (query): is required, and what is empty is left out"] if is_left_out else []
    assert faults_of(route, f"q:={value}") == expected


def test_an_empty_value_may_be_meant() -> None:
    flag = a_parameter("flag", "query", {"type": "boolean"}, allowEmptyValue=True)
    assert fitted(a_route("GET", "/", parameters=[flag]), "flag==").query == {"flag": ""}
    plain = a_parameter("flag", "query", {"type": "boolean"})
    assert faults_of(a_route("GET", "/", parameters=[plain]), "flag==")


def test_a_default_is_not_sent_unless_it_is_given() -> None:
    limit = a_parameter("limit", "query", NUMBER | {"default": 20})
    assert fitted(a_route("GET", "/", parameters=[limit])).query == {}


def test_a_parameter_may_be_the_whole_query() -> None:
    schema = {"type": "object", "properties": {"n": NUMBER}, "required": ["n"]}
    content = {"application/x-www-form-urlencoded": {"schema": schema}}
    whole = {"name": "q", "in": "querystring", "content": content, "required": True}
    route = a_route("GET", "/", parameters=[whole])
    assert fitted(route, "n==1", "x==2").query_string == {"n": 1, "x": "2"}
    assert fitted(route, 'q:={"n": 1}').query_string == {"n": 1}
    assert faults_of(route, "n==x") == ['q.n (querystring): is "x", and must be a whole number']
    assert faults_of(route) == ["q (querystring): is required: object"]


@pytest.mark.parametrize("text", ["a;b", "a b", 'a"b', "a\\b", "é", "a\tb"])
def test_a_cookie_that_is_not_encoded_holds_only_what_a_cookie_can(text: str) -> None:
    route = a_route("GET", "/", parameters=[a_parameter("c", "cookie", style="cookie")])
    assert faults_of(route, f"c={text}") == [
        "c (cookie): holds a character that no cookie can hold"
    ]
    assert fitted(route, "c=a%20b=").cookies == {"c": "a%20b="}
