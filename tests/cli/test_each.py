"""A route runs once for each row of a table: checked whole, each row once, results gathered."""

import json
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.program import Program
from tests.support.upstream import Call, Reply, Upstream, json_body, later, write_document

SCHEMA = {
    "type": "object",
    "required": ["x"],
    "properties": {
        "x": {"type": "integer", "maximum": 1_000_000},
        "note": {"type": "string"},
        "deep": {"type": "object", "properties": {"y": {"type": "number"}, "s": {}}},
    },
}
DOUBLE = {
    "method": "post",
    "path": "/double",
    "summary": "Double",
    "requestBody": json_body(SCHEMA, required=True),
}
JOB = {**DOUBLE, "path": "/job", "summary": "Job", "x-ouro-execution-mode": "async"}
LOOK = {
    "method": "get",
    "path": "/look/{id}",
    "summary": "Look",
    "parameters": [
        {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}},
        {"name": "lang", "in": "query", "schema": {"enum": ["de", "en"]}},
    ],
}
PHOTO = {
    "method": "post",
    "path": "/photo",
    "summary": "Photo",
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "album": {"type": "string"},
                        "photo": {"type": "string", "format": "binary"},
                    },
                }
            }
        },
    },
}


def _answer(call: Call) -> Reply:
    if call.path == "/double":
        return Reply(body={"doubled": 2 * call.json["x"], "was": call.json})
    if call.path == "/job":
        result = {"status": "completed", "response": {"done": call.json["x"]}}
        later(0.05, lambda: call.call_back(result))
        return Reply(202)
    return Reply(body={"path": call.path, "size": len(call.body)})


@pytest.fixture
def service() -> Iterator[Upstream]:
    """A service that doubles, works, looks and takes photos."""
    upstream = Upstream(_answer)
    yield upstream
    upstream.close()


@pytest.fixture
def lab(ouro: Program, service: Upstream, tmp_path: Path) -> Program:
    """The program, with that service imported."""
    document = write_document(tmp_path, DOUBLE, JOB, LOOK, PHOTO)
    done = ouro("service", "import", document, "--base-url", service.url)
    assert done.exit_code == 0, done.err
    return ouro


def _table(folder: Path, *lines: str, name: str = "rows.csv") -> str:
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def _each(lab: Program, table: str, *words: str, route: str = "ada/double-post") -> Any:
    return lab("route", "run", route, "--each", table, *words)


def _counts(done: Any) -> dict[str, int]:
    return {name: count for name, count in done.json["batch"]["counts"].items() if count}


def _rows_of(lab: Program, asset_id: str) -> list[dict[str, Any]]:
    done = lab("asset", "query", asset_id, "SELECT * FROM rows ORDER BY row", "--json")
    assert done.exit_code == 0, done.err
    rows: list[dict[str, Any]] = done.json["rows"]
    return rows


def test_each_row_is_an_action_and_the_results_are_a_dataset(
    lab: Program, service: Upstream, tmp_path: Path
) -> None:
    table = _table(tmp_path, "x,note,status", "1,a,own", "2,,own", "3,@/etc/passwd,own")

    done = _each(lab, table, "--into", "Doubled", "--map", "status=body.deep.s", "--json")

    assert done.exit_code == 0, done.err
    batch = done.json["batch"]
    assert (batch["status"], batch["total"], _counts(done)) == ("done", 3, {"success": 3})
    sent = sorted((call.json for call in service.calls), key=lambda body: body["x"])
    assert sent == [
        {"x": 1, "note": "a", "deep": {"s": "own"}},
        {"x": 2, "deep": {"s": "own"}},
        {"x": 3, "note": "@/etc/passwd", "deep": {"s": "own"}},
    ]
    rows = _rows_of(lab, batch["into"]["id"])
    assert [(each["row"], each["x"], each["status"], each["doubled"]) for each in rows] == [
        (1, 1, "success", 2),
        (2, 2, "success", 4),
        (3, 3, "success", 6),
    ]
    assert rows[0]["input_status"] == "own"
    shown = lab("action", "show", rows[1]["action_id"], "--json").json
    assert shown["batch"] == {"id": batch["id"], "row": 2}


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.json"])
def test_json_rows_keep_their_types(
    lab: Program, service: Upstream, tmp_path: Path, name: str
) -> None:
    rows = [{"x": 1, "deep": {"y": 0.5}}, {"x": 2, "note": "7"}]
    path = tmp_path / name
    path.write_text(json.dumps(rows) if name.endswith("json") else "\n".join(map(json.dumps, rows)))

    assert _each(lab, str(path)).exit_code == 0

    assert sorted((each.json for each in service.calls), key=lambda body: body["x"]) == rows


def test_a_dataset_is_a_table_too(lab: Program, service: Upstream, tmp_path: Path) -> None:
    added = lab("asset", "add", _table(tmp_path, "x,note", "5,a", "6,"), "--json").json

    assert _each(lab, added["id"], "--json").exit_code == 0

    sent = sorted((each.json for each in service.calls), key=lambda body: body["x"])
    assert sent == [{"x": 5, "note": "a"}, {"x": 6}]


