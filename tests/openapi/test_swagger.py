"""Swagger 2.0, read as the OpenAPI 3.0 that says the same."""

import json
from typing import Any

import jsonschema_rs
import pytest
import yaml

from ouro_cli.model.route import Operation
from ouro_cli.openapi import refs, servers
from ouro_cli.openapi.document import Document, parse
from ouro_cli.openapi.operations import Reading, read_operations
from ouro_cli.openapi.schema import as_json_schema


def document(operation: dict[str, Any] | None = None, **rest: Any) -> Document:
    """A document in Swagger 2.0 of one operation."""
    paths = {"/a": {"post": operation or {}}}
    stated = {"swagger": "2.0", "info": {"title": "T", "version": "1"}, "paths": paths, **rest}
    return parse(json.dumps(stated).encode(), "x")


def read(operation: dict[str, Any] | None = None, **rest: Any) -> Reading:
    return read_operations(document(operation, **rest))


def only(operation: dict[str, Any], **rest: Any) -> Operation:
    """The one operation of a document that has nothing to warn of."""
    reading = read(operation, **rest)
    assert reading.warnings == []
    return reading.operations[0]


def parameter(**words: Any) -> dict[str, Any]:
    """What becomes of a parameter of text in the query that says this too."""
    stated = {"name": "q", "in": "query", "type": "string", **words}
    return only({"parameters": [stated]}).parameters[0]


@pytest.mark.parametrize(
    "version", ['swagger: "2.0"', "swagger: 2.0", "swagger: 2", "swagger: '2.0.0'"]
)
def test_the_version_may_be_a_number(version: str) -> None:
    assert parse(f"{version}\ninfo: {{}}\npaths: {{}}\n".encode(), "x").openapi == "2.0"


def test_a_body_takes_what_its_operation_consumes() -> None:
    schema = {"$ref": "#/definitions/Pet"}
    body = {"name": "pet", "in": "body", "required": True, "schema": schema, "description": "One."}
    definitions = {"Pet": {"type": "object"}}
    operation = only(
        {"parameters": [body], "consumes": ["application/xml", "application/json"]},
        definitions=definitions,
    )
    assert operation.parameters == ()
    assert operation.request_body == {
        "required": True,
        "description": "One.",
        "content": {"application/xml": {"schema": schema}, "application/json": {"schema": schema}},
    }
    reading = read({"parameters": [body]}, definitions=definitions)
    assert reading.components == {"#/definitions/Pet": '{"type": "object"}'}


def test_a_body_is_json_where_nothing_else_is_said() -> None:
    operation = only({"parameters": [{"name": "b", "in": "body", "schema": {}}]})
    assert operation.request_body == {
        "required": False,
        "content": {"application/json": {"schema": {}}},
    }
    shared = only({"parameters": [{"name": "b", "in": "body"}]}, consumes=["text/plain"])
    assert shared.request_body == {"required": False, "content": {"text/plain": {"schema": {}}}}


FIELD = {"name": "n", "in": "formData", "type": "integer", "required": True, "description": "N."}
FILE = {"name": "f", "in": "formData", "type": "file"}
BOTH = ["application/x-www-form-urlencoded", "multipart/form-data"]


@pytest.mark.parametrize(
    ("fields", "consumes", "expected"),
    [
        ([FIELD], [], ["application/x-www-form-urlencoded"]),
        ([FIELD], ["application/json"], ["application/x-www-form-urlencoded"]),
        ([FIELD], ["multipart/form-data"], ["multipart/form-data"]),
        ([FIELD], BOTH, BOTH),
        ([FIELD, FILE], [], ["multipart/form-data"]),
        ([FIELD, FILE], BOTH, ["multipart/form-data"]),
    ],
)
def test_a_form_has_the_media_type_that_can_hold_it(
    fields: list[Any], consumes: list[str], expected: list[str]
) -> None:
    body = only({"parameters": fields, "consumes": consumes}).request_body
    assert body is not None
    assert list(body["content"]) == expected


def test_a_form_is_an_object_of_its_fields() -> None:
    tags = {"name": "t", "in": "formData", "type": "array", "items": {"type": "string"}}
    body = only({"parameters": [FIELD, FILE, {**tags, "collectionFormat": "multi"}]}).request_body
    assert body == {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["n"],
                    "properties": {
                        "n": {"type": "integer", "description": "N."},
                        "f": {"type": "string", "format": "binary"},
                        "t": {"type": "array", "items": {"type": "string"}},
                    },
                },
                "encoding": {"t": {"style": "form", "explode": True}},
            }
        },
    }


