"""Runs that take and make assets: stored ones and paths in; files, datasets and posts out."""

import base64
import hashlib
import json
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.support.program import Program
from tests.support.upstream import Call, Reply, json_body, later, serving, write_document

WATER = "3\nwater\nO 0.0 0.0 0.1\nH 0.0 0.8 -0.5\nH 0.0 -0.8 -0.5\n"


@pytest.fixture
def water(tmp_path: Path) -> Path:
    """A structure that the sample service takes."""
    path = tmp_path / "water.xyz"
    path.write_text(WATER)
    return path


def _run(ouro: Program, route: str, *words: str) -> dict[str, Any]:
    done = ouro("route", "run", route, *words, "--json")
    assert done.exit_code == 0, (done.out, done.err)
    view: dict[str, Any] = done.json
    return view


def _blob(ouro: Program, sha256: str) -> bytes:
    return (ouro.home / "assets" / sha256[:2] / sha256).read_bytes()


def test_a_path_is_kept_and_used_and_the_output_is_saved(
    lab: Program, water: Path, tmp_path: Path
) -> None:
    done = lab(
        "route", "run", "ada/symmetrize-post", "--input", f"file={water}", "-o", f"{tmp_path}/out"
    )

    assert done.exit_code == 0, done.err
    view = lab("action", "show", "@last", "--json").json
    taken, made = view["input_assets"][0], view["output_assets"][0]
    assert (taken["name"], taken["asset"]["name"], taken["is_primary"]) == (
        "file",
        "water.xyz",
        True,
    )
    assert made["is_primary"]
    assert view["output_asset"]["id"] == view["final_data"]["file"]["id"] == made["asset_id"]
    assert view["metadata"]["input_assets"] == {"file": {"assetId": taken["asset_id"]}}
    assert view["metadata"]["body"] is None
    assert "base64" not in view["response"]["file"]
    saved = (tmp_path / "out" / "water-centred.xyz").read_text()
    assert saved.startswith("3\nwater\nO 0.000000")
    assert f"  output: file  file  {made['asset_id']}  water.xyz, centred" in done.err
    assert done.json == {
        "file": {"id": made["asset_id"], "asset_type": "file", "name": "water.xyz, centred"}
    }


@pytest.mark.parametrize("how", ["name=ID", "ID", "@last", "name=path", "path", "name@path"])
def test_an_input_can_be_given_in_many_ways(lab: Program, water: Path, how: str) -> None:
    first = _run(lab, "ada/symmetrize-post", "--input", str(water))
    taken = first["input_assets"][0]["asset_id"]
    words = {
        "name=ID": ["--input", f"file={taken}"],
        "ID": ["--input", taken[:30]],
        "@last": ["--input", "@last"],
        "name=path": ["--input", f"file={water}"],
        "path": ["--input", str(water)],
        "name@path": [f"file@{water}"],
    }[how]

    second = _run(lab, "ada/symmetrize-post", *words)

    used = second["input_assets"][0]["asset_id"]
    is_stored = how in ("name=ID", "ID")
    assert (used == taken) is is_stored
    assert (used == first["output_asset_id"]) is (how == "@last")


def test_outputs_by_webhook_are_kept_as_declared(lab: Program, water: Path, tmp_path: Path) -> None:
    view = _run(
        lab, "ada/anneal-post", "--input", f"structure={water}", "include_dataset=true",
        "-o", str(tmp_path / "out"),
    )  # fmt: skip

    made = {each["name"]: each for each in view["output_assets"]}
    assert view["ended_by"] == "webhook"
    assert set(made) == {"structure", "energies", "report"}
    assert [name for name, each in made.items() if each["is_primary"]] == ["structure"]
    assert made["energies"]["asset"]["visibility"] == "inherit"
    assert (tmp_path / "out" / "energies-of-water.csv").read_text().startswith("step,energy\n1,")
    assert "came down to **" in (tmp_path / "out" / "annealing-water.md").read_text()
    assert (tmp_path / "out" / "unnamed.xyz").read_text().startswith("3\nwater\n")


def test_an_output_whose_when_is_not_met_does_not_exist(lab: Program, water: Path) -> None:
    view = _run(lab, "ada/anneal-post", "--input", f"structure={water}")
    assert {each["name"] for each in view["output_assets"]} == {"structure", "report"}


