"""Examples that are made of schemas."""

import time
from typing import Any

import jsonschema_rs
import pytest

from ouro_cli.openapi.sample import example_of, sample_of

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
    "an ARN": {
        "type": "string",
        "minLength": 20,
        "pattern": r"^arn:aws:iam::\d{12}:role/?[\w+=,.@-]+$",
    },
    "a pattern and a length": {"type": "string", "pattern": "^[a-f0-9]+$", "minLength": 70},
    "a pattern within a longer text": {"type": "string", "pattern": "[A-Z]{4}", "minLength": 30},
    "unlike patterned": {
        "items": {"type": "string", "pattern": "^[a-z]{3}$"},
        "minItems": 4,
        "uniqueItems": True,
    },
    "unlike dates": {
        "items": {"type": "string", "format": "date"},
        "minItems": 5,
        "uniqueItems": True,
    },
    "unlike objects": {
        "items": {"required": ["a"], "properties": {"a": {"type": "string"}}},
        "minItems": 3,
        "uniqueItems": True,
    },
    "an address of some length": {"type": "string", "format": "uri", "minLength": 60},
    "no boolean that is true": {"type": "boolean", "not": {"const": True}},
    "a default of another type": {"type": "boolean", "default": "false"},
    "an example out of bounds": {"type": "integer", "example": 0, "minimum": 1},
    "the second branch alone": {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"enum": ["b"]}},
        "oneOf": [
            {"properties": {"kind": {"const": "a"}}},
            {"properties": {"kind": {"const": "b"}, "size": {"type": "integer"}}},
        ],
    },
    "exactly one of two": {
        "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
        "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
    },
    "a choice inside of a choice": {
        "anyOf": [
            {"type": "string", "pattern": "^$", "minLength": 1},
            {"oneOf": [{"type": "integer", "minimum": 9, "maximum": 8}, {"type": "array"}]},
        ]
    },
    "one needs the other": {
        "properties": {"a": {"default": 1}, "b": {"type": "integer"}},
        "required": ["a"],
        "dependentRequired": {"a": ["b"]},
    },
    "if and then": {
        "required": ["country"],
        "properties": {"country": {"const": "CA"}},
        "if": {"properties": {"country": {"const": "CA"}}},
        "then": {"required": ["zip"], "properties": {"zip": {"const": "K1A"}}},
        "else": {"required": ["postcode"]},
    },
    "names by pattern": {
        "type": "object",
        "minProperties": 2,
        "patternProperties": {"^x-[a-z]$": {"type": "integer"}},
        "additionalProperties": False,
    },
    "names by a list": {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"enum": ["red", "blue"]},
        "additionalProperties": {"type": "integer"},
    },
    "names by their length": {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"maxLength": 2},
    },
    "contains": {"type": "array", "items": {"type": "integer"}, "contains": {"minimum": 7}},
    "an optional field that nothing fits": {
        "properties": {"a": {"type": "integer", "minimum": 2, "maximum": 1}, "b": {"const": 1}}
    },
    "bounds from two sides": {
        "allOf": [{"type": "integer", "minimum": 5}, {"minimum": 2, "maximum": 7}]
    },
    "closed, joined": {
        "allOf": [{"properties": {"a": {"const": 1}}}, {"properties": {"b": {"const": 2}}}],
        "unevaluatedProperties": False,
        "required": ["a", "b"],
    },
}


@pytest.mark.parametrize("name", SCHEMAS)
@pytest.mark.parametrize("everything", [False, True])
def test_an_example_meets_its_schema(name: str, everything: bool) -> None:
    value = example_of({}, SCHEMAS[name], everything=everything)
    errors = jsonschema_rs.Draft202012Validator(SCHEMAS[name]).iter_errors(value)
    assert [each.message for each in errors] == [], value


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_sample_tells_of_no_gap_where_there_is_none(name: str) -> None:
    assert sample_of({}, SCHEMAS[name]).unfilled == ()


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
    assert example_of(media, {}) == expected


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
        pytest.param(
            {
                "type": "array",
                "minItems": 100,
                "uniqueItems": True,
                "items": {"type": "string", "pattern": "^(([a-z]+)+)+x(?<!a)$", "minLength": 50},
            },
            id="a hundred texts of a pattern that never ends",
        ),
        pytest.param(
            {
                "type": "object",
                "required": [f"p{number}" for number in range(100)],
                "additionalProperties": {"type": "string", "pattern": "^(?=x)(a|b|c)+$"},
            },
            id="a hundred patterns that nothing matches",
        ),
        pytest.param(
            {"oneOf": [{"oneOf": [{"required": ["a"], "properties": {"a": False}}] * 50}] * 50},
            id="thousands of choices that nothing fits",
        ),
    ],
)
def test_an_odd_schema_costs_neither_time_nor_a_fault(schema: Any) -> None:
    began = time.process_time()
    example_of({}, schema, everything=True)
    assert time.process_time() - began < 2


