"""What an asset came from and what was made of it."""

from typing import Any

from ouro.models.asset import AssetLineage

from ouro_cli.model.asset import Asset, LineageRole
from ouro_cli.model.trace import DEEPEST, MOST_ASSETS, WIDEST, TracedAsset
from ouro_cli.usecases.trace_asset import trace_asset
from ouro_cli.views.lineage import lineage_view
from tests.usecases.lab import Lab

ROUTES = ({"path": "/relax", "summary": "Relax"}, {"path": "/draw", "summary": "Draw"})


def _told(node: TracedAsset) -> Any:
    """A tree as nested tuples: (route, [(name, asset, what leads on)])."""
    return [
        (
            run.action.route.name if run.action else None,
            [(each.name, each.asset.name, _told(each)) for each in run.assets],
        )
        for run in node.runs
    ]


def _relaxed(lab: Lab, source: Asset, name: str) -> Asset:
    run = lab.run("relax", {"structure": source})
    made = lab.file(name, action_id=run, source=source, role=LineageRole.VERSION)
    return lab.made(run, "relaxed", made, primary=True)


def test_a_trace_goes_back_and_forth_run_by_run(lab: Lab) -> None:
    lab.routes(*ROUTES)
    first = lab.file("first.cif")
    second = _relaxed(lab, first, "second.cif")
    third = _relaxed(lab, second, "third.cif")

    trace = trace_asset(lab.rt, second)

    assert _told(trace.up) == [("Relax", [("structure", "first.cif", [])])]
    assert _told(trace.down) == [("Relax", [("relaxed", "third.cif", [])])]
    assert [each.name for each in trace_asset(lab.rt, third).sources] == ["second.cif", "first.cif"]
    assert [each.name for each in trace_asset(lab.rt, first).derived] == ["second.cif", "third.cif"]
    assert _told(trace_asset(lab.rt, third).up) == [
        ("Relax", [("structure", "second.cif", [("Relax", [("structure", "first.cif", [])])])])
    ]


def test_an_asset_that_nothing_is_known_of_stands_alone(lab: Lab) -> None:
    trace = trace_asset(lab.rt, lab.file("x.cif"))
    assert (trace.up.runs, trace.down.runs, trace.sources, trace.derived) == ([], [], [], [])


def test_a_run_without_inputs_is_told_all_the_same(lab: Lab) -> None:
    lab.routes(*ROUTES)
    run = lab.run("draw")
    picture = lab.made(run, "plot", lab.file("plot.png", action_id=run), primary=True)
    assert _told(trace_asset(lab.rt, picture).up) == [("Draw", [])]


def test_a_failed_run_that_took_the_asset_is_told(lab: Lab) -> None:
    lab.routes(*ROUTES)
    source = lab.file("x.cif")
    lab.run("draw", {"structure": source})
    assert _told(trace_asset(lab.rt, source).down) == [("Draw", [])]


def test_what_lies_inside_a_post_belongs_to_it(lab: Lab) -> None:
    lab.routes(*ROUTES)
    run = lab.run("draw")
    report = lab.made(run, "report", lab.post("report"), primary=True)
    plot = lab.file("plot.png", action_id=run, source=report, role=LineageRole.SUPPORTING)
    lab.made(run, "plot", plot)
    assert _told(trace_asset(lab.rt, report).down) == [(None, [("", "plot.png", [])])]
    assert _told(trace_asset(lab.rt, plot).up) == [
        ("Draw", []),
        (None, [("", "report", [("Draw", [])])]),
    ]


def test_two_ways_to_one_asset_are_told_once(lab: Lab) -> None:
    lab.routes(*ROUTES)
    root = lab.file("root.cif")
    left, right = _relaxed(lab, root, "left.cif"), _relaxed(lab, root, "right.cif")
    run = lab.run("draw", {"a": left, "b": right})
    end = lab.made(run, "plot", lab.file("end.png", action_id=run, source=left), primary=True)

    trace = trace_asset(lab.rt, end)

    (drawn,) = trace.up.runs
    nodes = [run.assets[0] for each in drawn.assets for run in each.runs]
    assert [(each.asset.name, each.is_told_above) for each in nodes] == [
        ("root.cif", False),
        ("root.cif", True),
    ]


def test_even_a_circle_ends(lab: Lab) -> None:
    lab.routes(*ROUTES)
    one, other = lab.file("one.cif"), lab.file("other.cif")
    for source, made in ((one, other), (other, one)):
        lab.made(lab.run("relax", {"structure": source}), "relaxed", made)
    trace = trace_asset(lab.rt, one)
    (run,) = trace.down.runs
    assert run.assets[0].runs[0].assets[0].is_told_above


def test_a_long_chain_is_cut_and_says_so(lab: Lab) -> None:
    lab.routes(*ROUTES)
    asset = first = lab.file("0.cif")
    for number in range(DEEPEST + 2):
        asset = _relaxed(lab, asset, f"{number + 1}.cif")
    node, depth = trace_asset(lab.rt, first).down, 0
    while node.runs:
        node, depth = node.runs[0].assets[0], depth + 1
    assert (depth, node.is_cut) == (DEEPEST, True)


def test_a_broad_tree_is_cut_and_says_how_much_more_there_is(lab: Lab) -> None:
    lab.routes(*ROUTES)
    source = lab.file("x.cif")
    for _ in range(WIDEST + 3):
        lab.run("draw", {"structure": source})
    run = lab.run("draw")
    for number in range(WIDEST + 2):
        lab.made(run, f"p{number}", lab.file(f"{number}.png", action_id=run))
    lab.made(lab.run("relax", {"structure": source}), "all", source)
    down = trace_asset(lab.rt, source).down
    assert (len(down.runs), down.more) == (WIDEST, 4)
    assert MOST_ASSETS > WIDEST


def test_a_removed_asset_stays_in_the_trace(lab: Lab) -> None:
    lab.routes(*ROUTES)
    first = lab.file("first.cif")
    second = _relaxed(lab, first, "second.cif")
    with lab.rt.store.transaction() as tx:
        tx.assets.remove(first.id, lab.rt.now())
    view = lineage_view(trace_asset(lab.rt, second))
    (told,) = view["came_from"]["runs"][0]["assets"]
    assert told["asset"]["name"] == "first.cif"
    assert told["removed_at"] is not None


def test_the_official_client_reads_a_lineage(lab: Lab) -> None:
    lab.routes(*ROUTES)
    first = lab.file("first.cif")
    second = _relaxed(lab, first, "second.cif")
    read = AssetLineage.model_validate(lineage_view(trace_asset(lab.rt, second)))
    assert (str(read.asset.id), read.asset.lineage_role) == (second.id, "version")
    assert [str(each.id) for each in read.sources] == [first.id]
    assert (read.derived, read.truncated) == ([], False)
