"""`ouro asset compatible`, `ouro route compatible`, and what a route says that it takes."""

import re
import shutil
from pathlib import Path
from typing import Any

import pexpect
import pytest

from ouro_cli.model.asset import Asset
from ouro_cli.model.identity import new_id
from ouro_cli.runtime import Runtime
from ouro_cli.settings import Settings
from ouro_cli.store.registry import Store
from ouro_cli.upstream.client import send
from ouro_cli.upstream.documents import read_document
from ouro_cli.usecases.import_service import ImportOptions, import_service
from ouro_cli.usecases.keep_asset import AssetWords, keep_asset, prepare_file
from tests.builders import NOW
from tests.support.program import SCRIPT, Program
from tests.support.upstream import json_body, write_document

STRUCTURE = {"structure": {"asset_type": "file", "file_extensions": ["cif"], "primary": True}}


@pytest.fixture(scope="session")
def stocked_home(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Asset]:
    """A registry with a kept file, routes that take it, and others; made once, then copied."""
    folder = tmp_path_factory.mktemp("stocked")
    path = write_document(
        folder,
        *(
            {"method": "post", "summary": name, "requestBody": json_body(), **words}
            for name, words in (
                (
                    "Relax",
                    {
                        "path": "/relax",
                        "x-ouro-input-assets": STRUCTURE,
                        "x-ouro-output-assets": {
                            "relaxed": {
                                "asset_type": "file",
                                "file_extensions": ["cif"],
                                "when": {"mode": ["a", "b"]},
                                "role": "version",
                            }
                        },
                        "x-ouro-pricing": {
                            "model": "per_call",
                            "unit_cost": 0.05,
                            "currency": "usd",
                        },
                        "x-ouro-properties": [
                            {
                                "property": "energy",
                                "value": "E",
                                "unit": "eV",
                                "method": "EMT",
                                "requires": {"steps": {"min": 1}, "ok": True},
                            }
                        ],
                    },
                ),
                ("Draw", {"path": "/draw", "x-ouro-input-assets": {"s": {"asset_type": "file"}}}),
                ("Sum", {"path": "/sum", "x-ouro-input-assets": {"t": {"asset_type": "dataset"}}}),
                ("Plain", {"path": "/plain"}),
            )
        ),
    )
    home = folder / "ouro"
    store = Store(home)
    rt = Runtime(
        settings=Settings(home=home, user="ada", port=0),
        store=store,
        send=send,
        read_document=read_document,
        now=lambda: NOW,
        new_id=new_id,
    )
    import_service(rt, path, ImportOptions(base_url="http://127.0.0.1:9", name="lab"))
    cif = keep_asset(rt, prepare_file(rt, [b"data_x"], AssetWords(filename="x.cif")))
    store.close()
    return home, cif


@pytest.fixture
def cif(stocked_home: tuple[Path, Asset], home: Path) -> Asset:
    """The kept file, in a registry of one's own."""
    shutil.copytree(stocked_home[0], home)
    return stocked_home[1]


def test_the_routes_that_take_an_asset_are_listed(ouro: Program, cif: Asset) -> None:
    listed = ouro("asset", "compatible", cif.id)
    view = ouro("asset", "compatible", "@last", "--json").json
    assert listed.exit_code == 0
    assert "ada/relax-post  structure  file .cif  0.05 usd per call  0  Relax" in listed.out
    assert "ada/sum-post" not in listed.out
    assert [each["reference"] for each in view["routes"]] == ["ada/draw-post", "ada/relax-post"]
    assert (view["has_more"], view["total"]) == (False, 2)
    assert view["routes"][1]["inputs"] == ["structure"]
    assert view["routes"][1]["total_uses"] == 0
    assert view["routes"][1]["last_used_at"] is None


@pytest.mark.parametrize(
    ("options", "routes"),
    [
        (["--query", "relax it"], ["ada/relax-post"]),
        (["--output-type", "file"], ["ada/relax-post"]),
        (["--output-extension", ".CIF"], ["ada/relax-post"]),
        (["--output-type", "dataset"], []),
        (["--contains-extension", "png"], []),
        (["--sort", "used"], []),
        (["--sort", "RECENT", "--limit", "1", "--offset", "1"], ["ada/relax-post"]),
    ],
)
def test_they_are_narrowed_and_sorted(
    ouro: Program, cif: Asset, options: list[str], routes: list[str]
) -> None:
    view = ouro("asset", "compatible", cif.id, *options, "--json").json
    assert [each["reference"] for each in view["routes"]] == routes


def test_more_than_a_page_is_told(ouro: Program, cif: Asset) -> None:
    done = ouro("asset", "compatible", cif.id, "--limit", "1")
    assert "2 in all; more: --offset 1" in done.err


def test_where_nothing_fits_it_says_so(ouro: Program, cif: Asset) -> None:
    done = ouro("asset", "compatible", cif.id, "--sort", "used")
    assert (done.exit_code, done.out) == (0, "")
    assert "No route takes this asset so" in done.err


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["@last", "--sort", "best"], "--sort: 'best' is none of popular, recent, updated, used"),
        (["@last", "--output-type", "route"], "--output-type: 'route' is none of"),
        (["@last", "--output-extension", "..."], "'...' is no file extension"),
        (["@last", "--limit", "0"], "--limit"),
        (["@last", "x=1"], "'x=1' goes with --run"),
        (["@last", "--run", "--sort", "used"], "no route takes this asset so"),
        (["nothing"], "No asset is called 'nothing'"),
    ],
)
def test_what_is_asked_wrongly_is_one_line(
    ouro: Program, cif: Asset, arguments: list[str], why: str
) -> None:
    assert cif.id
    done = ouro("asset", "compatible", *arguments)
    assert (done.exit_code, done.out) == (2, "")
    assert why in done.err
    assert done.err.count("\n") == 1


