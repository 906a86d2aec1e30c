"""The schema, step by step: numbered files, each applied once and whole."""

import hashlib
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from ouro_cli.crash import crash_point
from ouro_cli.errors import RegistryUnavailable
from ouro_cli.store.copies import copy_registry

MIGRATIONS = Path(__file__).parent / "migrations"


def bring_up_to_date(
    connection: sqlite3.Connection, path: Path, announce: Callable[[str], None]
) -> None:
    """Bring the registry at this path to the newest version; what it was is kept beside it.

    Raises RegistryUnavailable where there is no room for that; then nothing was changed.
    """
    before = version_of(connection)
    if 0 < before < _newest():
        kept = path.with_name(f"registry-v{before}.db")
        needed = 3 * path.stat().st_size
        if shutil.disk_usage(path.parent).free < needed:
            why = f"to bring it from version {before} to {_newest()} takes {needed:,} free bytes"
            raise RegistryUnavailable(path=path, why=why, hint="Make room; nothing was changed.")
        copy_registry(connection, kept)
        announce(
            f"The registry is brought from version {before} to {_newest()};"
            f" as it was, it is kept as {kept}."
        )
    migrate(connection)


def _newest() -> int:
    return max(int(each.name[:4]) for each in MIGRATIONS.glob("*.sql"))


def migrate(connection: sqlite3.Connection, *, up_to: int = sys.maxsize) -> None:
    """Bring the schema to the newest version, or to another; each step is one transaction."""
    for number, path in sorted((int(each.name[:4]), each) for each in MIGRATIONS.glob("*.sql")):
        if number > up_to:
            return
        connection.execute("BEGIN IMMEDIATE")
        if version_of(connection) >= number:
            connection.execute("ROLLBACK")
            continue
        script = path.read_text(encoding="utf-8")
        try:
            for statement in statements(script):
                connection.execute(statement)
                crash_point("S1")
            connection.execute(
                "INSERT INTO migration (number, name, sha256, applied_at) VALUES (?, ?, ?, ?)",
                (
                    number,
                    path.name,
                    hashlib.sha256(script.encode()).hexdigest(),
                    datetime.now(UTC).isoformat(),
                ),
            )
            connection.execute(f"PRAGMA user_version = {number}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise


def statements(script: str) -> Iterator[str]:
    """The script's statements, one at a time: `executescript` would commit before it begins."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""


def version_of(connection: sqlite3.Connection) -> int:
    """The number of the newest migration that was applied."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
