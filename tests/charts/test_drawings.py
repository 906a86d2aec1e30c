"""Charts as SVG and as Vega-Lite: well-formed, harmless, and with the values where they belong."""

import json
import re
import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest

from ouro_cli.charts.plan import Scale, drawable, plan_of
from ouro_cli.charts.svg import HEIGHT, WIDTH, svg_text
from ouro_cli.charts.vega_lite import SCHEMA, vega_lite
from ouro_cli.model.chart import Chart, fill_chart, read_charts

SVG = "{http://www.w3.org/2000/svg}"
EVIL = "<script>alert(1)</script>&\"'\x1b[2J\u202e\x00\ufffe"

ROWS: list[dict[str, Any]] = [
    {"t": 1, "name": "one", "a": 2, "b": 1},
    {"t": 2, "name": "two", "a": 4, "b": None},
    {"t": 4, "name": "four", "a": -1, "b": 3},
]
CONFIGS: dict[str, dict[str, Any]] = {
    "line": {"type": "line", "category": {"dataKey": "t", "type": "number"}},
    "labelled line": {"type": "line", "category": {"dataKey": "name"}},
    "area": {"type": "area", "category": {"dataKey": "t", "type": "number"}},
    "bar": {"type": "bar", "category": {"dataKey": "name"}},
    "lying bar": {"type": "bar", "layout": "vertical", "category": {"dataKey": "name"}},
    "scatter": {"type": "scatter", "category": {"dataKey": "t"}},
    "pie": {"type": "pie", "category": {"dataKey": "name"}},
    "donut": {"type": "donut", "category": {"dataKey": "name"}},
    "logarithmic": {"type": "line", "category": {"dataKey": "t"}, "value": {"scale": "log"}},
}
LINES = [
    {"axis": "value", "value": 3, "label": "three"},
    {"axis": "category", "value": "two"},
    {"axis": "category", "value": 2},
    {"axis": "value", "value": "x"},
]


def _chart(config: dict[str, Any], rows: Any = ROWS, title: str = "T") -> Chart:
    whole = {"series": [{"dataKey": "a", "name": "A"}, {"dataKey": "b"}], **config}
    problems: list[str] = []
    (read,) = read_charts([{"data": "rows", "title": title, "config": whole}], {}, problems)
    assert problems == []
    chart = fill_chart(read, {"rows": rows})
    assert chart is not None
    return chart


def _parsed(chart: Chart) -> ElementTree.Element:
    return ElementTree.fromstring(svg_text(chart))


def _shapes(chart: Chart, tag: str) -> list[dict[str, str]]:
    return [each.attrib for each in _parsed(chart).iter(f"{SVG}{tag}")]


def _inside(chart: Chart) -> bool:
    numbers = re.findall(r'\b(?:x|cx|x1)="(-?[0-9.]+)"', svg_text(chart))
    return all(0 <= float(each) <= WIDTH for each in numbers)


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_every_kind_is_a_picture_inside_its_frame(config: dict[str, Any]) -> None:
    chart = _chart({**config, "referenceLines": LINES})
    assert _parsed(chart).get("viewBox") == f"0 0 {WIDTH} {HEIGHT}"
    assert _inside(chart)
    assert "nan" not in svg_text(chart)


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([{}], id="empty"),
        pytest.param([{"t": 1, "name": "x", "a": 5, "b": 5}], id="one record"),
        pytest.param([{"t": 1, "a": 0, "b": 0}] * 3, id="all alike"),
        pytest.param([{"t": 1e300, "a": 1e308}, {"t": -1e300, "a": -1e308}], id="vast"),
        pytest.param([{"t": 10**400, "a": 10**400}], id="beyond a float"),
        pytest.param([{"t": 5e-324, "a": 5e-324}, {"t": 0, "a": 0}], id="tiny"),
        pytest.param([{"t": 1e16, "a": 1e16}, {"t": 1e16 + 2, "a": 1e16 + 2}], id="close"),
        pytest.param([{"t": "a", "a": "b", "name": {"c": []}}], id="no numbers"),
        pytest.param([{"t": n, "a": n, "b": -n} for n in range(300)], id="many"),
    ],
)
def test_no_values_are_too_odd_to_be_drawn(config: dict[str, Any], rows: Any) -> None:
    chart = _chart(config, rows)
    _parsed(chart)
    json.dumps(vega_lite(chart), allow_nan=False)


def test_what_a_response_says_is_never_read_as_more_than_text() -> None:
    rows = [{"name": EVIL, "a": 1, "b": 2}]
    for kind in ("bar", "pie"):
        config = {
            "type": kind,
            "category": {"dataKey": "name", "label": EVIL},
            "value": {"label": EVIL},
            "series": [{"dataKey": "a", "name": EVIL}, {"dataKey": "b", "name": EVIL}],
            "referenceLines": [{"value": 1, "label": EVIL}],
        }
        text = svg_text(_chart(config, rows, title=EVIL))
        tags = {each.tag for each in ElementTree.fromstring(text).iter()}
        assert f"{SVG}script" not in tags
        assert not re.search(r"\son\w+=|href|<!|url\(", text)
        assert "\x1b" not in text and "\u202e" not in text


def test_a_bar_is_as_high_as_its_value() -> None:
    bars = _shapes(_chart({**CONFIGS["bar"], "series": [{"dataKey": "a"}]}), "rect")[1:]
    heights = [float(each["height"]) for each in bars]
    assert heights[1] == pytest.approx(2 * heights[0], abs=0.2)
    assert heights[2] == pytest.approx(heights[0] / 2, abs=0.2)


