"""Examples that are made of schemas."""

import time
from typing import Any

import jsonschema_rs
import pytest

from ouro_cli.openapi.sample import example_of

RECURSIVE = {
    "$ref": "#/$defs/Node",
    "$defs": {
        "Node": {
            "type": "object",
            "required": ["name"],
            "properties": {"name": {"type": "string"}, "next": {"$ref": "#/$defs/Node"}},
        }
    },
}
SCHEMAS: dict[str, Any] = {
    "anything": {},
    "true": True,
    "string": {"type": "string"},
    "short": {"type": "string", "maxLength": 2},
    "long": {"type": "string", "minLength": 150},
    "long of nothing": {"type": "string", "format": "binary", "minLength": 500},
    "exact length": {"type": "string", "minLength": 17, "maxLength": 17},
    "integer": {"type": "integer"},
    "integer from 2.5": {"type": "integer", "minimum": 2.5},
    "integer below": {"type": "integer", "exclusiveMaximum": -3},
    "integer in steps": {"type": "integer", "multipleOf": 7, "minimum": 20},
    "integer in steps, at most": {"type": "integer", "multipleOf": 7, "maximum": 20},
    "number": {"type": "number"},
    "number above": {"type": "number", "exclusiveMinimum": 5, "maximum": 5.5},
    "number between": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    "number in tenths": {"type": "number", "multipleOf": 0.1, "minimum": 3.05},
    "number, untyped": {"minimum": 10},
    "boolean": {"type": "boolean"},
    "null": {"type": "null"},
    "nullable": {"type": ["null", "integer"]},
    "enum": {"type": "string", "enum": ["b", "a"]},
    "const": {"const": {"a": 1}},
    "default": {"type": "integer", "default": 7},
    "example": {"type": "integer", "example": 8},
    "examples": {"type": "integer", "examples": [9]},
    "array": {"type": "array", "items": {"type": "integer"}},
    "array of three": {"type": "array", "items": {"type": "string"}, "minItems": 3},
    "array of none": {"type": "array", "maxItems": 0},
    "array, untyped": {"items": {"type": "boolean"}},
    "unlike texts": {
        "type": "array",
        "items": {"type": "string"},
        "minItems": 3,
        "uniqueItems": True,
    },
    "unlike numbers": {"items": {"type": "integer"}, "minItems": 3, "uniqueItems": True},
    "unlike words": {"items": {"enum": ["a", "b", "c"]}, "minItems": 2, "uniqueItems": True},
    "unlike booleans, one": {"items": {"type": "boolean"}, "minItems": 1, "uniqueItems": True},
    "tuple": {
        "type": "array",
        "prefixItems": [{"type": "string"}, {"type": "integer"}],
        "items": False,
        "minItems": 2,
    },
    "tuple and more": {"prefixItems": [{"type": "null"}], "items": {"const": 1}, "minItems": 3},
    "object": {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"type": "string"}},
        "required": ["a"],
        "additionalProperties": False,
    },
    "object, untyped": {"properties": {"a": {"type": "integer"}}},
    "required alone": {"required": ["a"]},
    "required without a schema": {
        "type": "object",
        "required": ["a"],
        "additionalProperties": {"type": "integer"},
    },
    "map": {"type": "object", "additionalProperties": {"type": "integer"}},
    "map of two": {
        "type": "object",
        "additionalProperties": {"type": "integer"},
        "minProperties": 2,
    },
    "at least two properties": {
        "properties": {"a": {}, "b": {}, "c": {}},
        "required": ["c"],
        "minProperties": 2,
        "additionalProperties": False,
    },
    "allOf": {
        "allOf": [
            {"required": ["a", "b"]},
            {"properties": {"a": {"type": "integer"}}},
            {"properties": {"b": {"type": "string"}}},
        ]
    },
    "allOf narrows a property": {
        "allOf": [
            {"properties": {"a": {"type": "integer"}}, "required": ["a"]},
            {"properties": {"a": {"minimum": 5}}},
        ]
    },
    "allOf of a word": {"allOf": [{"$ref": "#/$defs/W"}], "$defs": {"W": {"enum": ["w"]}}},
    "an example of one part": {
        "allOf": [
            {"properties": {"a": {}}, "required": ["a"], "example": {"a": 1}},
            {"properties": {"b": {}}, "required": ["b"]},
        ]
    },
    "oneOf": {"oneOf": [{"type": "null"}, {"type": "integer"}]},
    "oneOf of nulls": {"oneOf": [{"type": "null"}]},
    "anyOf beside properties": {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {}},
        "anyOf": [{"required": ["a"]}, {"required": ["b"]}],
    },
    "reference and its siblings": {
        "$ref": "#/$defs/N",
        "minimum": 4,
        "$defs": {"N": {"type": "integer"}},
    },
    "recursive": RECURSIVE,
    "three letters": {"type": "string", "pattern": "^[A-Z]{3}$"},
    "digits": {"type": "string", "pattern": r"^\d{5,8}$"},
    "version": {"type": "string", "pattern": r"^\d+\.\d+\.\d+$"},
    "a pattern untyped": {"pattern": "^[a-z]+-[a-z]+$"},
}