@pytest.mark.parametrize(
    ("stated", "style", "explode"),
    [
        ({}, "form", False),
        ({"collectionFormat": "csv"}, "form", False),
        ({"collectionFormat": "ssv"}, "spaceDelimited", False),
        ({"collectionFormat": "pipes"}, "pipeDelimited", False),
        ({"collectionFormat": "multi"}, "form", True),
        ({"collectionFormat": "what?"}, "form", False),
    ],
)
def test_a_list_in_a_query_keeps_its_separator(stated: Any, style: str, explode: bool) -> None:
    said = parameter(type="array", items={"type": "string"}, **stated)
    assert said == {
        "name": "q",
        "in": "query",
        "schema": {"type": "array", "items": {"type": "string"}},
        "style": style,
        "explode": explode,
    }


def test_a_list_separated_by_tabs_is_sent_with_commas_and_that_is_said() -> None:
    stated = {"name": "q", "in": "query", "type": "array", "items": {}, "collectionFormat": "tsv"}
    reading = read({"parameters": [stated]})
    assert reading.operations[0].parameters[0]["style"] == "form"
    assert [(each.pointer, each.message) for each in reading.warnings] == [
        (
            "#/paths/~1a/post",
            "the list 'q' is separated by tabs, which ouro cannot write; commas are sent",
        )
    ]


def test_what_a_parameter_says_of_its_value_is_its_schema() -> None:
    said = parameter(
        type="integer", format="int64", maximum=9, exclusiveMaximum=True, default=1,
        required=True, description="How many.", **{"x-nullable": True, "x-more": 1},
    )  # fmt: skip
    assert said == {
        "name": "q",
        "in": "query",
        "required": True,
        "description": "How many.",
        "x-more": 1,
        "schema": {
            "type": "integer",
            "format": "int64",
            "default": 1,
            "maximum": 9,
            "exclusiveMaximum": True,
            "x-nullable": True,
        },
    }
    schema = as_json_schema(said["schema"], "2.0")
    validator = jsonschema_rs.Draft202012Validator(schema)
    assert [validator.is_valid(each) for each in (8, 9, None, "8")] == [True, False, True, False]


def test_shared_parameters_and_responses_are_found_where_they_are() -> None:
    reading = read(
        {"parameters": [{"$ref": "#/parameters/body"}, {"$ref": "#/parameters/limit"}],
         "responses": {"404": {"$ref": "#/responses/Gone"}}},
        parameters={
            "body": {"name": "b", "in": "body", "schema": {"$ref": "#/definitions/In"}},
            "limit": {"name": "limit", "in": "query", "type": "integer"},
        },
        responses={"Gone": {"description": "gone", "schema": {"$ref": "#/definitions/Out"}}},
        definitions={"In": {"type": "object"}, "Out": {"type": "string"}},
    )  # fmt: skip
    operation = reading.operations[0]
    assert reading.warnings == []
    assert [each["name"] for each in operation.parameters] == ["limit"]
    assert operation.request_body is not None
    assert operation.responses["404"]["content"] == {
        "application/json": {"schema": {"$ref": "#/definitions/Out"}}
    }
    assert sorted(reading.components) == ["#/definitions/In", "#/definitions/Out"]


def test_an_operations_own_body_comes_before_its_paths() -> None:
    def body(kind: str) -> dict[str, Any]:
        return {"name": "b", "in": "body", "schema": {"type": kind}}

    item = {"parameters": [body("string")], "post": {"parameters": [body("object")]}, "put": {}}
    operations = {each.method: each for each in read(paths={"/a": item}).operations}
    kinds = {
        method: each.request_body["content"]["application/json"]["schema"]["type"]
        for method, each in operations.items()
        if each.request_body
    }
    assert kinds == {"POST": "object", "PUT": "string"}


def test_a_response_has_the_media_types_that_are_produced() -> None:
    answer = {
        "description": "ok",
        "schema": {"type": "array"},
        "headers": {"X-Count": {"type": "integer", "description": "How many."}},
        "examples": {"application/json": [1]},
    }
    operation = only({"responses": {"200": answer}}, produces=["application/json", "text/csv"])
    assert operation.responses["200"] == {
        "description": "ok",
        "headers": {"X-Count": {"description": "How many.", "schema": {"type": "integer"}}},
        "content": {
            "application/json": {"schema": {"type": "array"}, "example": [1]},
            "text/csv": {"schema": {"type": "array"}},
        },
    }


