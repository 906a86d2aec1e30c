"""Death at every named point of a run: what the next command finds, and what it makes of it."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.crash.matrix import CELLS, POINTS, Cell
from tests.support.invariants import violations
from tests.support.program import Program
from tests.support.upstream import Call, Reply, Upstream, json_body, later, serving, write_document

RESULT = {"ok": True}
BODY = json.dumps({"text": "x" * 300_000})


SABOTEUR = Path(__file__).with_name("saboteur.py")


class Service:
    """A service with a route of every kind that the matrix knows."""

    def __init__(self) -> None:
        self.dropped: set[str] = set()

    def __call__(self, call: Call) -> Reply:
        if call.path == "/later":
            payload: dict[str, Any] = {"status": "completed", "response": RESULT}
            later(0.5, lambda: _until_taken(call, payload))
            return Reply(202)
        action_id = call.headers["ouro-action-id"]
        if call.path == "/flaky" and action_id not in self.dropped:
            self.dropped.add(action_id)
            return Reply(503, {"message": "not now"}, {"retry-after": "2"})
        return Reply(200, RESULT)


def _until_taken(call: Call, payload: dict[str, Any]) -> None:
    for _ in range(100):
        if call.call_back(payload) == 200:
            return
        time.sleep(0.2)


OPERATIONS: list[dict[str, Any]] = [
    {"method": "post", "path": "/inline", "summary": "Inline", "requestBody": json_body()},
    {
        **{"method": "post", "path": "/later", "summary": "Later", "requestBody": json_body()},
        "x-ouro-execution-mode": "async",
    },
    {"method": "get", "path": "/ask", "summary": "Ask"},
    {"method": "get", "path": "/flaky", "summary": "Flaky"},
    {
        **{"method": "post", "path": "/keyed", "summary": "Keyed", "requestBody": json_body()},
        "x-ouro-idempotent": True,
    },
]


@pytest.fixture
def upstream(ouro: Program, tmp_path: Path) -> Iterator[Upstream]:
    with serving(Service()) as service:
        document = write_document(tmp_path, *OPERATIONS)
        done = ouro("service", "import", document, "--base-url", service.url)
        assert done.exit_code == 0, done.err
        yield service


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: f"{cell.point}-{cell.route}")
def test_what_was_begun_comes_to_its_true_end(
    cell: Cell, ouro: Program, upstream: Upstream, home: Path
) -> None:
    method = "get" if cell.route in ("ask", "flaky") else "post"
    given = [] if method == "get" else ["--body", "-"]
    dying = Program(home, OURO_CRASH_AT=cell.point, OURO_SILENCE="4s")
    died = dying(
        "route", "run", f"ada/{cell.route}-{method}", *given, "--silence", "4s", stdin=BODY
    )
    assert died.exit_code == -9, (died.exit_code, died.err)
    assert died.out == ""

    listed = ouro("action", "list", "--json").json["actions"]
    if cell.status == "none":
        assert listed == []
        assert upstream.calls == []
        return
    (found,) = listed
    resumed = ouro("action", "resume", found["id"], "--timeout", "50s", "--json")
    shown = ouro("action", "show", found["id"], "--json").json

    assert shown["status"] == cell.status, shown
    assert resumed.exit_code == (0 if cell.status == "success" else 1)
    assert len(upstream.calls) in cell.calls
    if cell.code:
        assert shown["response"]["error"]["code"] == cell.code
    if cell.status == "success":
        assert shown["response"] == RESULT
    may_repeat = {"/keyed"}
    assert violations(home, upstream.calls, printed=[found["id"]], may_repeat=may_repeat) == []


@pytest.mark.usefixtures("upstream")
def test_a_second_attempt_comes_no_sooner_for_the_death(ouro: Program, home: Path) -> None:
    """R15: when the next attempt is due was written down before anybody slept for it."""
    Program(home, OURO_CRASH_AT="R15")("route", "run", "ada/flaky-get")
    (found,) = ouro("action", "list", "--json").json["actions"]
    assert ouro("action", "resume", found["id"]).exit_code == 0
    first, second = ouro("action", "show", found["id"], "--json").json["attempts"]
    began, again = (datetime.fromisoformat(each["started_at"]) for each in (first, second))
    assert (again - began).total_seconds() >= 2


def test_two_who_resume_see_one_end(ouro: Program, upstream: Upstream, home: Path) -> None:
    Program(home, OURO_CRASH_AT="R5")("route", "run", "ada/ask-get")
    (found,) = ouro("action", "list", "--json").json["actions"]
    codes: list[int] = []

    def resume() -> None:
        codes.append(ouro("action", "resume", found["id"]).exit_code)

    both = [threading.Thread(target=resume) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert codes == [0, 0]
    assert len(upstream.calls) <= 2
    assert violations(home, upstream.calls) == []


@pytest.mark.parametrize("dies", [True, False])
def test_a_planted_fault_is_found(
    ouro: Program, upstream: Upstream, home: Path, dies: bool
) -> None:
    """Two commits in place of one: what the matrix looks for would show it."""
    environment = ouro.environment | ({"OURO_CRASH_AT": "between"} if dies else {})
    command = [sys.executable, str(SABOTEUR), "route", "run", "ada/inline-post"]
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert done.returncode == (-9 if dies else 0)
    found = violations(home, upstream.calls)
    assert [each[:2] for each in found] == (["I2"] if dies else []), found


def test_every_point_is_tried() -> None:
    assert {cell.point for cell in CELLS} == set(POINTS)
