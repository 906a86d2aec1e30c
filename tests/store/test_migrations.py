"""Registries of every version that was, brought up to date: wholly or not at all, row by row."""

import os
import random
import shutil
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ouro_cli.errors import RegistryReplaced, RegistryTooNew, RegistryUnavailable
from ouro_cli.store.contents import problems_of
from ouro_cli.store.database import LATEST, Database
from ouro_cli.store.migrate import MIGRATIONS, statements
from tests.support.program import Program

DUMPS = sorted((Path(__file__).parents[1] / "data" / "registries").glob("*.sql"))
_KNOWN = {"0004": ("epoch", 2, "ada/train-post")}
"""What is found in a registry of a version: words, in how many actions, and a route."""

PROCESSES, MANY_PROCESSES = 8, 50
DRAWN = 5

Rows = dict[str, list[dict[str, Any]]]


def _make(dump: Path, home: Path) -> Path:
    """A home with the registry that a dump describes, as it lies there while nobody uses it."""
    home.mkdir(mode=0o700, parents=True)
    path = home / "registry.db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(dump.read_text())
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    path.chmod(0o600)
    return path


def _rows(path: Path) -> Rows:
    """Every row of every table, but for what says how far the schema has come."""
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    tables = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
        " AND name NOT LIKE '%!_text!_%' ESCAPE '!' AND name NOT IN ('migration', 'sqlite_stat1')"
    )
    found = {
        name: [dict(row) for row in connection.execute(f"SELECT * FROM {name}")]
        for (name,) in tables.fetchall()
    }
    connection.close()
    return found


def _version(path: Path) -> int:
    connection = sqlite3.connect(path)
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    connection.close()
    return int(version)


def _lost(before: Rows, after: Rows) -> list[tuple[str, Any]]:
    """The rows that are not there any more as they were; new columns count for nothing."""
    return [
        (table, row)
        for table, rows in before.items()
        for row, now in zip(rows, [*after[table], *([{}] * len(rows))], strict=False)
        if row.items() - now.items()
    ]


def test_there_is_a_registry_of_every_version_but_ours() -> None:
    assert [int(dump.stem) for dump in DUMPS] == list(range(1, LATEST))


@pytest.mark.parametrize("dump", DUMPS, ids=lambda dump: dump.stem)
def test_every_row_of_an_older_registry_is_there_afterwards(
    dump: Path, ouro: Program, home: Path
) -> None:
    path = _make(dump, home)
    before = _rows(path)

    listed = ouro("action", "list", "--all", "--json")

    assert listed.exit_code == 0, listed.err
    assert f"from version {int(dump.stem)} to {LATEST}" in listed.err
    assert len(listed.json["actions"]) == len(before["action"]) >= 4
    assert _version(path) == LATEST
    after = _rows(path)
    assert _lost(before, after) == []
    assert [len(after[table]) for table in before if table != "sqlite_sequence"] == [
        len(rows) for table, rows in before.items() if table != "sqlite_sequence"
    ]
    connection = sqlite3.connect(path)
    assert list(problems_of(connection)) == []
    connection.close()
    words, count, route = _KNOWN.get(dump.stem, ("Fe2Ni", 2, "ada/now-post"))
    found = ouro("action", "list", "--all", "--search", words, "--json").json
    assert len(found["actions"]) == count
    assert ouro("route", "show", route).exit_code == 0
    # As it was, it is kept, for its owner alone.
    kept = home / f"registry-v{int(dump.stem)}.db"
    assert _rows(kept) == before
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert "registry-v" not in ouro("action", "list").err


def _statements_from(version: int) -> int:
    return sum(
        len(list(statements(path.read_text())))
        for path in MIGRATIONS.glob("*.sql")
        if int(path.name[:4]) > version
    )


@pytest.mark.full
def test_killed_at_any_statement(ouro: Program, tmp_path: Path) -> None:
    for number in range(1, _statements_from(1) + 1):
        _kill_at(ouro, tmp_path, number)


def test_killed_at_some_statement(ouro: Program, tmp_path: Path) -> None:
    numbers = range(1, _statements_from(1) + 1)
    for number in random.Random(1).sample(numbers, DRAWN):
        _kill_at(ouro, tmp_path, number)


def _kill_at(ouro: Program, tmp_path: Path, number: int) -> None:
    home = tmp_path / f"{number}" / "ouro"
    path = _make(DUMPS[0], home)
    before = _rows(path)
    there = Program(home, OURO_CRASH_AT=f"S1:{number}")

    assert there("action", "list").exit_code == -9

    # Each step is whole or was never begun.
    version = _version(path)
    connection = sqlite3.connect(path)
    assert list(problems_of(connection)) == [], number
    connection.close()
    assert 1 <= version < LATEST
    assert _lost(before, _rows(path)) == []
    next_one = Program(home)("action", "list", "--all", "--json")
    assert len(next_one.json["actions"]) == 4, next_one.err
    assert _version(path) == LATEST
    assert ouro.environment["PATH"]


