"""Which routes take an asset, and which assets a route takes."""

from typing import Any

import pytest

from ouro_cli.model.asset import Asset
from ouro_cli.usecases.edit_route import RouteEdits, remove_route, update_route
from ouro_cli.usecases.find_routes import (
    Order,
    OutputFilter,
    Wish,
    find_routes,
    fitting_assets,
)
from tests.usecases.lab import Lab


def _route(name: str, takes: Any = None, makes: Any = None, **words: Any) -> dict[str, Any]:
    return {
        "path": f"/{name}",
        "summary": name.capitalize(),
        "x-ouro-input-assets": takes or {"structure": {"asset_type": "file"}},
        **({"x-ouro-output-assets": makes} if makes else {}),
        **words,
    }


def _names(lab: Lab, asset: Asset, **wish: Any) -> list[str]:
    return [each.route.name for each in find_routes(lab.rt, asset, Wish(**wish)).routes]


CIF = {"structure": {"asset_type": "file", "file_extensions": ["cif"]}}


def test_only_routes_that_take_the_asset_are_found(lab: Lab) -> None:
    lab.routes(
        _route("any"),
        _route("cif", CIF),
        _route("xyz", {"s": {"asset_type": "file", "file_extensions": ["xyz"]}}),
        _route("post", {"p": {"asset_type": "post"}}),
        _route("union", {"p": {"asset_type": "post", "asset_types": ["post", "file"]}}),
        _route("family", {"s": {"asset_type": "file", "input_filter": "atomic structure"}}),
        _route("archive", {"s": {"asset_type": "file", "contains_file_extensions": ["cif"]}}),
        {"path": "/none", "summary": "None"},
    )
    assert set(_names(lab, lab.file("x.cif"))) == {"Any", "Cif", "Union", "Family"}
    assert set(_names(lab, lab.post("x"))) == {"Post", "Union"}


def test_a_found_route_says_under_which_names_it_takes_the_asset(lab: Lab) -> None:
    lab.routes(
        _route("two", {"a": {"asset_type": "file"}, "b": {"asset_type": "post"}, **CIF}),
    )
    (found,) = find_routes(lab.rt, lab.file("x.cif"), Wish()).routes
    assert (found.inputs, found.service) == (("a", "structure"), "test")


def test_popular_is_most_used_first_by_all(lab: Lab) -> None:
    lab.routes(_route("once"), _route("never"), _route("often"))
    for route, user in (("often", "eve"), ("often", "eve"), ("once", "ada")):
        lab.run(route, user=user)
    found = find_routes(lab.rt, lab.file("x.cif"), Wish()).routes
    told = [(each.route.name, each.total_uses, each.last_used_at is None) for each in found]
    assert told == [("Often", 2, True), ("Once", 1, False), ("Never", 0, True)]


def test_used_are_those_that_one_has_run_the_latest_first(lab: Lab, clock: Any) -> None:
    lab.routes(_route("first"), _route("second"), _route("never"), _route("others"))
    for route, user in (("first", "ada"), ("second", "ada"), ("others", "eve"), ("first", "ada")):
        clock.move(60)
        lab.run(route, user=user)
    found = find_routes(lab.rt, lab.file("x.cif"), Wish(order=Order.USED)).routes
    assert [each.route.name for each in found] == ["First", "Second"]
    assert found[0].last_used_at == clock()


def test_recent_is_newest_first_and_updated_is_last_changed_first(lab: Lab, clock: Any) -> None:
    lab.routes(_route("old"))
    clock.move(60)
    lab.routes(_route("old"), _route("new"))
    clock.move(60)
    update_route(lab.rt, lab.route("old"), RouteEdits(fields={"description": "x"}))
    asset = lab.file("x.cif")
    assert _names(lab, asset, order=Order.RECENT) == ["New", "Old"]
    assert _names(lab, asset, order=Order.UPDATED) == ["Old", "New"]


def test_a_query_leaves_out_what_it_does_not_describe_and_sorts_by_itself(lab: Lab) -> None:
    lab.routes(
        _route("relax", description="Moves the atoms of a structure downhill."),
        _route("draw", description="Draws a picture."),
        _route("other", {"p": {"asset_type": "post"}}, description="Relax, relax, relax."),
    )
    for _ in range(3):
        lab.run("draw")
    assert _names(lab, lab.file("x.cif"), query="relax", order=Order.USED) == ["Relax"]
    assert _names(lab, lab.file("x.cif"), query="unheard") == []


