"""What can still be read of a damaged registry, in a new one; the damaged one is only read."""

import contextlib
import json
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ouro_cli.model.route import Operation
from ouro_cli.store.contents import JSON_COLUMNS, problems_of
from ouro_cli.store.copies import sync_file
from ouro_cli.store.database import LATEST
from ouro_cli.store.migrate import migrate, version_of
from ouro_cli.store.search_index import rebuild_indexes

# Who is named comes before who names; declarations and search indexes are made from the rest.
_TABLES = (
    *("person", "service", "document", "component", "route", "credential", "action", "event"),
    *("receipt", "asset", "action_asset", "fetch", "link", "property", "attempt"),
    *("chain", "chain_step", "batch", "batch_row", "pace"),
)
_WITHOUT_ROWID = ("attempt", "batch_row", "pace")
_LONGEST_GAP = 100_000

Lost = dict[str, int]
"""How many rows of each table could not be taken over, as far as that is known."""


def recover(damaged: Path, room: Path) -> tuple[Path, Lost]:
    """A whole registry of the newest version, made in a folder from what a damaged one holds.

    Of the damaged one, which nobody else uses, a copy is taken first, and it alone is worked on.
    Raises sqlite3.DatabaseError where nothing can be read of it.
    """
    copy = room / damaged.name
    for ending in ("", "-wal", "-journal"):
        with contextlib.suppress(FileNotFoundError):
            shutil.copyfile(f"{damaged}{ending}", f"{copy}{ending}")
    new, lost = copy, Lost()
    if not _reindexed(copy):
        new = room / f"recovered-{damaged.name}"
        lost = _row_by_row(copy, new)
    new.chmod(0o600)
    return new, lost


def _reindexed(copy: Path) -> bool:
    """Make all indexes of the copy anew; whether it is whole then."""
    try:
        with contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as connection:
            connection.execute("REINDEX")
            if not 0 < version_of(connection) <= LATEST or any(problems_of(connection)):
                return False
            connection.execute("BEGIN")
            rebuild_indexes(connection)
            connection.execute("COMMIT")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except (sqlite3.Error, ValueError, TypeError):
        return False
    sync_file(copy)
    return True


def _row_by_row(copy: Path, new: Path) -> Lost:
    lost: Lost = {}
    with (
        contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as source,
        contextlib.closing(sqlite3.connect(new, isolation_level=None)) as target,
    ):
        # Text that is damaged is still worth more than none.
        source.text_factory = lambda data: data.decode("utf-8", "replace")
        # What it says of one thing may be nonsense, and of all others right.
        source.execute("PRAGMA writable_schema = ON")
        source.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        target.row_factory = sqlite3.Row
        target.execute("PRAGMA journal_mode = WAL")
        target.execute("PRAGMA wal_autocheckpoint = 0")
        migrate(target)
        expected = _tables_of(version_of(source))
        target.execute("BEGIN IMMEDIATE")
        for table in (each for each in _TABLES if each in expected):
            if not source.execute(f"PRAGMA table_info({table})").fetchone():
                # Where it lies is lost, and with it every row: a registry without would be worse.
                raise sqlite3.DatabaseError(f"where its table '{table}' lies cannot be read")
            failed = _take_over(source, target, table)
            if failed:
                lost[table] = failed
        for table, count in _put_in_order(target).items():
            lost[table] = lost.get(table, 0) + count
        rebuild_indexes(target)
        target.execute("COMMIT")
        target.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for problem in problems_of(target):
            raise sqlite3.DatabaseError(problem)
    sync_file(new)
    return lost


def _tables_of(version: int) -> set[str]:
    """The tables that a registry of this version has."""
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as ours:
        migrate(ours, up_to=version if 0 < version <= LATEST else LATEST)
        return {row[0] for row in ours.execute("SELECT name FROM sqlite_schema")}


def _take_over(source: sqlite3.Connection, target: sqlite3.Connection, table: str) -> int:
    """Copy the rows of a table that can be read and that its rules admit; how many failed."""
    known = {row["name"] for row in target.execute(f"PRAGMA table_info({table})")}
    names = [row[1] for row in source.execute(f"PRAGMA table_info({table})")]
    shared = [name for name in names if name in known]
    marks = ", ".join("?" * len(shared))
    statement = f"INSERT INTO {table} ({', '.join(shared)}) VALUES ({marks})"
    failed = 0
    for row in _rows(source, table, shared):
        try:
            if row is None:
                failed += 1
            else:
                _check_json(table, dict(zip(shared, row, strict=True)))
                target.execute(statement, row)
        except (sqlite3.Error, ValueError, OverflowError):
            failed += 1
    return failed


