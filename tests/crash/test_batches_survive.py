"""A batch that is killed at any point goes on: every row once, unless it is told as unknown."""

import json
import os
import random
import re
import signal
import sqlite3
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.support.program import Program
from tests.support.upstream import Call, Reply, Upstream, json_body, serving, write_document

WORK = {
    "method": "post",
    "path": "/work",
    "summary": "Work",
    "requestBody": json_body({"type": "object", "properties": {"x": {"type": "integer"}}}),
}
PUT = {**WORK, "method": "put", "path": "/put", "summary": "Put"}


def _answer(call: Call) -> Reply:
    return Reply(body={"seen": call.json["x"]})


def _imported(ouro: Program, upstream: Upstream, folder: Path) -> None:
    document = write_document(folder, WORK, PUT)
    assert ouro("service", "import", document, "--base-url", upstream.url).exit_code == 0


def _rows(folder: Path, count: int) -> str:
    path = folder / "rows.csv"
    path.write_text("x\n" + "".join(f"{x}\n" for x in range(1, count + 1)))
    return str(path)


def _each(ouro: Program, table: str, *words: str, route: str = "ada/work-post") -> Any:
    return ouro(
        *("route", "run", route, "--each", table, "--into", "r", "--json", *words), timeout=120
    )


def _sent(upstream: Upstream) -> Counter[int]:
    """How often each row arrived whole: of one that died over its body, half may have come."""
    whole = [
        call for call in upstream.calls if len(call.body) == int(call.headers["content-length"])
    ]
    return Counter(call.json["x"] for call in whole)


def _results(ouro: Program) -> list[dict[str, Any]]:
    batch = ouro("action", "list", "--batch", "@last", "--json").json["batch"]
    assert batch["into"]["id"], batch
    rows: list[dict[str, Any]] = []
    while True:
        sql = f"SELECT * FROM rows ORDER BY row LIMIT 1000 OFFSET {len(rows)}"
        more = ouro("asset", "query", batch["into"]["id"], sql, "--json").json["rows"]
        rows += more
        if len(more) < 1000:
            return rows


def _is_unknown(row: dict[str, Any]) -> bool:
    return row["status"] == "error" and "the API may have run it" in (row["error"] or "")


@pytest.mark.parametrize("route", ["ada/work-post", "ada/put-put"])
@pytest.mark.parametrize("point", ["B1", "B1:3", "R3:5", "R5:5", "B2:5", "B4", "B4:30"])
def test_whatever_it_dies_of_the_same_command_goes_on(
    ouro: Program, home: Path, tmp_path: Path, point: str, route: str
) -> None:
    with serving(_answer) as upstream:
        _imported(ouro, upstream, tmp_path)
        table = _rows(tmp_path, 20)
        died = _each(Program(home, OURO_CRASH_AT=point), table, "--concurrency", "4", route=route)
        done = _each(ouro, table, route=route)

    assert died.exit_code == 1, died.err
    batch = done.json["batch"]
    assert (batch["status"], batch["total"], batch["started"]) == ("done", 20, 20)
    rows = _results(ouro)
    assert [each["row"] for each in rows] == list(range(1, 21))
    sent = _sent(upstream)
    unknown = {each["row"] for each in rows if _is_unknown(each)}
    assert {each["row"] for each in rows if each["status"] != "success"} == unknown
    if route == "ada/put-put" or point.startswith("B4"):
        # What is safe to repeat goes out again, and nothing is left unknown.
        assert (done.exit_code, unknown) == (0, set())
        assert set(sent) == set(range(1, 21))
    else:
        assert done.exit_code == 1
        assert batch["counts"]["outcome_unknown"] == len(unknown) <= 4
        assert set(sent.values()) == {1}
        assert set(range(1, 21)) - set(sent) <= unknown
        assert "ouro action rerun --batch" in done.err
        refused = ouro("action", "rerun", "--batch", batch["id"], "--failed")
        assert (refused.exit_code, "--yes" in refused.err) == (2, True)


def _engine_of(home: Path) -> int | None:
    try:
        with sqlite3.connect(f"file:{home}/registry.db?mode=ro", uri=True, timeout=10) as registry:
            row = registry.execute("SELECT owner FROM batch ORDER BY seq DESC LIMIT 1").fetchone()
    except sqlite3.Error:
        return None
    return int(row[0].rsplit("/", 2)[-2]) if row and row[0] else None


@pytest.mark.parametrize(
    ("rows", "kills"), [(300, 4), pytest.param(5_000, 20, marks=pytest.mark.full)]
)
def test_a_batch_killed_often_has_every_row_once(
    ouro: Program, home: Path, tmp_path: Path, rows: int, kills: int
) -> None:
    chance = random.Random(6)
    with serving(_answer) as upstream:
        _imported(ouro, upstream, tmp_path)
        table = _rows(tmp_path, rows)
        for kill in range(kills):
            run = ouro.start("route", "run", "ada/work-post", "--each", table, "--into", "r")
            wanted = (kill + chance.random()) * rows / (kills + 1)
            while len(upstream.calls) < wanted and run.poll() is None:
                time.sleep(0.002)
            engine = _engine_of(home)
            if engine is not None and engine != run.pid:
                os.kill(engine, signal.SIGKILL)
            run.kill()
            run.communicate()
        done = _each(ouro, table)

    results = _results(ouro)
    assert [each["row"] for each in results] == list(range(1, rows + 1))
    unknown = {each["row"] for each in results if _is_unknown(each)}
    assert {each["row"] for each in results if each["status"] != "success"} == unknown
    assert len(unknown) <= 8 * kills
    sent = _sent(upstream)
    assert set(sent.values()) == {1}
    assert set(range(1, rows + 1)) - set(sent) <= unknown
    assert done.json["batch"]["status"] == "done"
    with sqlite3.connect(home / "registry.db") as registry:
        assert registry.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert registry.execute("PRAGMA foreign_key_check").fetchall() == []


def test_two_at_once_have_one_owner(ouro: Program, tmp_path: Path) -> None:
    def slow(call: Call) -> Reply:
        time.sleep(0.05)
        return _answer(call)

    with serving(slow) as upstream:
        _imported(ouro, upstream, tmp_path)
        table = _rows(tmp_path, 60)
        words = ("route", "run", "ada/work-post", "--each", table, "--concurrency", "2")
        both = [ouro.start(*words) for _ in range(2)]
        ended = [each.communicate(timeout=60) for each in both]

    assert set(_sent(upstream).values()) == {1}
    assert len(upstream.calls) == 60
    told = [err for _, err in ended if re.search(r"is run by process \d+; looking on", err)]
    assert len(told) == 1
    assert [each.returncode for each in both] == [0, 0]


def test_a_cancelled_batch_sends_nothing_more(ouro: Program, home: Path, tmp_path: Path) -> None:
    def slow(call: Call) -> Reply:
        time.sleep(0.1)
        return _answer(call)

    with serving(slow) as upstream:
        _imported(ouro, upstream, tmp_path)
        table = _rows(tmp_path, 200)
        run = ouro.start("route", "run", "ada/work-post", "--each", table, "--json")
        while len(upstream.calls) < 20:
            time.sleep(0.01)
        run.send_signal(signal.SIGINT)
        out, _ = run.communicate(timeout=60)
        seen = len(upstream.calls)
        time.sleep(0.5)

        assert len(upstream.calls) == seen < 60
    counts = json.loads(out)["batch"]["counts"]
    assert (run.returncode, counts["success"]) == (130, seen)
    assert _engine_of(home) is None
