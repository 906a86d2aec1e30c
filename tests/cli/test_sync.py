"""`ouro service sync`, `--check` and `update`, as a CI job sees them."""

import json
from pathlib import Path

import pytest

from tests.support.program import Program
from tests.support.upstream import document, json_body

URL = "http://127.0.0.1:9"
WORK = {"method": "post", "path": "/work", "summary": "Work", "requestBody": json_body()}
PLAY = {"method": "get", "path": "/play", "summary": "Play"}


@pytest.fixture
def path(ouro: Program, tmp_path: Path) -> Path:
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(document(WORK, PLAY)))
    assert ouro("service", "import", str(path), "--base-url", URL, "--name", "lab").exit_code == 0
    return path


def test_a_check_ends_with_1_where_anything_differs_and_changes_nothing(
    ouro: Program, path: Path
) -> None:
    path.write_text(json.dumps(document({**WORK, "x-ouro-execution-mode": "async"})))
    by_sync = ouro("service", "sync", "lab", "--check")
    by_import = ouro("service", "import", str(path), "--check", "--json")
    assert (by_sync.exit_code, by_import.exit_code) == (1, 1)
    assert "1 changed, 1 removed, 2 breaking" in by_sync.out
    assert "! execution_mode sync -> async" in by_sync.out
    [change] = by_import.json["routes"]["changed"][0]["changes"]
    assert change == {
        "where": "",
        "field": "execution_mode",
        "before": "sync",
        "after": "async",
        "is_breaking": True,
        "message": "execution_mode sync -> async",
    }
    assert len(ouro("route", "list", "--json").json["routes"]) == 2

    assert ouro("service", "sync", "lab").exit_code == 0
    assert ouro("service", "sync", "lab", "--check").exit_code == 0
    assert len(ouro("route", "list", "--json").json["routes"]) == 1


def test_a_document_that_is_gone_changes_nothing(ouro: Program, path: Path) -> None:
    path.unlink()
    done = ouro("service", "sync", "lab")
    assert (done.exit_code, done.out) == (2, "")
    assert "no such file" in done.err
    assert len(ouro("route", "list", "--json").json["routes"]) == 2


@pytest.mark.usefixtures("path")
def test_a_service_is_renamed_and_moved(ouro: Program) -> None:
    moved = ouro(
        "service", "update", "lab", "--name", "New Lab", "--base-url", f"{URL}1/", "--json"
    )
    assert moved.json["name"] == "new-lab"
    assert moved.json["metadata"]["base_url"] == f"{URL}1"
    nothing = ouro("service", "update", "new-lab")
    assert nothing.exit_code == 2
    assert "nothing to change" in nothing.err


def test_a_credential_that_does_not_move_along_is_told(ouro: Program, path: Path) -> None:
    assert ouro("auth", "set", "lab", "--from-env", "TOKEN").exit_code == 0
    done = ouro("service", "import", str(path), "--base-url", "http://127.0.0.1:8")
    assert "is not sent to http://127.0.0.1:8 as it is now: ouro auth set lab" in done.err


def test_a_service_without_a_document(ouro: Program) -> None:
    made = ouro("service", "import", "--base-url", URL, "--name", "By hand")
    assert (made.exit_code, made.out) == (0, f"by-hand  {URL}  no routes yet\n")
    for arguments, why in (
        (["service", "import", "--name", "x"], "needs a name and a base URL"),
        (["service", "import", "--base-url", URL], "needs a name and a base URL"),
        (["service", "import", "--base-url", URL, "--name", "by-hand"], "is called 'by-hand'"),
        (["service", "import", "--check"], "--check needs a document"),
        (["service", "sync", "by-hand"], "has no document"),
        (["service", "spec", "by-hand"], "has no document"),
    ):
        done = ouro(*arguments)
        assert (done.exit_code, done.out) == (2, ""), arguments
        assert why in done.err
        assert done.err.count("\n") == 1
