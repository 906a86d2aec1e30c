"""Declarations of assets, in both spellings."""

from typing import Any

import pytest

from ouro_cli.model.declaration import normal_extension, primary_name, read_inputs, read_outputs


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cif", "cif"),
        (".CIF", "cif"),
        ("..tar.gz", "targz"),
        ("mp3", "mp3"),
        ("123", None),
        ("...", None),
        ("é", None),
        ("abcdefghijklm", None),
    ],
)
def test_an_extension_is_small_letters_and_digits(text: str, expected: str | None) -> None:
    assert normal_extension(text) == expected


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        pytest.param({}, {}, id="none"),
        pytest.param(
            {"x-ouro-input-assets": {"structure": {"asset_type": "file"}}},
            {"structure": {"asset_type": "file"}},
            id="plain",
        ),
        pytest.param(
            {
                "x-ouro-input-assets": {
                    "a": {
                        "asset_type": "file",
                        "primary": True,
                        "file_extensions": [".CIF", "cif"],
                    },
                    "b": {"asset_type": "route", "colour": "blue"},
                }
            },
            {
                "a": {"asset_type": "file", "primary": True, "file_extensions": ["cif"]},
                "b": {"asset_type": "route", "colour": "blue"},
            },
            id="two, with a word that we do not know",
        ),
        pytest.param(
            {"x-ouro-input-assets": {"a": {"asset_type": "file", "asset_types": ["post", "file"]}}},
            {"a": {"asset_type": "file", "asset_types": ["post", "file"]}},
            id="a union",
        ),
        pytest.param(
            {
                "x-ouro-input-assets": {
                    "a": {"asset_type": "file", "input_file_extensions": ["xyz"]},
                    "b": {"asset_type": "file", "file_extensions": "CIF"},
                }
            },
            {
                "a": {"asset_type": "file", "file_extensions": ["xyz"]},
                "b": {"asset_type": "file", "file_extensions": ["cif"]},
            },
            id="the older spelling of the extensions, and one that is no list",
        ),
        pytest.param(
            {
                "x-ouro-input-assets": {
                    "a": {"asset_type": "file", "file_extensions": None, "input_filter": None}
                }
            },
            {"a": {"asset_type": "file"}},
            id="null says nothing",
        ),
        pytest.param(
            {"x-ouro-input-assets": {"a": {"asset_type": "file", "input_filter": "3d"}}},
            {"a": {"asset_type": "file", "input_filter": "3d model"}},
            id="the 3d filter",
        ),
        pytest.param(
            {
                "x-ouro-input-asset-type": "file",
                "x-ouro-input-file-extension": "cif",
                "x-ouro-input-asset-filter": "atomic structure",
            },
            {
                "file": {
                    "asset_type": "file",
                    "primary": True,
                    "file_extensions": ["cif"],
                    "input_filter": "atomic structure",
                }
            },
            id="legacy",
        ),
        pytest.param(
            {"x-ouro-input-asset-type": "file", "x-ouro-input-file-extensions": ["cif", "xyz"]},
            {"file": {"asset_type": "file", "primary": True, "file_extensions": ["cif", "xyz"]}},
            id="legacy, several extensions",
        ),
        pytest.param(
            {"x-ouro-input-asset-type": "dataset", "x-ouro-input-assets": {}},
            {"dataset": {"asset_type": "dataset", "primary": True}},
            id="legacy beside an empty map",
        ),
        pytest.param(
            {
                "x-ouro-input-asset-type": "file",
                "x-ouro-input-file-extension": "cif",
                "x-ouro-input-assets": {"structure": {}},
            },
            {"structure": {"asset_type": "file", "primary": True, "file_extensions": ["cif"]}},
            id="a single sparse row inherits",
        ),
        pytest.param(
            {
                "x-ouro-input-asset-type": "file",
                "x-ouro-input-file-extension": "cif",
                "x-ouro-input-assets": {"s": {"input_file_extensions": ["xyz"], "primary": False}},
            },
            {"s": {"asset_type": "file", "primary": False, "file_extensions": ["xyz"]}},
            id="a sparse row's own words win",
        ),
        pytest.param(
            {
                "x-ouro-input-asset-type": "file",
                "x-ouro-input-file-extension": "cif",
                "x-ouro-input-assets": {"table": {"asset_type": "dataset"}},
            },
            {"table": {"asset_type": "dataset"}},
            id="a row of another type inherits nothing",
        ),
    ],
)
def test_inputs_are_read(operation: dict[str, Any], expected: dict[str, Any]) -> None:
    problems: list[str] = []
    assert (read_inputs(operation, problems), problems) == (expected, [])


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        pytest.param(
            {
                "x-ouro-output-assets": {
                    "report": {"asset_type": "post", "primary": True, "role": "result"},
                    "plot": {"asset_type": "file", "embedded_in": "report", "optional": True},
                    "table": {"asset_type": "dataset", "when": {"n": [1, 2], "mode": "a"}},
                }
            },
            {
                "report": {"asset_type": "post", "primary": True, "role": "result"},
                "plot": {"asset_type": "file", "embedded_in": "report", "optional": True},
                "table": {"asset_type": "dataset", "when": {"n": [1, 2], "mode": "a"}},
            },
            id="several",
        ),
        pytest.param(
            {"x-ouro-output-asset-type": "file", "x-ouro-output-file-extension": ".PNG"},
            {"file": {"asset_type": "file", "primary": True, "file_extensions": ["png"]}},
            id="legacy",
        ),
        pytest.param(
            {
                "x-ouro-input-asset-type": "file",
                "x-ouro-output-assets": {"out": {"asset_type": "file"}},
            },
            {"out": {"asset_type": "file"}},
            id="a legacy input says nothing of the output",
        ),
    ],
)
def test_outputs_are_read(operation: dict[str, Any], expected: dict[str, Any]) -> None:
    problems: list[str] = []
    assert (read_outputs(operation, problems), problems) == (expected, [])