@pytest.mark.parametrize("name", SCHEMAS)
@pytest.mark.parametrize("everything", [False, True])
def test_an_example_meets_its_schema(name: str, everything: bool) -> None:
    value = example_of({}, SCHEMAS[name], everything=everything)
    errors = jsonschema_rs.Draft202012Validator(SCHEMAS[name]).iter_errors(value)
    assert [each.message for each in errors] == [], value


@pytest.mark.parametrize(
    "form",
    [
        "date",
        "date-time",
        "time",
        "duration",
        "email",
        "hostname",
        "ipv4",
        "ipv6",
        "uri",
        "uri-reference",
        "uuid",
    ],
)
def test_an_example_has_the_form_it_is_asked_for(form: str) -> None:
    schema = {"type": "string", "format": form}
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    assert validator.is_valid(example_of({}, schema))


@pytest.mark.parametrize(
    ("media", "expected"),
    [
        pytest.param({"example": [1], "examples": {"a": {"value": 2}}}, [1], id="example"),
        pytest.param({"example": None}, None, id="null as the example"),
        pytest.param(
            {"examples": {"a": {"externalValue": "x"}, "b": {"value": 2}}}, 2, id="examples"
        ),
        pytest.param({"examples": {"a": 5}}, "text", id="no example that could be read"),
        pytest.param({"examples": []}, "text", id="examples as a list"),
    ],
)
def test_a_media_types_own_example_comes_first(media: dict[str, Any], expected: Any) -> None:
    assert example_of(media, {"type": "string"}) == expected


def test_an_example_holds_what_is_required_and_no_more() -> None:
    schema = {"properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}, "required": ["b"]}
    assert example_of({}, schema) == {"b": 1}
    assert example_of({}, schema, everything=True) == {"a": 1, "b": 1}


def test_an_example_of_which_nothing_is_required_holds_all_of_its_top() -> None:
    schema = {"properties": {"a": {"properties": {"b": {"type": "integer"}}}}}
    assert example_of({}, schema) == {"a": {}}


def test_an_example_leaves_out_what_only_answers_hold() -> None:
    schema = {"properties": {"id": {"type": "integer", "readOnly": True}, "a": {"const": 1}}}
    assert example_of({}, schema, everything=True) == {"a": 1}


def test_an_example_follows_a_recursion_only_so_far() -> None:
    value = example_of({}, RECURSIVE, everything=True)
    depth = 0
    while value:
        depth, value = depth + 1, value.get("next")
    assert depth == 5


@pytest.mark.parametrize(
    "schema",
    [
        pytest.param({"type": "array", "minItems": "many"}, id="minItems"),
        pytest.param({"type": "integer", "minimum": "low", "multipleOf": 0}, id="bounds"),
        pytest.param({"type": "integer", "minimum": True, "maximum": 10**400}, id="huge"),
        pytest.param({"type": "string", "pattern": "(?<"}, id="pattern"),
        pytest.param({"type": "string", "pattern": 5}, id="pattern as a number"),
        pytest.param({"type": "string", "minLength": 10**12}, id="longer than there is room"),
        pytest.param({"type": "string", "pattern": "^never$"}, id="no text found"),
        pytest.param({"type": "object", "properties": [], "required": [[]]}, id="object"),
        pytest.param({"type": "object", "minProperties": 10**9}, id="too many properties"),
        pytest.param({"type": "array", "minItems": 10**9}, id="too many items"),
        pytest.param(
            {"items": {"type": "boolean"}, "minItems": 3, "uniqueItems": True}, id="three booleans"
        ),
        pytest.param({"type": "unheard of"}, id="type"),
        pytest.param({"type": ["null"]}, id="null alone"),
        pytest.param({"$ref": "#/nowhere"}, id="missing reference"),
        pytest.param({"$ref": "#"}, id="itself"),
        pytest.param({"anyOf": [{"$ref": "#"}]}, id="one of itself"),
        pytest.param({"allOf": [{"$ref": "#/allOf/0"}]}, id="all of itself"),
        pytest.param({"anyOf": {}, "allOf": "x", "enum": "y"}, id="no lists"),
        pytest.param({"type": "integer", "minimum": 5, "maximum": 4}, id="nothing fits"),
        pytest.param(
            {
                "$ref": "#/$defs/A0",
                "$defs": {
                    f"A{n}": {"allOf": [{"$ref": f"#/$defs/A{n + 1}"}] * 2} for n in range(40)
                },
            },
            id="two to the fortieth",
        ),
        pytest.param(
            {
                "$ref": "#/$defs/A",
                "$defs": {
                    "A": {
                        "required": list("abcdefgh"),
                        "properties": {name: {"$ref": "#/$defs/A"} for name in "abcdefgh"},
                    }
                },
            },
            id="eight to the eighth",
        ),
        pytest.param({"pattern": "^(a+)+(?=b)$", "minLength": 60}, id="a pattern that never ends"),
    ],
)
def test_an_odd_schema_costs_neither_time_nor_a_fault(schema: Any) -> None:
    began = time.monotonic()
    example_of({}, schema, everything=True)
    assert time.monotonic() - began < 2
