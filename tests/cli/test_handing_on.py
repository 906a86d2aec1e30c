"""`ouro action export` and `import`: one job starts a run, the next one waits for it."""

import hashlib
import json
import os
import signal
import sqlite3
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ouro_cli import seat
from tests.support.program import Program
from tests.support.upstream import Call, Reply, Upstream, json_body, serving, write_document

RESULT = {"status": "completed", "response": {"n": 1}}


@pytest.fixture
def service(ouro: Program, tmp_path: Path) -> Iterator[Upstream]:
    """A service that answers at once or by a callback that a test makes, imported."""

    def answer(call: Call) -> Reply:
        return Reply(202) if call.path == "/later" else Reply(200, {"made": "at once"})

    with serving(answer) as upstream:
        body = json_body()
        asynchronous = {"x-ouro-execution-mode": "async"}
        document = write_document(
            tmp_path,
            {"method": "post", "path": "/now", "summary": "Now", "requestBody": body},
            {"method": "post", "path": "/later", "summary": "Later", "requestBody": body}
            | asynchronous,
        )
        done = ouro("service", "import", document, "--base-url", upstream.url)
        assert done.exit_code == 0, done.err
        yield upstream


@pytest.fixture
def there(tmp_path: Path) -> Program:
    """Another registry, which knows nothing of all this."""
    return Program(tmp_path / "there" / "ouro", OURO_USER="grace")


def _run(ouro: Program, route: str, *words: str) -> str:
    done = ouro("route", "run", route, *words, "-q")
    assert done.exit_code == 0, done.err
    return done.out.strip()


def _export(ouro: Program, *ids: str) -> Path:
    path = ouro.home.parent / "bundle.zip"
    done = ouro("action", "export", *ids, "-o", str(path), "--force")
    assert done.exit_code == 0, done.err
    return path