def test_a_sample_names_the_fields_that_nothing_fits() -> None:
    impossible = {"type": "integer", "minimum": 2, "maximum": 1}
    item = {"type": "object", "required": ["b"], "properties": {"b": impossible}}
    schema = {
        "type": "object",
        "required": ["a", "list"],
        "properties": {"a": impossible, "list": {"type": "array", "minItems": 1, "items": item}},
    }
    assert {each.partition(":")[0] for each in sample_of({}, schema).unfilled} == {"a", "list.0.b"}


def test_a_sample_that_cannot_be_checked_says_so() -> None:
    assert sample_of({}, {"type": "unheard of"}).unfilled == (
        "body: the schema is too odd to check an example by it",
    )


def test_a_pattern_goes_before_a_format_that_it_contradicts() -> None:
    made = sample_of({}, {"type": "string", "format": "email", "pattern": r"^[a-z]+\\.[a-z]+$"})
    assert jsonschema_rs.Draft202012Validator({"pattern": r"^[a-z]+\\.[a-z]+$"}).is_valid(
        made.value
    )
    assert made.unfilled != ()


@pytest.mark.parametrize(
    ("given", "expected", "place"),
    [
        pytest.param({"a": 5, "b": "x"}, {"a": 5, "b": "x"}, None, id="as it is"),
        pytest.param({"a": "5", "b": "x"}, {"a": 5, "b": "x"}, "a", id="a number as text"),
        pytest.param({"a": 5, "b": 720}, {"a": 5, "b": "720"}, "b", id="a text as number"),
        pytest.param({"a": 5}, {"a": 5, "b": "text"}, "body", id="a field is missing"),
        pytest.param({"a": 5, "b": "x", "c": 1}, {"a": 5, "b": "x"}, "body", id="one too many"),
        pytest.param({"a": [1], "b": "x"}, {"a": 1, "b": "x"}, "a", id="another type"),
        pytest.param("see the docs", {"a": 1, "b": "text"}, "body", id="no example at all"),
        pytest.param({"id": 7, "a": 5, "b": "x"}, {"a": 5, "b": "x"}, None, id="what is read only"),
    ],
)
def test_an_authors_example_is_mended_where_it_is_wrong(
    given: Any, expected: Any, place: str | None
) -> None:
    schema = {
        "type": "object",
        "required": ["a", "b"],
        "properties": {
            "id": {"type": "integer", "readOnly": True},
            "a": {"type": "integer"},
            "b": {"type": "string"},
        },
        "additionalProperties": False,
    }
    made = sample_of({"example": given}, schema)

    assert made.value == expected
    assert made.unfilled == ()
    assert [each.partition(":")[0] for each in made.mended] == ([place] if place else [])


def test_the_discriminator_says_which_branch_it_is() -> None:
    pet = {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}}
    schema = {
        "oneOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}],
        "discriminator": {"propertyName": "kind", "mapping": {"kitten": "#/$defs/Cat"}},
        "$defs": {
            "Cat": {"allOf": [pet, {"required": ["purrs"]}]},
            "Dog": {"allOf": [pet, {"required": ["barks"]}]},
        },
    }
    assert sample_of({}, schema).value == {"kind": "kitten", "purrs": "text"}


def test_what_builds_on_a_base_calls_itself_by_its_name() -> None:
    schema = {
        "$ref": "#/$defs/Cat",
        "$defs": {
            "Pet": {
                "required": ["kind"],
                "properties": {"kind": {"type": "string"}},
                "discriminator": {"propertyName": "kind"},
            },
            "Cat": {"allOf": [{"$ref": "#/$defs/Pet"}, {"type": "object"}]},
        },
    }
    assert sample_of({}, schema).value == {"kind": "Cat"}


def test_the_same_schema_gives_the_same_sample() -> None:
    for schema in SCHEMAS.values():
        assert sample_of({}, schema) == sample_of({}, schema)
