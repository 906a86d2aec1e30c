"""What a registry's file holds: how much of what, and whether it is whole and ours."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from ouro_cli.store.migrate import migrate, version_of

_COUNTED = ("service", "route", "action", "asset")
_SAYS_NOTHING = ("sqlite_stat1", "sqlite_sequence")

JSON_COLUMNS = {
    "service": ("security_schemes", "warnings", "servers", "webhooks"),
    "route": ("operation", "edits"),
    "action": ("request",),
    "asset": ("facts",),
    "property": ("value", "conditions"),
    "fetch": ("payload",),
    "chain": ("document", "services", "inputs", "outputs", "error", "edits"),
    "chain_step": ("outputs", "decision"),
}
"""What is read as JSON: table -> columns, all of them text."""


def read_only(path: Path) -> sqlite3.Connection:
    """A registry's file that nobody writes to, opened so that nothing of it changes."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)


def counts_of(connection: sqlite3.Connection) -> dict[str, int]:
    """How many services, routes, actions and assets there are, by the plural of the noun."""
    return {
        f"{table}s": connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        for table in _COUNTED
        if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
    }


def counts_text(counts: dict[str, int]) -> str:
    """`2 services, 17 routes, 1 action`; empty where there is nothing."""
    return ", ".join(
        f"{number} {noun if number != 1 else noun[:-1]}"
        for noun, number in counts.items()
        if number
    )


def problems_of(connection: sqlite3.Connection, most: int = 20) -> Iterator[str]:
    """What is wrong with a registry's file, in SQLite's words; nothing where it is whole.

    Every page is read. Raises sqlite3.DatabaseError where it cannot even be looked at.
    """
    for (said,) in connection.execute(f"PRAGMA integrity_check({most})"):
        if said != "ok":
            yield str(said)
    for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        yield f"row {row} of {table} names a {parent} that is not there"
    yield from _unlike_ours(connection)


def nonsense_in(connection: sqlite3.Connection) -> Iterator[str]:
    """Where rows hold something else than the JSON that they should; SQLite takes any text."""
    for table, columns in JSON_COLUMNS.items():
        for column in columns:
            asked = f"SELECT count(*) FROM {table} WHERE NOT json_valid({column})"
            found = connection.execute(asked).fetchone()[0]
            if found:
                rows = "1 row holds" if found == 1 else f"{found} rows hold"
                yield f"{rows} no JSON in '{table}.{column}'"


def _unlike_ours(connection: sqlite3.Connection) -> Iterator[str]:
    """A registry has the tables, indexes and nothing else that the migrations up to it make."""
    version = version_of(connection)
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as ours:
        migrate(ours, up_to=version)
        expected, found = _schema(ours), _schema(connection)
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            yield f"'{name[:60]}' is not as version {version} of the registry has it"


def _schema(connection: sqlite3.Connection) -> dict[str, str]:
    rows = connection.execute("SELECT type, name, sql FROM sqlite_schema")
    return {
        name: " ".join([kind, *(sql or "").split()])
        for kind, name, sql in rows
        if name not in _SAYS_NOTHING
    }