MAKERS = (
    _route("png", makes={"plot": {"asset_type": "file", "file_extensions": ["png"]}}),
    _route("table", makes={"t": {"asset_type": "dataset"}}),
    _route("zip", makes={"z": {"asset_type": "file", "contains_file_extensions": ["cif"]}}),
    _route("nothing"),
    {
        **_route("legacy"),
        "x-ouro-output-asset-type": "file",
        "x-ouro-output-file-extension": "png",
    },
)


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (OutputFilter("dataset"), {"Table"}),
        (OutputFilter("file"), {"Png", "Zip", "Legacy"}),
        (OutputFilter(extension="png"), {"Png", "Legacy"}),
        (OutputFilter(contains_extension="cif"), {"Zip"}),
        (OutputFilter("dataset", "png"), set()),
        (OutputFilter(), {"Png", "Table", "Zip", "Nothing", "Legacy"}),
    ],
)
def test_routes_are_narrowed_by_what_they_make(
    lab: Lab, wanted: OutputFilter, names: set[str]
) -> None:
    lab.routes(*MAKERS)
    assert set(_names(lab, lab.file("x.cif"), output=wanted)) == names


def test_routes_come_in_pages(lab: Lab) -> None:
    lab.routes(*(_route(f"r{number}") for number in range(5)))
    asset = lab.file("x.cif")
    pages = [find_routes(lab.rt, asset, Wish(limit=2, offset=at)) for at in (0, 2, 4, 6)]
    assert [len(each.routes) for each in pages] == [2, 2, 1, 0]
    assert [each.has_more for each in pages] == [True, True, False, False]
    assert {each.total for each in pages} == {5}
    names = {each.route.name for page in pages for each in page.routes}
    assert names == {"R0", "R1", "R2", "R3", "R4"}
    assert len(_names(lab, asset)) == 5


def test_a_persons_declaration_counts_and_a_removed_route_does_not(lab: Lab) -> None:
    lab.routes({"path": "/bare", "summary": "Bare"}, _route("gone"))
    edits = {"input_assets": {"s": {"asset_type": "file"}}}
    update_route(lab.rt, lab.route("bare"), RouteEdits(fields=edits))
    remove_route(lab.rt, lab.route("gone"))
    assert _names(lab, lab.file("x.cif")) == ["Bare"]
    update_route(lab.rt, lab.route("bare"), RouteEdits(), reset=True)
    assert _names(lab, lab.file("x.cif")) == []


def test_a_route_whose_operation_is_gone_is_not_found(lab: Lab) -> None:
    lab.routes(_route("stays"), _route("goes"))
    lab.routes(_route("stays"))
    assert _names(lab, lab.file("x.cif")) == ["Stays"]


@pytest.mark.parametrize(
    ("declaration", "names"),
    [
        ({"asset_type": "file"}, ["b.png", "a.cif"]),
        ({"asset_type": "file", "file_extensions": ["cif", "xyz"]}, ["a.cif"]),
        ({"asset_type": "file", "input_filter": "image"}, ["b.png"]),
        ({"asset_type": "file", "contains_file_extensions": ["cif"]}, []),
        ({"asset_type": "dataset"}, []),
        ({"asset_type": "post"}, ["words"]),
        (
            {"asset_type": "post", "asset_types": ["post", "file"], "file_extensions": ["png"]},
            ["words", "b.png"],
        ),
        (
            {"asset_type": "post", "asset_types": ["post", "file"], "input_filter": "image"},
            ["words", "b.png"],
        ),
        ({"asset_type": "comment"}, []),
    ],
)
def test_the_assets_that_fit_an_input_newest_first(
    lab: Lab, declaration: dict[str, Any], names: list[str]
) -> None:
    lab.routes(_route("x", {"s": declaration}))
    lab.file("a.cif")
    lab.file("b.png")
    lab.post("words")
    removed = lab.file("gone.cif")
    with lab.rt.store.transaction() as tx:
        tx.assets.remove(removed.id, lab.rt.now())
    (found,) = fitting_assets(lab.rt, lab.route("x"), limit=9)
    assert [each.name for each in found.assets] == names


def test_fitting_assets_come_in_pages_for_each_input(lab: Lab) -> None:
    lab.routes(_route("x", {"a": {"asset_type": "file"}, "b": {"asset_type": "post"}}))
    for number in range(3):
        lab.file(f"{number}.cif")
    first, second = fitting_assets(lab.rt, lab.route("x"), limit=2)
    assert ([each.name for each in first.assets], first.has_more) == (["2.cif", "1.cif"], True)
    assert (second.name, second.assets, second.has_more) == ("b", [], False)
    rest = fitting_assets(lab.rt, lab.route("x"), limit=2, offset=2)[0]
    assert ([each.name for each in rest.assets], rest.has_more) == (["0.cif"], False)