def test_a_dataset_and_a_post_are_made_inline_and_taken_again(lab: Program) -> None:
    scan = _run(lab, "ada/scan-temperatures-post", "composition=Fe2Ni", "include_dataset=true")
    report = _run(lab, "ada/write-report-post", "composition=Fe2Ni")
    rank = _run(
        lab, "ada/rank-post",
        "--input", f"scores={scan['output_asset_id']}",
        "--input", f"note={report['output_asset_id']}",
    )  # fmt: skip

    assert rank["response"]["best"]["temperature"] == 100
    assert rank["response"]["table"] == "ordering-score-of-fe2ni".replace("-", "_")
    assert "weighs" in rank["response"]["note"]
    assert report["output_assets"][0]["is_primary"]
    assert rank["input_asset_id"] == scan["output_asset_id"]


def test_tables_and_markdown_become_what_is_declared(lab: Program, tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("Name,Score\nFe,1.5\nNi,2.5\n")
    (tmp_path / "s.ndjson").write_text('{"name": "Fe", "score": 1}\n{"name": "Ni", "score": 9}\n')
    (tmp_path / "n.md").write_text("# Read me\n")
    csv = _run(
        lab, "ada/rank-post", "--input", f"scores={tmp_path}/s.csv", f"note@{tmp_path}/n.md"
    )  # fmt: skip
    ndjson = _run(lab, "ada/rank-post", "--input", f"scores={tmp_path}/s.ndjson")

    assert csv["response"]["best"] == {"name": "Ni", "score": 2.5}
    assert csv["response"]["note"] == "# Read me\n"
    assert ndjson["response"]["best"]["score"] == 9


def test_a_response_that_is_a_file_becomes_an_asset(lab: Program) -> None:
    view = _run(lab, "ada/draw-post", "composition=Fe2Ni")

    made = view["output_assets"][0]
    assert (made["name"], made["is_primary"]) == ("file", True)
    said = view["response"]["file"]
    assert (said["filename"], said["type"], said["extension"]) == (
        "Fe2Ni.svg",
        "image/svg+xml",
        "svg",
    )
    assert view["final_data"]["file"]["id"] == made["asset_id"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--input", "{tmp}/water.cif"], "is .cif, and .xyz is wanted"),
        (["--input", "{tmp}/nowhere.xyz"], "no such file, and no asset's id"),
        (["--input", "{tmp}"], "not a regular file"),
        (["--input", "{tmp}/pipe.xyz"], "not a regular file"),
        (["--input", "fil={tmp}/water.xyz"], "Did you mean file?"),
        (["--input", "file={tmp}/water.xyz", "--input", "{tmp}/water.xyz"], "given twice"),
        (["--input", "01234567-89ab"], "No asset is called"),
        (["--input", "@last"], "No asset is called '@last'"),
        (["--input", "{tmp}/water.xyz", "colour=red"], "colour"),
        (["other@{tmp}/water.xyz"], "other: the body has no such field"),
        ([], "--input file=ASSET (a file, .xyz)"),
        (["--input", "{tmp}/water.xyz", "-o", "{tmp}/water.xyz"], "it is no folder"),
    ],
)
def test_what_does_not_fit_ends_with_2_in_one_line_and_keeps_nothing(
    lab: Program, tmp_path: Path, words: list[str], said: str
) -> None:
    for name in ("water.cif", "water.xyz"):
        (tmp_path / name).write_text(WATER)
    os.mkfifo(tmp_path / "pipe.xyz")
    done = lab(
        "route", "run", "ada/symmetrize-post", *(each.format(tmp=tmp_path) for each in words)
    )

    assert (done.exit_code, done.out) == (2, "")
    assert said in done.err
    assert done.err.count("\n") == 1
    assert lab("action", "list", "--json").json["actions"] == []
    assert not (lab.home / "assets").exists()


def test_an_unfit_asset_is_answered_with_the_newest_that_fit(lab: Program, water: Path) -> None:
    ids = [_run(lab, "ada/symmetrize-post", "--input", str(water))["output_asset_id"]] * 1
    post = _run(lab, "ada/write-report-post", "composition=Fe")["output_asset_id"]

    done = lab("route", "run", "ada/symmetrize-post", "--input", post)

    assert done.exit_code == 2
    assert "is a post, and a file is wanted" in done.err
    assert ids[0] in done.err


def test_a_route_without_inputs_takes_none(lab: Program, water: Path) -> None:
    done = lab("route", "run", "ada/predict-post", "composition=Fe", "--input", str(water))
    assert (done.exit_code, "takes no assets" in done.err) == (2, True)


