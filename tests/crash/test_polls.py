"""A result that is asked for: whoever asks may die or sleep at any moment, and it still comes."""

import contextlib
import json
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.support.program import Program
from tests.support.upstream import Call, Reply, Upstream, json_body, serving, write_document

JOB = {"method": "post", "path": "/jobs", "summary": "Job", "requestBody": json_body()}
STATE = {"method": "get", "path": "/jobs/{id}", "summary": "State"}


class Jobs:
    """An API that makes jobs, and tells of each that it runs until it is done."""

    def __init__(self) -> None:
        self.made: list[Call] = []
        self.asked = 0
        self.is_done = threading.Event()
        self.was_asked = threading.Event()

    def __call__(self, call: Call) -> Reply:
        """Make a job, or tell of one."""
        if call.method == "POST":
            self.made.append(call)
            return Reply(202, {"id": f"j{len(self.made)}"})
        self.asked += 1
        self.was_asked.set()
        done = self.is_done.is_set()
        state = {"status": "succeeded", "output": 42} if done else {"status": "processing"}
        return Reply(200, state)


@pytest.fixture
def jobs() -> Jobs:
    return Jobs()


def imported(ouro: Program, folder: Path, upstream: Upstream, **words: Any) -> None:
    document = write_document(folder, {**JOB, **words}, STATE)
    done = ouro("service", "import", document, "--base-url", upstream.url)
    assert done.exit_code == 0, done.err


def kill_listener(ouro: Program) -> None:
    """Kill the background listener, once it is there."""
    os.kill(until(lambda: seated(ouro)), signal.SIGKILL)


def seated(ouro: Program) -> int | None:
    try:
        pid = int(json.loads((ouro.home / "listener.lock").read_text())["pid"])
    except (OSError, ValueError, KeyError):
        return None
    command = Path(f"/proc/{pid}/cmdline")
    return pid if command.exists() and b"listen" in command.read_bytes() else None