def test_lying_bars_lie() -> None:
    bars = _shapes(_chart({**CONFIGS["lying bar"], "series": [{"dataKey": "a"}]}), "rect")[1:]
    widths = [float(each["width"]) for each in bars]
    assert widths[1] == pytest.approx(2 * widths[0], abs=0.2)


def test_stacked_bars_stand_on_one_another() -> None:
    series = [{"dataKey": "a", "stackId": "s"}, {"dataKey": "b", "stackId": "s"}]
    plan = plan_of(_chart({**CONFIGS["bar"], "series": series}, ROWS[:1]))
    spans = [next(plan.spans(each))[1:] for each in plan.chart.series]
    assert spans == [(0, 2), (2, 3)]


def test_a_gap_in_the_values_is_a_gap_in_the_line() -> None:
    rows = [{"t": 1, "a": 1}, {"t": 2, "a": 2}, {"t": 3}, {"t": 4, "a": 1}, {"t": 5, "a": 2}]
    plan = plan_of(_chart({**CONFIGS["line"], "series": [{"dataKey": "a"}]}, rows))
    assert [len(run) for run in plan.runs(plan.chart.series[0])] == [2, 2]


def test_a_pies_slices_are_its_shares() -> None:
    rows = [{"name": "x", "a": 3}, {"name": "y", "a": 1}, {"name": "z", "a": -2}]
    chart = _chart({**CONFIGS["pie"], "series": [{"dataKey": "a"}]}, rows)
    texts = [each.text for each in _parsed(chart).iter(f"{SVG}text")]
    assert "x 75.0%" in texts
    assert len(_shapes(chart, "path")) == 2


@pytest.mark.parametrize(
    ("scale", "ticks"),
    [
        (Scale(0, 10), [0, 2, 4, 6, 8, 10]),
        (Scale(-1, 1), [-1, -0.5, 0, 0.5, 1]),
        (Scale(0.13, 0.48), [0.2, 0.3, 0.4]),
        (Scale(1, 1000, True), [1, 10, 100, 1000]),
    ],
)
def test_the_marks_of_a_scale_are_round(scale: Scale, ticks: list[float]) -> None:
    assert scale.ticks() == pytest.approx(ticks)


def test_a_logarithmic_scale_passes_over_what_has_no_logarithm() -> None:
    rows = [{"t": 1, "a": 0}, {"t": 2, "a": -5}, {"t": 3, "a": 100}]
    plan = plan_of(_chart({**CONFIGS["logarithmic"], "series": [{"dataKey": "a"}]}, rows))
    assert [span[2] for span in plan.spans(plan.chart.series[0])] == [100]


@pytest.mark.parametrize("value", [1e151, 10**400, "1", True, None])
def test_what_no_scale_can_hold_is_not_drawn(value: Any) -> None:
    assert drawable(value) is None


def test_a_specification_holds_its_records_and_nothing_else() -> None:
    spec = vega_lite(_chart(CONFIGS["bar"]))
    assert spec["$schema"] == SCHEMA
    assert spec["data"]["values"][0] == {"category": "one", "series": "A", "value": 2}
    assert len(spec["data"]["values"]) == 6
    assert spec["encoding"]["xOffset"] == {"field": "series"}
    assert spec["encoding"]["x"]["type"] == "ordinal"


@pytest.mark.parametrize(
    ("config", "mark"),
    [("line", "line"), ("area", "area"), ("bar", "bar"), ("scatter", "point"), ("pie", "arc")],
)
def test_every_kind_has_its_mark(config: str, mark: str) -> None:
    assert vega_lite(_chart(CONFIGS[config]))["mark"]["type"] == mark


def test_lying_bars_change_places_with_their_values() -> None:
    encoding = vega_lite(_chart(CONFIGS["lying bar"]))["encoding"]
    assert (encoding["y"]["field"], encoding["x"]["field"]) == ("category", "value")


def test_lines_and_unlike_series_are_layers() -> None:
    series = [{"dataKey": "a", "type": "bar"}, {"dataKey": "b", "type": "line"}]
    lines = [{"axis": "value", "value": 3, "label": "three"}, {"axis": "category", "value": "two"}]
    config = {"type": "composed", "category": {"dataKey": "name"}, "series": series}
    layers = vega_lite(_chart({**config, "referenceLines": lines}))["layer"]
    assert [each["mark"]["type"] for each in layers] == ["bar", "line", "rule", "rule"]
    assert layers[0]["transform"] == [{"filter": {"field": "series", "oneOf": ["a"]}}]
    assert [list(each["encoding"]) for each in layers[2:]] == [["y"], ["x"]]


def test_a_logarithmic_axis_and_stacks_are_said() -> None:
    assert vega_lite(_chart(CONFIGS["logarithmic"]))["encoding"]["y"]["scale"] == {"type": "log"}
    series = [{"dataKey": "a", "stackId": "s"}, {"dataKey": "b", "stackId": "s"}]
    stacked = vega_lite(_chart({**CONFIGS["bar"], "series": series}))["encoding"]
    assert stacked["y"]["stack"] == "zero"
    assert "xOffset" not in stacked


def test_a_donut_has_a_hole() -> None:
    assert vega_lite(_chart(CONFIGS["donut"]))["mark"]["innerRadius"] > 0