@pytest.mark.parametrize("count", [PROCESSES, pytest.param(MANY_PROCESSES, marks=pytest.mark.full)])
def test_many_processes_at_once_after_an_upgrade(ouro: Program, home: Path, count: int) -> None:
    path = _make(DUMPS[0], home)
    started = [ouro.start("action", "list", "--all", "--json") for _ in range(count)]
    ended = [each.communicate() for each in started]
    assert [each.returncode for each in started] == [0] * count, ended
    assert sum("from version 1" in err for _, err in ended) == 1
    assert _version(path) == LATEST


def test_without_room_for_a_copy_nothing_is_changed(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _make(DUMPS[0], home)
    before = path.read_bytes()
    usage = type("Usage", (), {"free": 1000})()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(RegistryUnavailable, match="free bytes"):
        Database(home).connection  # noqa: B018
    assert (path.read_bytes(), [each.name for each in home.glob("registry-v*")]) == (before, [])


def test_one_that_becomes_newer_while_it_is_open_is_written_to_no_more(home: Path) -> None:
    ours = Database(home)
    ours.connection.execute("SELECT 1")
    newer = sqlite3.connect(home / "registry.db", isolation_level=None)
    newer.execute(f"PRAGMA user_version = {LATEST + 1}")
    with pytest.raises(RegistryTooNew), ours.transaction() as connection:
        connection.execute("INSERT INTO person VALUES ('1', 'ada', 'now')")
    assert newer.execute("SELECT count(*) FROM person").fetchone() == (0,)
    newer.close()
    ours.close()


def test_one_that_is_removed_while_it_is_open_is_written_to_no_more(home: Path) -> None:
    ours = Database(home)
    ours.connection.execute("SELECT 1")
    (home / "registry.db").unlink()
    with pytest.raises(RegistryReplaced), ours.transaction():
        pass
    ours.close()


def test_an_older_ouro_refuses_a_newer_registry_and_writes_nothing(
    ouro: Program, home: Path
) -> None:
    assert ouro("service", "list").exit_code == 0
    path = home / "registry.db"
    newer = sqlite3.connect(path, isolation_level=None)
    newer.execute(f"PRAGMA user_version = {LATEST + 1}")
    newer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    newer.close()
    before = path.read_bytes()
    for command in (
        ["action", "list"],
        ["asset", "add", __file__],
        ["prune", "--older-than", "1d"],
    ):
        done = ouro(*command)
        assert (done.exit_code, done.err.count("\n")) == (74, 1)
        assert f"version {LATEST + 1}" in done.err
    assert path.read_bytes() == before


def test_a_listener_leaves_a_registry_that_became_newer(ouro: Program, home: Path) -> None:
    listening = ouro.start("listen")
    assert listening.stdout is not None
    assert "Listening" in listening.stdout.readline()
    newer = sqlite3.connect(home / "registry.db", isolation_level=None)
    newer.execute(f"PRAGMA user_version = {LATEST + 1}")
    newer.close()

    _, told = listening.communicate(timeout=60)

    assert listening.returncode == 74
    assert [line for line in told.splitlines() if line.startswith("ouro: ")] == [
        f"ouro: The registry at {home / 'registry.db'} is version {LATEST + 1}, and this ouro knows"
        f" {LATEST}. Install a newer ouro; nothing was changed."
    ]


HOLD = """
import fcntl, os, sqlite3, sys, time
how, home = sys.argv[1:]
if how == "lock":
    descriptor = os.open(home + "/registry.lock", os.O_RDWR)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
else:
    connection = sqlite3.connect(home + "/registry.db", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
time.sleep(3)
os._exit(0)
"""


@pytest.mark.parametrize("how", ["lock", "another program"])
def test_who_waits_for_long_says_so_and_goes_on(
    ouro: Program, home: Path, tmp_path: Path, how: str
) -> None:
    (tmp_path / "a.txt").write_text("a")
    assert ouro("asset", "add", str(tmp_path / "a.txt")).exit_code == 0
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, how, str(home)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"

    done = ouro("asset", "add", str(tmp_path / "a.txt"))

    holder.communicate()
    assert done.exit_code == 0
    assert "Waiting for another" in done.err
    assert os.fspath(home / "registry.db") in done.err


def test_who_waits_for_an_upgrade_says_so(ouro: Program, home: Path) -> None:
    _make(DUMPS[0], home)
    (home / "registry.lock").touch(mode=0o600)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, "lock", str(home)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    done = ouro("action", "list", "--all", "--json")
    holder.communicate()
    assert len(done.json["actions"]) == 4
    assert "Waiting for another" in done.err