def until(look: Callable[[], Any], seconds: float = 30) -> Any:
    """What the look finds, once it finds something."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)
    return found


@pytest.mark.parametrize("point", ["R10", "R10b", "R10:2", "R10b:2"])
def test_whoever_asks_may_die_and_no_second_job_is_made(
    ouro: Program, tmp_path: Path, jobs: Jobs, point: str
) -> None:
    with serving(jobs) as upstream:
        imported(ouro, tmp_path, upstream)
        dying = Program(ouro.home, OURO_CRASH_AT=point)
        killed = dying("route", "run", "ada/job-post")
        asked = jobs.asked
        jobs.is_done.set()
        waited = ouro("action", "wait", "@last", "--timeout", "30s", "--json")

    assert killed.exit_code == -signal.SIGKILL
    assert asked >= int(point.partition(":")[2] or 1)
    assert (waited.json["status"], waited.json["ended_by"]) == ("success", "poll")
    assert waited.json["response"]["output"] == 42
    assert len(jobs.made) == 1


def test_death_after_the_answer_is_written_changes_nothing(
    ouro: Program, tmp_path: Path, jobs: Jobs
) -> None:
    jobs.is_done.set()
    with serving(jobs) as upstream:
        imported(ouro, tmp_path, upstream)
        killed = Program(ouro.home, OURO_CRASH_AT="R10b")("route", "run", "ada/job-post")
        shown = ouro("action", "show", "@last", "--json").json

    # Unless the background listener asked first: then there was nothing to die of.
    assert killed.exit_code in (-signal.SIGKILL, 0)
    assert (shown["status"], jobs.asked, len(jobs.made)) == ("success", 1, 1)


def test_a_waiting_run_that_is_killed_is_asked_for_in_the_background(
    ouro: Program, tmp_path: Path, jobs: Jobs
) -> None:
    with serving(jobs) as upstream:
        imported(ouro, tmp_path, upstream)
        run = ouro.start("route", "run", "ada/job-post")
        assert jobs.was_asked.wait(30)
        run.kill()
        run.communicate()
        jobs.is_done.set()
        shown = until(lambda: ended(ouro))

    assert (shown["status"], shown["ended_by"], len(jobs.made)) == ("success", "poll", 1)


def test_a_listener_that_is_killed_is_replaced_by_whoever_waits(
    ouro: Program, tmp_path: Path, jobs: Jobs
) -> None:
    with serving(jobs) as upstream:
        imported(ouro, tmp_path, upstream)
        assert ouro("route", "run", "ada/job-post", "--no-wait").exit_code == 0
        assert jobs.was_asked.wait(30)
        kill_listener(ouro)
        jobs.is_done.set()
        waited = ouro("action", "watch", "@last", "--timeout", "30s", "--json")

    assert (waited.json["status"], len(jobs.made)) == ("success", 1)


def test_the_callback_that_comes_first_wins(ouro: Program, tmp_path: Path, jobs: Jobs) -> None:
    with serving(jobs) as upstream:
        imported(ouro, tmp_path, upstream)
        run = ouro.start("route", "run", "ada/job-post", "--json")
        assert jobs.was_asked.wait(30)
        code = jobs.made[0].call_back({"status": "completed", "response": {"from": "callback"}})
        out, _ = run.communicate(timeout=30)
        jobs.is_done.set()
        shown = ouro("action", "show", "@last", "--json").json

    action = json.loads(out)
    assert (code, run.returncode, action["ended_by"]) == (200, 0, "webhook")
    assert shown["response"] == {"from": "callback"}


def test_the_answer_that_comes_first_wins(ouro: Program, tmp_path: Path, jobs: Jobs) -> None:
    jobs.is_done.set()
    with serving(jobs) as upstream:
        imported(ouro, tmp_path, upstream)
        with listening(ouro):
            done = ouro("route", "run", "ada/job-post", "--json")
            payload = {"status": "failed", "response": {"from": "callback"}}
            code = jobs.made[0].call_back(payload)
        shown = ouro("action", "show", "@last", "--json").json

    assert (done.json["ended_by"], code) == ("poll", 200)
    assert (shown["status"], shown["response"]["output"]) == ("success", 42)
    assert [each["verdict"] for each in shown["receipts"]] == ["late"]


@pytest.mark.parametrize(
    "seconds", [4, pytest.param(60, marks=pytest.mark.full)], ids=["seconds", "a-minute"]
)
def test_everything_sleeps_longer_than_the_api_may_be_silent(
    ouro: Program, tmp_path: Path, jobs: Jobs, seconds: float
) -> None:
    ouro = Program(ouro.home, OURO_SILENCE=f"{seconds / 2}s")
    with serving(jobs) as upstream:
        imported(ouro, tmp_path, upstream)
        run = ouro.start("route", "run", "ada/job-post", "--json")
        assert jobs.was_asked.wait(30)
        sleeping = [run.pid, *filter(None, [seated(ouro)])]
        for pid in sleeping:
            os.kill(pid, signal.SIGSTOP)
        time.sleep(seconds)
        jobs.is_done.set()
        for pid in sleeping:
            os.kill(pid, signal.SIGCONT)
        out, err = run.communicate(timeout=60)

    assert run.returncode == 0, err
    assert json.loads(out)["response"]["output"] == 42
    assert len(jobs.made) == 1


@pytest.mark.parametrize("kills", [12, pytest.param(100, marks=pytest.mark.full)])
def test_runs_and_listeners_killed_at_any_moment_ask_on_for_the_same_jobs(
    ouro: Program, tmp_path: Path, kills: int
) -> None:
    chance = random.Random(kills)
    made: dict[str, float] = {}

    def answer(call: Call) -> Reply:
        if call.method == "POST":
            action_id = call.headers["ouro-action-id"]
            assert action_id not in made
            made[action_id] = time.monotonic()
            return Reply(202, {"id": action_id})
        action_id = call.path.rpartition("/")[2]
        done = time.monotonic() - made[action_id] > 1
        return Reply(200, {"status": "succeeded" if done else "running", "for": action_id})

    with serving(answer) as upstream:
        imported(ouro, tmp_path, upstream)
        for number in range(kills):
            run = ouro.start("route", "run", "ada/job-post", "-q")
            until(partial(has_more, made, number))
            time.sleep(chance.uniform(0.05, 1.2))
            listener = seated(ouro) if chance.random() < 0.5 else None
            for pid in filter(None, (listener, run.pid)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            run.communicate()
        kept = ouro("action", "list", "--limit", "1000", "--json").json["actions"]
        sent = [each["id"] for each in kept if each["ack_at"]]
        waited = ouro("action", "wait", *sent, "--timeout", "60s", "--json").json

    ends = waited.get("actions", [waited])
    assert {each["status"] for each in ends} == {"success"}
    assert len(sent) > kills / 2
    for each in ends:
        shown = ouro("action", "show", each["id"], "--json").json
        assert shown["response"]["for"] == each["id"]


def test_many_who_wait_ask_one_at_a_time(ouro: Program, tmp_path: Path) -> None:
    lock, most, asking = threading.Lock(), [0], [0]
    is_done = threading.Event()

    def answer(call: Call) -> Reply:
        if call.method == "POST":
            return Reply(202, {"id": "j1"})
        with lock:
            asking[0] += 1
            most[0] = max(most[0], asking[0])
        time.sleep(0.5)
        with lock:
            asking[0] -= 1
        return Reply(200, {"status": "succeeded" if is_done.is_set() else "running"})

    with serving(answer) as upstream:
        imported(ouro, tmp_path, upstream)
        ouro("route", "run", "ada/job-post", "--no-wait")
        waiting = [ouro.start("action", "wait", "@last") for _ in range(4)]
        until(lambda: len(upstream.calls) > 4)
        is_done.set()
        for each in waiting:
            each.communicate(timeout=60)

    assert [each.returncode for each in waiting] == [0] * 4
    assert most == [1]


def test_an_api_that_answers_no_question_any_more_ends_in_silence(
    ouro: Program, tmp_path: Path
) -> None:
    def answer(call: Call) -> Reply:
        return Reply(202, {"id": "j1"}) if call.method == "POST" else Reply(503)

    with serving(answer) as upstream:
        imported(ouro, tmp_path, upstream)
        done = ouro("route", "run", "ada/job-post", "--silence", "2s", "--json")

    assert (done.exit_code, done.json["status"]) == (1, "timed-out")


def has_more(made: dict[str, float], number: int) -> bool:
    return len(made) > number


def ended(ouro: Program) -> Any:
    shown = ouro("action", "show", "@last", "--json").json
    return shown if shown["status"] not in ("queued", "in-progress") else None


class listening:
    """A listener of the registry's, while the block lasts."""

    def __init__(self, ouro: Program) -> None:
        self._ouro = ouro

    def __enter__(self) -> None:
        self._process = self._ouro.start("listen")
        until(lambda: seated(self._ouro))

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.communicate(timeout=30)
