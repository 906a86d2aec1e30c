"""Datasets: the rows of each in a SQLite file of its own, which is kept like any other bytes."""

import contextlib
import itertools
import math
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ouro_cli.errors import AssetDamaged, FileUnreadable, QueryRefused
from ouro_cli.model.columns import BOOLEAN, TIMESTAMP, Column
from ouro_cli.store.files import Files, Kept
from ouro_cli.store.row_files import AS_FILE
from ouro_cli.store.tables import Records, Table

TABLE = "rows"
PLACEHOLDER = "{{table}}"

QUERY_SECONDS = 10.0
_LONGEST_VALUE = 64 * 2**20
_INSTRUCTIONS_BETWEEN_LOOKS = 20_000

# Python reads what is declared as `timestamp` in its own way, and SQLite has no booleans.
_DECLARED = {TIMESTAMP: "timestamptz"}
sqlite3.register_converter(BOOLEAN, lambda value: value != b"0")

# What a statement may do; to read is all there is. A function may do no more than compute.
_ALLOWED = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
}


@dataclass(frozen=True, slots=True)
class KeptRows:
    """A dataset that is kept: the file of its rows, how many they are, and its columns.

    `columns` are `{"name", "type"}` in their order, with PostgreSQL's words for the types, as the
    contract has them (section 9.5).
    """

    kept: Kept
    rows: int
    columns: list[dict[str, str]]


def keep_rows(files: Files, rows: Iterable[dict[str, Any]]) -> KeptRows:
    """Keep flat rows as a dataset; FileUnreadable where they are none."""
    return keep_table(files, Records(Path("the dataset"), rows), Path("the dataset"))


def keep_table(files: Files, table: Table, path: Path) -> KeptRows:
    """Keep a table that was read from `path` as a dataset, in constant memory.

    Names of columns become lower snake case, and a column has the narrowest type that holds all
    its values. Raises FileUnreadable for a table without rows, or one that cannot be read.
    """
    columns = table.columns()
    with files.draft() as (_, draft):
        count = _write(draft, columns, table)
        if not count:
            raise FileUnreadable(path=path, why="it has no rows", hint=AS_FILE)
        kept = files.keep_draft(draft)
    return KeptRows(kept, count, [{"name": each.name, "type": each.type} for each in columns])


def _write(draft: Path, columns: Sequence[Column], table: Table) -> int:
    connection = sqlite3.connect(draft, isolation_level=None)
    try:
        # The draft is written in one go, and synced once, before it is kept.
        connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN")
        declared = ", ".join(
            f'"{each.name}" {_DECLARED.get(each.type, each.type)}' for each in columns
        )
        connection.execute(f"CREATE TABLE {TABLE} ({declared})")
        values = ", ".join(_value(each) if table.is_text else "?" for each in columns)
        connection.executemany(f"INSERT INTO {TABLE} VALUES ({values})", table.rows(columns))
        count = int(connection.execute(f"SELECT count(*) FROM {TABLE}").fetchone()[0])
        connection.execute("COMMIT")
        return count
    finally:
        connection.close()


def _value(column: Column) -> str:
    """How a cell of text becomes a value; a number it becomes by the column's declared type."""
    if column.type == BOOLEAN:
        return "CASE lower(?) WHEN 'true' THEN 1 WHEN 'false' THEN 0 END"
    return "nullif(?, '')"


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a dataset, or of a question to one: their columns' names, and each as a tuple."""

    names: list[str]
    values: Iterator[tuple[Any, ...]]

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """The rows as dicts; of columns with the same name the last one is seen."""
        for values in self.values:
            yield dict(zip(self.names, values, strict=True))

    def first(self, most: int) -> "Rows":
        """The next so many of the rows; the others can be read on from here."""
        return Rows(self.names, itertools.islice(self.values, most))


