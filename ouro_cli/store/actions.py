"""Actions, the events of their story, and the callbacks that arrived for them, as rows."""

import json
import re
import sqlite3
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ouro_cli.model.action import (
    OPEN,
    Action,
    ActionStatus,
    Beside,
    Body,
    Event,
    RouteReference,
    Source,
)
from ouro_cli.model.timings import Timings
from ouro_cli.store.assets import Assets
from ouro_cli.store.polls import read_poll_row
from ouro_cli.store.rows import json_text, maybe_moment, moment, time_text

_COLUMNS = """
    action.seq, action.id, action.user_id, status, request, owner, token_hash, callback_url,
    poll_url, poll, poll_owner, next_poll_at, polls, silence_seconds, rerun_of, next_attempt_at,
    upstream_status_code, ended_by, action.created_at, started_at, ack_at, last_activity_at,
    finished_at, last_updated, pinned_at, imported_at,
    caller.name AS user_name,
    route.id AS route_id, route.name AS route_name, route.slug AS route_slug,
    route.method AS route_method, creator.name AS route_creator,
    service.id AS service_id, service.name AS service_name
"""

_FROM = """
    FROM action
    CROSS JOIN route ON route.id = action.route_id
    CROSS JOIN service ON service.id = route.service_id
    CROSS JOIN person AS caller ON caller.id = action.user_id
    CROSS JOIN person AS creator ON creator.id = route.user_id
"""

_GET = f"SELECT {_COLUMNS}, response_type, response, response_sha256 {_FROM} WHERE action.id = ?"

_ADD = """
    INSERT INTO action (id, route_id, user_id, status, request, silence_seconds, owner,
        created_at, last_updated)
    VALUES (:id, :route_id, :user_id, 'queued', :request, :silence_seconds, :owner, :at, :at)
"""

_CLAIM = """
    UPDATE action SET status = 'in-progress', owner = :owner,
        token_hash = trim(coalesce(token_hash, '') || ' ' || :token_hash),
        callback_url = :callback_url, started_at = :at, last_activity_at = :at, last_updated = :at
    WHERE id = :id AND status = 'queued'
"""

_ACKNOWLEDGE = """
    UPDATE action SET ack_at = :at, last_activity_at = :at, last_updated = :at,
        upstream_status_code = :status_code, poll_url = :poll_url
    WHERE id = :id AND status = 'in-progress'
"""

_FINISH = """
    UPDATE action SET status = :status, response = :response, response_type = :response_type,
        response_sha256 = :response_sha256,
        upstream_status_code = coalesce(:status_code, upstream_status_code),
        ended_by = :ended_by, ack_at = coalesce(ack_at, :ack_at), finished_at = :at,
        last_updated = :at
    WHERE id = :id AND status IN ('queued', 'in-progress')
"""

MOST_INDEXED = 64 * 1024
"""How many characters of a request, a response or a log line the search index reads."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which actions to list; what is None or empty does not narrow."""

    statuses: tuple[ActionStatus, ...] = ()
    route_id: str | None = None
    service_id: str | None = None
    user_id: str | None = None
    since: datetime | None = None
    search: str = ""


