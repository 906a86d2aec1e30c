"""Charts of a response: as declared, and filled."""

from typing import Any

import pytest

from ouro_cli.model.chart import MOST_ROWS, Chart, fill_chart, filled_text, read_charts

LINE: dict[str, Any] = {
    "data": "curve",
    "title": "Tc = {Tc_K:0} K",
    "config": {
        "type": "line",
        "category": {"dataKey": "t", "type": "number"},
        "series": [{"dataKey": "m", "name": "m of {name}"}],
    },
}
RESPONSE: dict[str, Any] = {
    "Tc_K": 749.6,
    "name": "Fe",
    "ok": True,
    "curve": [{"t": 2, "m": 0.5}, {"t": 1, "m": 0.9}, {"t": 3}, {"m": 4}],
    "nested": {"list": [{"t": 1}]},
}
OUTPUTS = {"table": {"asset_type": "dataset"}, "report": {"asset_type": "post"}}


def _chart(response: Any = RESPONSE, config: Any = None, **words: Any) -> Chart | None:
    declaration = {**LINE, **words}
    if config:
        declaration["config"] = {**LINE["config"], **config}
    problems: list[str] = []
    (read,) = read_charts([declaration], OUTPUTS, problems)
    assert problems == []
    return fill_chart(read, response)


def _drawn(**words: Any) -> Chart:
    chart = _chart(**words)
    assert chart is not None
    return chart


def test_a_chart_is_filled_with_the_records_of_the_response() -> None:
    chart = _drawn(description="{ok}")
    assert (chart.title, chart.description) == ("Tc = 750 K", "true")
    assert chart.rows == tuple(RESPONSE["curve"])
    assert (chart.category_key, chart.is_continuous) == ("t", True)
    assert [(each.key, each.name, each.kind) for each in chart.series] == [("m", "m of Fe", "line")]
    assert chart.is_drawn


@pytest.mark.parametrize(
    ("words", "places"),
    [
        ({"sort": "t"}, [1, 2, 3, None]),
        ({"sort": "-t"}, [3, 2, 1, None]),
        ({"sort": "-t", "limit": 2}, [3, 2]),
        ({"limit": 1}, [2]),
        ({"sort": "nothing"}, [2, 1, 3, None]),
    ],
)
def test_records_are_sorted_and_then_cut(words: dict[str, Any], places: list[Any]) -> None:
    assert [each.get("t") for each in _drawn(**words).rows] == places


def test_unlike_values_have_an_order_too() -> None:
    rows = [{"t": "b"}, {"t": 2}, {"t": [1]}, {"t": "a"}, {"t": True}, {"t": 1}]
    sorted_rows = _drawn(response={"curve": rows}, sort="t").rows
    assert [each["t"] for each in sorted_rows][:2] == [1, 2]
    assert len(sorted_rows) == 6


@pytest.mark.parametrize("response", [None, [], {}, {"curve": None}, {"curve": {"a": 1}}, "x"])
def test_a_response_without_the_list_has_no_chart(response: Any) -> None:
    assert _chart(response=response) is None


def test_what_is_no_record_is_passed_over() -> None:
    assert _drawn(response={"curve": [1, None, {"t": 1}, []]}).rows == ({"t": 1},)


def test_a_chart_without_records_is_not_drawn() -> None:
    assert not _drawn(response={"curve": []}).is_drawn


def test_very_many_records_are_cut_and_it_says_so() -> None:
    chart = _drawn(response={"curve": [{"t": n, "m": n} for n in range(MOST_ROWS + 5)]})
    assert len(chart.rows) == MOST_ROWS
    assert chart.note == f"the first {MOST_ROWS} of {MOST_ROWS + 5} records"


def test_an_unknown_kind_is_a_table_and_says_so() -> None:
    chart = _drawn(config={"type": "radar"})
    assert not chart.is_drawn
    assert "'radar' cannot be drawn" in chart.note


