"""The schema, step by step: numbered files, each applied once and whole."""

import hashlib
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the schema to the newest version; each step is one transaction."""
    for number, path in sorted((int(each.name[:4]), each) for each in MIGRATIONS.glob("*.sql")):
        connection.execute("BEGIN IMMEDIATE")
        if version_of(connection) >= number:
            connection.execute("ROLLBACK")
            continue
        script = path.read_text(encoding="utf-8")
        try:
            for statement in statements(script):
                connection.execute(statement)
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
