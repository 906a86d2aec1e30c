"""Actions by what they are and by the words in them: newest first, however many there are."""

import re
import sqlite3
import sys
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ouro_cli.model.action import OPEN, Action, ActionStatus
from ouro_cli.store.action_rows import COLUMNS, FROM, action_of, with_assets
from ouro_cli.store.chains import OF_CHAIN
from ouro_cli.store.rows import time_text


@dataclass(frozen=True, slots=True)
class Filters:
    """Which actions to list; what is None or empty does not narrow."""

    statuses: tuple[ActionStatus, ...] = ()
    route_id: str | None = None
    service_id: str | None = None
    user_id: str | None = None
    since: datetime | None = None
    search: str = ""
    batch_id: str | None = None
    chain_id: str | None = None


class ActionSearch:
    """Finds actions without reading all of them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def newest(self, filters: Filters, *, limit: int, offset: int = 0) -> list[Action]:
        """The actions that fit, newest first, without their responses."""
        return with_assets(self._db, self._newest(filters, limit=limit, offset=offset))

    def _newest(self, filters: Filters, *, limit: int, offset: int = 0) -> list[Action]:
        where = self._where(filters)
        if where is None:
            return []
        if filters.search:
            return self._search(filters, where, limit, offset)
        if len(filters.statuses) < 2:
            return self._straight(where, limit, offset)
        # One status at a time goes straight through its index; several would have to be sorted.
        found = [
            action
            for status in filters.statuses
            for action in self._newest(replace(filters, statuses=(status,)), limit=offset + limit)
        ]
        return sorted(found, key=lambda action: -action.seq)[offset : offset + limit]

    def _straight(self, where: "_Where", limit: int, offset: int) -> list[Action]:
        rows = self._db.execute(
            f"SELECT {COLUMNS} {FROM} WHERE {where.text} ORDER BY action.seq DESC"
            " LIMIT :limit OFFSET :offset",
            {**where.values, "limit": limit, "offset": offset},
        )
        return [action_of(row) for row in rows]

    def _search(self, filters: Filters, where: "_Where", limit: int, offset: int) -> list[Action]:
        is_narrow = bool(filters.statuses) and set(filters.statuses) <= set(OPEN)
        found: list[Action] = []
        for query in match_expressions(filters.search):
            if is_narrow:
                found = self._matching_open(query, filters)
            else:
                found = self._matching(query, where, offset + limit)
            if found:
                break
        return found[offset : offset + limit]

    def _matching(self, query: str, where: "_Where", most: int) -> list[Action]:
        # The index answers newest first and one at a time, so that a word that stands in a
        # million actions costs no more than one that stands in twenty.
        hits = self._db.execute(
            "SELECT event.action_id FROM event_text CROSS JOIN event"
            " ON event.seq = event_text.rowid"
            " WHERE event_text MATCH ? AND event_text.rowid >= ? ORDER BY event_text.rowid DESC",
            (query, where.first_event),
        )
        one = f"SELECT {COLUMNS} {FROM} WHERE {where.text} AND action.id = :action_id"
        seen: set[str] = set()
        found: list[Action] = []
        for hit in hits:
            action_id = hit["action_id"]
            if action_id in seen:
                continue
            seen.add(action_id)
            row = self._db.execute(one, {**where.values, "action_id": action_id}).fetchone()
            if row is not None:
                found.append(action_of(row))
                if len(found) == most:
                    break
        return found

    def _matching_open(self, query: str, filters: Filters) -> list[Action]:
        # Few actions are open, so each of them is held against the index, not the other way.
        def matches(action: Action) -> bool:
            return any(
                self._db.execute(
                    "SELECT 1 FROM event_text WHERE event_text MATCH ? AND rowid = ?",
                    (query, event["seq"]),
                ).fetchone()
                for event in self._db.execute(
                    "SELECT seq FROM event WHERE action_id = ?", (action.id,)
                )
            )

        still_open = self._newest(replace(filters, search=""), limit=sys.maxsize)
        return [action for action in still_open if matches(action)]

    def _where(self, filters: Filters) -> "_Where | None":
        """The filters as a condition; None where it is plain that nothing fits."""
        # A plus keeps the column's index out: where most actions fit, the newest of them are
        # found sooner by going back through all than by sorting those that the index names.
        conditions = ["true"]
        values: dict[str, Any] = {}
        first_event = 0
        if filters.statuses:
            names = [f"status_{index}" for index in range(len(filters.statuses))]
            conditions.append(f"status IN ({', '.join(f':{name}' for name in names)})")
            values |= dict(zip(names, (each.value for each in filters.statuses), strict=True))
        if filters.route_id is not None:
            conditions.append("action.route_id = :route_id")
            values["route_id"] = filters.route_id
        if filters.service_id is not None:
            conditions.append(
                "+action.route_id IN (SELECT id FROM route WHERE service_id = :service_id)"
            )
            values["service_id"] = filters.service_id
        if filters.batch_id is not None:
            conditions.append(
                "action.id IN (SELECT action_id FROM batch_row WHERE batch_id = :batch_id)"
            )
            values["batch_id"] = filters.batch_id
        if filters.chain_id is not None:
            conditions.append(f"action.id IN ({OF_CHAIN})")
            values["chain_id"] = filters.chain_id
        if filters.user_id is not None:
            mine = "SELECT 1 FROM action WHERE user_id = ? LIMIT 1"
            if self._db.execute(mine, (filters.user_id,)).fetchone() is None:
                return None
            conditions.append("+action.user_id = :user_id")
            values["user_id"] = filters.user_id
        if filters.since is not None:
            first = self._db.execute(
                "SELECT seq, (SELECT min(seq) FROM event WHERE action_id = action.id) AS event"
                " FROM action WHERE created_at >= ? ORDER BY created_at, seq LIMIT 1",
                (time_text(filters.since),),
            ).fetchone()
            if first is None:
                return None
            conditions.append("action.seq >= :since")
            values["since"], first_event = first["seq"], first["event"]
        return _Where(" AND ".join(conditions), values, first_event)


@dataclass(frozen=True, slots=True)
class _Where:
    """A condition on actions, its values, and the first event that an action it meets can have."""

    text: str
    values: dict[str, Any]
    first_event: int


def match_expressions(search: str) -> list[str]:
    """A person's words as FTS5 expressions to try in turn: all as they are, the last unfinished.

    An unfinished word is looked for only where the whole one is not found: it takes longer.
    """
    words = " ".join(f'"{token}"' for token in re.findall(r"\w+", search))
    return [words, f"{words}*"] if words else []
