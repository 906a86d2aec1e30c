"""`ouro asset lineage` and `ouro action show` tell one story; `ouro action chart` draws it."""

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import MakeRuntime
from tests.support.program import Program
from tests.usecases.lab import Lab

CURVE = {
    "data": "curve",
    "title": "m of {name}",
    "description": "Tc = {Tc:0} K",
    "config": {
        "type": "line",
        "category": {"dataKey": "t", "type": "number"},
        "series": [{"dataKey": "m"}],
    },
}
BARS: dict[str, Any] = {
    "data": "parts",
    "title": "Parts",
    "config": {"type": "bar", "category": {"dataKey": "name"}, "series": [{"dataKey": "n"}]},
}
RADAR = {**BARS, "title": "Radar", "config": {**BARS["config"], "type": "radar"}}
RESPONSE = {
    "name": "Fe\x1b[2J",
    "Tc": 749.6,
    "curve": [{"t": t, "m": 1 - t / 10} for t in range(10)],
    "parts": [{"name": "Fe", "n": 3}, {"name": "Ni", "n": 1}],
}


@pytest.fixture
def hand(make_runtime: MakeRuntime, tmp_path: Path) -> Lab:
    """A registry in which runs are made by hand."""
    return Lab(make_runtime(), tmp_path)


@pytest.fixture
def chain(hand: Lab) -> dict[str, str]:
    """first.cif -> relax -> second.cif -> draw -> plot.png; the ids by name."""
    hand.routes({"path": "/relax", "summary": "Relax"}, {"path": "/draw", "summary": "Draw"})
    first = hand.file("first.cif")
    relax = hand.run("relax", {"structure": first})
    second = hand.file("second <b>.cif", action_id=relax, source=first)
    hand.made(relax, "relaxed", second, primary=True)
    draw = hand.run("draw", {"s": second})
    plot = hand.made(draw, "plot", hand.file("plot.png", action_id=draw, source=second))
    hand.rt.store.close()
    ids = {"first": first.id, "relax": relax, "second": second.id, "draw": draw, "plot": plot.id}
    return ids


def test_a_lineage_is_a_tree(ouro: Program, chain: dict[str, str]) -> None:
    done = ouro("asset", "lineage", chain["second"])
    assert done.out == (
        f"second <b>.cif  file  {chain['second']}\n"
        "\nCame from\n"
        f"  └─ (ada/relax-post)  success  {chain['relax']}\n"
        f"     └─ structure: first.cif  file  {chain['first']}\n"
        "\nMade of it\n"
        f"  └─ (ada/draw-post)  success  {chain['draw']}\n"
        f"     └─ plot: plot.png  file  {chain['plot']}\n"
    )


def test_an_action_and_a_lineage_tell_the_same_story(ouro: Program, chain: dict[str, str]) -> None:
    lineage = ouro("asset", "lineage", chain["second"], "--json").json
    made_by = ouro("action", "show", chain["relax"], "--json").json
    used_by = ouro("action", "show", chain["draw"], "--json").json
    (back,), (forth,) = lineage["came_from"]["runs"], lineage["made"]["runs"]
    for run, action, side in ((back, made_by, "input"), (forth, used_by, "output")):
        assert run["action"]["id"] == action["id"]
        assert run["action"]["status"] == action["status"]
        assert run["action"]["route"] == action["route"]["reference"]
        told = [(each["name"], each["asset"]) for each in run["assets"]]
        assert told == [(each["name"], each["asset"]) for each in action[f"{side}_assets"]]
    assert made_by["output_asset"]["id"] == lineage["asset"]["id"]
    assert made_by["output_asset_id"] == used_by["input_asset_id"] == chain["second"]


def test_an_action_says_what_it_took_and_made(ouro: Program, chain: dict[str, str]) -> None:
    shown = ouro("action", "show", chain["relax"]).out
    assert f"Took\n  structure  file  {chain['first']}  first.cif  primary\n" in shown
    assert f"Made\n  relaxed  file  {chain['second']}  second <b>.cif  primary\n" in shown


def test_a_lineage_is_a_diagram_too(ouro: Program, chain: dict[str, str]) -> None:
    done = ouro("asset", "lineage", chain["second"], "--mermaid")
    assert done.out.splitlines() == [
        "flowchart LR",
        '  n1["second #60;b#62;.cif<br>file"]',
        '  n2("ada/relax-post<br>success")',
        '  n3["first.cif<br>file"]',
        '  n4("ada/draw-post<br>success")',
        '  n5["plot.png<br>file"]',
        "  n2 --> n1",
        '  n3 -->|"structure"| n2',
        "  n1 --> n4",
        '  n4 -->|"plot"| n5',
    ]


def test_an_asset_without_a_story_says_so(ouro: Program, hand: Lab) -> None:
    asset = hand.file("x.cif")
    hand.rt.store.close()
    shown = ouro("asset", "lineage", asset.id).out
    assert "Came from\n  nothing that is known of\n" in shown
    assert "Made of it\n  nothing yet\n" in shown
    assert ouro("asset", "lineage", "nothing").exit_code == 2


