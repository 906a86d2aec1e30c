"""Faults at the border to the kernel: strace kills the program, or fails a call, at each write."""

import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.program import SCRIPT, Program

needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")

# How often files are opened differs from run to run: Python looks for what it has compiled.
CALLS = (
    "?write,?pwrite64,?fsync,?fdatasync,?ftruncate,?rename,?renameat,?renameat2,?link,?linkat"
    ",?mkdir,?unlink,?unlinkat"
)
FAULTS = ("signal=KILL", "error=ENOSPC", "error=EIO")


@dataclass(frozen=True)
class Point:
    """A call into the kernel at which something goes wrong: the n-th one of its name."""

    call: str
    number: int
    told: str


@dataclass(frozen=True)
class Struck:
    """What the program did when it was struck at a point."""

    home: Path
    point: Point
    fault: str
    exit_code: int
    out: str
    err: str

    @property
    def is_killed(self) -> bool:
        """Whether it had no chance to say anything."""
        return self.fault == "signal=KILL"

    def assert_told(self) -> None:
        """It was killed, or all went well in spite of it, or one line says that the disk failed."""
        if self.is_killed:
            assert self.exit_code in (-9, 137), self
        elif self.exit_code != 0:
            assert self.exit_code == 74, self
            lines = [line for line in self.err.splitlines() if line.startswith("ouro: ")]
            assert len(lines) == 1, self
        assert "Traceback" not in self.err, self
        assert "A fault in ouro" not in self.err, self


def points(folder: Path, home: Path, command: list[str]) -> list[Point]:
    """Every call of one undisturbed run that changes something in this folder, which holds home."""
    log = folder.parent / f"{folder.name}.calls"
    done = traced(home, command, "-y", "-o", str(log))
    assert done.returncode == 0, done.stderr
    return [
        Point(call, number, rest[:120]) for call, number, rest in calls(log) if str(folder) in rest
    ]


def calls(log: Path) -> Iterable[tuple[str, int, str]]:
    """The calls of a log's first process: name, how many of it there were by then, the rest."""
    counts: Counter[str] = Counter()
    first = ""
    for line in log.read_text(errors="replace").splitlines():
        made = re.match(r"(\d+) +(\w+)\((.*)", line)
        if made is None:
            continue
        process, call, rest = made.groups()
        first = first or process
        if process == first:
            # Each process has a count of its own.
            counts[call] += 1
            yield call, counts[call], rest


def traced(home: Path, command: list[str], *options: str) -> "subprocess.CompletedProcess[str]":
    """Run the program under strace, with these options of it."""
    environment = {
        **Program(home).environment,
        # Nothing but the program's own writes shall be counted.
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    for name in [each for each in environment if each.startswith("COVERAGE")]:
        del environment[name]
    quiet = [] if "-o" in options else ["-o", "/dev/null"]
    return subprocess.run(
        ["strace", "-f", *quiet, "-e", f"trace={CALLS}", *options, SCRIPT, *command],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def strike(
    prepared: Path,
    folder: Path,
    command: Callable[[Path], list[str]],
    strikes: Iterable[tuple[Point, str]],
    check: Callable[[Struck], None],
) -> Counter[str]:
    """Run a command once for each strike, on a copy of a folder that holds `ouro`, and check it.

    The counts of what was struck, by call and fault.
    """
    counts: Counter[str] = Counter()
    for number, (point, fault) in enumerate(strikes):
        scene = folder / f"{number}"
        shutil.copytree(prepared, scene)
        done = traced(
            scene / "ouro",
            command(scene),
            *("-e", f"inject={point.call}:{fault}:when={point.number}"),
        )
        struck = Struck(scene / "ouro", point, fault, done.returncode, done.stdout, done.stderr)
        struck.assert_told()
        check(struck)
        counts[f"{point.call} {fault}"] += 1
        shutil.rmtree(scene)
    return counts