class Actions:
    """The actions that the registry keeps, and their stories."""

    def __init__(self, connection: sqlite3.Connection, beside: Callable[[str], Beside]) -> None:
        self._db = connection
        self._beside = beside

    def add(
        self,
        action_id: str,
        route_id: str,
        user_id: str,
        request: dict[str, Any],
        owner: str,
        at: datetime,
        silence_seconds: float | None = None,
    ) -> None:
        """Write a queued action down: from here on the run exists."""
        text = json_text(request)
        self._db.execute(
            _ADD,
            {
                "id": action_id,
                "route_id": route_id,
                "user_id": user_id,
                "request": text,
                "silence_seconds": silence_seconds,
                "owner": owner,
                "at": time_text(at),
            },
        )
        self.tell(action_id, "queued", "queued", at=at, words=text)

    def claim(
        self, action_id: str, *, owner: str, token_hash: str, callback_url: str, at: datetime
    ) -> bool:
        """Take a queued action to send it; False where somebody else has, or it has ended."""
        taken = self._db.execute(
            _CLAIM,
            {
                "id": action_id,
                "owner": owner,
                "token_hash": token_hash,
                "callback_url": callback_url,
                "at": time_text(at),
            },
        )
        return taken.rowcount == 1

    def requeue(self, action_id: str, owner: str, at: datetime) -> bool:
        """Take a claimed action back to be sent again; False where another did, or it has ended."""
        taken = self._db.execute(
            "UPDATE action SET status = 'queued', last_updated = :at"
            " WHERE id = :id AND status = 'in-progress' AND owner = :owner",
            {"id": action_id, "owner": owner, "at": time_text(at)},
        )
        return taken.rowcount == 1

    def own(self, action_id: str, owner: str) -> None:
        """Say which process now sends an action, after a fork."""
        self._db.execute("UPDATE action SET owner = ? WHERE id = ?", (owner, action_id))

    def acknowledge(
        self, action_id: str, *, status_code: int, poll_url: str | None, at: datetime
    ) -> bool:
        """Note that the API took the action; False where it has ended meanwhile."""
        noted = self._db.execute(
            _ACKNOWLEDGE,
            {
                "id": action_id,
                "status_code": status_code,
                "poll_url": poll_url,
                "at": time_text(at),
            },
        )
        return noted.rowcount == 1

    def finish(
        self,
        action_id: str,
        status: ActionStatus,
        *,
        body: Body,
        status_code: int | None,
        ended_by: Source,
        at: datetime,
        ack_at: datetime | None,
    ) -> bool:
        """End the action; False where it was over already, and then nothing changed."""
        ended = self._db.execute(
            _FINISH,
            {
                "id": action_id,
                "status": status.value,
                "response": body.data,
                "response_type": body.media_type,
                "response_sha256": None if body.beside is None else body.beside.sha256,
                "status_code": status_code,
                "ended_by": ended_by.value,
                "ack_at": time_text(ack_at),
                "at": time_text(at),
            },
        )
        return ended.rowcount == 1

    def end_anew(
        self, action: Action, status: ActionStatus, *, body: Body, ended_by: Source, at: datetime
    ) -> bool:
        """End an action that was given up by a late result; False where another did meanwhile."""
        ended = self._db.execute(
            "UPDATE action SET status = :status, response = :response,"
            " response_type = :response_type, ended_by = :ended_by, last_updated = :at"
            " WHERE id = :id AND status = :given_up AND ended_by = :gave_up",
            {
                "id": action.id,
                "status": status.value,
                "response": body.data,
                "response_type": body.media_type,
                "ended_by": ended_by.value,
                "at": time_text(at),
                "given_up": action.status.value,
                "gave_up": None if action.ended_by is None else action.ended_by.value,
            },
        )
        return ended.rowcount == 1

    def touch(self, action_id: str, at: datetime) -> None:
        """Note a sign of life; one that comes after the end changes nothing."""
        self._db.execute(
            "UPDATE action SET last_activity_at = ?, last_updated = ? WHERE id = ?"
            " AND status IN ('queued', 'in-progress')",
            (time_text(at), time_text(at), action_id),
        )

    def find(self, action_id: str) -> Action | None:
        """The action with this id."""
        row = self._db.execute(_GET, (action_id,)).fetchone()
        if row is None:
            return None
        action = replace(_action(row), response=_response(row, self._beside))
        return self._with_assets([action])[0]

    def get(self, action_id: str) -> Action:
        """The action with this id, which must be there."""
        found = self.find(action_id)
        if found is None:
            raise LookupError(action_id)
        return found

    def brief(self, action_ids: Iterable[str]) -> dict[str, Action]:
        """These actions without their responses: id -> action."""
        ids = list(action_ids)
        marks = ",".join("?" * len(ids))
        rows = self._db.execute(f"SELECT {_COLUMNS} {_FROM} WHERE action.id IN ({marks})", ids)
        return {each.id: each for each in self._with_assets([_action(row) for row in rows])}

    def is_final(self, action_id: str) -> bool:
        """Whether the action has ended."""
        row = self._db.execute("SELECT status FROM action WHERE id = ?", (action_id,)).fetchone()
        return row is not None and ActionStatus(row["status"]).is_final

    def newest_id(self, user_id: str | None) -> str | None:
        """The id of the newest action, of one person or of all."""
        row = self._db.execute(
            "SELECT id FROM action WHERE (:user IS NULL OR user_id = :user)"
            " ORDER BY seq DESC LIMIT 1",
            {"user": user_id},
        ).fetchone()
        return None if row is None else str(row["id"])

    def newest(self, filters: Filters, *, limit: int, offset: int = 0) -> list[Action]:
        """The actions that fit, newest first, without their responses."""
        return self._with_assets(self._newest(filters, limit=limit, offset=offset))

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

    def _with_assets(self, actions: list[Action]) -> list[Action]:
        """The actions with what they took and made."""
        assets = Assets(self._db)
        taken = assets.links([each.id for each in actions], "input")
        made = assets.links([each.id for each in actions], "output")
        return [
            replace(
                each, inputs=tuple(taken.get(each.id, ())), outputs=tuple(made.get(each.id, ()))
            )
            if each.id in taken or each.id in made
            else each
            for each in actions
        ]

    def _straight(self, where: "_Where", limit: int, offset: int) -> list[Action]:
        rows = self._db.execute(
            f"SELECT {_COLUMNS} {_FROM} WHERE {where.text} ORDER BY action.seq DESC"
            " LIMIT :limit OFFSET :offset",
            {**where.values, "limit": limit, "offset": offset},
        )
        return [_action(row) for row in rows]

    def timings(self, route_id: str, *, most: int = 200) -> Timings:
        """How long the newest successful runs of a route took."""
        rows = self._db.execute(
            "SELECT started_at, ack_at, finished_at FROM action WHERE route_id = ?"
            " AND status = 'success' AND started_at IS NOT NULL ORDER BY seq DESC LIMIT ?",
            (route_id, most),
        ).fetchall()
        return Timings(
            ack=[_milliseconds(row["started_at"], row["ack_at"]) for row in rows if row["ack_at"]],
            completion=[_milliseconds(row["started_at"], row["finished_at"]) for row in rows],
        )

    def open_ids(self) -> list[str]:
        """The ids of all actions that have not ended, oldest first."""
        rows = self._db.execute(
            "SELECT id FROM action WHERE status IN ('queued', 'in-progress') ORDER BY seq"
        )
        return [row["id"] for row in rows]

    def open_callbacks(self, callback_base: str | None = None) -> list[tuple[str, str]]:
        """The open actions that wait for a callback, as (id, callback address), oldest first."""
        rows = self._db.execute(
            "SELECT id, callback_url FROM action WHERE status IN ('queued', 'in-progress')"
            " AND callback_url IS NOT NULL ORDER BY seq"
        )
        found = [(row["id"], row["callback_url"]) for row in rows]
        if callback_base is None:
            return found
        return [each for each in found if each[1].startswith(callback_base)]

    def tell(
        self,
        action_id: str,
        kind: str,
        message: str,
        *,
        at: datetime,
        level: str = "info",
        words: str = "",
    ) -> None:
        """Add a line to an action's story; `words` are what a search shall find beside it."""
        told = self._db.execute(
            "INSERT INTO event (action_id, at, kind, level, message) VALUES (?, ?, ?, ?, ?)",
            (action_id, time_text(at), kind, level, _storable(message)),
        )
        if kind in FOUND_BY_WORDS:
            self._db.execute(
                "INSERT INTO event_text (rowid, words) VALUES (?, ?)",
                (told.lastrowid, words_to_index(words or message)),
            )

    def events_after(self, action_ids: Iterable[str], seq: int) -> list[Event]:
        """The lines of these actions' stories that came after `seq`."""
        ids = list(action_ids)
        marks = ",".join("?" * len(ids))
        rows = self._db.execute(
            f"SELECT * FROM event WHERE action_id IN ({marks}) AND seq > ? ORDER BY seq",
            (*ids, seq),
        )
        return [_event(row) for row in rows]

    def last_event(self) -> int:
        """The `seq` of the newest line of all stories; 0 where there is none."""
        row = self._db.execute("SELECT max(seq) AS seq FROM event").fetchone()
        return int(row["seq"] or 0)

    def all_events_after(self, seq: int) -> list[Event]:
        """The lines of all stories that came after `seq`."""
        rows = self._db.execute("SELECT * FROM event WHERE seq > ? ORDER BY seq", (seq,))
        return [_event(row) for row in rows]

    def logs(
        self, action_id: str, *, level: str | None, limit: int, offset: int, newest_first: bool
    ) -> list[Event]:
        """The lines that the service wrote to an action's log."""
        order = "DESC" if newest_first else "ASC"
        rows = self._db.execute(
            "SELECT * FROM event WHERE action_id = :id AND kind = 'log'"
            " AND (:level IS NULL OR level = :level)"
            f" ORDER BY seq {order} LIMIT :limit OFFSET :offset",
            {"id": action_id, "level": level, "limit": limit, "offset": offset},
        )
        return [_event(row) for row in rows]

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
        one = f"SELECT {_COLUMNS} {_FROM} WHERE {where.text} AND action.id = :action_id"
        seen: set[str] = set()
        found: list[Action] = []
        for hit in hits:
            action_id = hit["action_id"]
            if action_id in seen:
                continue
            seen.add(action_id)
            row = self._db.execute(one, {**where.values, "action_id": action_id}).fetchone()
            if row is not None:
                found.append(_action(row))
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


