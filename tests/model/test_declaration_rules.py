"""The rules of declarations, one row for each that the platform's own SDK or tests fix.

The numbers are the sections of the contract; `read` is what a declaration becomes.
"""

from typing import Any

import pytest
from ouro.utils.route_outputs import describe_route_output_when, route_output_when_matches

from ouro_cli.model.compatibility import unfit, wanted
from ouro_cli.model.declaration import (
    condition_text,
    from_legacy_columns,
    is_expected,
    legacy_columns,
    read_inputs,
    read_outputs,
)
from tests.builders import a_crystal

FILE: dict[str, Any] = {"asset_type": "file"}
ALL_FILTERS = ("audio", "video", "image", "pdf", "3d model", "atomic structure")


def _read_input(**declaration: Any) -> dict[str, Any] | None:
    read = read_inputs({"x-ouro-input-assets": {"a": declaration, "b": FILE}}, [])
    return read.get("a")


def _read_output(**declaration: Any) -> dict[str, Any] | None:
    read = read_outputs({"x-ouro-output-assets": {"a": declaration, "b": FILE}}, [])
    return read.get("a")


@pytest.mark.parametrize("kind", ["file", "dataset", "post", "comment", "route"])
def test_3_1_an_input_is_of_one_of_five_types(kind: str) -> None:
    assert _read_input(asset_type=kind) == {"asset_type": kind}


@pytest.mark.parametrize("kind", ["file", "dataset", "post", "comment"])
def test_3_2_an_output_is_of_one_of_four_types(kind: str) -> None:
    assert _read_output(asset_type=kind) == {"asset_type": kind}


@pytest.mark.parametrize("family", ALL_FILTERS)
def test_3_1_a_filter_is_one_of_six_families(family: str) -> None:
    assert _read_input(asset_type="file", input_filter=family) == {**FILE, "input_filter": family}


@pytest.mark.parametrize(
    ("declaration", "read"),
    [
        pytest.param({}, None, id="3.1 asset_type is required"),
        pytest.param({"asset_type": "video"}, None, id="3.1 and is of the closed set"),
        pytest.param(
            {**FILE, "asset_types": ["file", "post"]},
            {**FILE, "asset_types": ["file", "post"]},
            id="3.1 a union",
        ),
        pytest.param({**FILE, "asset_types": ["post"]}, None, id="3.1 that holds the asset_type"),
        pytest.param({**FILE, "asset_types": []}, None, id="3.1 and is not empty"),
        pytest.param({**FILE, "primary": True}, {**FILE, "primary": True}, id="3.1 primary"),
        pytest.param(
            {**FILE, "file_extensions": [".cif"]},
            {**FILE, "file_extensions": ["cif"]},
            id="3.1 extensions have no leading dots",
        ),
        pytest.param(
            {**FILE, "input_file_extensions": ["cif"]},
            {**FILE, "file_extensions": ["cif"]},
            id="3.1 and an alias",
        ),
        pytest.param(
            {**FILE, "contains_file_extensions": ["png"]},
            {**FILE, "contains_file_extensions": ["png"]},
            id="3.1 what an archive holds",
        ),
        pytest.param(
            {**FILE, "colour": {"deep": [1]}},
            {**FILE, "colour": {"deep": [1]}},
            id="3.1 unknown keys are preserved",
        ),
        pytest.param({**FILE, "input_filter": "cats"}, FILE, id="3.1 an unknown filter is not"),
        pytest.param(
            {**FILE, "input_filter": "3d"},
            {**FILE, "input_filter": "3d model"},
            id="3.5 3d is mapped",
        ),
    ],
)
def test_an_input_is_read_by_the_rules(
    declaration: dict[str, Any], read: dict[str, Any] | None
) -> None:
    assert _read_input(**declaration) == read


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        pytest.param({"primary": True}, True, id="primary"),
        pytest.param({"file_extensions": ["cif"]}, True, id="file_extensions"),
        pytest.param({"contains_file_extensions": ["png"]}, True, id="contains_file_extensions"),
        pytest.param({"when": {"mode": ["a", 1, 1.5, True]}}, True, id="when, a list"),
        pytest.param({"when": {"mode": "a"}}, True, id="when, a value"),
        pytest.param({"when": {}}, True, id="when, empty"),
        pytest.param({"optional": True}, True, id="optional"),
        pytest.param({"embedded_in": "b"}, True, id="embedded_in"),
        pytest.param({"embedded_in": "a"}, False, id="embedded_in itself"),
        pytest.param({"embedded_in": "c"}, False, id="embedded_in what is not there"),
        pytest.param({"role": "new"}, True, id="role new"),
        pytest.param({"role": "version"}, True, id="role version"),
        pytest.param({"role": "result"}, True, id="role result"),
        pytest.param({"role": "supporting"}, True, id="role supporting"),
        pytest.param({"role": "child"}, False, id="role unknown"),
        pytest.param({"colour": "blue"}, True, id="an unknown word"),
    ],
)
def test_3_2_an_outputs_words(words: dict[str, Any], kept: bool) -> None:
    assert _read_output(**FILE, **words) == (FILE | words if kept else FILE)