def _rows(
    source: sqlite3.Connection, table: str, names: list[str]
) -> Iterator[tuple[Any, ...] | None]:
    """Every row that can be read, and None for each place at which one could not."""
    if table in _WITHOUT_ROWID:
        yield from _unnumbered(source, table, names)
        return
    columns = ", ".join(["rowid", *names])
    first, last = -(2**62), 2**62
    for order, sign in (("ASC", ">"), ("DESC", "<")):
        edge = first if order == "ASC" else last
        try:
            asked = f"SELECT {columns} FROM {table} WHERE rowid {sign} ? ORDER BY rowid {order}"
            for row in source.execute(asked, (edge,)):
                if order == "DESC" and row[0] <= first:
                    break
                edge = row[0]
                yield tuple(row[1:])
            else:
                if order == "ASC":
                    return
        except sqlite3.DatabaseError:
            yield None
        if order == "ASC":
            first = edge
        else:
            last = edge
    # In between, where whole pages cannot be walked over, single rows may still be found.
    begin = max(first + 1, 1)
    for number in range(begin, min(last, begin + _LONGEST_GAP)):
        try:
            row = source.execute(
                f"SELECT {', '.join(names)} FROM {table} WHERE rowid = ?", (number,)
            ).fetchone()
        except sqlite3.DatabaseError:
            continue
        if row is not None:
            yield tuple(row)


def _unnumbered(
    source: sqlite3.Connection, table: str, names: list[str]
) -> Iterator[tuple[Any, ...] | None]:
    columns = ", ".join(names)
    for order in ("ASC", "DESC"):
        key = f"{names[0]} {order}, {names[1]} {order}"
        try:
            for row in source.execute(f"SELECT {columns} FROM {table} ORDER BY {key}"):
                yield tuple(row)
        except sqlite3.DatabaseError:
            yield None
        else:
            return


def _check_json(table: str, row: dict[str, Any]) -> None:
    for name in JSON_COLUMNS.get(table, ()):
        if row.get(name) is not None:
            json.loads(row[name])


def _put_in_order(target: sqlite3.Connection) -> Lost:
    """Have every row name what is there: a stand-in for a parent that was lost, or it goes too."""
    dropped: Lost = {}
    for _ in range(len(_TABLES)):
        broken = target.execute("PRAGMA foreign_key_check").fetchall()
        if not broken:
            break
        for table, _, parent, key in broken:
            told = target.execute(f"PRAGMA foreign_key_list({table})").fetchall()
            column = next(each["from"] for each in told if each["id"] == key)
            missing = target.execute(
                f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL"
                f" AND {column} NOT IN (SELECT id FROM {parent})"
            ).fetchall()
            for (lost_id,) in missing:
                if not _stand_in(target, parent, str(lost_id)):
                    gone = target.execute(f"DELETE FROM {table} WHERE {column} = ?", (lost_id,))
                    dropped[table] = dropped.get(table, 0) + gone.rowcount
    return dropped


def _stand_in(target: sqlite3.Connection, table: str, lost_id: str) -> bool:
    """A row in the place of a lost one, so that what was run through it stays readable."""
    now = datetime.now(UTC).isoformat()
    some = target.execute("SELECT id FROM person LIMIT 1").fetchone()
    name = f"lost-{lost_id[:13]}"
    row: dict[str, Any]
    if table == "person":
        row = {"id": lost_id, "name": name, "created_at": now}
    elif table == "service" and some is not None:
        row = {
            **{"id": lost_id, "user_id": some[0], "name": name, "title": name, "description": ""},
            **{"version": "", "openapi": "3.1.0", "base_url": "http://lost.invalid", "source": ""},
            **{"authentication": "None", "security_schemes": "{}", "warnings": "[]"},
            **{"created_at": now, "updated_at": now, "archived_at": now},
        }
    elif table == "route" and some is not None:
        service = target.execute("SELECT id FROM service LIMIT 1").fetchone()
        if service is None:
            return False
        operation = Operation("GET", f"/{name}")
        told = {each.name: getattr(operation, each.name) for each in fields(Operation)}
        row = {
            **{"id": lost_id, "service_id": service[0], "user_id": some[0], "name": name},
            **{"slug": name, "method": "GET", "path": f"/{name}", "operation_id": ""},
            **{"summary": "", "operation": json.dumps(told), "created_at": now},
            **{"updated_at": now, "archived_at": now},
        }
    else:
        return False
    names = list(row)
    marks = ", ".join(f":{each}" for each in names)
    try:
        target.execute(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", row)
    except sqlite3.IntegrityError:
        return False
    return True
