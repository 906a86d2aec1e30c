"""Schemas, as a request has to meet them."""

from typing import Any

import jsonschema_rs
import pytest

from ouro_cli.openapi import refs
from ouro_cli.openapi.schema import as_json_schema


def accepts(schema: Any, value: Any) -> bool:
    return jsonschema_rs.Draft202012Validator(schema, offline=True).is_valid(value)


@pytest.mark.parametrize(
    ("schema", "accepted", "refused"),
    [
        pytest.param({"type": "string"}, "x", None, id="not nullable"),
        pytest.param({"type": "string", "nullable": True}, None, 1, id="nullable"),
        pytest.param({"type": "string", "nullable": False}, "x", None, id="nullable: false"),
        pytest.param(
            {"type": "string", "nullable": True, "enum": ["a"]}, None, "b", id="nullable enum"
        ),
        pytest.param({"enum": ["a", None], "nullable": True}, None, "b", id="enum with null"),
        pytest.param(
            {"allOf": [{"type": "integer"}], "nullable": True}, None, "x", id="nullable allOf"
        ),
        pytest.param(
            {"minimum": 1, "exclusiveMinimum": True}, 1.1, 1, id="exclusive minimum as a flag"
        ),
        pytest.param({"minimum": 1, "exclusiveMinimum": False}, 1, 0, id="inclusive minimum"),
        pytest.param({"maximum": 1, "exclusiveMaximum": True}, 0, 1, id="exclusive maximum"),
        pytest.param({"maximum": 2, "exclusiveMinimum": True}, 1, 3, id="a flag without its bound"),
        pytest.param(
            {"properties": {"nullable": {"type": "string", "nullable": True}}},
            {"nullable": None},
            {"nullable": 1},
            id="a property called nullable",
        ),
        pytest.param(
            {"items": {"anyOf": [{"type": "string", "nullable": True}]}}, [None], [1], id="inside"
        ),
    ],
)
def test_the_words_of_3_0_are_understood(schema: Any, accepted: Any, refused: Any) -> None:
    read = as_json_schema(schema, "3.0.3")
    assert accepts(read, accepted)
    assert not accepts(read, refused)


def test_a_nullable_reference_lets_null_in() -> None:
    schema = as_json_schema({"$ref": "#/c/A", "nullable": True}, "3.0.0")
    bundled = refs.bundle(schema, {"#/c/A": {"type": "integer"}})
    assert [accepts(bundled, each) for each in (None, 1, "x")] == [True, True, False]


@pytest.mark.parametrize("openapi", ["3.1.0", "3.2.0", "3.1"])
def test_schemas_of_3_1_are_json_schema_already(openapi: str) -> None:
    schema = {"type": ["string", "null"], "exclusiveMinimum": 3, "nullable": True, "if": {}}
    assert as_json_schema(schema, openapi) == schema


def test_what_is_data_is_left_as_it_is() -> None:
    data = {"nullable": True, "$id": "x", "type": "string", "$ref": "http://x"}
    for key in ("example", "default", "const"):
        assert as_json_schema({key: data}, "3.0.0") == {key: data}
    assert as_json_schema({"enum": [data], "examples": [data]}, "3.0.0") == {
        "enum": [data],
        "examples": [data],
    }


def test_a_property_may_be_called_as_a_word_of_the_language() -> None:
    schema = {
        "properties": {
            "default": {"type": "string", "nullable": True},
            "$ref": {"type": "string"},
            "$id": {"type": "string"},
            "required": {"type": "boolean"},
        },
        "required": ["$id"],
    }
    read = as_json_schema(schema, "3.0.0")
    assert accepts(read, {"default": None, "$ref": "x", "$id": "y", "required": True})
    assert not accepts(read, {"$ref": "x"})
    assert not accepts(read, {"$id": 1})


def test_names_that_would_move_the_base_of_references_are_left_out() -> None:
    schema = {"$id": "http://x/", "$schema": "http://y", "properties": {"a": {"$id": "a"}}}
    assert as_json_schema(schema, "3.1.0") == {"properties": {"a": {}}}