def test_a_dry_run_shows_the_object_and_keeps_nothing(lab: Program, water: Path) -> None:
    done = lab("route", "run", "ada/symmetrize-post", "--input", str(water), "--dry-run", "--json")

    body = json.loads(done.json["body"])
    assert body["file"]["filename"] == "water.xyz"
    assert "made when it is sent" in body["file"]["url"]
    assert not (lab.home / "assets").exists()


FILE_OUT = {"structure": {"asset_type": "file", "primary": True, "file_extensions": ["cif"]}}
WORK = {
    "method": "post",
    "path": "/work",
    "summary": "Work",
    "requestBody": json_body(),
    "x-ouro-output-assets": FILE_OUT,
}


def _payload(data: bytes, **words: Any) -> dict[str, Any]:
    return {"base64": base64.b64encode(data).decode(), **words}


@pytest.mark.parametrize("by_webhook", [False, True])
def test_an_output_is_byte_identical_and_leaves_the_response(
    ouro: Program, tmp_path: Path, by_webhook: bool
) -> None:
    data = bytes(range(256)) * 4000
    response = {"n": 1.0, "structure": _payload(data, name="A", extension="cif", team_id="x")}

    def answer(call: Call) -> Reply:
        if not by_webhook:
            return Reply(200, response)
        later(0.1, lambda: call.call_back({"status": "completed", "response": response}))
        return Reply(202)

    with serving(answer) as upstream:
        ouro("service", "import", write_document(tmp_path, WORK), "--base-url", upstream.url)
        view = _run(ouro, "ada/work-post", "-o", str(tmp_path / "out"))

    assert _blob(ouro, hashlib.sha256(data).hexdigest()) == data
    assert (tmp_path / "out" / "unnamed.cif").read_bytes() == data
    assert view["response"] == {
        "n": 1.0,
        "structure": {"name": "A", "extension": "cif", "team_id": "x"},
    }
    shown = ouro("action", "show", "@last", "--json").json
    assert "base64" not in json.dumps(shown)


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ({"base64": "no base64!"}, "its base64 cannot be read"),
        ({"name": "A"}, "a file needs 'base64' or a 'url'"),
        ({"url": "ftp://x/y"}, "a file needs"),
        ([{"base64": ""}], "a list is no file"),
        (7, "a number is no file"),
        ({"id": "00000000-0000-7000-8000-000000000001"}, "no asset 00000000"),
        (_payload(b"x", extension="xyz"), "is .xyz, and .cif is wanted; it was kept all the same"),
    ],
)
def test_what_cannot_be_built_is_a_note_and_the_response_is_not_lost(
    ouro: Program, tmp_path: Path, payload: Any, said: str
) -> None:
    with serving(lambda _: Reply(200, {"structure": payload, "n": 1})) as upstream:
        ouro("service", "import", write_document(tmp_path, WORK), "--base-url", upstream.url)
        done = ouro("route", "run", "ada/work-post")

    shown = ouro("action", "show", "@last", "--json").json
    notes = [each for each in shown["events"] if each["event_type"] == "note"]
    assert done.exit_code == 0
    assert said in done.err
    assert [said in each["message"] for each in notes] == [True]
    assert shown["response"]["n"] == 1
    is_kept = "kept all the same" in said
    assert bool(shown["output_assets"]) is is_kept
    if not is_kept:
        assert shown["response"]["structure"] == payload


def test_a_payload_that_is_an_asset_here_is_linked(ouro: Program, tmp_path: Path) -> None:
    replies: list[Any] = [_payload(b"one", extension="cif")]
    with serving(lambda _: Reply(200, {"structure": replies[-1]})) as upstream:
        ouro("service", "import", write_document(tmp_path, WORK), "--base-url", upstream.url)
        first = _run(ouro, "ada/work-post")
        replies.append({"id": first["output_asset_id"], "name": "the same"})
        second = _run(ouro, "ada/work-post")

    assert second["output_asset_id"] == first["output_asset_id"]


def test_a_stored_response_is_byte_exact_where_nothing_was_dropped(
    ouro: Program, tmp_path: Path
) -> None:
    raw = b'{ "structure" : null,\n "n": 1.50e0 }'
    with serving(lambda _: Reply(200, raw)) as upstream:
        ouro("service", "import", write_document(tmp_path, WORK), "--base-url", upstream.url)
        assert ouro("route", "run", "ada/work-post").exit_code == 0

    connection = sqlite3.connect(ouro.home / "registry.db")
    kept = connection.execute("SELECT response FROM action").fetchone()[0]
    connection.close()
    assert kept == raw