@pytest.mark.parametrize(
    ("declared", "problem"),
    [
        pytest.param([], "expected an object, not list", id="a list"),
        pytest.param("file", "expected an object, not str", id="text"),
        pytest.param({"a": "file"}, "a: expected an object", id="text inside"),
        pytest.param({"a": None}, "a: expected an object", id="null inside"),
        pytest.param({"a": {}}, "asset_type None is none of", id="nothing to inherit"),
        pytest.param({"a": {"asset_type": "video"}}, "asset_type 'video'", id="unknown type"),
        pytest.param({"a": {"asset_type": ["file"]}}, "asset_type ['file']", id="a list as type"),
        pytest.param({"a": {"asset_type": {}}}, "asset_type {}", id="an object as type"),
        pytest.param(
            {"a": {"asset_type": "file", "asset_types": []}}, "no list of asset types", id="[]"
        ),
        pytest.param(
            {"a": {"asset_type": "file", "asset_types": "file"}}, "no list", id="a word as union"
        ),
        pytest.param(
            {"a": {"asset_type": "file", "asset_types": [["file"]]}}, "no list", id="list in list"
        ),
        pytest.param(
            {"a": {"asset_type": "file", "asset_types": ["post"]}},
            "does not hold the asset_type 'file'",
            id="a union without it",
        ),
    ],
)
def test_a_declaration_that_cannot_be_read_is_left_out_and_said(
    declared: Any, problem: str
) -> None:
    problems: list[str] = []
    assert read_inputs({"x-ouro-input-assets": declared}, problems) == {}
    assert len(problems) == 1
    assert problem in problems[0]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ({"input_filter": "metadata->type.in.(audio/mpeg)"}, "input_filter"),
        ({"input_filter": ["image"]}, "input_filter"),
        ({"primary": "yes"}, "primary"),
        ({"file_extensions": ["..."]}, "is no file extension"),
        ({"file_extensions": {"a": 1}}, "is no file extension"),
    ],
)
def test_of_an_input_only_the_faulty_word_is_left_out(words: dict[str, Any], problem: str) -> None:
    problems: list[str] = []
    read = read_inputs({"x-ouro-input-assets": {"a": {"asset_type": "file", **words}}}, problems)
    assert {key: value for key, value in read["a"].items() if value != []} == {"asset_type": "file"}
    assert len(problems) == 1
    assert problem in problems[0]


@pytest.mark.parametrize(
    "words",
    [
        {"role": "main"},
        {"role": ["new"]},
        {"optional": "maybe"},
        {"embedded_in": "a"},
        {"embedded_in": "nowhere"},
        {"embedded_in": ["b"]},
        {"when": "always"},
        {"when": {"mode": {"is": "a"}}},
        {"when": {"mode": [None]}},
    ],
)
def test_of_an_output_only_the_faulty_word_is_left_out(words: dict[str, Any]) -> None:
    problems: list[str] = []
    declared = {"a": {"asset_type": "file", **words}, "b": {"asset_type": "post"}}
    read = read_outputs({"x-ouro-output-assets": declared}, problems)
    assert read["a"] == {"asset_type": "file"}
    assert len(problems) == 1
    assert next(iter(words)) in problems[0]


def test_a_route_may_be_an_input_and_is_no_output() -> None:
    problems: list[str] = []
    assert read_outputs({"x-ouro-output-assets": {"a": {"asset_type": "route"}}}, problems) == {}
    assert problems


@pytest.mark.parametrize(
    "legacy", [{"x-ouro-input-asset-type": 3}, {"x-ouro-input-asset-type": []}]
)
def test_a_legacy_type_that_is_no_word_declares_nothing(legacy: dict[str, Any]) -> None:
    assert read_inputs(legacy, []) == {}


def test_a_legacy_type_that_is_unknown_is_a_problem_named_for_what_it_is() -> None:
    problems: list[str] = []
    assert read_inputs({"x-ouro-input-asset-type": "video"}, problems) == {}
    assert problems[0].startswith("x-ouro-input-asset-type/video: ")


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        pytest.param({}, None, id="none"),
        pytest.param({"a": {}}, "a", id="the only one"),
        pytest.param({"a": {}, "b": {}}, "a", id="the first of several"),
        pytest.param({"a": {}, "b": {"primary": True}}, "b", id="marked"),
    ],
)
def test_the_primary_declaration_is_the_marked_one_or_the_first(
    declared: dict[str, Any], expected: Any
) -> None:
    assert primary_name(declared) == expected