@pytest.mark.parametrize("reference", ["http://127.0.0.1/x", "file:///etc/passwd", "other.yaml#/A"])
def test_a_reference_out_of_the_document_lets_everything_pass(reference: str) -> None:
    schema = {"properties": {"a": {"$ref": reference}, "b": {"type": "string"}}}
    assert as_json_schema(schema, "3.1.0") == {"properties": {"a": {}, "b": {"type": "string"}}}


def test_what_is_read_only_is_not_required_of_a_request() -> None:
    schema = {
        "properties": {"id": {"type": "integer", "readOnly": True}, "name": {}, "odd": True},
        "required": ["id", "name", "odd", "elsewhere"],
    }
    assert as_json_schema(schema, "3.1.0")["required"] == ["name", "odd", "elsewhere"]


@pytest.mark.parametrize("required", [True, "name", None, [1, {}]])
def test_required_that_is_no_list_of_names_says_nothing(required: Any) -> None:
    read = as_json_schema({"type": "object", "required": required}, "3.0.0")
    assert accepts(read, {})
    assert not accepts(read, [])


@pytest.mark.parametrize("schema", [True, False, None, 5, "x", [], [{}]])
def test_what_is_no_schema_stays_what_it_is(schema: Any) -> None:
    assert as_json_schema(schema, "3.0.0") == schema


def test_a_recursive_schema_judges_what_is_nested() -> None:
    tree = as_json_schema(
        {
            "type": "object",
            "required": ["n"],
            "properties": {
                "n": {"type": "integer"},
                "kids": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
                "next": {"$ref": "#/components/schemas/Tree", "nullable": True},
            },
        },
        "3.0.3",
    )
    bundled = refs.bundle(
        {"$ref": "#/components/schemas/Tree"}, {"#/components/schemas/Tree": tree}
    )
    assert accepts(bundled, {"n": 1, "next": None, "kids": [{"n": 2, "kids": [{"n": 3}]}]})
    assert not accepts(bundled, {"n": 1, "kids": [{"n": 2, "kids": [{"n": "x"}]}]})


@pytest.mark.parametrize(
    "name", ["A/B", "A B", "A~B", "Page<Pet>", "List[Pet]", "ré", "100%", "A|B"]
)
def test_a_component_of_any_name_is_found(name: str) -> None:
    reference = refs.pointer("components", "schemas", name)
    schema = as_json_schema({"$ref": reference}, "3.1.0")
    bundled = refs.bundle(schema, {reference: {"type": "integer"}})
    assert accepts(bundled, 1)
    assert not accepts(bundled, "x")


def test_a_schema_two_hundred_levels_deep_is_no_fault() -> None:
    schema: Any = {"type": "integer"}
    for _ in range(100):
        schema = {"properties": {"a": schema}}
    value: Any = "x"
    for _ in range(100):
        value = {"a": value}
    assert not accepts(refs.bundle(as_json_schema(schema, "3.0.0"), {}), value)


@pytest.mark.parametrize("openapi", ["3.0.3", "3.1.0", "3.2.0"])
def test_a_bound_as_a_flag_is_understood_of_every_version(openapi: str) -> None:
    read = as_json_schema({"minimum": 0, "exclusiveMinimum": True}, openapi)
    assert [accepts(read, each) for each in (0.1, 0)] == [True, False]


def test_a_pattern_that_is_none_is_left_out_and_the_rest_still_counts() -> None:
    read = as_json_schema(
        {
            "patternProperties": {"[": {"type": "integer"}, "^b": {"type": "integer"}},
            "properties": {"a": {"pattern": "(", "maxLength": 1}, "pattern": {"pattern": "^x"}},
        },
        "3.1.0",
    )
    assert accepts(read, {"a": "x", "b": 1, "[": "x", "pattern": "x"})
    assert not accepts(read, {"a": "xx"})
    assert not accepts(read, {"bb": "x"})
    assert not accepts(read, {"pattern": "y"})