def test_each_file_of_a_folder_is_uploaded(lab: Program, service: Upstream, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("b.png", "a.png", ".hidden"):
        (folder / name).write_bytes(name.encode())

    done = _each(lab, str(folder), "album=cats", "--into", "r", "--json", route="ada/photo-post")

    assert done.exit_code == 0, done.err
    assert [each["file"] for each in _rows_of(lab, done.json["batch"]["into"]["id"])] == [
        "a.png",
        "b.png",
    ]
    bodies = [each.body for each in service.calls]
    assert all(b"cats" in body for body in bodies)
    assert {name for name in (b"a.png", b"b.png") for body in bodies if name in body} == {
        b"a.png",
        b"b.png",
    }


def test_columns_go_to_parameters_and_words_to_all_rows(
    lab: Program, service: Upstream, tmp_path: Path
) -> None:
    done = _each(lab, _table(tmp_path, "id", "1", "2"), "lang=de", route="ada/look-get")

    assert done.exit_code == 0, done.err
    assert sorted(call.path for call in service.calls) == ["/look/1?lang=de", "/look/2?lang=de"]


def test_all_rows_are_checked_before_one_is_sent(
    lab: Program, service: Upstream, tmp_path: Path
) -> None:
    lines = [str(x) if x % 3 else "much" for x in range(1, 61)]

    done = _each(lab, _table(tmp_path, "x", *lines), "--json")

    assert done.exit_code == 2
    error = done.json
    assert error["error"]["code"] == "rows_refused"
    assert [each["row"] for each in error["rows"]] == list(range(3, 31, 3))
    assert "20 of 60 rows cannot be run" in done.err
    assert service.calls == []
    assert lab("action", "list", "--json").json["actions"] == []


@pytest.mark.parametrize(
    ("lines", "words", "told"),
    [
        (("x,colour", "1,red"), (), "'colour' is no parameter"),
        (("x,x", "1,2"), (), "two columns 'x'"),
        (("x",), (), "has no rows"),
        (("x", "1"), ("--rate", "fast"), "is no rate"),
        (("x", "1"), ("--rate", "0/s"), "is no rate"),
        (("x", "1"), ("--map", "x"), "expected COLUMN=PLACE"),
        (("x", "1"), ("--map", "x=nowhere.at.all"), "there is no place 'nowhere.at.all'"),
        (("x", "1,2"), (), "row 2 has 2 cells"),
    ],
)
def test_what_cannot_be_run_is_refused_in_a_line(
    lab: Program,
    service: Upstream,
    tmp_path: Path,
    lines: tuple[str, ...],
    words: tuple[str, ...],
    told: str,
) -> None:
    done = _each(lab, _table(tmp_path, *lines), *words)

    assert (done.exit_code, done.out) == (2, "")
    assert told in done.err
    assert len(done.err.splitlines()) == 1
    assert service.calls == []


def test_columns_without_a_place_can_be_left_out(
    lab: Program, service: Upstream, tmp_path: Path
) -> None:
    done = _each(lab, _table(tmp_path, "x,colour", "1,red"), "--ignore-columns")

    assert done.exit_code == 0, done.err
    assert [each.json for each in service.calls] == [{"x": 1}]


def test_rows_that_fail_are_listed_and_run_again(
    lab: Program, service: Upstream, tmp_path: Path
) -> None:
    broken = True

    def answer(call: Call) -> Reply:
        return Reply(500, {"error": "no"}) if broken and call.json["x"] % 2 else _answer(call)

    service.answer = answer
    first = _each(lab, _table(tmp_path, "x", "1", "2", "3"), "--into", "r", "--json")
    batch = first.json["batch"]["id"]
    failed = lab("action", "list", "--batch", batch, "--status", "error", "--json").json
    broken = False
    again = lab("action", "rerun", "--batch", batch, "--failed", "--json")
    listed = lab("action", "list", "--batch", batch, "--json").json

    assert (first.exit_code, _counts(first)) == (1, {"success": 2 - 1, "error": 2})
    assert len(failed["actions"]) == 2
    assert (again.exit_code, _counts(again)) == (0, {"success": 3})
    assert {each["status"] for each in listed["actions"]} == {"success"}
    rows = _rows_of(lab, again.json["batch"]["into"]["id"])
    shown = lab("action", "show", rows[0]["action_id"], "--json").json
    assert shown["rerun_of"] in {each["id"] for each in failed["actions"]}
    assert lab("action", "rerun", "--batch", batch, "--failed").exit_code == 2


def test_no_more_start_once_so_many_have_failed(
    lab: Program, service: Upstream, tmp_path: Path
) -> None:
    table = _table(tmp_path, "x", *map(str, range(50)))
    service.answer = lambda _: Reply(500, {"error": "no"})
    first = _each(lab, table, "--stop-after-failures", "3", "--concurrency", "1", "--json")
    service.answer = _answer
    second = _each(lab, table, "--json")

    assert (first.exit_code, first.json["batch"]["status"]) == (1, "stopped")
    assert _counts(first) == {"error": 3, "not-started": 47}
    assert (second.exit_code, _counts(second)) == (1, {"error": 3, "success": 47})
    assert set(Counter(call.json["x"] for call in service.calls).values()) == {1}


def test_a_finished_batch_said_again_asks_for_a_word(
    lab: Program, service: Upstream, tmp_path: Path
) -> None:
    table = _table(tmp_path, "x", "1")
    first = _each(lab, table, "--json").json["batch"]["id"]

    refused = _each(lab, table)
    other_words = _each(lab, table, "note=b")
    again = _each(lab, table, "--again", "--json").json["batch"]["id"]

    assert refused.exit_code == 2
    assert f"Batch {first} has run these rows already" in refused.err
    assert "--again" in refused.err
    assert other_words.exit_code == 0
    assert again != first
    assert len(service.calls) == 3


def test_results_that_come_later_hold_no_thread(
    lab: Program, service: Upstream, tmp_path: Path
) -> None:
    table = _table(tmp_path, "x", *map(str, range(60)))

    done = _each(lab, table, "--concurrency", "4", "--into", "r", "--json", route="ada/job-post")

    assert (done.exit_code, _counts(done)) == (0, {"success": 60})
    rows = _rows_of(lab, done.json["batch"]["into"]["id"])
    assert [each["done"] for each in rows] == list(range(60))
    assert len(service.calls) == 60


def _waiting(service: Upstream, release: threading.Event, from_call: int) -> None:
    """From some call on, answers come once they are released."""

    def answer(call: Call) -> Reply:
        if len(service.calls) >= from_call:
            release.wait(30)
        return _answer(call)

    service.answer = answer


@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_starts_no_more_and_keeps_what_is_out(
    lab: Program, service: Upstream, tmp_path: Path, number: signal.Signals, exit_code: int
) -> None:
    table = _table(tmp_path, "x", *map(str, range(40)))
    release = threading.Event()
    _waiting(service, release, 10)
    run = lab.start("route", "run", "ada/double-post", "--each", table, "--concurrency", "4")
    while len(service.calls) < 13:
        time.sleep(0.01)

    run.send_signal(number)
    time.sleep(0.5)
    out = len(service.calls)
    release.set()
    told, err = run.communicate(timeout=60)
    rest = _each(lab, table, "--json")

    assert run.returncode == exit_code, err
    assert f"{out} success, {40 - out} not-started" in told
    assert "say the same command again" in err.splitlines()[-1]
    assert (rest.exit_code, _counts(rest)) == (0, {"success": 40})
    assert set(Counter(call.json["x"] for call in service.calls).values()) == {1}


def test_a_closed_terminal_and_a_timeout_leave_it_to_the_background(
    lab: Program, service: Upstream, tmp_path: Path
) -> None:
    table = _table(tmp_path, "x", *map(str, range(30)))
    release = threading.Event()
    _waiting(service, release, 5)
    killed = lab.start("route", "run", "ada/double-post", "--each", table)
    while len(service.calls) < 5:
        time.sleep(0.01)
    killed.kill()
    killed.communicate()

    looked = _each(lab, table, "--timeout", "0.5s")
    release.set()
    done = _each(lab, table, "--json")

    assert looked.exit_code == 124
    assert re.search(r"is run by process \d+; looking on", looked.err)
    # It may have ended before it was asked for.
    assert done.exit_code in (0, 2)
    listed = lab("action", "list", "--batch", "@last", "--limit", "100", "--json").json
    assert _counts_of(listed) == {"success": 30}
    assert set(Counter(call.json["x"] for call in service.calls).values()) == {1}


def _counts_of(listed: dict[str, Any]) -> dict[str, int]:
    return {name: count for name, count in listed["batch"]["counts"].items() if count}


def test_a_value_of_a_row_is_never_a_path(lab: Program, service: Upstream, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("canary")
    table = _table(tmp_path, "x,note", f"1,@{tmp_path}/secret.txt")

    _each(lab, table)

    assert service.calls[0].json["note"] == f"@{tmp_path}/secret.txt"


def test_a_request_that_failed_in_passing_goes_out_again(
    lab: Program, service: Upstream, tmp_path: Path
) -> None:
    seen: Counter[str] = Counter()

    def answer(call: Call) -> Reply:
        seen[call.path] += 1
        return Reply(503) if seen[call.path] == 1 else _answer(call)

    service.answer = answer

    done = _each(lab, _table(tmp_path, "id", "1", "2"), "--json", route="ada/look-get")

    assert (done.exit_code, _counts(done)) == (0, {"success": 2})
    assert dict(seen) == {"/look/1": 2, "/look/2": 2}
