"""A chain killed anywhere: it goes on, each finished step ran once, and the result is the same."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.counting import STEPS, Counting, expected, write_flow, write_steps
from tests.support.program import Program, Result
from tests.support.real_documents import FIGURE
from tests.support.upstream import Call, Reply, Upstream, serving, write_document

# T1 and T2 are before and after each commit of the registry; the others are named in the matrix.
NAMES = ("T1", "T2", "R3", "R4", "R5", "R6", "R7", "R8", "R9", "R1", "R2", "C1", "C4", "C9", "L3")
SOME = ("T1:4", "T2:9", "R5:2", "R8:1", "C1:3")
ALL = 200
_MOST_OF_ONE = 40


@pytest.fixture
def counting() -> Counting:
    return Counting()


@pytest.fixture
def upstream(counting: Counting) -> Iterator[Upstream]:
    with serving(counting) as service:
        yield service


@pytest.fixture
def prepared(tmp_path: Path, upstream: Upstream) -> Path:
    """A folder with a registry that knows the service, and the workflow file beside it."""
    folder = tmp_path / "prepared"
    folder.mkdir()
    document = write_steps(folder)
    write_flow(folder)
    done = Program(folder / "ouro")(
        "service", "import", document, "--base-url", upstream.url, "--name", "steps"
    )
    assert done.exit_code == 0, done.err
    return folder


class Scene:
    """A copy of the registry for one death, and what came of the chain."""

    def __init__(self, prepared: Path, folder: Path) -> None:
        shutil.copytree(prepared, folder)
        self.folder = folder
        self.home = folder / "ouro"

    def start(self, **environment: str) -> Result:
        flow = str(self.folder / "steps.arazzo.json")
        program = Program(self.home, **environment)
        return program("action", "chain", "-f", flow, "--with", "value=1", "--json")

    def resume(self, **environment: str) -> Result:
        return Program(self.home, **environment)("action", "chain", "--resume", "@last", "--json")

    @property
    def chains(self) -> int:
        listed = Program(self.home)("action", "chain", "--list", "--json")
        return len(listed.json["chains"])


def _check(scene: Scene, counting: Counting, point: str) -> None:
    if scene.chains == 0:
        assert not counting.ran, point
        return
    resumed = scene.resume()
    assert resumed.exit_code == 0, (point, resumed.err)
    assert resumed.json["outputs"] == {"value": expected(1)}, (point, resumed.json)
    assert counting.ran == {f"step{n}": 1 for n in range(1, STEPS + 1)}, (point, counting.ran)
    assert [each["step"] for each in resumed.json["steps"]] == [
        f"s{n}" for n in range(1, STEPS + 1)
    ], point


def _kill_at(
    points: Iterator[tuple[str, str]],
    most: int,
    prepared: Path,
    tmp_path: Path,
    counting: Counting,
) -> Counter[str]:
    """Kill a chain at each of these points, as far as it comes there; how often it was, by name."""
    counts: Counter[str] = Counter()
    for number, (first, second) in enumerate(points):
        if sum(counts.values()) >= most:
            break
        counting.forget()
        scene = Scene(prepared, tmp_path / f"scene{number}")
        died = scene.start(OURO_CRASH_AT=first)
        if died.exit_code == 0:
            shutil.rmtree(scene.folder)
            continue
        if second and scene.chains:
            scene.resume(OURO_CRASH_AT=second)
        _check(scene, counting, f"{first} {second}")
        counts[first.partition(":")[0] + (f"+{second.partition(':')[0]}" if second else "")] += 1
        shutil.rmtree(scene.folder, ignore_errors=True)
    return counts


def test_a_chain_killed_at_some_points_goes_on(
    prepared: Path, tmp_path: Path, counting: Counting
) -> None:
    points = ((each, "") for each in SOME)
    counts = _kill_at(points, len(SOME), prepared, tmp_path, counting)
    assert sum(counts.values()) == len(SOME)


@pytest.mark.full
def test_a_chain_killed_at_two_hundred_points_goes_on(
    prepared: Path,
    tmp_path: Path,
    counting: Counting,
    record_property: Callable[[str, object], None],
) -> None:
    def points() -> Iterator[tuple[str, str]]:
        for number in range(1, _MOST_OF_ONE):
            for name in NAMES:
                if name in ("T1", "T2") or number <= STEPS:
                    yield f"{name}:{number}", ""
        # And once more, while it is resumed.
        for number in range(2, _MOST_OF_ONE):
            for again in range(1, 8):
                yield f"T1:{number}", f"T2:{again}"

    counts = _kill_at(points(), ALL, prepared, tmp_path, counting)
    told = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
    record_property(FIGURE, f"chain killed at {sum(counts.values())} points, all the same: {told}")
    assert sum(counts.values()) == ALL


def test_two_who_resume_see_one_chain(prepared: Path, tmp_path: Path, counting: Counting) -> None:
    """C7: one of them is at it, and the other looks on; both see the same end."""
    scene = Scene(prepared, tmp_path / "scene")
    scene.start(OURO_CRASH_AT="C1:2")
    results: list[Result] = []
    both = [threading.Thread(target=lambda: results.append(scene.resume())) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert [each.exit_code for each in results] == [0, 0], [each.err for each in results]
    assert {each.json["outputs"]["value"] for each in results} == {expected(1)}
    assert counting.ran == {f"step{n}": 1 for n in range(1, STEPS + 1)}


@pytest.mark.parametrize("point", ["C1:1", "C2:1", "C4:1", "C8:1", "C8:2", "C8:3", "C4:4"])
def test_what_was_half_begun_or_half_decided_is_completed_and_not_doubled(
    ouro: Program, tmp_path: Path, point: str
) -> None:
    """C1, C2, C4, C8: side by side, and in the middle of a loop that asks until it is done."""
    seen: dict[str, set[str]] = {"/a": set(), "/b": set(), "/ask": set(), "/end": set()}

    def answer(call: Call) -> Reply:
        seen[call.path].add(call.headers["idempotency-key"])
        return Reply(200, {"state": "done" if len(seen["/ask"]) > 2 else "running"})

    operations = [
        {"method": "get", "path": path, "operationId": path[1:]} for path in ("/a", "/b", "/ask")
    ]
    last = {"method": "post", "path": "/end", "operationId": "end", "x-ouro-idempotent": True}
    document = write_document(tmp_path, *operations, last)
    flow = _asking_flow(tmp_path)
    with serving(answer) as upstream:
        base = ("--base-url", upstream.url, "--name", "steps")
        assert ouro("service", "import", document, *base).exit_code == 0
        died = Program(ouro.home, OURO_CRASH_AT=point)("action", "chain", "-f", flow)
        assert died.exit_code != 0, died
        resumed = ouro("action", "chain", "--resume", "@last", "--json")
    assert resumed.exit_code == 0, resumed.err
    assert {path: len(keys) for path, keys in seen.items()} == {
        **{"/a": 1, "/b": 1, "/ask": 3, "/end": 1}
    }
    visits = [(each["step"], each["visit"]) for each in resumed.json["steps"]]
    assert sorted(visits) == [*(("a", 1), ("ask", 1), ("ask", 2), ("ask", 3), ("b", 1), ("end", 1))]


def _asking_flow(folder: Path) -> str:
    ask = {
        "stepId": "ask",
        "operationId": "ask",
        "successCriteria": [{"condition": "$response.body#/state == 'done'"}],
        "onFailure": [{"name": "again", "type": "retry", "retryAfter": 0.1, "retryLimit": 9}],
    }
    plain = [{"stepId": name, "operationId": name} for name in ("a", "b", "end")]
    whole = {
        "arazzo": "1.0.1",
        "info": {"title": "Ask", "version": "1"},
        "sourceDescriptions": [{"name": "steps", "url": "./openapi.json", "type": "openapi"}],
        "workflows": [{"workflowId": "w", "steps": [*plain[:2], ask, plain[2]]}],
    }
    path = folder / "ask.arazzo.json"
    path.write_text(json.dumps(whole))
    return str(path)


def test_the_terminal_may_go_and_the_chain_goes_on(
    prepared: Path, tmp_path: Path, counting: Counting
) -> None:
    scene = Scene(prepared, tmp_path / "scene")
    flow = str(scene.folder / "steps.arazzo.json")
    watching = Program(scene.home).start("action", "chain", "-f", flow, "--with", "value=1")
    _until(lambda: scene.chains == 1, watching)
    os.kill(watching.pid, signal.SIGINT)
    out, err = watching.communicate(timeout=30)
    assert watching.returncode in (0, 130), (out, err)
    if watching.returncode == 130:
        assert err.splitlines()[-1].startswith("The chain goes on: ouro action chain --resume ")
    _check(scene, counting, "left")


def _until(holds: Callable[[], bool], process: "subprocess.Popen[str]") -> None:
    while not holds():
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)


def test_who_looks_on_takes_over_from_an_engine_that_was_killed(
    ouro: Program, tmp_path: Path
) -> None:
    """A killed engine is found by its owner mark; who began it is told, who looks on goes on."""
    arrived, go = threading.Event(), threading.Event()
    keys: list[str] = []

    def answer(call: Call) -> Reply:
        keys.append(call.headers["idempotency-key"])
        arrived.set()
        go.wait(30)
        return Reply(200, {"ok": True})

    step = {"method": "post", "path": "/end", "operationId": "end", "x-ouro-idempotent": True}
    document = write_document(tmp_path, step)
    with serving(answer) as upstream:
        assert ouro("service", "import", document, "--base-url", upstream.url).exit_code == 0
        first = ouro.start("action", "chain", "ada/end-post")
        assert arrived.wait(30)
        second = ouro.start("action", "chain", "--resume", "@last", "--json")
        assert second.stderr is not None
        assert "is at it; looking on." in second.stderr.readline()
        os.kill(_engine_of(ouro.home), signal.SIGKILL)
        go.set()
        _, told = first.communicate(timeout=30)
        out, err = second.communicate(timeout=30)
    assert first.returncode == 1
    assert "ended before its work did" in told
    assert "Go on with: ouro action chain --resume " in told
    assert second.returncode == 0, err
    assert json.loads(out)["status"] == "success"
    assert len(set(keys)) == 1


def _engine_of(home: Path) -> int:
    connection = sqlite3.connect(home / "registry.db")
    (owner,) = connection.execute("SELECT owner FROM chain").fetchone()
    connection.close()
    return int(owner.split("/")[-2])