TAKING = {
    "method": "post",
    "path": "/take",
    "summary": "Take",
    "requestBody": json_body(),
    "x-ouro-input-assets": {"thing": {"asset_type": "file"}},
    "x-ouro-output-assets": {"copy": {"asset_type": "file"}},
}


def test_a_removed_asset_ends_a_queued_action_with_its_reason(
    ouro: Program, tmp_path: Path, water: Path
) -> None:
    with serving(lambda _: Reply(200, {})) as upstream:
        ouro("service", "import", write_document(tmp_path, TAKING), "--base-url", upstream.url)
        first = _run(ouro, "ada/take-post", "--input", str(water))
        sha256 = hashlib.sha256(water.read_bytes()).hexdigest()
        (ouro.home / "assets" / sha256[:2] / sha256).unlink()
        done = ouro("route", "run", "ada/take-post", "--input", first["input_asset_id"])

    assert done.exit_code == 74
    assert "missing" in done.err
    assert len(upstream.calls) == 1


def test_an_input_wins_over_a_body_value_of_its_name(
    ouro: Program, tmp_path: Path, water: Path
) -> None:
    with serving(lambda _: Reply(200, {})) as upstream:
        ouro("service", "import", write_document(tmp_path, TAKING), "--base-url", upstream.url)
        _run(
            ouro, "ada/take-post", "--body", '{"thing": 1, "n": 2}', "--input", f"thing={water}"
        )  # fmt: skip

    sent = upstream.calls[0].json
    assert sent["n"] == 2
    assert sent["thing"]["filename"] == "water.xyz"
    assert list(sent["thing"]) == [
        *("id", "asset_type", "name", "description", "org_id", "team_id", "visibility"),
        *("metadata", "url", "filename", "type", "extension", "size"),
    ]


def test_a_callback_with_an_address_is_answered_at_once_and_fetched_later(
    ouro: Program, tmp_path: Path
) -> None:
    addresses: list[str] = []

    def answer(call: Call) -> Reply:
        if call.method == "GET":
            return Reply(200, b"fetched", {"content-type": "chemical/x-cif"})
        response = {"structure": {"url": f"{addresses[0]}/a.cif"}}
        later(0.2, lambda: call.call_back({"status": "completed", "response": response}))
        return Reply(202)

    with serving(answer) as upstream:
        addresses.append(upstream.url)
        ouro("service", "import", write_document(tmp_path, WORK), "--base-url", upstream.url)
        assert ouro("route", "run", "ada/work-post", "--no-wait").exit_code == 0
        done = ouro("action", "wait", "@last", "--timeout", "30s", "--json")
        watched = ouro("action", "watch", "@last", "-o", str(tmp_path / "out"))

    assert done.exit_code == watched.exit_code == 0
    assert done.json["output_asset"]["asset_type"] == "file"
    assert (tmp_path / "out" / "a.cif").read_bytes() == b"fetched"
    assert "output structure was fetched" in watched.err


def test_saving_never_overwrites(ouro: Program, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "unnamed.cif").write_text("mine")
    (tmp_path / "out" / "unnamed-2.cif").symlink_to(tmp_path / "elsewhere")
    payload = _payload(b"new", extension="cif")
    with serving(lambda _: Reply(200, {"structure": payload})) as upstream:
        ouro("service", "import", write_document(tmp_path, WORK), "--base-url", upstream.url)
        done = ouro("route", "run", "ada/work-post", "-o", str(tmp_path / "out"))

    assert done.exit_code == 0
    assert (tmp_path / "out" / "unnamed.cif").read_text() == "mine"
    assert not (tmp_path / "elsewhere").exists()
    assert (tmp_path / "out" / "unnamed-3.cif").read_bytes() == b"new"


def test_kept_addresses_are_named_by_their_paths(ouro: Program, tmp_path: Path) -> None:
    addresses: list[str] = []

    def answer(call: Call) -> Reply:
        if call.method == "GET":
            return Reply(200, call.path.encode())
        return Reply(200, {"images": [{"url": f"{addresses[0]}/1.png"}]})

    with serving(answer) as upstream:
        addresses.append(upstream.url)
        ouro("service", "import", write_document(tmp_path, WORK), "--base-url", upstream.url)
        view = _run(ouro, "ada/work-post", "--keep-urls")

    assert [each["name"] for each in view["output_assets"]] == ["images.0.url"]
    assert view["metadata"]["keep_urls"] is True
