"""A chain killed anywhere: it goes on, each finished step ran once, and the result is the same."""

import os
import shutil
import signal
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
from tests.support.upstream import Upstream, serving

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
