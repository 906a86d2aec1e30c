"""Datasets: the rows of each in a SQLite file of its own, which is kept like any other bytes."""

import re
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ouro_cli.model.identity import slug
from ouro_cli.store.files import Files, Kept

TABLE = "rows"


@dataclass(frozen=True, slots=True)
class KeptRows:
    """A dataset that is kept: the file of its rows, how many they are, and its columns.

    `columns` are `{"name", "type"}` in their order, with PostgreSQL's words for the types, as the
    contract has them (section 9.5): text, bigint, double precision, boolean.
    """

    kept: Kept
    rows: int
    columns: list[dict[str, str]]


def keep_rows(files: Files, rows: Iterable[dict[str, Any]]) -> KeptRows:
    """Keep flat rows as a dataset; names of columns become lower snake case."""
    # sqlite-utils is slow to import, and loads pandas where that is installed.
    import sqlite_utils  # noqa: PLC0415

    draft = files.draft_path()
    connection = sqlite3.connect(draft)
    try:
        # The draft is written in one go and synced once, before it is kept.
        connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
        database = sqlite_utils.Database(connection)
        table = database.table(TABLE)
        table.insert_all(_named(rows), alter=True)
        columns = [{"name": each.name, "type": _type(each.type)} for each in table.columns]
        count = table.count
        connection.commit()
    finally:
        connection.close()
    return KeptRows(files.keep_draft(draft), count, columns)


def read_rows(path: Path, *, limit: int = -1, offset: int = 0) -> Iterator[dict[str, Any]]:
    """The rows of a kept dataset, in their order."""
    connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    connection.row_factory = sqlite3.Row
    try:
        query = f"SELECT * FROM {TABLE} ORDER BY rowid LIMIT ? OFFSET ?"
        for row in connection.execute(query, (limit, offset)):
            yield dict(row)
    finally:
        connection.close()


def column_name(text: str) -> str:
    """A column's name as the contract has it: lower snake case (section 17)."""
    return re.sub(r"_+", "_", slug(str(text)).replace("-", "_")) or "column"


def _named(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for row in rows:
        yield {column_name(name): value for name, value in row.items()}


def _type(affinity: str) -> str:
    return {"INTEGER": "bigint", "FLOAT": "double precision", "REAL": "double precision"}.get(
        affinity, "text"
    )