def test_lines_lie_at_values_and_at_places() -> None:
    lines = [
        {"axis": "value", "value": 0.7, "label": "half of {name}"},
        {"axis": "category", "value": {"field": "Tc_K"}},
        {"value": {"field": "gone"}},
        {"value": []},
        "no line",
    ]
    found = _drawn(config={"referenceLines": lines}).lines
    assert [(each.at, each.label, each.is_across) for each in found] == [
        (0.7, "half of Fe", True),
        (749.6, "", False),
    ]


@pytest.mark.parametrize(
    "config",
    [
        {"type": "pie", "nameKey": "t", "dataKey": "m"},
        {"type": "pie", "series": [{"nameKey": "t", "dataKey": "m"}]},
        {"type": "pie", "category": {"dataKey": "t"}, "series": [{"dataKey": "m"}]},
    ],
)
def test_a_pie_may_name_its_keys_in_several_ways(config: dict[str, Any]) -> None:
    (read,) = read_charts([{**LINE, "config": config}], {}, [])
    chart = fill_chart(read, RESPONSE)
    assert chart is not None
    assert (chart.category_key, chart.series[0].key) == ("t", "m")


@pytest.mark.parametrize(
    ("stated", "kind"), [("bar", "bar"), ("area", "area"), ("dots", "line"), (None, "line")]
)
def test_the_series_of_a_composed_chart_have_kinds_of_their_own(stated: Any, kind: str) -> None:
    series = [{"dataKey": "m", "type": stated}]
    assert _drawn(config={"type": "composed", "series": series}).series[0].kind == kind


@pytest.mark.parametrize(
    ("declaration", "problem"),
    [
        ("line", "expected an object"),
        ({**LINE, "data": ""}, "data '' is no text"),
        ({**LINE, "title": None}, "title None is no text"),
        ({**LINE, "config": "line"}, "config is no object with a type"),
        ({**LINE, "config": {"series": []}}, "config is no object with a type"),
        ({**LINE, "config": {**LINE["config"], "series": []}}, "config/series"),
        ({**LINE, "config": {**LINE["config"], "series": {}}}, "config/series"),
        ({**LINE, "config": {**LINE["config"], "series": [{}]}}, "config/series"),
        ({**LINE, "config": {**LINE["config"], "series": ["m"]}}, "config/series"),
        ({**LINE, "config": {**LINE["config"], "category": {}}}, "config/category"),
        ({**LINE, "config": {**LINE["config"], "category": "t"}}, "config/category"),
    ],
)
def test_a_chart_that_cannot_be_drawn_is_left_out_and_said(declaration: Any, problem: str) -> None:
    problems: list[str] = []
    assert read_charts([LINE, declaration], OUTPUTS, problems) == (LINE,)
    assert problems[0].startswith("x-ouro-response-charts/1: ")
    assert problem in problems[0]


@pytest.mark.parametrize(
    "words",
    [
        {"description": 1},
        {"sort": ["t"]},
        {"limit": 0},
        {"limit": True},
        {"limit": "5"},
        {"dataset": "report"},
        {"dataset": "gone"},
        {"dataset": 3},
    ],
)
def test_only_the_faulty_word_of_a_chart_is_left_out(words: dict[str, Any]) -> None:
    problems: list[str] = []
    assert read_charts([{**LINE, **words}], OUTPUTS, problems) == (LINE,)
    assert len(problems) == 1
    assert next(iter(words)) in problems[0]


def test_charts_are_a_list() -> None:
    problems: list[str] = []
    assert read_charts({"data": "curve"}, {}, problems) == ()
    assert "expected a list, not dict" in problems[0]


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("plain", "plain"),
        ("{name} at {Tc_K:1} K", "Fe at 749.6 K"),
        ("{Tc_K:0}", "750"),
        ("{Tc_K}", "749.6"),
        ("{name:2}", "Fe"),
        ("{ok}", "true"),
        ("{gone} {gone:2}", "? ?"),
        ("{curve}", "?"),
        ("{curve.0.m}", "0.5"),
        ("{Tc_K:12}", "{Tc_K:12}"),
        ("{}", "{}"),
        ("{{name}}", "{Fe}"),
    ],
)
def test_places_in_a_text_are_filled(text: str, filled: str) -> None:
    assert filled_text(text, RESPONSE) == filled