WHEN: list[tuple[Any, Any, dict[str, Any], bool]] = [
    (None, {}, {}, True),
    ({}, {}, {}, True),
    ("always", {}, {}, True),
    ({"a": 1}, {"a": 1}, {}, True),
    ({"a": 1}, {"a": 2}, {}, False),
    ({"a": 1, "b": 2}, {"a": 1}, {}, False),
    ({"a": 1, "b": 2}, {"a": 1, "b": 2}, {}, True),
    ({"a": [1, 2]}, {"a": 2}, {}, True),
    ({"a": [1, 2]}, {"a": 3}, {}, False),
    ({"a": []}, {"a": 3}, {}, False),
    ({"a": 1}, {}, {"a": 1}, True),
    ({"a": 1}, {"a": 2}, {"a": 1}, False),
    ({"a": 1}, {"a": None}, {"a": 1}, False),
    ({"a": 1}, {}, {}, False),
    ({"a": 1}, None, {"a": 1}, True),
    ({"a": 1}, [1], {"a": 1}, True),
    ({"a": True}, {"a": True}, {}, True),
    ({"a": True}, {"a": 1}, {}, False),
    ({"a": 1}, {"a": True}, {}, False),
    ({"a": True}, {"a": "true"}, {}, False),
    ({"a": False}, {"a": 0}, {}, False),
    ({"a": 3}, {"a": "3"}, {}, True),
    ({"a": 3}, {"a": " 3.0 "}, {}, True),
    ({"a": 3}, {"a": "three"}, {}, False),
    ({"a": 3}, {"a": ""}, {}, False),
    ({"a": "3"}, {"a": 3}, {}, False),
    ({"a": 1}, {"a": 1.0}, {}, True),
    ({"a": "x"}, {"a": "x"}, {}, True),
    ({"a": "x"}, {"a": "X"}, {}, False),
    ({"a": [True, "fast"]}, {"a": "fast"}, {}, True),
    ({"a": "x"}, {"a": ["x"]}, {}, False),
]


@pytest.mark.parametrize(("when", "body", "defaults", "expected"), WHEN)
def test_3_3_when(when: Any, body: Any, defaults: dict[str, Any], expected: bool) -> None:
    declaration = FILE if when is None else {**FILE, "when": when}
    assert is_expected(declaration, body, defaults) is expected


@pytest.mark.parametrize(("when", "body", "defaults", "expected"), WHEN)
def test_3_3_when_as_the_sdk_reads_it(
    when: Any, body: Any, defaults: dict[str, Any], expected: bool
) -> None:
    properties = {name: {"default": value} for name, value in defaults.items()}
    stated = {"content": {"application/json": {"schema": {"properties": properties}}}}
    assert route_output_when_matches(when, body, stated) is expected


@pytest.mark.parametrize(
    "when",
    [
        {"include_dataset": True},
        {"mode": ["a", "b"]},
        {"mode": ["a", "b", "c"], "n": 3},
        {"mode": "a", "is_fast": [False]},
    ],
)
def test_3_3_the_human_phrase_is_the_sdks(when: dict[str, Any]) -> None:
    assert condition_text({"when": when}) == describe_route_output_when(when)


@pytest.mark.parametrize("declaration", [{}, {"when": {}}, {"when": None}])
def test_3_3_what_has_no_condition_has_no_phrase(declaration: dict[str, Any]) -> None:
    assert condition_text(declaration) == ""


