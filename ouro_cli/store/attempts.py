"""Each time that an action's request went out, as rows: written before it does."""

import json
import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ouro_cli.model.attempt import Attempt, AttemptOutcome
from ouro_cli.store.rows import json_text, maybe_moment, moment, time_text

_BEGIN = """
    INSERT INTO attempt (action_id, number, owner, started_at)
    SELECT :action_id, 1 + count(*), :owner, :at FROM attempt WHERE action_id = :action_id
    RETURNING number
"""

_END = """
    UPDATE attempt SET outcome = :outcome, ended_at = :at, status_code = :status_code,
        message = :message, facts = :facts
    WHERE action_id = :action_id AND outcome IS NULL
"""

_SENDING = """
    SELECT action.id, action.owner FROM attempt
    CROSS JOIN action ON action.id = attempt.action_id
    WHERE attempt.outcome IS NULL AND status IN ('queued', 'in-progress')
        AND action.owner IS NOT NULL ORDER BY seq
"""


class Attempts:
    """The requests that went out, and when a further one is due."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def begin(self, action_id: str, owner: str, at: datetime) -> int:
        """Note that a request of a claimed action is about to go out; its number."""
        row = self._db.execute(
            _BEGIN, {"action_id": action_id, "owner": owner, "at": time_text(at)}
        ).fetchone()
        return int(row["number"])

    def begin_again(self, action_id: str, owner: str, at: datetime) -> int:
        """The same once more: no further one is due now."""
        self._db.execute("UPDATE action SET next_attempt_at = NULL WHERE id = ?", (action_id,))
        return self.begin(action_id, owner, at)

    def end(
        self,
        action_id: str,
        outcome: AttemptOutcome,
        at: datetime,
        *,
        status_code: int | None = None,
        message: str = "",
        facts: Mapping[str, Any] | None = None,
    ) -> bool:
        """Note what became of the request that is out; False where none is."""
        ended = self._db.execute(
            _END,
            {
                "action_id": action_id,
                "outcome": outcome.value,
                "at": time_text(at),
                "status_code": status_code,
                "message": message,
                "facts": json_text(dict(facts or {})),
            },
        )
        return ended.rowcount == 1

    def move(self, action_id: str, at: datetime) -> None:
        """Note that the request that is to go out does so at another moment."""
        self._db.execute(
            "UPDATE attempt SET started_at = ? WHERE action_id = ? AND outcome IS NULL",
            (time_text(at), action_id),
        )

    def own(self, action_id: str, owner: str) -> None:
        """Say which process now waits for the answer, after a fork."""
        self._db.execute(
            "UPDATE attempt SET owner = ? WHERE action_id = ? AND outcome IS NULL",
            (owner, action_id),
        )

    def put_off(self, action_id: str, until: datetime) -> None:
        """Have the request go out again then, and not before."""
        self._db.execute(
            "UPDATE action SET next_attempt_at = ? WHERE id = ?", (time_text(until), action_id)
        )

    def next_at(self, action_id: str) -> datetime | None:
        """When the request may go out again; None where that is not waited for."""
        row = self._db.execute(
            "SELECT next_attempt_at FROM action WHERE id = ?", (action_id,)
        ).fetchone()
        return None if row is None else maybe_moment(row["next_attempt_at"])

    def of_action(self, action_id: str) -> list[Attempt]:
        """The requests of an action in their order."""
        rows = self._db.execute(
            "SELECT * FROM attempt WHERE action_id = ? ORDER BY number", (action_id,)
        )
        return [_attempt(row) for row in rows]

    def being_sent(self) -> list[tuple[str, str]]:
        """The actions that somebody sends, or was sending, as (id, owner), oldest first."""
        return [(row["id"], row["owner"]) for row in self._db.execute(_SENDING)]

    def repeat(self, action_id: str, of: str) -> None:
        """Note that an action does again what another did."""
        self._db.execute("UPDATE action SET rerun_of = ? WHERE id = ?", (of, action_id))

    def repeated_by(self, action_id: str) -> list[str]:
        """The ids of the actions that do again what this one did, oldest first."""
        rows = self._db.execute(
            "SELECT id FROM action WHERE rerun_of = ? ORDER BY seq", [action_id]
        )
        return [row["id"] for row in rows]


def _attempt(row: sqlite3.Row) -> Attempt:
    return Attempt(
        action_id=row["action_id"],
        number=row["number"],
        owner=row["owner"],
        started_at=moment(row["started_at"]),
        ended_at=maybe_moment(row["ended_at"]),
        outcome=None if row["outcome"] is None else AttemptOutcome(row["outcome"]),
        status_code=row["status_code"],
        message=row["message"],
        facts=json.loads(row["facts"]),
    )