def test_a_file_that_is_answered_is_bytes() -> None:
    answer = {"description": "a file", "schema": {"type": "file"}}
    assert only({"responses": {"200": answer}}).responses["200"]["content"] == {
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
    }


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({}, None),
        ({"basePath": "/v1"}, "/v1"),
        ({"host": "api.test"}, "//api.test"),
        ({"host": "api.test:8", "basePath": "v1"}, "//api.test:8/v1"),
        ({"host": "api.test", "schemes": ["http", "https"]}, "https://api.test"),
        ({"host": "api.test", "basePath": "/", "schemes": ["http"]}, "http://api.test/"),
        ({"host": "api.test", "schemes": ["ws", "http"]}, "http://api.test"),
    ],
)
def test_host_path_and_schemes_are_a_server(stated: dict[str, Any], expected: str | None) -> None:
    assert servers.first_server(document(**stated).value) == expected


def test_an_operation_may_have_schemes_of_its_own() -> None:
    operation = only({"schemes": ["https"]}, host="api.test", schemes=["http"])
    assert operation.servers == ({"url": "https://api.test"},)


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        (
            {"type": "basic", "description": "D", "x-a": 1},
            {"type": "http", "scheme": "basic", "description": "D", "x-a": 1},
        ),
        (
            {"type": "apiKey", "name": "k", "in": "header"},
            {"type": "apiKey", "name": "k", "in": "header"},
        ),
        *(
            (
                {"type": "oauth2", "flow": old, "tokenUrl": "https://a/t", "scopes": {"r": "read"}},
                {
                    "type": "oauth2",
                    "flows": {new: {"tokenUrl": "https://a/t", "scopes": {"r": "read"}}},
                },
            )
            for old, new in (
                ("implicit", "implicit"),
                ("password", "password"),
                ("application", "clientCredentials"),
                ("accessCode", "authorizationCode"),
            )
        ),
        ({"type": "oauth2", "flow": "what?"}, {"type": "oauth2", "flows": {}}),
    ],
)
def test_security_definitions_are_security_schemes(stated: Any, expected: Any) -> None:
    read = servers.security_schemes(document(securityDefinitions={"s": stated}).value)
    assert read == {"s": expected}


def test_what_the_document_said_is_still_there() -> None:
    read = document({"parameters": [FIELD]})
    assert read.stated["paths"]["/a"]["post"] == {"parameters": [FIELD]}


@pytest.mark.parametrize(
    ("parameters", "pointer", "why"),
    [
        ([{"$ref": "#/parameters/gone"}], "/0", "#/parameters/gone leads nowhere"),
        ([FIELD, {"name": "a"}], "/1", "is no parameter; left out"),
        ([{"name": "a", "in": []}], "/0", "is no parameter; left out"),
        ({"a": 1}, "", "is no list of parameters; left out"),
    ],
)
def test_a_parameter_that_cannot_be_read_is_named(parameters: Any, pointer: str, why: str) -> None:
    found = read({"parameters": parameters}).warnings
    assert [(each.pointer, each.message) for each in found] == [
        (f"#/paths/~1a/post/parameters{pointer}", why)
    ]


@pytest.mark.parametrize("noise", [None, 1, "x", [], [1], {"a": 1}])
@pytest.mark.parametrize(
    "word",
    [
        *("paths", "host", "basePath", "schemes", "consumes", "produces", "parameters"),
        *("responses", "securityDefinitions", "definitions"),
    ],
)
def test_noise_in_any_place_is_read_or_warned_of(word: str, noise: Any) -> None:
    read(**{word: noise})
    read({word: noise})
    read({"responses": {"200": noise, "default": {"headers": noise, "examples": noise}}})
    read(paths={"/a": noise, "/b": {"get": noise, "parameters": noise}})
    read(securityDefinitions={"a": noise})


def test_json_and_yaml_give_the_same_operations() -> None:
    stated = document({"parameters": [FIELD, FILE], "responses": {"200": {"schema": {}}}}).stated
    as_yaml = parse(yaml.safe_dump(stated).encode(), "x")
    assert read_operations(as_yaml) == read_operations(parse(json.dumps(stated).encode(), "x"))


def test_references_lead_on_from_definitions() -> None:
    reading = read(
        {"parameters": [{"name": "b", "in": "body", "schema": {"$ref": "#/definitions/A"}}]},
        definitions={
            "A": {"properties": {"b": {"$ref": "#/definitions/B"}}},
            "B": {"type": "string", "x-nullable": True},
        },
    )
    components = {key: json.loads(text) for key, text in reading.components.items()}
    schema = refs.bundle(
        as_json_schema({"$ref": "#/definitions/A"}, "2.0"),
        {key: as_json_schema(value, "2.0") for key, value in components.items()},
    )
    validator = jsonschema_rs.Draft202012Validator(schema)
    assert [validator.is_valid({"b": each}) for each in ("x", None, 1)] == [True, True, False]
