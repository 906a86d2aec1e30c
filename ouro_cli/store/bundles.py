"""Actions with all that belongs to them, as rows that another registry can take in."""

import base64
import json
import re
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ouro_cli.store.references import is_sha256
from ouro_cli.store.routes import Routes
from ouro_cli.store.search_index import index_asset, index_events

Row = dict[str, Any]
Tables = dict[str, list[Row]]

_BYTES = "$base64"
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_IDS = "(SELECT value FROM json_each(:ids))"
_ROUTES = f"(SELECT route_id FROM action WHERE id IN {_IDS})"
_SERVICES = f"(SELECT service_id FROM route WHERE id IN {_ROUTES})"
_ASSETS = f"(SELECT asset_id FROM action_asset WHERE action_id IN {_IDS})"

# Chains and batches are left behind: they are this registry's plans, their actions whole by
# themselves. In the order in which they are taken in: who is named before who names.
_WHICH = {
    "person": f"id IN (SELECT user_id FROM action WHERE id IN {_IDS}"
    f" UNION SELECT user_id FROM route WHERE id IN {_ROUTES}"
    f" UNION SELECT user_id FROM service WHERE id IN {_SERVICES}"
    f" UNION SELECT user_id FROM asset WHERE id IN {_ASSETS})",
    "service": f"id IN {_SERVICES}",
    "document": f"service_id IN {_SERVICES}",
    "component": f"service_id IN {_SERVICES}",
    "route": f"id IN {_ROUTES}",
    "action": f"id IN {_IDS}",
    "asset": f"id IN {_ASSETS}",
    "action_asset": f"action_id IN {_IDS}",
    "property": f"action_id IN {_IDS} AND asset_id IN {_ASSETS}",
    "link": f"action_id IN {_IDS} AND asset_id IN {_ASSETS}",
    "fetch": f"action_id IN {_IDS}",
    "attempt": f"action_id IN {_IDS}",
    "event": f"action_id IN {_IDS}",
    "receipt": f"action_id IN {_IDS}",
}

# What holds in one registry alone: its numbers, who is at work in it, what its people pinned.
_OURS = {
    "action": {"seq", "owner", "poll_owner", "pinned_at", "imported_at"},
    "asset": {"seq"},
    "event": {"seq"},
    "route": {"text_row"},
    "fetch": {"owner"},
}

_PEOPLE = {"service": "user_id", "route": "user_id", "action": "user_id", "asset": "user_id"}
_SHAS = {"asset": "sha256", "action": "response_sha256"}


def rows_of(connection: sqlite3.Connection, action_ids: Iterable[str]) -> Tables:
    """All rows that belong to these actions: table -> rows, bytes in base64."""
    values = {"ids": json.dumps(list(action_ids))}
    tables: Tables = {}
    for table, which in _WHICH.items():
        order = "number" if table == "attempt" else "rowid"
        asked = f"SELECT * FROM {table} WHERE {which} ORDER BY {order}"
        found = connection.execute(asked, values)
        names = [each[0] for each in found.description]
        kept = [name for name in names if name not in _OURS.get(table, ())]
        tables[table] = [{name: _written(row[names.index(name)]) for name in kept} for row in found]
    return tables


def _written(value: Any) -> Any:
    return {_BYTES: base64.b64encode(value).decode()} if isinstance(value, bytes) else value


@dataclass
class Merged:
    """What taking rows in did: the ids of actions that are new, went on, or stayed as they were."""

    new: list[str] = field(default_factory=list)
    went_on: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)


