"""The registry's file: made once, migrated as written, private, and written in one way."""

import os
import re
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ouro_cli.errors import RegistryTooNew, RegistryUnavailable
from ouro_cli.store import database
from ouro_cli.store.database import LATEST, Database
from ouro_cli.store.migrate import MIGRATIONS, migrate, statements


@pytest.fixture
def registry(home: Path):
    made = Database(home)
    yield made
    made.close()


def _schema(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    rows = connection.execute(
        "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name"
    )
    return [(name, re.sub(r"\s+", " ", sql)) for name, sql in rows]


def test_a_fresh_registry_equals_all_migrations_applied_one_by_one(
    registry: Database, tmp_path: Path
) -> None:
    by_hand = sqlite3.connect(tmp_path / "by-hand.db")
    for path in sorted(MIGRATIONS.glob("*.sql")):
        by_hand.executescript(path.read_text())
    fresh = [
        (row["name"], row["sql"])
        for row in registry.connection.execute(
            "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name"
        )
    ]
    assert [(name, re.sub(r"\s+", " ", sql)) for name, sql in fresh] == _schema(by_hand)
    by_hand.close()


def test_the_newest_migration_is_the_version_that_we_know(registry: Database) -> None:
    numbers = [int(path.name[:4]) for path in sorted(MIGRATIONS.glob("*.sql"))]
    assert numbers == list(range(1, LATEST + 1))
    assert registry.connection.execute("PRAGMA user_version").fetchone()[0] == LATEST


def test_every_table_is_strict(registry: Database) -> None:
    for row in registry.connection.execute("PRAGMA table_list"):
        is_index = row["name"].startswith(("sqlite_", "event_text", "route_text", "asset_text"))
        assert row["strict"] or is_index, row["name"]


def test_migrating_again_changes_nothing(registry: Database) -> None:
    registry.connection.execute("SELECT 1")
    with registry.locked():
        connection = registry._connect()
        before = _schema(connection)
        migrate(connection)
        assert _schema(connection) == before
        connection.close()


def test_statements_are_split_where_sqlite_would_split_them() -> None:
    script = "CREATE TABLE a (x);\nINSERT INTO a\nVALUES ('it''s; one');\n-- the end;\n"
    assert [each.split()[0] for each in statements(script)][:2] == ["CREATE", "INSERT"]


def test_durability_is_as_promised(registry: Database) -> None:
    def ask(name: str) -> object:
        return registry.connection.execute(f"PRAGMA {name}").fetchone()[0]

    assert ask("journal_mode") == "wal"
    assert ask("synchronous") == 2
    assert ask("foreign_keys") == 1
    assert ask("wal_autocheckpoint") == 0
    assert ask("secure_delete") == 1


def test_everything_is_private_whatever_the_umask(home: Path) -> None:
    mask = os.umask(0)
    try:
        registry = Database(home)
        with registry.transaction() as connection:
            connection.execute("INSERT INTO person VALUES ('1', 'ada', 'now')")
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
        found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in home.iterdir()}
        assert set(found) >= {"registry.db", "registry.db-wal", "registry.db-shm"}
        assert set(found.values()) == {0o600}
        registry.close()
    finally:
        os.umask(mask)


def test_outside_a_transaction_nothing_can_be_written(registry: Database) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        registry.connection.execute("DELETE FROM action")


def test_a_transaction_that_fails_leaves_nothing(registry: Database) -> None:
    with pytest.raises(KeyError), registry.transaction() as connection:
        connection.execute("INSERT INTO person VALUES ('1', 'ada', 'now')")
        raise KeyError
    assert registry.connection.execute("SELECT count(*) FROM person").fetchone()[0] == 0


def test_a_newer_registry_is_refused(home: Path) -> None:
    old = Database(home)
    with old.transaction() as connection:
        connection.execute(f"PRAGMA user_version = {LATEST + 1}")
    old.close()
    with pytest.raises(RegistryTooNew, match=f"version {LATEST + 1}"):
        Database(home).connection  # noqa: B018


def test_a_file_that_is_no_registry_is_refused_and_left_alone(home: Path) -> None:
    home.mkdir()
    (home / "registry.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(RegistryUnavailable, match="not a database"):
        Database(home).connection  # noqa: B018
    assert (home / "registry.db").read_bytes() == b"no database at all" * 100


def test_a_home_that_cannot_be_made_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RegistryUnavailable):
        Database(tmp_path / "file" / "home").connection  # noqa: B018


def test_a_connection_does_not_cross_a_fork(registry: Database) -> None:
    registry.connection.execute("SELECT 1")
    pid = os.fork()
    if pid == 0:
        try:
            registry.connection.execute("SELECT 1")
            os._exit(1)
        except RegistryUnavailable:
            os._exit(0)
        os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_a_lock_that_is_never_let_go_ends_in_one_clear_error(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    first, second = Database(home), Database(home)
    with (
        first.transaction(),
        pytest.raises(RegistryUnavailable, match="another process"),
        second.transaction(),
    ):
        pass
    first.close()
    second.close()


def test_the_log_ahead_does_not_grow_without_bound(
    registry: Database, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "LARGEST_WAL", 64 * 1024)
    for number in range(60):
        with registry.transaction() as connection:
            connection.execute(
                "INSERT INTO person VALUES (?, ?, ?)", (str(number), str(number), "x" * 4000)
            )
        assert (home / "registry.db-wal").stat().st_size < 200 * 1024


def test_a_full_disk_is_said_and_nothing_is_half_written(home: Path) -> None:
    script = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from ouro_cli.errors import RegistryUnavailable\n"
        "from ouro_cli.store.database import Database\n"
        "registry = Database(Path(sys.argv[1]))\n"
        "registry.connection\n"
        "size = 600 * 1024\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))\n"
        "try:\n"
        "    with registry.transaction() as connection:\n"
        "        row = ('1', 'x' * 2**20, 'now')\n"
        "        connection.execute('INSERT INTO person VALUES (?, ?, ?)', row)\n"
        "except RegistryUnavailable as fault:\n"
        "    print(fault)\n"
        "print(registry.connection.execute('SELECT count(*) FROM person').fetchone()[0])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(home)], capture_output=True, text=True, check=True
    )
    said, count = done.stdout.splitlines()
    assert "cannot be used" in said
    assert count == "0"