# JSON's escapes: what they stand for is searched, not how they are written.
_UNSAID = re.compile(r"\\(?:[\"\\/bfnrt]|u([0-9a-fA-F]{4}))")


def _said(match: re.Match[str]) -> str:
    return chr(int(match[1], 16)) if match[1] else " "


FOUND_BY_WORDS = frozenset({"queued", "log", "finished", "late"})
"""The kinds of lines whose words a search finds."""


def words_to_index(text: str) -> str:
    """What the search index reads of a text."""
    return _storable(_UNSAID.sub(_said, text[:MOST_INDEXED]))


def match_expressions(search: str) -> list[str]:
    """A person's words as FTS5 expressions to try in turn: all as they are, the last unfinished.

    An unfinished word is looked for only where the whole one is not found: it takes longer.
    """
    words = " ".join(f'"{token}"' for token in re.findall(r"\w+", search))
    return [words, f"{words}*"] if words else []


def _milliseconds(start: str, end: str) -> float:
    return (moment(end) - moment(start)).total_seconds() * 1000


def _storable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


def _response(row: sqlite3.Row, beside: Callable[[str], Beside]) -> Body | None:
    if row["response"] is None:
        return None
    sha256 = row["response_sha256"]
    return Body(
        bytes(row["response"]),
        row["response_type"],
        None if sha256 is None else beside(sha256),
        is_head=sha256 is not None and row["status"] == ActionStatus.SUCCESS,
    )


