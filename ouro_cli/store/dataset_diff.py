"""Two kept datasets compared by SQLite itself: memory stays flat, however many rows they have."""

import contextlib
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from ouro_cli.errors import AssetDamaged, UsageFault
from ouro_cli.model.action_diff import RowChange, RowsDiff
from ouro_cli.model.json_change import ChangeKind
from ouro_cli.store.datasets import TABLE

# Which rows are otherwise, by their place in either file; what they hold is read when it is shown.
_DIFFERENCE = "CREATE TEMP TABLE difference (kind TEXT, old INTEGER, new INTEGER, times INTEGER)"

# A column's name holds no `#`, so that none of ours is taken.
_WHOLE_ROWS = """
    INSERT INTO difference
    SELECT CASE WHEN sum("#side") > 0 THEN 'added' ELSE 'removed' END,
        CASE WHEN sum("#side") < 0 THEN min("#old") END,
        CASE WHEN sum("#side") > 0 THEN min("#new") END,
        abs(sum("#side"))
    FROM (
        SELECT {columns}, -1 AS "#side", {old} AS "#old", NULL AS "#new" FROM before.{table}
        UNION ALL SELECT {columns}, 1, NULL, {new} FROM after.{table}
    )
    GROUP BY {columns} HAVING sum("#side") <> 0
"""

_BY_KEY = """
    INSERT INTO difference
    SELECT CASE WHEN b.{new} IS NULL THEN 'removed' ELSE 'changed' END, a.{old}, b.{new}, 1
    FROM before.{table} a LEFT JOIN after.{table} b ON a.{key} = b.{key}
    WHERE b.{new} IS NULL OR {differs}
    UNION ALL
    SELECT 'added', NULL, b.{new}, 1
    FROM after.{table} b LEFT JOIN before.{table} a ON a.{key} = b.{key} WHERE a.{old} IS NULL
"""


def diff_datasets(
    before: Path,
    after: Path,
    *,
    key: str | None = None,
    ignored: Collection[str] = (),
    most: int | None = None,
) -> RowsDiff:
    """What came, went and changed from one dataset to another, and the first `most` such rows.

    Rows are told apart by their `key` column, else by all that they hold, each as often as it is
    there; `ignored` columns are not looked at. Raises UsageFault for a key that is no column of
    both, or stands twice; AssetDamaged where a file is not what was kept.
    """
    try:
        with contextlib.closing(_open(before, after)) as connection:
            return _diff(connection, key, ignored, most)
    except sqlite3.DatabaseError as fault:
        raise AssetDamaged(name=f"{before.name} or {after.name}", why=f"damaged: {fault}") from None


def _open(before: Path, after: Path) -> sqlite3.Connection:
    # An empty name is a database of its own in a file that nobody sees: what is large spills there.
    connection = sqlite3.connect(
        "file:", uri=True, isolation_level=None, detect_types=sqlite3.PARSE_DECLTYPES
    )
    connection.executescript(
        "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA temp_store = FILE"
    )
    for name, path in (("before", before), ("after", after)):
        uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        connection.execute(f"ATTACH DATABASE ? AS {name}", (uri,))
    return connection


def _diff(
    connection: sqlite3.Connection, key: str | None, ignored: Collection[str], most: int | None
) -> RowsDiff:
    old, new = (_columns(connection, side, ignored) for side in ("before", "after"))
    common = [name for name in old if name in new]
    places = {"old": _place(connection, "before"), "new": _place(connection, "after")}
    connection.execute(_DIFFERENCE)
    if key is not None:
        _check_key(connection, key, old, new)
        differs = " OR ".join(f"a.{_quoted(each)} IS NOT b.{_quoted(each)}" for each in common)
        connection.execute(_BY_KEY.format(table=TABLE, key=_quoted(key), differs=differs, **places))
    elif common:
        columns = ", ".join(map(_quoted, common))
        connection.execute(_WHOLE_ROWS.format(table=TABLE, columns=columns, **places))
    counts = dict(connection.execute("SELECT kind, sum(times) FROM difference GROUP BY kind"))
    return RowsDiff(
        key=key,
        before=_count(connection, "before"),
        after=_count(connection, "after"),
        columns_added=tuple(name for name in new if name not in old),
        columns_removed=tuple(name for name in old if name not in new),
        added=counts.get("added", 0),
        removed=counts.get("removed", 0),
        changed=counts.get("changed", 0),
        rows=tuple(_rows(connection, common, most)),
    )


def _columns(connection: sqlite3.Connection, side: str, ignored: Collection[str]) -> list[str]:
    found = connection.execute(f"SELECT * FROM {side}.{TABLE} LIMIT 0").description
    return [each[0] for each in found if each[0] not in ignored]


def _place(connection: sqlite3.Connection, side: str) -> str:
    """A name of a row's own number that no column has taken."""
    taken = _columns(connection, side, ())
    return next(each for each in ("rowid", "oid", "_rowid_") if each not in taken)


def _count(connection: sqlite3.Connection, side: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {side}.{TABLE}").fetchone()[0])


def _check_key(
    connection: sqlite3.Connection, key: str, old: Sequence[str], new: Sequence[str]
) -> None:
    for side, columns in (("before", old), ("after", new)):
        if key not in columns:
            hint = f"They have: {', '.join(columns)}."
            raise UsageFault(why=f"--key: '{key}' is no column of both datasets", hint=hint)
        twice = connection.execute(
            f"SELECT {_quoted(key)} FROM {side}.{TABLE} WHERE {_quoted(key)} IS NOT NULL"
            f" GROUP BY {_quoted(key)} HAVING count(*) > 1 LIMIT 1"
        ).fetchone()
        if twice is not None:
            hint = "Without --key rows are compared by all that they hold."
            raise UsageFault(why=f"--key: {key} {twice[0]!r} stands more than once", hint=hint)


def _rows(
    connection: sqlite3.Connection, columns: Sequence[str], most: int | None
) -> Iterator[RowChange]:
    limit = -1 if most is None else most
    found = connection.execute(
        "SELECT * FROM difference ORDER BY coalesce(old, new), kind DESC LIMIT ?", (limit,)
    )
    for kind, old, new, times in found:
        yield RowChange(
            ChangeKind(kind),
            _row(connection, "before", old, columns),
            _row(connection, "after", new, columns),
            times,
        )


def _row(
    connection: sqlite3.Connection, side: str, rowid: int | None, columns: Sequence[str]
) -> dict[str, Any] | None:
    if rowid is None or not columns:
        return None
    names, place = ", ".join(map(_quoted, columns)), _place(connection, side)
    found = connection.execute(f"SELECT {names} FROM {side}.{TABLE} WHERE {place} = ?", (rowid,))
    return dict(zip(columns, found.fetchone(), strict=True))


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
