"""Declarations of any kind, faulty ones included: read, served, projected, and read by the SDK."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from ouro.models.route import Route as SdkRoute
from ouro.models.route import RoutePropertyDeclaration, RouteResponseChart

from ouro_cli.model.declaration import (
    INPUT_FILTERS,
    INPUT_TYPES,
    OUTPUT_TYPES,
    ROLES,
    from_legacy_columns,
    legacy_columns,
    read_inputs,
    read_outputs,
)
from ouro_cli.openapi.operations import read_operations
from ouro_cli.views.route import route_view
from tests.builders import a_document, a_route, a_service

SEEN_ROUTES = 300
"""How many routes of declarations the SDK reads; the issue asks for 200."""

NAMES = st.sampled_from(["file", "structure", "dataset", "post", "report", "a b", "ü", ""])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=4),
)
JUNK = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


def _mostly(*values: Any) -> st.SearchStrategy[Any]:
    """What a word should say, and now and then anything at all."""
    return _now_and_then(st.sampled_from(values), JUNK)


def _now_and_then(
    usual: st.SearchStrategy[Any], rare: st.SearchStrategy[Any]
) -> st.SearchStrategy[Any]:
    return st.integers(0, 11).flatmap(lambda number: rare if number == 11 else usual)


EXTENSIONS = _mostly([".CIF", "xyz"], ["cif"], "cif", ["1"], [])
WORDS: dict[str, st.SearchStrategy[Any]] = {
    "asset_type": _mostly("file", "dataset", "post", "comment", "route"),
    "asset_types": _mostly(["file"], ["file", "post"], []),
    "primary": _mostly(True, False),
    "input_filter": _mostly(*sorted(INPUT_FILTERS), "3d"),
    "file_extensions": EXTENSIONS,
    "input_file_extensions": EXTENSIONS,
    "contains_file_extensions": EXTENSIONS,
    "when": _mostly({"mode": "a"}, {"mode": ["a", 1, True]}, {}),
    "optional": _mostly(True, False),
    "embedded_in": NAMES,
    "role": _mostly(*sorted(ROLES)),
    "description": JUNK,
}
TYPE = WORDS.pop("asset_type")
DECLARATIONS = _now_and_then(
    st.fixed_dictionaries({"asset_type": TYPE}, optional=WORDS),
    st.fixed_dictionaries({}, optional=WORDS),
)
MAPS = _now_and_then(
    st.dictionaries(NAMES, _now_and_then(DECLARATIONS, JUNK), min_size=1, max_size=3), JUNK
)
PROPERTIES = st.fixed_dictionaries(
    {"property": _mostly("tc", "energy"), "value": _mostly("energy", "a.b.0")},
    optional={
        "unit": _mostly("K", "eV"),
        "uncertainty": _mostly("spread", ""),
        "subject": _mostly({"input": "file"}, {"output": "report"}, {"input": "x", "output": "y"}),
        "method": _mostly("MC", "DFT"),
        "conditions": _mostly({"T": "300 K"}, {}),
        "when": WORDS["when"],
        "requires": _mostly({"a": {"min": 1}}, {"a": [1, "b"]}, {"a": {"least": 1}}, {"a": []}),
    },
)
CHARTS = st.fixed_dictionaries(
    {
        "data": _mostly("points", "a.b"),
        "title": _mostly("T", "{a:1} K", ""),
        "config": _mostly(
            {"type": "line", "category": {"dataKey": "t"}, "series": [{"dataKey": "y"}]},
            {"type": "pie", "nameKey": "t", "dataKey": "y"},
            {"type": "radar", "category": {}, "series": [{}]},
        ),
    },
    optional={
        "description": _mostly("D"),
        "dataset": NAMES,
        "sort": _mostly("-t", "t"),
        "limit": _mostly(1, 0, -1, True),
    },
)
OPERATIONS = st.fixed_dictionaries(
    {},
    optional={
        "x-ouro-input-assets": MAPS,
        "x-ouro-output-assets": MAPS,
        "x-ouro-input-asset-type": TYPE,
        "x-ouro-input-asset-filter": WORDS["input_filter"],
        "x-ouro-input-file-extension": _mostly("cif", ".xyz"),
        "x-ouro-output-asset-type": TYPE,
        "x-ouro-output-file-extension": _mostly("cif"),
        "x-ouro-properties": _now_and_then(st.lists(PROPERTIES, min_size=1, max_size=3), JUNK),
        "x-ouro-response-charts": _now_and_then(st.lists(CHARTS, min_size=1, max_size=3), JUNK),
    },
)


@given(OPERATIONS)
@settings(max_examples=SEEN_ROUTES)
def test_the_official_client_reads_every_route_that_a_document_makes(
    operation: dict[str, Any],
) -> None:
    value = {"openapi": "3.1.0", "paths": {"/x": {"post": operation}}}
    reading = read_operations(a_document(value))
    stated = reading.operations[0]

    view = json.loads(json.dumps(route_view(a_route(operation=stated), a_service())))

    read = SdkRoute.model_validate(view).route
    assert read is not None
    assert set(read.input_assets or {}) == set(stated.input_assets)
    assert set(read.output_assets or {}) == set(stated.output_assets)
    assert len(read.properties or ()) == len(stated.fills_properties)
    assert len(read.response_charts or ()) == len(stated.response_charts)


@given(st.lists(PROPERTIES, max_size=2), st.lists(CHARTS, max_size=2))
def test_what_the_sdk_takes_we_leave_out_only_for_a_reason_that_we_say(
    properties: list[Any], charts: list[Any]
) -> None:
    operation = {"x-ouro-properties": properties, "x-ouro-response-charts": charts}
    value = {"openapi": "3.1.0", "paths": {"/x": {"post": operation}}}
    reading = read_operations(a_document(value))
    kept = reading.operations[0]
    missing = (
        len(properties) - len(kept.fills_properties) + (len(charts) - len(kept.response_charts))
    )
    told = [each for each in reading.warnings if "left out" in each.message]
    assert len(told) >= missing
    for each in kept.fills_properties:
        RoutePropertyDeclaration.model_validate(each)
    for chart in kept.response_charts:
        RouteResponseChart.model_validate(chart)


LEGACY_EXTENSIONS = st.lists(
    st.sampled_from(["cif", "xyz", "png", "mp3"]), min_size=1, max_size=3, unique=True
)


@st.composite
def _legacy_maps(draw: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Plural maps as legacy columns can say them: one primary entry, named after its type."""
    sides: list[dict[str, Any]] = []
    for types, most in ((INPUT_TYPES, 3), (OUTPUT_TYPES, 1)):
        if draw(st.booleans()):
            sides.append({})
            continue
        asset_type = draw(st.sampled_from(sorted(types)))
        declaration: dict[str, Any] = {"asset_type": asset_type, "primary": True}
        if draw(st.booleans()):
            declaration["file_extensions"] = draw(LEGACY_EXTENSIONS)[:most]
        if most > 1 and draw(st.booleans()):
            declaration["input_filter"] = draw(st.sampled_from(sorted(INPUT_FILTERS)))
        sides.append({asset_type: declaration})
    return sides[0], sides[1]


@given(_legacy_maps())
def test_plural_to_legacy_to_plural_is_the_identity_where_columns_can_say_it(
    maps: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    assert from_legacy_columns(legacy_columns(*maps)) == maps


@given(MAPS, MAPS)
def test_legacy_to_plural_to_legacy_is_the_identity(inputs: Any, outputs: Any) -> None:
    taken = read_inputs({"x-ouro-input-assets": inputs}, [])
    made = read_outputs({"x-ouro-output-assets": outputs}, [])
    columns = legacy_columns(taken, made)
    assert legacy_columns(*from_legacy_columns(columns)) == columns


@given(OPERATIONS)
def test_what_was_read_once_reads_the_same_again(operation: dict[str, Any]) -> None:
    taken, made = read_inputs(operation, []), read_outputs(operation, [])
    problems: list[str] = []
    assert read_inputs({"x-ouro-input-assets": taken}, problems) == taken
    assert read_outputs({"x-ouro-output-assets": made}, problems) == made
    assert problems == []