class Merge:
    """Rows of another registry on their way into this one, inside a transaction.

    Services and routes that are there are matched, by their ids or by what they are, and stay as
    they are; of an action the final word that is there is never changed. ValueError for rows
    that are none of a registry's.
    """

    def __init__(self, connection: sqlite3.Connection, tables: Tables, at: str) -> None:
        self._db = connection
        self._tables = {name: list(map(_row, tables.get(name, []))) for name in _WHICH}
        if set(tables) - set(_WHICH):
            raise ValueError("it has tables that are none of ours")
        self._at = at
        self._people: dict[str, str] = {}
        self._services: dict[str, str] = {}
        self._routes: dict[str, str] = {}
        self._columns: dict[str, set[str]] = {}
        self._coming: dict[str, set[str]] = {}
        self.merged = Merged()

    def take_in(self) -> Merged:
        """Write all of it."""
        self._check()
        # An asset may name one that comes after it.
        self._db.execute("PRAGMA defer_foreign_keys = ON")
        for row in self._tables["person"]:
            self._people[row["id"]] = self._person(row)
        for row in self._tables["service"]:
            self._services[row["id"]] = self._service(row)
        for row in self._tables["route"]:
            self._routes[row["id"]] = self._route(row)
        for row in self._tables["action"]:
            self._action(row)
        linked = {each["asset_id"] for each in self._news("action_asset")}
        self._coming = {
            "asset": linked & {row["id"] for row in self._tables["asset"]},
            "action": {row["id"] for row in self._tables["action"]},
        }
        for row in self._tables["asset"]:
            if row["id"] in linked:
                self._asset(row)
        for action_id in self.merged.went_on:
            # What is still to be fetched is what the other registry says.
            self._db.execute("DELETE FROM fetch WHERE action_id = ?", (action_id,))
        for table in ("action_asset", "property", "link", "fetch", "attempt", "receipt"):
            for row in self._news(table):
                self._insert(table, row)
        self._events()
        return self.merged

    def _news(self, table: str) -> list[Row]:
        """The rows of actions that are new or went on: a story that has ended is left alone."""
        return [row for row in self._tables[table] if row["action_id"] not in self.merged.unchanged]

    def _check(self) -> None:
        """What becomes part of a path or of a reference is what it has to be."""
        for table, rows in self._tables.items():
            for row in rows:
                sha256 = row.get(_SHAS.get(table, ""))
                if sha256 is not None and not is_sha256(str(sha256)):
                    raise ValueError(f"a row of {table} names no sha256")
                if table in _PEOPLE and not _ID.fullmatch(str(row.get("id"))):
                    raise ValueError(f"a row of {table} has no id")

    def _person(self, row: Row) -> str:
        known = self._find(
            "SELECT id FROM person WHERE name = ? OR id = ? ORDER BY name <> ?1",
            row["name"],
            row["id"],
        )
        if known is None:
            self._insert("person", row)
        return known or str(row["id"])

    def _service(self, row: Row) -> str:
        known = self._find("SELECT id FROM service WHERE id = ?", row["id"]) or self._find(
            "SELECT id FROM service WHERE name = ? AND base_url = ?", row["name"], row["base_url"]
        )
        if known is not None:
            return known
        name = self._free(row["name"], "SELECT 1 FROM service WHERE name = ?")
        self._insert("service", self._owned("service", {**row, "name": name}))
        for table in ("document", "component"):
            for each in self._tables[table]:
                if each["service_id"] == row["id"]:
                    self._insert(table, each)
        return str(row["id"])

    def _route(self, row: Row) -> str:
        service_id = self._services[row["service_id"]]
        known = self._find("SELECT id FROM route WHERE id = ?", row["id"]) or self._find(
            "SELECT id FROM route WHERE service_id = ? AND method = ? AND path = ?",
            service_id, row["method"], row["path"],
        )  # fmt: skip
        if known is not None:
            return known
        owned = self._owned("route", {**row, "service_id": service_id})
        is_taken = "SELECT 1 FROM route WHERE slug = ? AND user_id = ?"
        owned["slug"] = self._free(row["slug"], is_taken, owned["user_id"])
        last = self._db.execute("SELECT coalesce(max(text_row), 0) FROM route").fetchone()[0]
        self._insert("route", {**owned, "text_row": last + 1})
        routes = Routes(self._db)
        routes.save([routes.get(str(row["id"]))])
        return str(row["id"])

    def _action(self, row: Row) -> None:
        here = self._db.execute(
            "SELECT status, ack_at, last_updated FROM action WHERE id = ?", (row["id"],)
        ).fetchone()
        owned = self._owned("action", {**row, "route_id": self._routes[row["route_id"]]})
        if here is None:
            self._insert("action", {**owned, "imported_at": self._at})
            self.merged.new.append(row["id"])
        elif _goes_on(here, row):
            changed = {name: value for name, value in owned.items() if name not in _FIRST_WORDS}
            settings = ", ".join(f"{name} = :{name}" for name in self._known("action", changed))
            self._db.execute(
                f"UPDATE action SET {settings}, imported_at = :at, owner = NULL WHERE id = :id"
                " AND status IN ('queued', 'in-progress')",
                {**changed, "id": row["id"], "at": self._at},
            )
            self.merged.went_on.append(row["id"])
        else:
            self.merged.unchanged.append(row["id"])

    def _asset(self, row: Row) -> None:
        if self._find("SELECT id FROM asset WHERE id = ?", row["id"]) is not None:
            return
        owned = self._owned("asset", dict(row))
        # Where it came from may not have come along.
        for column, table in (
            ("action_id", "action"),
            ("source_id", "asset"),
            ("family_id", "asset"),
        ):
            value = owned.get(column)
            if value is not None and value not in self._coming[table]:
                owned[column] = self._find(f"SELECT id FROM {table} WHERE id = ?", value)
        self._insert("asset", owned)
        index_asset(self._db, str(row["id"]))

    def _events(self) -> None:
        for action_id in (*self.merged.new, *self.merged.went_on):
            known = {
                tuple(each)
                for each in self._db.execute(
                    "SELECT at, kind, message FROM event WHERE action_id = ?", (action_id,)
                )
            }
            last = self._db.execute("SELECT coalesce(max(seq), 0) FROM event").fetchone()[0]
            for row in self._tables["event"]:
                is_new = (row["at"], row["kind"], row["message"]) not in known
                if row["action_id"] == action_id and is_new:
                    self._insert("event", row)
            index_events(self._db, action_id, after=last)

    def _owned(self, table: str, row: Row) -> Row:
        column = _PEOPLE[table]
        return {**row, column: self._people[row[column]]}

    def _free(self, name: str, is_taken: str, *values: str) -> str:
        number, free = 1, name
        while self._db.execute(is_taken, (free, *values)).fetchone() is not None:
            number += 1
            free = f"{name}-{number}"
        return free

    def _insert(self, table: str, row: Row) -> None:
        names = self._known(table, row)
        marks = ", ".join(f":{name}" for name in names)
        self._db.execute(
            f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks}) ON CONFLICT DO NOTHING", row
        )

    def _known(self, table: str, row: Row) -> list[str]:
        """The names of a row's columns: ours, or ValueError; a newer ouro may know others."""
        if table not in self._columns:
            told = self._db.execute(f"PRAGMA table_info({table})")
            self._columns[table] = {each["name"] for each in told}
        strange = set(row) - self._columns[table]
        if strange:
            raise ValueError(f"{table} has no column '{min(strange)[:40]}'")
        return list(row)

    def _find(self, statement: str, *values: Any) -> str | None:
        row = self._db.execute(statement, values).fetchone()
        return None if row is None else str(row[0])


_FIRST_WORDS = {"id", "route_id", "user_id", "request", "created_at"}


def _goes_on(here: sqlite3.Row, there: Row) -> bool:
    """Whether what comes says more of an action than is known here: never of one that has ended."""
    if here["status"] not in ("queued", "in-progress"):
        return False
    if there["status"] not in ("queued", "in-progress"):
        return True
    is_accepted = here["ack_at"] is not None
    return there["ack_at"] is not None and (
        not is_accepted or str(there["last_updated"]) > here["last_updated"]
    )


def _row(row: Any) -> Row:
    """A row as it is written; ValueError where it is none."""
    if not isinstance(row, dict):
        raise ValueError("what should be a row is none")
    return {str(name): _value(value) for name, value in row.items()}


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) != {_BYTES}:
            raise ValueError("what should be a value is none")
        return base64.b64decode(value[_BYTES], validate=True)
    if value is None or isinstance(value, str | int | float):
        return value
    raise ValueError("what should be a value is none")
