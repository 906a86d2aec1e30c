"""Killed, or out of disk, at any write: an asset's row never stands without its bytes."""

import random
import shutil
import sqlite3
from pathlib import Path

import pytest

from ouro_cli.store.files import Files
from tests.support.faults import FAULTS, Point, Struck, needs_strace, points, strike
from tests.support.program import Program

DRAWN = 6

pytestmark = needs_strace


@pytest.fixture(params=["a.bin", "a.csv", "a.md"])
def command(request: pytest.FixtureRequest, tmp_path: Path) -> list[str]:
    """What adds an asset of each type."""
    path = tmp_path / str(request.param)
    path.write_bytes(b"a,b\n" + b"1,2\n" * 1000)
    return ["asset", "add", str(path)]


@pytest.fixture
def prepared(tmp_path: Path) -> Path:
    """A folder with a registry that holds one asset."""
    home = tmp_path / "prepared" / "ouro"
    home.parent.mkdir()
    for name in ("first", "again"):
        (tmp_path / f"{name}.txt").write_text(name)
    assert Program(home)("asset", "add", str(tmp_path / "first.txt")).exit_code == 0
    return home.parent


@pytest.mark.full
@pytest.mark.parametrize("fault", FAULTS)
def test_at_every_write(prepared: Path, tmp_path: Path, command: list[str], fault: str) -> None:
    found = _points(prepared, tmp_path, command)
    assert len(found) > 30
    print(strike(prepared, tmp_path, lambda _: command, [(each, fault) for each in found], _check))


def test_at_some_writes(prepared: Path, tmp_path: Path, command: list[str]) -> None:
    found = _points(prepared, tmp_path, command)
    drawn = random.Random(command[-1][-3:]).sample(found, DRAWN)
    strikes = [(each, FAULTS[index % len(FAULTS)]) for index, each in enumerate(drawn)]
    strike(prepared, tmp_path, lambda _: command, strikes, _check)


def _points(prepared: Path, tmp_path: Path, command: list[str]) -> list[Point]:
    scene = tmp_path / "undisturbed"
    shutil.copytree(prepared, scene)
    return points(scene, scene / "ouro", command)


def _check(struck: Struck) -> None:
    home = struck.home
    kept = _assets(home)
    assert [kind for kind, problem in kept if problem] == [], struck
    if struck.exit_code == 0:
        assert len(kept) == 2, struck
    elif not struck.is_killed:
        assert struck.err.count("\n") == 1, struck
        if struck.point.call != "unlink":
            assert list((home / "assets" / "drafts").glob("*")) == [], struck
    # Whatever happened, the next one goes well.
    again = Program(home)("asset", "add", str(home.parent.parent / "again.txt"))
    assert again.exit_code == 0, struck
    assert all(not problem for _, problem in _assets(home)), struck


def _assets(home: Path) -> list[tuple[str, str]]:
    """Each asset's type, and what is wrong with its bytes."""
    registry = sqlite3.connect(home / "registry.db")
    assert registry.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    rows = registry.execute("SELECT asset_type, sha256, size FROM asset").fetchall()
    registry.close()
    files = Files(home)
    return [(kind, files.problem(sha256, size, deeply=True)) for kind, sha256, size in rows]