def test_off_a_terminal_nothing_is_chosen(ouro: Program, cif: Asset) -> None:
    done = ouro("asset", "compatible", cif.id, "--run", "--query", "relax")
    assert done.exit_code == 2
    assert f"ouro route run ada/relax-post --input structure={cif.id}" in done.err


def test_on_a_terminal_one_is_chosen_by_its_number(ouro: Program, cif: Asset) -> None:
    child = pexpect.spawn(
        SCRIPT,
        ["asset", "compatible", cif.id, "--run"],
        env={**ouro.environment, "TERM": "xterm", "COLUMNS": "120"},
        encoding="utf-8",
        timeout=30,
        dimensions=(40, 120),
    )
    child.expect("ada/draw-post")
    child.expect("ada/relax-post")
    child.expect("Which one")
    child.sendline("7")
    child.expect("a number from 1 to 2")
    child.sendline("2")
    child.expect(pexpect.EOF)
    child.close()
    # The service is not there, so the run cannot succeed; that it was tried is what counts here.
    assert child.exitstatus in (1, 2)


def test_the_assets_that_fit_a_route_are_listed_by_input(ouro: Program, cif: Asset) -> None:
    listed = ouro("route", "compatible", "ada/relax-post")
    view = ouro("route", "compatible", "ada/relax-post", "--input", "structure", "--json").json
    empty = ouro("route", "compatible", "ada/sum-post")
    none = ouro("route", "compatible", "ada/plain-post")
    assert listed.out.splitlines()[0] == "structure  a file, .cif  primary"
    assert re.search(rf"^  {cif.id}  file  x\.cif  ", listed.out, re.MULTILINE)
    assert [each["id"] for each in view["inputs"][0]["assets"]] == [cif.id]
    assert view["inputs"][0]["declaration"] == STRUCTURE["structure"]
    assert "No stored asset fits" in empty.err
    assert "declares no assets" in none.err


def test_an_input_that_a_route_has_not_is_refused(ouro: Program, cif: Asset) -> None:
    assert cif.id
    done = ouro("route", "compatible", "ada/relax-post", "--input", "picture")
    assert done.exit_code == 2
    assert "takes no asset named 'picture'. It takes: structure." in done.err


def test_a_route_says_in_words_what_it_takes_and_makes_and_finds_out(
    ouro: Program, cif: Asset
) -> None:
    assert cif.id
    shown = ouro("route", "show", "ada/relax-post").out
    view = ouro("route", "show", "ada/relax-post", "--json").json
    assert "Takes\n  structure  a file, .cif  primary\n" in shown
    assert "Makes\n  relaxed  a file, .cif  as version  if mode is a or b\n" in shown
    assert (
        "Finds out\n  energy in eV  of the primary input  by EMT  from E"
        "  if the answer's steps is at least 1 and if the answer's ok is true\n"
    ) in shown
    assert view["route"]["properties"][0]["property"] == "energy"
    assert view["route"]["response_charts"] is None


def test_faulty_declarations_are_warnings_and_break_no_route(ouro: Program, tmp_path: Path) -> None:
    faulty: dict[str, Any] = {
        "method": "post",
        "path": "/x",
        "summary": "X",
        "requestBody": json_body({"properties": {"mode": {}}}),
        "x-ouro-output-assets": {"t": {"asset_type": "dataset", "when": {"model": 1}}},
        "x-ouro-properties": [{"property": "tc"}, {"property": "e", "value": "E"}],
        "x-ouro-response-charts": [{"data": "x"}, 3],
    }
    path = write_document(tmp_path, faulty)
    done = ouro("service", "import", path, "--base-url", "http://127.0.0.1:9", "--json")
    assert done.exit_code == 0
    told = [each["message"] for each in done.json["warnings"]]
    assert {each["pointer"] for each in done.json["warnings"]} == {"#/paths/~1x/post"}
    assert [each.split(": ")[0] for each in told] == [
        "x-ouro-properties/0",
        "x-ouro-properties/1",
        "x-ouro-response-charts/0",
        "x-ouro-response-charts/1",
        "x-ouro-output-assets/t",
    ]
    view = ouro("route", "show", "ada/x-post", "--json").json
    assert [each["property"] for each in view["route"]["properties"]] == ["e"]


def test_declarations_are_typed_with_words(ouro: Program) -> None:
    ouro("service", "import", "--base-url", "http://127.0.0.1:9", "--name", "lab")
    view = ouro(
        *("route", "create", "lab", "--method", "POST", "--path", "/x", "--json"),
        *("--input-asset", "s=file:cif primary filter=atomic-structure"),
        *("--output-asset", "t=dataset optional when:mode=a|b", "--output-asset", "r=post"),
        *("--output-asset", 'p={"asset_type": "file"}'),
    ).json
    assert view["route"]["input_assets"]["s"] == {
        "asset_type": "file",
        "file_extensions": ["cif"],
        "primary": True,
        "input_filter": "atomic structure",
    }
    assert view["route"]["output_assets"]["t"]["when"] == {"mode": ["a", "b"]}
    assert list(view["route"]["output_assets"]) == ["t", "r", "p"]


def test_a_declarations_unknown_word_is_refused(ouro: Program) -> None:
    ouro("service", "import", "--base-url", "http://127.0.0.1:9", "--name", "lab")
    done = ouro(
        *("route", "create", "lab", "--method", "POST", "--path", "/x"),
        *("--input-asset", "s=file often"),
    )
    assert done.exit_code == 2
    assert "'often' is none of the words of a declaration" in done.err