@pytest.mark.parametrize(
    ("operation", "read"),
    [
        ({"x-ouro-input-asset-type": "file"}, {"file": {**FILE, "primary": True}}),
        (
            {"x-ouro-input-asset-type": "dataset"},
            {"dataset": {"asset_type": "dataset", "primary": True}},
        ),
        ({"x-ouro-input-asset-type": "post"}, {"post": {"asset_type": "post", "primary": True}}),
        (
            {
                "x-ouro-input-asset-type": "file",
                "x-ouro-input-asset-filter": "metadata->type.in.(audio/mpeg,audio/wav)",
            },
            {"file": {**FILE, "primary": True}},
        ),
        (
            {
                "x-ouro-input-asset-type": "file",
                "x-ouro-input-file-extension": "cif",
                "x-ouro-input-asset-filter": "3d",
                "x-ouro-input-assets": {"file": {}},
            },
            {
                "file": {
                    **FILE,
                    "primary": True,
                    "file_extensions": ["cif"],
                    "input_filter": "3d model",
                }
            },
        ),
    ],
)
def test_3_5_legacy_extensions_are_read(operation: dict[str, Any], read: dict[str, Any]) -> None:
    assert read_inputs(operation, []) == read


def test_3_5_a_legacy_input_stands_beside_plural_outputs() -> None:
    operation = {
        "x-ouro-input-asset-type": "file",
        "x-ouro-output-assets": {"out": {"asset_type": "post"}},
    }
    assert list(read_inputs(operation, [])) == ["file"]
    assert read_outputs(operation, []) == {"out": {"asset_type": "post"}}


@pytest.mark.parametrize(
    ("inputs", "columns"),
    [
        pytest.param({}, {}, id="none"),
        pytest.param({"s": FILE}, {"input_type": "file"}, id="the only one"),
        pytest.param(
            {"a": {"asset_type": "post"}, "b": {**FILE, "primary": True}},
            {"input_type": "file"},
            id="the primary one",
        ),
        pytest.param(
            {"a": {"asset_type": "post"}, "b": FILE}, {"input_type": "post"}, id="else the first"
        ),
        pytest.param(
            {"s": {**FILE, "file_extensions": ["cif", "xyz"], "input_filter": "image"}},
            {
                "input_type": "file",
                "input_filter": "image",
                "input_file_extensions": ["cif", "xyz"],
                "input_file_extension": "cif",
            },
            id="with its extensions and filter",
        ),
    ],
)
def test_3_5_plural_to_legacy(inputs: dict[str, Any], columns: dict[str, Any]) -> None:
    found = legacy_columns(inputs, {})
    assert {name: value for name, value in found.items() if value is not None} == columns


@pytest.mark.parametrize(
    ("columns", "inputs"),
    [
        pytest.param({}, {}, id="none"),
        pytest.param(
            {"input_type": "dataset"},
            {"dataset": {"asset_type": "dataset", "primary": True}},
            id="the key is the type",
        ),
        pytest.param(
            {"input_type": "file", "input_file_extension": "cif"},
            {"file": {**FILE, "primary": True, "file_extensions": ["cif"]}},
            id="the single extension",
        ),
        pytest.param(
            {
                "input_type": "file",
                "input_file_extension": "cif",
                "input_file_extensions": ["cif", "xyz"],
                "input_filter": "image",
            },
            {
                "file": {
                    **FILE,
                    "primary": True,
                    "file_extensions": ["cif", "xyz"],
                    "input_filter": "image",
                }
            },
            id="the list of extensions, and the filter",
        ),
    ],
)
def test_3_5_legacy_to_plural(columns: dict[str, Any], inputs: dict[str, Any]) -> None:
    assert from_legacy_columns(columns)[0] == inputs


def test_3_5_legacy_to_plural_of_an_output() -> None:
    columns = {"output_type": "file", "output_file_extension": "png"}
    made = {"file": {**FILE, "primary": True, "file_extensions": ["png"]}}
    assert from_legacy_columns(columns) == ({}, made)