def read_rows(path: Path, *, limit: int = -1, offset: int = 0) -> Rows:
    """The rows of a kept dataset, in their order; booleans are booleans.

    Raises AssetDamaged, while they are read too, where the file is not what was kept.
    """
    try:
        connection = _open(path)
        # A table without an index is read in the order in which its rows were written.
        found = connection.execute(f"SELECT * FROM {TABLE} LIMIT ? OFFSET ?", (limit, offset))
    except (sqlite3.DatabaseError, ValueError) as fault:
        raise _damaged(path, fault) from None
    return Rows([each[0] for each in found.description], _read(connection, found, path))


def query_rows(path: Path, name: str, sql: str, *, seconds: float = QUERY_SECONDS) -> Rows:
    """What a dataset answers to a question in SQL, which can read it and do nothing else.

    The table is called `{{table}}`, `rows`, or by its own `name`. Raises QueryRefused for what is
    no single question, would write, or takes longer than `seconds`.
    """
    try:
        connection = _open(path)
        if name.lower() != TABLE:
            quoted = name.replace('"', '""')
            connection.execute(f'CREATE TEMP VIEW "{quoted}" AS SELECT * FROM main.{TABLE}')
    except (sqlite3.DatabaseError, ValueError) as fault:
        raise _damaged(path, fault) from None
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.set_authorizer(_allow)
    clock = _Clock(seconds)
    connection.set_progress_handler(clock.is_over, _INSTRUCTIONS_BETWEEN_LOOKS)
    try:
        found = connection.execute(sql.replace(PLACEHOLDER, TABLE))
    except (sqlite3.Error, sqlite3.Warning, ValueError, OverflowError) as fault:
        connection.close()
        raise _refused(name, fault, seconds) from None
    if found.description is None:
        connection.close()
        raise QueryRefused(name=name, why="that asks for nothing")
    clock.pause()
    names = [each[0] for each in found.description]
    return Rows(names, _told(connection, found, name, clock))


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro&immutable=1",
        uri=True,
        isolation_level=None,
        detect_types=sqlite3.PARSE_DECLTYPES,
    )
    connection.executescript("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON")
    return connection


def _allow(action: int, *names: str | None) -> int:
    if action == sqlite3.SQLITE_FUNCTION and "load_extension" in map(str, names):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY


class _Clock:
    """The time that an answer takes, without the time that its reader takes over it."""

    def __init__(self, seconds: float) -> None:
        self.seconds = self._left = seconds
        self._since = time.monotonic()

    def is_over(self) -> bool:
        return time.monotonic() - self._since > self._left

    def pause(self) -> None:
        self._left -= time.monotonic() - self._since

    def go_on(self) -> None:
        self._since = time.monotonic()


def _told(
    connection: sqlite3.Connection, found: sqlite3.Cursor, name: str, clock: _Clock
) -> Iterator[tuple[Any, ...]]:
    with contextlib.closing(connection):
        try:
            clock.go_on()
            for row in found:
                clock.pause()
                yield tuple(map(_plain, row))
                clock.go_on()
        except (sqlite3.Error, ValueError) as fault:
            raise _refused(name, fault, clock.seconds) from None


def _plain(value: Any) -> Any:
    """A value of SQLite as JSON has it: bytes in hexadecimal, and no infinity."""
    if isinstance(value, bytes):
        return value.hex()
    return None if isinstance(value, float) and math.isinf(value) else value


def _refused(name: str, fault: Exception, seconds: float) -> QueryRefused:
    match str(fault):
        case "interrupted":
            why = f"it took longer than {seconds:g} seconds"
        case "not authorized" | "authorization denied":
            why = "a question can only read"
        case "You can only execute one statement at a time.":
            why = "one question at a time"
        case said:
            why = said.rstrip(".")
    return QueryRefused(name=name, why=why)


def _read(
    connection: sqlite3.Connection, found: sqlite3.Cursor, path: Path
) -> Iterator[tuple[Any, ...]]:
    with contextlib.closing(connection):
        try:
            yield from found
        except (sqlite3.DatabaseError, ValueError) as fault:
            raise _damaged(path, fault) from None


def _damaged(path: Path, fault: Exception) -> AssetDamaged:
    return AssetDamaged(name=path.name, why=f"damaged: {fault}")
