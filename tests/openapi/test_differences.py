"""What a new reading of an operation says otherwise, and what of it breaks."""

import json
from typing import Any

import pytest

from ouro_cli.model.route import Operation
from ouro_cli.openapi.differences import differences
from tests.builders import a_parameter, an_operation


def told(
    before: Operation,
    after: Operation,
    components: tuple[dict[str, str], dict[str, str]] = ({}, {}),
) -> list[tuple[str, str, bool]]:
    found = differences(before, after, components[0].get, components[1].get)
    return [(each.where, str(each), each.is_breaking) for each in found]


def body(**schema: Any) -> Operation:
    return an_operation(body={"type": "object", **schema})


def answer(schema: Any, code: str = "200") -> Operation:
    content = {"application/json": {"schema": schema}}
    return an_operation(responses={code: {"description": "ok", "content": content}})


def test_what_differs_nowhere_that_is_known_is_said_to_differ_elsewhere() -> None:
    deep = {"x-note": 1}
    assert told(an_operation(extensions=deep), an_operation()) == [
        ("", "elsewhere nothing -> nothing", False)
    ]


LIMIT = {"type": "integer", "minimum": 1, "maximum": 10, "default": 3}


@pytest.mark.parametrize(
    ("before", "after", "what", "is_breaking"),
    [
        (LIMIT, {**LIMIT, "maximum": 5}, "maximum 10 -> 5", True),
        (LIMIT, {**LIMIT, "maximum": 20}, "maximum 10 -> 20", False),
        (LIMIT, {**LIMIT, "minimum": 2}, "minimum 1 -> 2", True),
        (LIMIT, {**LIMIT, "minimum": 0}, "minimum 1 -> 0", False),
        (LIMIT, {**LIMIT, "default": 4}, "default 3 -> 4", False),
        (LIMIT, {**LIMIT, "type": "number"}, "type integer -> number", False),
        ({"type": "number"}, {"type": "integer"}, "type number -> integer", True),
        ({"type": "string"}, {"type": ["string", "null"]}, None, False),
        ({}, {"type": "string"}, "type nothing -> string", True),
        ({"type": "string"}, {}, "type string -> nothing", False),
        ({"enum": ["a", "b"]}, {"enum": ["a"]}, None, True),
        ({"enum": ["a"]}, {"enum": ["a", "b"]}, None, False),
        ({"type": "string"}, {"type": "string", "pattern": "^a"}, None, True),
        ({"type": "string", "pattern": "^a"}, {"type": "string"}, None, False),
        ({"type": "string"}, {"type": "string", "maxLength": 5}, None, True),
        ({"type": "string"}, {"type": "string", "description": "x"}, None, False),
    ],
)
def test_a_parameter_that_lets_less_in_breaks(
    before: Any, after: Any, what: str | None, is_breaking: bool
) -> None:
    found = told(
        an_operation(parameters=[a_parameter("limit", schema=before or True)]),
        an_operation(parameters=[a_parameter("limit", schema=after or True)]),
    )
    assert [(each[0], each[2]) for each in found] == [("limit (query)", is_breaking)]
    assert what is None or found[0][1] == what


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([], [a_parameter("a")], ("a (query)", "is new", False)),
        ([], [a_parameter("a", required=True)], ("a (query)", "is new", True)),
        ([a_parameter("a")], [], ("a (query)", "is gone", True)),
        (
            [a_parameter("a")],
            [a_parameter("a", required=True)],
            ("a (query)", "is required now", True),
        ),
        (
            [a_parameter("a", required=True)],
            [a_parameter("a")],
            ("a (query)", "is optional now", False),
        ),
        (
            [a_parameter("a")],
            [a_parameter("a", explode=False)],
            ("a (query)", "explode nothing -> false", False),
        ),
        (
            [a_parameter("a")],
            [a_parameter("a", style="pipeDelimited")],
            ("a (query)", "style nothing -> pipeDelimited", True),
        ),
    ],
)
def test_parameters_come_and_go(before: Any, after: Any, expected: tuple[str, str, bool]) -> None:
    assert told(an_operation(parameters=before), an_operation(parameters=after)) == [expected]


