"""Killed, or out of disk, at any write: an asset's row never stands without its bytes."""

import random
import re
import shutil
import sqlite3
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from ouro_cli.store.files import Files
from tests.support.program import SCRIPT, Program

# How often files are opened differs from run to run: Python looks for what it has compiled.
CALLS = "?write,?pwrite64,?fsync,?fdatasync,?ftruncate,?rename,?renameat,?mkdir,?unlink"
FAULTS = ("signal=KILL", "error=ENOSPC", "error=EIO")
DRAWN = 6

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")


@dataclass(frozen=True)
class Point:
    """A call into the kernel at which something goes wrong: the n-th one of its name."""

    call: str
    number: int
    told: str


@pytest.fixture(params=["a.bin", "a.csv", "a.md"])
def command(request: pytest.FixtureRequest, tmp_path: Path) -> list[str]:
    """What adds an asset of each type."""
    path = tmp_path / str(request.param)
    path.write_bytes(b"a,b\n" + b"1,2\n" * 1000)
    return ["asset", "add", str(path)]


@pytest.fixture
def prepared(tmp_path: Path) -> Path:
    """A registry that holds one asset."""
    home = tmp_path / "prepared" / "ouro"
    home.parent.mkdir()
    (tmp_path / "first.txt").write_text("first")
    assert Program(home)("asset", "add", str(tmp_path / "first.txt")).exit_code == 0
    return home


@pytest.mark.full
@pytest.mark.parametrize("fault", FAULTS)
def test_at_every_write(prepared: Path, tmp_path: Path, command: list[str], fault: str) -> None:
    points = _points(prepared, tmp_path, command)
    assert len(points) > 30
    for index, point in enumerate(points):
        _strike(prepared, tmp_path / f"{index}", command, point, fault)


def test_at_some_writes(prepared: Path, tmp_path: Path, command: list[str]) -> None:
    points = _points(prepared, tmp_path, command)
    drawn = random.Random(command[-1][-3:]).sample(points, DRAWN)
    for index, point in enumerate(drawn):
        _strike(prepared, tmp_path / f"{index}", command, point, FAULTS[index % len(FAULTS)])


def _strike(prepared: Path, folder: Path, command: list[str], point: Point, fault: str) -> None:
    home = folder / "ouro"
    shutil.copytree(prepared, home)

    done = _traced(home, command, "-e", f"inject={point.call}:{fault}:when={point.number}")

    where = (point, fault, done.returncode, done.stderr)
    kept = _assets(home)
    assert [kind for kind, problem in kept if problem] == [], where
    if fault == "signal=KILL":
        assert done.returncode in (-9, 137), where
    elif done.returncode == 0:
        assert len(kept) == 2, where
    else:
        assert done.returncode == 74, where
        assert done.stderr.startswith("ouro: "), where
        assert done.stderr.count("\n") == 1, where
        if point.call != "unlink":
            assert list((home / "assets" / "drafts").glob("*")) == [], where
    # Whatever happened, the next one goes well.
    assert Program(home)(*command).exit_code == 0, where
    assert all(not problem for _, problem in _assets(home)), where
    shutil.rmtree(folder)


def _points(prepared: Path, tmp_path: Path, command: list[str]) -> list[Point]:
    """Every call of one undisturbed run that changes something in the registry's folder."""
    home = tmp_path / "undisturbed" / "ouro"
    shutil.copytree(prepared, home)
    log = tmp_path / "calls"
    assert _traced(home, command, "-y", "-o", str(log)).returncode == 0
    counts: Counter[str] = Counter()
    points = []
    for line in log.read_text(errors="replace").splitlines():
        made = re.match(r"\d+ +(\w+)\((.*)", line)
        if made is None:
            continue
        call, rest = made.groups()
        counts[call] += 1
        if str(home) in rest:
            points.append(Point(call, counts[call], rest[:120]))
    return points


def _traced(home: Path, command: list[str], *options: str) -> "subprocess.CompletedProcess[str]":
    environment = {
        **{name: Program(home).environment[name] for name in ("PATH", "OURO_USER", "LANG")},
        "HOME": str(home.parent),
        "OURO_HOME": str(home),
        # Nothing but the program's own writes shall be counted.
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    quiet = [] if "-o" in options else ["-o", "/dev/null"]
    return subprocess.run(
        ["strace", "-f", *quiet, "-e", f"trace={CALLS}", *options, SCRIPT, *command],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def _assets(home: Path) -> list[tuple[str, str]]:
    """Each asset's type, and what is wrong with its bytes."""
    registry = sqlite3.connect(home / "registry.db")
    assert registry.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    rows = registry.execute("SELECT asset_type, sha256, size FROM asset").fetchall()
    registry.close()
    files = Files(home)
    return [(kind, files.problem(sha256, size, deeply=True)) for kind, sha256, size in rows]