def _run(hand: Lab, *charts: Any, response: Any = RESPONSE) -> str:
    hand.routes({"path": "/x", "summary": "X", "x-ouro-response-charts": list(charts)})
    action_id = hand.run("x", response=json.dumps(response).encode())
    hand.rt.store.close()
    return action_id


def test_charts_are_drawn_on_the_terminal(ouro: Program, hand: Lab) -> None:
    done = ouro("action", "chart", _run(hand, CURVE, BARS, RADAR))
    assert done.exit_code == 0
    assert "m of Fe\\x1b[2J\nTc = 750 K\n" in done.out
    assert "┌" in done.out
    assert "\nParts\nFe  ██" in done.out
    assert "\nRadar\nFe  3\nNi  1\n" in done.out
    assert "'radar' cannot be drawn here" in done.err
    assert "\x1b" not in done.out


def test_one_chart_is_written_as_a_picture(ouro: Program, hand: Lab, tmp_path: Path) -> None:
    action_id, target = _run(hand, CURVE, BARS), tmp_path / "curve.svg"
    done = ouro("action", "chart", action_id, "--index", "1", "--svg", str(target))
    assert (done.exit_code, done.out) == (0, "")
    assert ElementTree.parse(target).getroot().tag.endswith("svg")
    again = ouro("action", "chart", action_id, "--index", "2", "--svg", str(target))
    assert again.exit_code == 2
    assert "is there already. Nothing was written. To replace it: --force" in again.err
    forced = ouro("action", "chart", action_id, "--index", "2", "--svg", str(target), "--force")
    assert forced.exit_code == 0
    assert "Parts" in target.read_text()
    assert [each.name for each in tmp_path.glob(".*")] == []
    shown = ouro("action", "chart", action_id, "--index", "2", "--svg", "-")
    assert ElementTree.fromstring(shown.out).tag.endswith("svg")


def test_one_chart_is_a_vega_lite_specification(ouro: Program, hand: Lab) -> None:
    spec = ouro("action", "chart", _run(hand, BARS), "--vega-lite").json
    assert spec["mark"]["type"] == "bar"
    assert [each["value"] for each in spec["data"]["values"]] == [3, 1]


def test_charts_are_a_view_too(ouro: Program, hand: Lab) -> None:
    view = ouro("action", "chart", _run(hand, CURVE), "--json").json
    assert [each["description"] for each in view["charts"]] == ["Tc = 750 K"]
    assert view["charts"][0]["rows"] == RESPONSE["curve"]


@pytest.mark.parametrize(
    ("charts", "options", "why"),
    [
        ((CURVE, BARS), ["--vega-lite"], "there are 2 charts: 1 m of Fe"),
        ((CURVE,), ["--index", "2"], "has 1 chart, no number 2"),
        ((), ["--svg", "-"], "has no chart"),
        ((RADAR,), ["--svg", "-"], "'Radar' cannot be drawn"),
    ],
)
def test_what_cannot_be_drawn_is_one_line(
    ouro: Program, hand: Lab, charts: Any, options: list[str], why: str
) -> None:
    done = ouro("action", "chart", _run(hand, *charts), *options)
    assert (done.exit_code, done.out) == (2, "")
    assert why in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("place", ["/nowhere/x.svg", "/dev/full"])
def test_where_nothing_can_be_written_is_one_line(ouro: Program, hand: Lab, place: str) -> None:
    done = ouro("action", "chart", _run(hand, CURVE), "--svg", place)
    assert (done.exit_code, done.out) == (74, "")
    assert place in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("response", [{"curve": "none"}, [1], None])
def test_an_answer_without_the_records_has_no_chart(
    ouro: Program, hand: Lab, response: Any
) -> None:
    done = ouro("action", "chart", _run(hand, CURVE, response=response))
    assert (done.exit_code, done.out) == (0, "")
    assert "It has no charts" in done.err


def test_without_plotext_it_says_what_to_do(ouro: Program, hand: Lab, tmp_path: Path) -> None:
    hidden = tmp_path / "hidden"
    (hidden / "plotext").mkdir(parents=True)
    (hidden / "plotext" / "__init__.py").write_text("raise ImportError('not here')")
    action_id = _run(hand, CURVE, BARS)
    ouro.environment["PYTHONPATH"] = str(hidden)
    curve = ouro("action", "chart", action_id, "--index", "1")
    bars = ouro("action", "chart", action_id, "--index", "2")
    assert curve.exit_code == 2
    assert "pip install 'ouro-cli[charts]'" in curve.err
    assert "██" in bars.out


def test_the_chart_of_a_real_run_is_drawn(lab: Program) -> None:
    ran = lab("route", "run", "ada/scan-temperatures-post", "composition=Fe2Ni", "--json")
    assert ran.exit_code == 0, ran.err
    shown = lab("action", "show", "@last")
    drawn = lab("action", "chart", "@last")
    spec = lab("action", "chart", "@last", "--vega-lite").json
    assert "\nCharts\n  Ordering score of Fe2Ni\n" in shown.out
    assert f"Draw them: ouro action chart {ran.json['id']}" in shown.err
    assert drawn.out.startswith("Ordering score of Fe2Ni\n")
    assert [each["value"] for each in spec["data"]["values"]] == [
        each["score"] for each in ran.json["response"]["points"]
    ]
