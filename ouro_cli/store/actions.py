"""Actions, as rows: each step of their lives is one statement."""

import json
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from ouro_cli.model.action import Action, ActionStatus, Beside, Body, Source
from ouro_cli.model.timings import Timings
from ouro_cli.store.action_rows import COLUMNS, FROM, action_of, response_of, with_assets
from ouro_cli.store.events import Events
from ouro_cli.store.rows import json_text, moment, time_text

_GET = f"""
    SELECT {COLUMNS}, response_type, response, response_sha256,
        batch_row.batch_id AS batch_id, batch_row.row AS batch_row, (
            SELECT chain_id || ' ' || step FROM chain_step WHERE action_id = action.id
            ORDER BY seq LIMIT 1
        ) AS part_of
    {FROM} LEFT JOIN batch_row ON batch_row.action_id = action.id
    WHERE action.id = ?
"""

_ADD = """
    INSERT INTO action (id, route_id, user_id, status, request, silence_seconds, owner,
        created_at, last_updated)
    VALUES (:id, :route_id, :user_id, 'queued', :request, :silence_seconds, :owner, :at, :at)
"""

_CLAIM = """
    UPDATE action SET status = 'in-progress', owner = :owner,
        token_hash = trim(coalesce(token_hash, '') || ' ' || :token_hash),
        callback_url = :callback_url, started_at = :at, last_activity_at = :at, last_updated = :at,
        next_attempt_at = NULL
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

# SQLite's own clock counts in days since noon of a Monday, to the millisecond.
_IN_NEED = """
    SELECT id FROM action WHERE status IN ('queued', 'in-progress') AND (
        ack_at IS NULL OR poll IS NULL AND 86400.0 * (
            julianday(:now) - julianday(coalesce(last_activity_at, ack_at))
        ) > coalesce(silence_seconds, :usual)
    ) ORDER BY seq
"""


class Actions:
    """The actions that the registry keeps."""

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
        Events(self._db).tell(action_id, "queued", "queued", at=at, words=text)

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
        place = None if row["batch_id"] is None else (row["batch_id"], row["batch_row"])
        part_of = None if row["part_of"] is None else tuple(row["part_of"].split(" ", 1))
        response = response_of(row, self._beside)
        action = replace(action_of(row), response=response, chain=part_of, batch=place)
        return with_assets(self._db, [action])[0]

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
        rows = self._db.execute(f"SELECT {COLUMNS} {FROM} WHERE action.id IN ({marks})", ids)
        return {each.id: each for each in with_assets(self._db, [action_of(row) for row in rows])}

    def declared_charts(self, action_id: str) -> list[dict[str, Any]]:
        """The charts that an action's route declares; asked for alone, a route is seldom needed."""
        row = self._db.execute(
            "SELECT coalesce(json_extract(edits, '$.response_charts'),"
            " json_extract(operation, '$.response_charts')) AS charts FROM route"
            " WHERE id = (SELECT route_id FROM action WHERE id = ?)",
            (action_id,),
        ).fetchone()
        return [] if row is None or row["charts"] is None else list(json.loads(row["charts"]))

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

    def timings(self, route_id: str, *, most: int = 10_000) -> Timings:
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

    def in_need(self, now: datetime, silence_seconds: float, most: int = 200) -> list[str]:
        """The ids of open actions for which something may have to be done, oldest first.

        What was acknowledged and is not silent yet needs nobody but a listener.
        """
        rows = self._db.execute(_IN_NEED, {"now": time_text(now), "usual": silence_seconds})
        return [row["id"] for row in rows.fetchmany(most)]

    def open_callbacks(self) -> list[tuple[str, str]]:
        """The open actions that wait for a callback, as (id, callback address), oldest first."""
        rows = self._db.execute(
            "SELECT id, callback_url FROM action WHERE status IN ('queued', 'in-progress')"
            " AND callback_url IS NOT NULL ORDER BY seq"
        )
        return [(row["id"], row["callback_url"]) for row in rows]


def _milliseconds(start: str, end: str) -> float:
    return (moment(end) - moment(start)).total_seconds() * 1000
