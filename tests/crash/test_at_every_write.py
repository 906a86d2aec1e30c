"""Killed, out of disk or with a failing disk at any write: nothing half, nothing doubled, one line.

Each scenario is a command, a registry to run it in, and what has to hold whatever happened.
"""

import json
import random
import re
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ouro_cli.store.contents import problems_of
from ouro_cli.store.database import LATEST
from tests.support.faults import (
    FAULTS,
    Point,
    Struck,
    calls,
    needs_strace,
    points,
    strike,
    traced,
)
from tests.support.program import Program
from tests.support.upstream import Reply, Upstream, json_body, serving, write_document

DRAWN = 4
RUNS, MANY_RUNS = 2, 100

pytestmark = needs_strace


@dataclass
class Scenario:
    """A folder that holds a registry, a command for a copy of it, and a check of the copy."""

    prepared: Path
    command: Callable[[Path], list[str]]
    check: Callable[[Struck], None]


def _registry(home: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(home / "registry.db")
    assert list(problems_of(connection)) == []
    return connection


def _ids_told(struck: Struck) -> set[str]:
    """The actions that the program named, in its result or in its error."""
    told = json.loads(struck.out) if struck.out else {}
    return {told.get("id"), told.get("error", {}).get("action_id")} - {None}


def _count(home: Path, table: str) -> int:
    connection = _registry(home)
    number = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    connection.close()
    return int(number)


@pytest.fixture
def upstream(tmp_path: Path) -> Iterator[Upstream]:
    """A service that answers at once, and a document of it in the folder of the test."""
    with serving(lambda _: Reply(200, {"made": "at once"})) as service:
        body = json_body()
        operations = [
            {"method": "post", "path": f"/work{n}", "summary": f"Work {n}", "requestBody": body}
            for n in range(3)
        ]
        write_document(tmp_path, *operations)
        yield service


@pytest.fixture
def imported(upstream: Upstream, tmp_path: Path) -> Path:
    """A folder with a registry that knows the service."""
    folder = tmp_path / "prepared"
    folder.mkdir()
    document = str(tmp_path / "openapi.json")
    done = Program(folder / "ouro")("service", "import", document, "--base-url", upstream.url)
    assert done.exit_code == 0, done.err
    return folder


@pytest.fixture
def run(imported: Path, upstream: Upstream) -> Scenario:
    """A plain run: sent once at most, told as it is, and brought to its end by the next command."""

    def check(struck: Struck) -> None:
        sent = Counter(call.headers["ouro-action-id"] for call in upstream.calls)
        upstream.calls.clear()
        assert all(number == 1 for number in sent.values()), struck
        connection = _registry(struck.home)
        found = dict(connection.execute("SELECT id, status FROM action"))
        connection.close()
        assert set(sent) <= set(found), struck
        assert _ids_told(struck) <= set(found), struck
        if struck.exit_code == 0:
            assert list(found.values()) == ["success"], struck
        ouro = Program(struck.home)
        if found:
            ouro("action", "wait", *found, "--timeout", "30s")
        ended = {each["id"]: each for each in ouro("action", "list", "--json").json["actions"]}
        assert {each["status"] for each in ended.values()} <= {"success", "error"}, struck
        again = Counter(call.headers["ouro-action-id"] for call in upstream.calls)
        assert not set(again) & set(sent), struck

    def command(_: Path) -> list[str]:
        upstream.calls.clear()
        return ["route", "run", "ada/work-0-post", "--json"]

    return Scenario(imported, command, check)


@pytest.fixture
def import_(upstream: Upstream, imported: Path, tmp_path: Path) -> Scenario:
    """An import of a second service: all of it, or nothing."""
    document = tmp_path / "openapi.json"

    def check(struck: Struck) -> None:
        services, routes = _count(struck.home, "service"), _count(struck.home, "route")
        assert (services, routes) in ((1, 3), (2, 6)), struck
        if struck.exit_code == 0:
            assert services == 2, struck

    base = ["--base-url", upstream.url, "--name", "second"]
    return Scenario(imported, lambda _: ["service", "import", str(document), *base], check)


@pytest.fixture
def backup(imported: Path, tmp_path: Path) -> Scenario:
    """A backup: a whole file, or none; and the registry as it was."""
    (tmp_path / "a.txt").write_text("some bytes")
    assert Program(imported / "ouro")("asset", "add", str(tmp_path / "a.txt")).exit_code == 0

    def check(struck: Struck) -> None:
        assert _count(struck.home, "asset") == 1, struck
        path = struck.home.parent / "backup.zip"
        if struck.exit_code == 0:
            assert path.exists(), struck
        if path.exists():
            there = Program(struck.home.parent / "there" / "ouro")
            assert there("restore", str(path)).exit_code == 0, struck
        if not struck.is_killed and not struck.point.call.startswith("unlink"):
            assert not list(struck.home.parent.glob(".ouro-*")), struck

    return Scenario(imported, lambda scene: ["backup", str(scene / "backup.zip")], check)


@pytest.fixture
def restore(backup: Scenario, tmp_path: Path) -> Scenario:
    """A restore over a registry that holds something: the old one, or the new one."""
    prepared = backup.prepared
    path = tmp_path / "backup.zip"
    assert Program(prepared / "ouro")("backup", str(path)).exit_code == 0
    (tmp_path / "b.txt").write_text("other bytes")
    assert Program(prepared / "ouro")("asset", "add", str(tmp_path / "b.txt")).exit_code == 0

    def check(struck: Struck) -> None:
        assert _count(struck.home, "asset") in (1, 2), struck
        if struck.exit_code == 0:
            assert _count(struck.home, "asset") == 1, struck
        ouro = Program(struck.home)
        assert ouro("asset", "add", str(tmp_path / "b.txt")).exit_code == 0, struck
        told = ouro("doctor", "--deep", "--json").json
        assert told["is_well"], (struck, told)

    return Scenario(prepared, lambda _: ["restore", str(path), "--force"], check)


@pytest.fixture
def migration(tmp_path: Path) -> Scenario:
    """The first command of a newer ouro: the old schema, or a newer one, with every row."""
    dump = Path(__file__).parents[1] / "data" / "registries" / "0001.sql"
    home = tmp_path / "prepared" / "ouro"
    home.mkdir(parents=True, mode=0o700)
    connection = sqlite3.connect(home / "registry.db", isolation_level=None)
    connection.executescript(dump.read_text())
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()

    def check(struck: Struck) -> None:
        assert _count(struck.home, "action") == 4, struck
        assert len(Program(struck.home)("action", "list", "--all", "--json").json["actions"]) == 4
        connection = _registry(struck.home)
        assert connection.execute("PRAGMA user_version").fetchone() == (LATEST,), struck
        connection.close()

    return Scenario(home.parent, lambda _: ["action", "list", "--all"], check)


@pytest.fixture(params=["run", "import_", "backup", "restore", "migration"])
def scenario(request: pytest.FixtureRequest) -> Scenario:
    """One after the other."""
    found: Scenario = request.getfixturevalue(request.param)
    return found


def _points(scenario: Scenario, tmp_path: Path) -> list[Point]:
    scene = tmp_path / "undisturbed"
    shutil.copytree(scenario.prepared, scene)
    found = points(scene, scene / "ouro", scenario.command(scene))
    assert len(found) > 10
    return found


@pytest.mark.full
@pytest.mark.parametrize("fault", FAULTS)
def test_at_every_write(scenario: Scenario, tmp_path: Path, fault: str) -> None:
    strikes = [(each, fault) for each in _points(scenario, tmp_path)]
    counts = strike(scenario.prepared, tmp_path, scenario.command, strikes, scenario.check)
    print(dict(counts), sum(counts.values()))


def test_at_some_writes(scenario: Scenario, tmp_path: Path) -> None:
    drawn = random.Random(1).sample(_points(scenario, tmp_path), DRAWN)
    strikes = [(each, FAULTS[index % len(FAULTS)]) for index, each in enumerate(drawn)]
    strike(scenario.prepared, tmp_path, scenario.command, strikes, scenario.check)


@pytest.mark.parametrize("times", [RUNS, pytest.param(MANY_RUNS, marks=pytest.mark.full)])
def test_what_is_told_is_on_disk_before_it_is_told(tmp_path: Path, times: int) -> None:
    """A kill does not test a power cut: what was not synced is lost then. So the order is read."""
    home = tmp_path / "prepared" / "ouro"
    home.parent.mkdir()
    assert Program(home)("service", "list").exit_code == 0
    for number in range(times):
        (tmp_path / f"{number}.txt").write_text(f"number {number}")
        log = tmp_path / f"{number}.calls"
        command = ["asset", "add", str(tmp_path / f"{number}.txt")]
        assert traced(home, command, "-y", "-o", str(log)).returncode == 0
        _assert_order(home, list(calls(log)))


def _assert_order(home: Path, made: list[tuple[str, int, str]]) -> None:
    def at(call: str, *parts: str, after: int = -1) -> int:
        for index, (name, _, rest) in enumerate(made):
            if index > after and re.fullmatch(call, name) and all(part in rest for part in parts):
                return index
        raise AssertionError((call, parts, after, made))

    assets, log = str(home / "assets"), f"{home / 'registry.db'}-wal"
    written = at("write", f"{assets}/drafts/")
    synced = at("fsync", f"{assets}/drafts/", after=written)
    renamed = at("rename.*", f"{assets}/drafts/", after=synced)
    at("fsync", f"{assets}/", after=renamed)
    # The row comes after the bytes are there for good, and what is told after the row is.
    row = at("pwrite64", log, after=renamed)
    folder_synced = at("fsync", f"<{assets}/", after=renamed)
    assert folder_synced < row
    committed = at("fdatasync|fsync", log, after=row)
    at("write", "1<", after=committed)
    told = [
        index for index, (name, _, rest) in enumerate(made) if name == "write" and rest[:2] == "1<"
    ]
    assert min(told) > committed
