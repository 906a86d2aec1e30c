"""References by a schema's own name."""

import copy
from typing import Any

import pytest

from ouro_cli.openapi import anchors


def schemas(**stated: Any) -> dict[str, Any]:
    return {"openapi": "3.1.0", "components": {"schemas": stated}}


@pytest.mark.parametrize(
    ("reference", "target", "expected"),
    [
        ("#here", {"$anchor": "here"}, "#/components/schemas/B"),
        ("#here", {"items": {"$anchor": "here"}}, "#/components/schemas/B/items"),
        ("#here", {"$dynamicAnchor": "here"}, "#/components/schemas/B"),
        ("https://x.test/b", {"$id": "https://x.test/b"}, "#/components/schemas/B"),
        ("https://x.test/b#", {"$id": "https://x.test/b"}, "#/components/schemas/B"),
        ("https://x.test/b#/items", {"$id": "https://x.test/b"}, "#/components/schemas/B/items"),
        (
            "https://x.test/b#here",
            {"$id": "https://x.test/b", "not": {"$anchor": "here"}},
            "#/components/schemas/B/not",
        ),
        ("urn:b", {"$id": "urn:b"}, "#/components/schemas/B"),
        ("urn:b#here", {"$id": "urn:b", "$anchor": "here"}, "#/components/schemas/B"),
        ("B", {"$id": "B"}, "#/components/schemas/B"),
        ("#/components/schemas/B", {"$anchor": "here"}, "#/components/schemas/B"),
        # What has no name here is left as it is.
        ("#there", {"$anchor": "here"}, "#there"),
        ("https://y.test/b", {"$id": "https://x.test/b"}, "https://y.test/b"),
        ("http://[", {"$id": "https://x.test/b"}, "http://["),
    ],
)
def test_a_name_leads_to_its_schema(reference: str, target: Any, expected: str) -> None:
    document = schemas(A={"$ref": reference}, B=target)
    anchors.write_as_pointers(document)
    assert document["components"]["schemas"]["A"] == {"$ref": expected}


def test_a_pointer_is_meant_within_the_schema_of_its_id() -> None:
    stated = {"$id": "https://x.test/a", "$defs": {"N": {}}, "items": {"$ref": "#/$defs/N"}}
    document = schemas(A=stated)
    anchors.write_as_pointers(document)
    assert stated["items"] == {"$ref": "#/components/schemas/A/$defs/N"}


def test_a_pointer_into_the_document_is_left_where_an_id_is_but_a_label() -> None:
    document = schemas(A={"$id": "A", "items": {"$ref": "#/components/schemas/B"}}, B={"$id": "B"})
    before = copy.deepcopy(document)
    anchors.write_as_pointers(document)
    assert document == before


def test_a_dynamic_reference_leads_where_a_plain_one_would() -> None:
    stated = {"$dynamicAnchor": "node", "items": {"$dynamicRef": "#node", "title": "T"}}
    document = schemas(Tree=stated)
    anchors.write_as_pointers(document)
    assert stated["items"] == {"title": "T", "$ref": "#/components/schemas/Tree"}


def test_the_documents_own_address_is_itself() -> None:
    document = {
        "$self": "https://x.test/api",
        **schemas(A={"$ref": "https://x.test/api#/components/schemas/B"}, B={}),
    }
    anchors.write_as_pointers(document)
    assert document["components"]["schemas"]["A"] == {"$ref": "#/components/schemas/B"}


def test_a_name_with_a_percent_sign_is_found_again() -> None:
    document = {"openapi": "3.1.0", "components": {"schemas": {"a%41": {"$anchor": "x"}}}}
    document["components"]["schemas"]["B"] = {"$ref": "#x"}  # type: ignore[index]
    anchors.write_as_pointers(document)
    assert document["components"]["schemas"]["B"] == {"$ref": "#/components/schemas/a%2541"}  # type: ignore[index]


def test_one_object_at_two_places_is_written_once() -> None:
    shared = {"$dynamicRef": "#x"}
    document = schemas(A={"$anchor": "x"}, B={"items": shared}, C={"items": shared})
    anchors.write_as_pointers(document)
    assert shared == {"$ref": "#/components/schemas/A"}


def test_what_only_looks_like_a_name_is_data() -> None:
    document = schemas(
        A={"properties": {"$anchor": {"type": "string"}, "$id": {"type": "string"}}},
        B={"default": {"$anchor": "here"}, "example": {"$ref": "#here"}},
        C={"$ref": "#here"},
    )
    before = copy.deepcopy(document)
    anchors.write_as_pointers(document)
    assert document == before


@pytest.mark.parametrize("value", [None, [], {}, {"$id": 1, "$self": 2, "$anchor": [], "$ref": {}}])
def test_noise_is_left_alone(value: Any) -> None:
    before = copy.deepcopy(value)
    anchors.write_as_pointers(value)
    assert value == before
