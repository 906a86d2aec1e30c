"""Documents of several files, as one."""

import copy
import json
from typing import Any
from unittest import mock

import pytest
from prance.util import url as prance_url
from prance.util.resolver import RefResolver

from ouro_cli.model.service import Finding
from ouro_cli.openapi import refs
from ouro_cli.openapi.bundle import FILES, NotFollowed, join
from ouro_cli.openapi.places import references

ROOT = "file:///v/openapi.json"


def joined(root: Any, **files: Any) -> tuple[Any, list[Finding]]:
    """The document and these files, whose names are `a_json` for a.json, as one."""
    values = {f"file:///v/{name.replace('_', '.')}": value for name, value in files.items()}
    read: list[str] = []

    def find(address: str) -> tuple[Any, str]:
        read.append(address)
        if address not in values:
            raise NotFollowed("it is not there")
        return copy.deepcopy(values[address]), address

    warnings: list[Finding] = []
    whole = join(copy.deepcopy(root), ROOT, find, warnings)
    assert len(read) == len(set(read)), "each file is read once"
    return whole, warnings


def schema(value: Any) -> dict[str, Any]:
    return {"components": {"schemas": {"A": value}}}


def test_a_document_of_one_file_stays_as_it_is() -> None:
    root = schema({"$ref": "#/components/schemas/A"})
    assert joined(root) == (root, [])


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("b.json", f"#/{FILES}/b.json"),
        ("b.json#", f"#/{FILES}/b.json"),
        ("./b.json#/B", f"#/{FILES}/b.json/B"),
        ("file:///v/b.json#/B", f"#/{FILES}/b.json/B"),
        ("openapi.json#/components/schemas/A", "#/components/schemas/A"),
        ("openapi.json", "#"),
        ("#/components/schemas/A", "#/components/schemas/A"),
    ],
)
def test_a_reference_leads_to_where_the_file_stands(reference: str, expected: str) -> None:
    whole, warnings = joined(schema({"$ref": reference}), b_json={"B": {}})
    assert (whole["components"]["schemas"]["A"], warnings) == ({"$ref": expected}, [])


def test_a_file_refers_to_itself_to_others_and_back() -> None:
    whole, warnings = joined(
        schema({"$ref": "b.json#/B"}),
        b_json={
            "B": {
                "properties": {
                    "self": {"$ref": "#/B"},
                    "all": {"$ref": "#"},
                    "c": {"$ref": "c.json#/C", "description": "beside"},
                    "root": {"$ref": "openapi.json#/components/schemas/A"},
                }
            }
        },
        c_json={"C": {"$ref": "b.json#/B"}},
    )
    assert warnings == []
    assert whole[FILES]["b.json"]["B"]["properties"] == {
        "self": {"$ref": f"#/{FILES}/b.json/B"},
        "all": {"$ref": f"#/{FILES}/b.json"},
        "c": {"$ref": f"#/{FILES}/c.json/C", "description": "beside"},
        "root": {"$ref": "#/components/schemas/A"},
    }
    for _, holder, word in references(whole):
        refs.lookup(whole, holder[word])


def test_a_name_with_slashes_and_signs_is_found_again() -> None:
    values = {"file:///v/a/b~c%20d.json": {"x y": {"type": "string"}}}

    def find(address: str) -> tuple[Any, str]:
        return values[address], address

    whole = join(schema({"$ref": "a/b~c%20d.json#/x%20y"}), ROOT, find, [])
    reference = whole["components"]["schemas"]["A"]["$ref"]
    assert refs.lookup(whole, reference) == {"type": "string"}