def _rows(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as packed:
        rows: dict[str, Any] = json.loads(packed.read("bundle.json"))
        return rows


def test_a_run_that_ended_is_the_same_elsewhere(
    ouro: Program, service: Upstream, there: Program
) -> None:
    action_id = _run(ouro, "ada/now-post", "x=1")
    here = ouro("action", "show", action_id, "--json").json

    done = there("action", "import", str(_export(ouro, action_id)), "--json")

    assert (done.exit_code, done.json["new"]) == (0, [action_id]), done.err
    shown = there("action", "show", action_id, "--json").json
    for key in ("status", "response", "metadata", "route", "created_at", "finished_at"):
        assert shown[key] == here[key], key
    assert [each["message"] for each in shown["events"]] == [
        each["message"] for each in here["events"]
    ]
    assert shown["imported_at"]
    assert there("action", "list", "--search", "made", "--all", "--json").json["actions"]
    assert there("route", "search", "now", "--json").json["routes"]
    assert len(service.calls) == 1


@pytest.mark.usefixtures("service")
def test_there_and_back_again_is_equal(ouro: Program, there: Program, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("bytes that are taken along")
    ids = [_run(ouro, "ada/now-post", "x=1"), _run(ouro, "ada/now-post", "x=2")]
    with sqlite3.connect(ouro.home / "registry.db") as registry:
        asset = ouro("asset", "add", str(tmp_path / "a.txt"), "--json").json
        registry.execute(
            "INSERT INTO action_asset VALUES (?, 'input', 'f', ?, 1)", (ids[0], asset["id"])
        )
    registry.close()
    first = _rows(_export(ouro, *ids))
    assert there("action", "import", str(tmp_path / "bundle.zip")).exit_code == 0

    second_path = _export(there, *ids)

    assert _rows(second_path) == first
    with zipfile.ZipFile(second_path) as packed:
        kept = [packed.read(name) for name in packed.namelist() if name.startswith("assets/")]
    assert kept == [b"bytes that are taken along"]
    assert there("asset", "save", asset["id"], "-o", "-").out == "bytes that are taken along"
    assert there("doctor", "--deep", "--json").json["is_well"]


@pytest.mark.usefixtures("service")
def test_again_changes_nothing(ouro: Program, there: Program) -> None:
    path = _export(ouro, _run(ouro, "ada/now-post", "x=1"))
    assert there("action", "import", str(path), "--json").json["new"]
    before = _everything(there)
    done = there("action", "import", str(path), "--json").json
    assert (done["new"], done["went_on"], len(done["unchanged"])) == ([], [], 1)
    assert _everything(there) == before


def _everything(ouro: Program) -> list[str]:
    connection = sqlite3.connect(ouro.home / "registry.db")
    text = list(connection.iterdump())
    connection.close()
    return text


def test_the_next_job_takes_the_callback_of_the_same_run(
    ouro: Program, service: Upstream, there: Program
) -> None:
    action_id = _run(ouro, "ada/later-post", "--no-wait")
    path = _export(ouro, action_id)
    # The first job ends, and with it its listener.
    _stop_listener(ouro)
    done = there("action", "import", str(path), "--json")
    assert done.json["new"] == [action_id], done.err

    waiting = there.start("action", "wait", action_id, "--timeout", "30s")
    [call] = service.calls
    deadline = time.monotonic() + 30
    while _post(call) != 200:
        assert time.monotonic() < deadline
    waiting.communicate()

    assert waiting.returncode == 0
    assert there("action", "show", action_id, "--json").json["response"] == {"n": 1}
    assert len(service.calls) == 1


def _post(call: Call) -> int:
    try:
        return call.call_back(RESULT)
    except OSError:
        return 0


def _stop_listener(ouro: Program) -> None:
    seated = seat.find_seated(ouro.home)
    assert seated is not None
    os.kill(seated.pid, signal.SIGTERM)
    deadline = time.monotonic() + 30
    while seat.find_seated(ouro.home) is not None:
        assert time.monotonic() < deadline


def test_a_newer_state_is_taken_and_a_final_word_never_changed(
    ouro: Program, service: Upstream, there: Program
) -> None:
    action_id = _run(ouro, "ada/later-post", "--no-wait")
    open_ = _export(ouro, action_id).rename(ouro.home.parent / "open.zip")
    assert there("action", "import", str(open_)).exit_code == 0
    assert service.calls[0].call_back(RESULT) == 200
    ended = _export(ouro, action_id)

    assert there("action", "import", str(ended), "--json").json["went_on"] == [action_id]
    assert there("action", "import", str(open_), "--json").json["unchanged"] == [action_id]

    shown = there("action", "show", action_id, "--json").json
    assert (shown["status"], shown["response"]) == ("success", {"n": 1})
    assert [each["verdict"] for each in shown["receipts"]] == ["settled"]
    kinds = [each["event_type"] for each in shown["events"]]
    assert len(kinds) == len(set(kinds))


@pytest.mark.usefixtures("service")
def test_what_was_not_sent_stays_where_it_is(ouro: Program) -> None:
    action_id = _run(ouro, "ada/now-post", "x=1")
    for status, said in (("queued", "has not been sent"), ("in-progress", "no answer")):
        with sqlite3.connect(ouro.home / "registry.db") as registry:
            registry.execute(
                "UPDATE action SET status = ?, ack_at = NULL, finished_at = NULL", (status,)
            )
        registry.close()
        done = ouro("action", "export", action_id, "-o", str(ouro.home.parent / "x.zip"))
        assert (done.exit_code, done.err.count("\n")) == (2, 1)
        assert said in done.err
        assert not (ouro.home.parent / "x.zip").exists()


def test_services_and_routes_that_are_there_are_matched(
    ouro: Program, service: Upstream, there: Program, tmp_path: Path
) -> None:
    action_id = _run(ouro, "ada/now-post", "x=1")
    document = str(tmp_path / "openapi.json")
    assert there("service", "import", document, "--base-url", service.url).exit_code == 0

    assert there("action", "import", str(_export(ouro, action_id))).exit_code == 0

    assert len(there("service", "list", "--json").json["services"]) == 1
    assert len(there("route", "list", "--json").json["routes"]) == 2
    shown = there("action", "show", action_id, "--json").json
    assert shown["route"]["reference"] == "grace/now-post"


@pytest.mark.usefixtures("service")
def test_a_name_that_another_service_has_gets_a_number(
    ouro: Program, there: Program, tmp_path: Path
) -> None:
    action_id = _run(ouro, "ada/now-post", "x=1")
    document = str(tmp_path / "openapi.json")
    there("service", "import", document, "--base-url", "http://127.0.0.1:9")
    assert there("action", "import", str(_export(ouro, action_id))).exit_code == 0
    names = [each["name"] for each in there("service", "list", "--json").json["services"]]
    assert len(names) == 2
    assert names[1] == f"{names[0]}-2"


Change = Callable[[dict[str, Any]], Any]

SPOILT: dict[str, Change] = {
    "a sha that is a path": lambda rows: rows["action"][0].update(response_sha256="../../x"),
    "an id that is none": lambda rows: rows["action"][0].update(id="../x"),
    "a status that is none": lambda rows: rows["action"][0].update(status="done"),
    "a column that is none": lambda rows: rows["action"][0].update({"x) --": 1}),
    "a table that is none": lambda rows: rows.update({"credential": []}),
    "a request that is no JSON": lambda rows: rows["action"][0].update(request="{"),
    "an operation that is none": lambda rows: rows["route"][0].update(operation="[]"),
    "a value that is none": lambda rows: rows["action"][0].update(request={"a": 1}),
    "a row that is none": lambda rows: rows["action"].append(7),
    "a route that is not there": lambda rows: rows["route"].clear(),
    "an event of another": lambda rows: rows["receipt"].append({"id": "x"}),
    "a time that is none": lambda rows: rows["action"][0].update(created_at="soon"),
    "bytes that are none": lambda rows: rows["action"][0].update(response={"$base64": "?"}),
    "no tables": lambda rows: rows.update(action=7),
}


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize("change", SPOILT.values(), ids=SPOILT)
def test_what_is_no_bundle_is_refused_and_nothing_changes(
    ouro: Program, there: Program, change: Change
) -> None:
    path = _export(ouro, _run(ouro, "ada/now-post", "x=1"))
    with zipfile.ZipFile(path) as packed:
        manifest = json.loads(packed.read("manifest.json"))
        rows = json.loads(packed.read("bundle.json"))
    change(rows)
    data = json.dumps(rows).encode()
    manifest["files"] = {
        "bundle.json": {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    }
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("manifest.json", json.dumps(manifest))
        packed.writestr("bundle.json", data)
    assert there("service", "list").exit_code == 0
    before = _everything(there)

    done = there("action", "import", str(path))

    assert (done.exit_code, done.err.count("\n")) == (2, 1), done.err
    assert done.err.startswith("ouro: ")
    assert _everything(there) == before


@pytest.mark.usefixtures("service")
def test_pinning_is_shown(ouro: Program) -> None:
    action_id = _run(ouro, "ada/now-post", "x=1")
    assert ouro("action", "pin", action_id, "--json").json["pinned_at"]
    assert "pinned" in ouro("action", "show", action_id).out
    assert not ouro("action", "unpin", action_id, "--json").json["pinned_at"]


@pytest.mark.usefixtures("service")
def test_pruning_asks_and_where_nobody_is_does_nothing(ouro: Program) -> None:
    action_id = _run(ouro, "ada/now-post", "x=1")
    refused = ouro("prune", "--older-than", "1ms")
    assert (refused.exit_code, "--yes" in refused.err) == (2, True)
    assert ouro("prune", "--older-than", "1ms", "--dry-run", "--json").json["actions"] == [
        action_id
    ]
    assert ouro("action", "show", action_id).exit_code == 0
    assert ouro("prune", "--older-than", "1ms", "--yes").out.startswith("Removed 1 action")
    assert ouro("action", "show", action_id).exit_code == 2
    assert ouro("prune", "--older-than", "1ms").out == "Nothing to remove.\n"
