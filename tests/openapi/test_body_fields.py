"""The fields of a body, their defaults, and conditions on fields that are not there."""

from typing import Any

import pytest

from ouro_cli.openapi import refs
from ouro_cli.openapi.body_fields import field_defaults, field_names
from ouro_cli.openapi.operations import read_operations
from tests.builders import a_document

A = {"properties": {"a": {"default": 1}, "b": {}}}
B = {"properties": {"c": {"default": 2}}}
COMPONENTS = {"components": {"schemas": {"A": A, "D": {"default": 4}, "Loop": {"$ref": "#/loop"}}}}


def _body(schema: Any, media_type: str = "application/json") -> dict[str, Any]:
    return {"content": {media_type: {"schema": schema}}}


def _follow(value: Any) -> Any:
    return refs.follow(COMPONENTS, value)


@pytest.mark.parametrize(
    ("body", "names", "defaults"),
    [
        pytest.param(None, set(), {}, id="no body"),
        pytest.param(_body(A), {"a", "b"}, {"a": 1}, id="plain"),
        pytest.param(
            _body({"$ref": "#/components/schemas/A"}), {"a", "b"}, {"a": 1}, id="a reference"
        ),
        pytest.param(
            _body({"properties": {"d": {"$ref": "#/components/schemas/D"}}}),
            {"d"},
            {"d": 4},
            id="a reference inside",
        ),
        pytest.param(
            _body({"anyOf": [{"type": "null"}, A, B]}),
            {"a", "b", "c"},
            {"a": 1},
            id="of variants the first with properties has the defaults",
        ),
        pytest.param(_body({"oneOf": [B, A]}), {"a", "b", "c"}, {"c": 2}, id="oneOf"),
        pytest.param(
            _body({"allOf": [{"$ref": "#/components/schemas/A"}, B]}),
            {"a", "b", "c"},
            {"a": 1},
            id="allOf",
        ),
        pytest.param(_body({**B, "allOf": [A]}), {"c"}, {"c": 2}, id="its own properties win"),
        pytest.param(_body({"type": "object"}), None, {}, id="any object"),
        pytest.param(_body(True), None, {}, id="a boolean"),
        pytest.param(_body({"anyOf": "x"}), None, {}, id="odd"),
        pytest.param(_body({"$ref": "#/nowhere"}), None, {}, id="a reference to nothing"),
        pytest.param({"content": {"application/json": None}}, None, {}, id="no media"),
        pytest.param(_body(A, "multipart/form-data"), {"a", "b"}, {"a": 1}, id="a form"),
    ],
)
def test_a_bodys_fields_and_defaults(
    body: Any, names: set[str] | None, defaults: dict[str, Any]
) -> None:
    assert field_names(body, _follow) == names
    assert field_defaults(body, _follow) == defaults


OUTPUT = {"x-ouro-output-assets": {"t": {"asset_type": "dataset", "when": {"mode": "a"}}}}
PROPERTY = {
    "x-ouro-input-asset-type": "file",
    "x-ouro-properties": [{"property": "tc", "value": "tc", "when": {"mode": "a"}}],
}


@pytest.mark.parametrize("declared", [OUTPUT, PROPERTY])
@pytest.mark.parametrize(
    ("schema", "is_told"),
    [
        ({"properties": {"mode": {}}}, False),
        ({"properties": {"model": {}}}, True),
        ({"type": "object"}, False),
    ],
)
def test_a_condition_on_a_field_that_is_not_there_is_a_warning(
    declared: dict[str, Any], schema: dict[str, Any], is_told: bool
) -> None:
    operation = {"requestBody": _body(schema), **declared}
    value = {"openapi": "3.1.0", "paths": {"/x": {"post": operation}}}
    reading = read_operations(a_document(value))
    told = [each for each in reading.warnings if "no field of the request's body" in each.message]
    assert len(told) == is_told
    assert all(each.pointer == "#/paths/~1x/post" for each in told)
    stated = reading.operations[0]
    assert stated.output_assets or stated.fills_properties