@pytest.mark.parametrize(
    ("facts", "declaration", "why"),
    [
        pytest.param({}, FILE, "", id="a file for a file"),
        pytest.param({"asset_type": "post"}, FILE, "is a post", id="a post for a file"),
        pytest.param(
            {"asset_type": "post"}, {**FILE, "asset_types": ["file", "post"]}, "", id="of a union"
        ),
        pytest.param({"extension": "cif"}, {**FILE, "file_extensions": ["cif"]}, "", id="its kind"),
        pytest.param(
            {"extension": "xyz"}, {**FILE, "file_extensions": ["cif"]}, "is .xyz", id="another kind"
        ),
        pytest.param(
            {"extension": ""},
            {**FILE, "file_extensions": ["cif"]},
            "has no extension",
            id="of no kind",
        ),
        pytest.param(
            {"asset_type": "dataset"},
            {"asset_type": "dataset", "file_extensions": ["cif"], "input_filter": "image"},
            "",
            id="of a dataset nothing of files is asked",
        ),
        pytest.param(
            {"extension": "cif", "media_type": "application/octet-stream"},
            {**FILE, "input_filter": "atomic structure"},
            "",
            id="a family by extension",
        ),
        pytest.param(
            {"extension": "bin", "media_type": "image/png"},
            {**FILE, "input_filter": "image"},
            "",
            id="a family by media type",
        ),
        pytest.param(
            {"extension": "bin", "media_type": "text/plain"},
            {**FILE, "input_filter": "image"},
            "is text/plain",
            id="no such family",
        ),
        pytest.param(
            {"extension": "zip", "facts": {"archive": {"extensions": ["cif", "png"]}}},
            {**FILE, "contains_file_extensions": ["cif"]},
            "",
            id="a zip that holds it",
        ),
        pytest.param(
            {"extension": "zip", "facts": {"archive": {"extensions": ["png"]}}},
            {**FILE, "contains_file_extensions": ["cif"]},
            "is no archive that holds .cif",
            id="a zip that holds it not",
        ),
        pytest.param(
            {"extension": "cif"},
            {**FILE, "contains_file_extensions": ["cif"]},
            "is no archive",
            id="no zip",
        ),
        pytest.param({}, {"asset_type": "comment"}, "is a file", id="a comment is wanted"),
    ],
)
def test_3_11_whether_an_asset_fits(
    facts: dict[str, Any], declaration: dict[str, Any], why: str
) -> None:
    found = unfit(a_crystal(**facts), declaration)
    assert found.startswith(why)
    assert bool(found) == bool(why)


FAMILIES = {
    "audio": "mpeg wav ogg flac aac x-aiff midi x-ms-wma amr",
    "video": "mp4 webm ogg avi mpeg quicktime x-ms-wmv x-flv",
    "image": "png jpeg webp gif svg+xml bmp tiff vnd.microsoft.icon",
}
OTHERS = {
    "pdf": ["application/pdf"],
    "3d model": ["model/obj"],
    "atomic structure": [
        *(f"chemical/{kind}" for kind in ("x-cif", "x-pdb", "x-sdf", "x-mdl-sdfile")),
        *("chemical/x-mdl-molfile", "text/cif"),
    ],
}
MEMBERS = [
    *((family, f"{family}/{kind}") for family, kinds in FAMILIES.items() for kind in kinds.split()),
    *((family, media_type) for family, media_types in OTHERS.items() for media_type in media_types),
]


@pytest.mark.parametrize(("family", "media_type"), MEMBERS)
def test_3_11_a_familys_media_types(family: str, media_type: str) -> None:
    asset = a_crystal(extension="bin", media_type=media_type)
    fits = [each for each in ALL_FILTERS if not unfit(asset, {**FILE, "input_filter": each})]
    assert fits == [family]


@pytest.mark.parametrize(
    ("declaration", "words"),
    [
        (FILE, "a file"),
        ({**FILE, "file_extensions": ["cif", "xyz"]}, "a file, .cif or .xyz"),
        ({**FILE, "asset_types": ["file", "post"]}, "a file or a post"),
        ({**FILE, "input_filter": "image"}, "a file, image"),
        ({**FILE, "contains_file_extensions": ["cif"]}, "a file, a zip with .cif in it"),
    ],
)
def test_3_11_what_would_fit_is_said_in_words(declaration: dict[str, Any], words: str) -> None:
    assert wanted(declaration) == words