def test_what_is_not_followed_stays_and_is_named_with_its_place() -> None:
    stated = {"anyOf": [{"$ref": "gone.json#/A"}, {"$ref": "gone.json#/B"}, {"$ref": "b.json"}]}
    whole, warnings = joined(schema(stated), b_json={"not": {"$ref": "http://["}})
    assert whole["components"]["schemas"]["A"]["anyOf"][:2] == stated["anyOf"][:2]
    assert [(each.pointer, each.message) for each in warnings] == [
        (
            "#/components/schemas/A/anyOf/0",
            "gone.json#/A is not followed: it is not there",
        ),
        (
            "#/components/schemas/A/anyOf/1",
            "gone.json#/B is not followed: it is not there",
        ),
        (f"#/{FILES}/b.json/not", "http://[ is not followed: it is no address"),
    ]


def test_an_anchor_of_another_file_is_not_followed() -> None:
    _, warnings = joined(schema({"$ref": "b.json#here"}), b_json={"$anchor": "here"})
    assert warnings[0].message == "b.json#here is not followed: #here is no JSON pointer"


def test_a_mapping_leads_to_the_files_too() -> None:
    mapping = {"a": "b.json#/B", "b": "Plain", "c": "#/components/schemas/A", "d": "b.json", "e": 1}
    stated = {"discriminator": {"propertyName": "kind", "mapping": mapping}}
    whole, _ = joined(schema(stated), b_json={"B": {}})
    assert whole["components"]["schemas"]["A"]["discriminator"]["mapping"] == {
        "a": f"#/{FILES}/b.json/B",
        "b": "Plain",
        "c": "#/components/schemas/A",
        "d": f"#/{FILES}/b.json",
        "e": 1,
    }


def test_data_is_not_followed() -> None:
    stated = {
        "example": {"$ref": "b.json"},
        "default": {"$ref": "b.json"},
        "enum": [{"$ref": "b.json"}],
        "x-more": {"$ref": "b.json"},
        "properties": {"$ref": {"type": "string"}, "default": {"$ref": "b.json"}},
    }
    whole, _ = joined(schema(stated), b_json={})
    found = [holder[word] for _, holder, word in references(whole)]
    assert found == [f"#/{FILES}/b.json"]


def test_one_object_at_two_places_is_written_once() -> None:
    shared = {"$ref": "b.json#/B"}
    whole = join(
        {"components": {"schemas": {"A": shared, "C": shared}}},
        ROOT,
        lambda address: ({"B": {}}, address),
        [],
    )
    assert whole["components"]["schemas"]["C"] == {"$ref": f"#/{FILES}/b.json/B"}


def test_prance_resolves_the_whole_to_what_it_resolves_the_files_to() -> None:
    """An oracle that nobody here wrote: both ways, no reference is left and all else is equal."""
    root = {
        "openapi": "3.0.3",
        "paths": {"/a": {"$ref": "paths.json#/~1a"}, "/b": {"$ref": "paths.json#/b"}},
        "components": {"schemas": {"Own": {"items": {"$ref": "schemas.json#/Pet"}}}},
    }
    files = {
        "paths.json": {
            "/a": {"get": {"responses": {"200": {"$ref": "openapi.json#/components/schemas/Own"}}}},
            "b": {"put": {"requestBody": {"$ref": "schemas.json#/Body"}}},
        },
        "schemas.json": {
            "Pet": {"properties": {"name": {"$ref": "#/Name"}}},
            "Name": {"type": "string"},
            "Body": {"content": {"a/b": {"schema": {"$ref": "#/Pet"}}}},
        },
    }
    named = {name.replace(".", "_"): value for name, value in files.items()}
    whole, warnings = joined(root, **named)
    assert warnings == []

    expected = _resolved(root, files)
    found = _resolved(whole, {})
    del found[FILES]
    assert found == expected
    assert "$ref" not in json.dumps(expected)


def _resolved(root: Any, files: dict[str, Any]) -> Any:
    cache = {(f"file:///v/{name}", True): value for name, value in files.items()}
    with mock.patch.object(prance_url, "fetch_url_text", side_effect=AssertionError("fetched")):
        resolver = RefResolver(root, ROOT, reference_cache=cache)
        resolver.resolve_references()
    return resolver.specs
