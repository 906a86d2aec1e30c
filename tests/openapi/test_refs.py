"""References inside a document."""

import json
from typing import Any

import jsonschema_rs
import pytest

from ouro_cli.openapi import refs

DOCUMENT: dict[str, Any] = {
    "a/b": {"c~d": [{"e f": 1}, 2]},
    "": {"": 3},
    "loop": {"$ref": "#/loop"},
    "to": {"$ref": "#/a~1b"},
    "name": {"$ref": {"type": "string"}},
    "percent%25": 4,
}


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("#", DOCUMENT),
        ("#/a~1b/c~0d/1", 2),
        ("#/a~1b/c~0d/0/e%20f", 1),
        ("#/a~1b/c~0d/0/e f", 1),
        ("#//", 3),
        ("#/percent%2525", 4),
    ],
)
def test_a_reference_leads_to_its_value(reference: str, expected: Any) -> None:
    assert refs.lookup(DOCUMENT, reference) == expected


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        ("#/nowhere", "leads nowhere"),
        ("#/a~1b/c~0d/2", "leads nowhere"),
        ("#/a~1b/c~0d/-1", "leads nowhere"),
        ("#/a~1b/c~0d/x", "leads nowhere"),
        ("#/a~1b/c~0d/" + "9" * 5_000, "leads nowhere"),
        ("#/percent%2525/x", "leads nowhere"),
        ("#anchor", "is no JSON pointer"),
        ("other.yaml#/a", "leads out of the document"),
        ("http://127.0.0.1/", "leads out of the document"),
        ("", "leads out of the document"),
    ],
)
def test_a_reference_that_leads_nowhere_says_so(reference: str, why: str) -> None:
    with pytest.raises(refs.Unresolvable, match=why):
        refs.lookup(DOCUMENT, reference)


def test_a_pointer_is_written_as_it_is_read() -> None:
    written = refs.pointer("a/b", "c~d", 1)
    assert written == "#/a~1b/c~0d/1"
    assert refs.pointer_tokens(written) == ["a/b", "c~d", "1"]


def test_following_ends_at_what_is_no_reference() -> None:
    assert refs.follow(DOCUMENT, {"$ref": "#/to"}) == DOCUMENT["a/b"]
    assert refs.follow(DOCUMENT, DOCUMENT["name"]) == DOCUMENT["name"]
    assert refs.follow(DOCUMENT, 5) == 5


def test_a_reference_that_leads_to_itself_is_not_followed_for_ever() -> None:
    with pytest.raises(refs.Unresolvable, match="leads to itself"):
        refs.follow(DOCUMENT, DOCUMENT["loop"])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"$ref": "#/a"}, {"#/a"}),
        ([{"x": [{"$ref": '#/"q"\\é'}]}], {'#/"q"\\é'}),
        ({"properties": {"$ref": {"type": "string"}}}, set()),
        ({"description": '{"$ref": "#/no"}'}, set()),
        ({"required": ["$ref", "#/no"]}, set()),
    ],
)
def test_references_are_found_in_json_text(value: Any, expected: set[str]) -> None:
    assert refs.references_in(json.dumps(value)) == expected
    assert refs.references_in(json.dumps(value, ensure_ascii=False)) == expected


def test_a_closure_holds_all_that_is_reached_and_names_what_is_not_there() -> None:
    texts = {
        "#/a": '{"$ref": "#/b"}',
        "#/b": '[{"$ref": "#/a"}, {"$ref": "#/c"}, {"$ref": "#"}]',
        "#/d": "{}",
    }
    found, missing = refs.closure(["#/a", "#/a"], texts.get)
    assert (sorted(found), missing) == (["#/a", "#/b"], {"#/c"})


def test_a_bundle_holds_its_components_where_its_references_look_for_them() -> None:
    schema = {"$ref": "#/components/schemas/A"}
    components = {
        "#/components/schemas/A": {"properties": {"b": {"$ref": "#/components/schemas/B"}}},
        "#/components/schemas/B": {"type": "integer"},
        "#/components/schemas/A/properties/b": {"$ref": "#/components/schemas/B"},
    }
    assert refs.bundle(schema, components) == {
        "$ref": "#/components/schemas/A",
        "components": {
            "schemas": {
                "A": {"properties": {"b": {"$ref": "#/components/schemas/B"}}},
                "B": {"type": "integer"},
            }
        },
    }


def test_bundling_changes_nothing_that_was_given() -> None:
    schema = {"properties": {"a": {"$ref": "#/properties/x/y"}, "x": {}}}
    components = {"#/properties/x/y": {"type": "string"}, "#/c": {"$ref": "#/c/d"}}
    before = json.dumps([schema, components])
    refs.bundle(schema, components)
    assert json.dumps([schema, components]) == before


def test_what_is_missing_lets_everything_pass_and_the_rest_is_still_checked() -> None:
    bundled = refs.bundle(
        {"properties": {"a": {"$ref": "#/components/schemas/Gone"}, "b": {"type": "string"}}}, {}
    )
    validator = jsonschema_rs.Draft202012Validator(bundled, offline=True)
    assert validator.is_valid({"a": 1, "b": "x"})
    assert not validator.is_valid({"a": 1, "b": 2})


@pytest.mark.parametrize("schema", [True, False, None, [1]])
def test_what_is_no_object_needs_no_components(schema: Any) -> None:
    assert refs.bundle(schema, {"#/a": {}}) is schema


def test_a_reference_into_what_is_no_object_is_left_as_it_is() -> None:
    schema = {"$ref": "#/type/a/b", "type": "object"}
    assert refs.bundle(schema, {"#/type/a/b": {}, "#": {"x": 1}}) == schema


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("#/components/schemas/A~1B", "#/components/schemas/A~1B"),
        ("#/components/schemas/A%20B", "#/components/schemas/A%20B"),
        ("#/components/schemas/A B", "#/components/schemas/A%20B"),
        ("#/components/schemas/Page<Pet>", "#/components/schemas/Page%3CPet%3E"),
        ("#/components/schemas/List«Pet»", "#/components/schemas/List%C2%ABPet%C2%BB"),
        ("#/components/schemas/100%", "#/components/schemas/100%25"),
        ("#/components/schemas/100%z", "#/components/schemas/100%25z"),
    ],
)
def test_a_reference_is_made_an_address(reference: str, expected: str) -> None:
    assert refs.as_uri(reference) == expected
    assert refs.pointer_tokens(expected) == refs.pointer_tokens(reference)