def test_a_field_of_the_body_that_must_be_given_from_now_on_breaks() -> None:
    before = body(properties={"a": {"type": "string"}})
    after = body(properties={"a": {"type": "string"}, "b": {}}, required=["a", "b"])
    assert told(before, after) == [
        ("body.a", "is required now", True),
        ("body.b", "is new", True),
    ]


def test_of_what_is_gone_as_a_whole_the_inside_is_not_told() -> None:
    before = body(properties={"a": {"properties": {"b": {"properties": {"c": {}}}}}})
    assert told(before, body(properties={})) == [("body.a", "is gone", True)]


def test_a_body_that_is_closed_now_breaks() -> None:
    assert told(body(), body(additionalProperties=False)) == [
        ("body", "closed nothing -> true", True)
    ]


def test_an_answer_breaks_where_it_promises_less() -> None:
    before = answer({"type": "object", "required": ["a"], "properties": {"a": {}, "b": {}}})
    after = answer({"type": "object", "properties": {"a": {}, "c": {}}})
    assert told(before, after) == [
        ("answer 200.a", "is optional now", True),
        ("answer 200.b", "is gone", True),
        ("answer 200.c", "is new", False),
    ]


def test_what_lies_behind_a_reference_is_compared() -> None:
    pets = answer({"type": "array", "items": {"$ref": "#/components/schemas/Pet"}})
    before = {"#/components/schemas/Pet": json.dumps({"properties": {"name": {"type": "string"}}})}
    after = {"#/components/schemas/Pet": json.dumps({"properties": {"name": {"type": "integer"}}})}
    assert told(pets, pets, (before, after)) == [
        ("answer 200[].name", "type string -> integer", True)
    ]


def test_a_schema_that_holds_itself_is_compared_all_the_same() -> None:
    node = "#/components/schemas/Node"
    tree = answer({"$ref": node})
    before = {node: json.dumps({"properties": {"next": {"$ref": node}, "value": {}}})}
    after = {node: json.dumps({"properties": {"next": {"$ref": node}}})}
    assert told(tree, tree, (before, after)) == [("answer 200.value", "is gone", True)]


@pytest.mark.parametrize(
    ("facts", "what", "is_breaking"),
    [
        ({"summary": "Anew"}, "summary reads otherwise", False),
        ({"operation_id": "b"}, "operation_id a -> b", True),
        ({"deprecated": True}, "deprecated false -> true", False),
        ({"execution_mode": "async"}, "execution_mode sync -> async", True),
        ({"security": [{"key": []}]}, 'security nothing -> [{"key": []}]', True),
        (
            {"pricing": {"model": "per_call", "unit_cost": 1, "currency": "usd"}},
            "costs 1 usd per call; cost nothing that is said before",
            True,
        ),
        ({"pricing": {"model": "free"}}, "costs free; cost nothing that is said before", False),
    ],
)
def test_what_is_said_of_the_route_as_a_whole(
    facts: dict[str, Any], what: str, is_breaking: bool
) -> None:
    before = an_operation(operation_id="a")
    after = an_operation(**{"operation_id": "a", **facts})
    assert told(before, after) == [("", what, is_breaking)]


def test_declared_assets_are_compared() -> None:
    file = {"asset_type": "file", "file_extensions": ["cif", "xyz"]}
    before = an_operation(input_assets={"a": file}, output_assets={"b": {"asset_type": "post"}})
    after = an_operation(
        input_assets={"a": {**file, "file_extensions": ["cif"]}, "c": {"asset_type": "file"}}
    )
    assert told(before, after) == [
        ("takes a", 'file_extensions ["cif", "xyz"] -> ["cif"]', True),
        ("takes c", "is new", True),
        ("makes b", "is gone", True),
    ]


@pytest.mark.parametrize("field", ["fills_properties", "response_charts"])
def test_what_is_found_out_and_drawn_is_compared_and_breaks_nothing(field: str) -> None:
    declared: dict[str, Any] = {field: ({"property": "tc", "value": "Tc_K"},)}
    ((where, text, is_breaking),) = told(an_operation(), an_operation(**declared))
    assert (where, is_breaking) == ("", False)
    assert text.startswith(field)