def _action(row: sqlite3.Row) -> Action:
    return Action(
        seq=row["seq"],
        id=row["id"],
        route=RouteReference(
            id=row["route_id"],
            name=row["route_name"],
            creator=row["route_creator"],
            slug=row["route_slug"],
            method=row["route_method"],
            service_id=row["service_id"],
            service=row["service_name"],
        ),
        user_id=row["user_id"],
        user_name=row["user_name"],
        status=ActionStatus(row["status"]),
        request=json.loads(row["request"]),
        created_at=moment(row["created_at"]),
        last_updated=moment(row["last_updated"]),
        started_at=maybe_moment(row["started_at"]),
        ack_at=maybe_moment(row["ack_at"]),
        finished_at=maybe_moment(row["finished_at"]),
        last_activity_at=maybe_moment(row["last_activity_at"]),
        upstream_status_code=row["upstream_status_code"],
        ended_by=None if row["ended_by"] is None else Source(row["ended_by"]),
        owner=row["owner"],
        callback_url=row["callback_url"],
        token_hash=row["token_hash"],
        poll_url=row["poll_url"],
        poll=read_poll_row(row),
        silence_seconds=row["silence_seconds"],
        rerun_of=row["rerun_of"],
        next_attempt_at=maybe_moment(row["next_attempt_at"]),
        pinned_at=maybe_moment(row["pinned_at"]),
        imported_at=maybe_moment(row["imported_at"]),
    )


def _event(row: sqlite3.Row) -> Event:
    return Event(
        seq=row["seq"],
        action_id=row["action_id"],
        at=moment(row["at"]),
        kind=row["kind"],
        level=row["level"],
        message=row["message"],
    )
