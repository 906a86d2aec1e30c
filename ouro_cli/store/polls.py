"""Which open actions have their result asked for, where and when, as columns of their rows."""

import json
import sqlite3
from collections.abc import Collection
from datetime import datetime

from ouro_cli.model.poll import BEYOND, Poll, PollPlan
from ouro_cli.store.rows import json_text, moment, time_text

_ASKED = """
    SELECT id, poll, poll_owner, next_poll_at, polls FROM action INDEXED BY action_asked
    WHERE status = 'in-progress' AND next_poll_at IS NOT NULL
"""

_GETS = """
    SELECT operation_id, path FROM route
    WHERE service_id = ? AND method = 'GET' AND archived_at IS NULL ORDER BY path
"""


class Polls:
    """The results that the registry asks for."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def plan(self, poll: Poll) -> bool:
        """Have an action's result asked for; False where it has ended."""
        planned = self._db.execute(
            "UPDATE action SET poll = :poll, next_poll_at = :next_at, poll_owner = NULL, polls = 0"
            " WHERE id = :id AND status = 'in-progress'",
            {
                "id": poll.action_id,
                "poll": _payload(poll),
                "next_at": time_text(poll.next_at),
            },
        )
        return planned.rowcount == 1

    def pending(self, action_ids: Collection[str] | None = None) -> list[Poll]:
        """The open actions whose result is asked for, of these or of all, the next one first."""
        rows = self._db.execute(f"{_ASKED} ORDER BY next_poll_at").fetchall()
        return _polls(rows, action_ids)

    def is_pending(self) -> bool:
        """Whether the result of any open action is asked for."""
        return self._db.execute(f"{_ASKED} LIMIT 1").fetchone() is not None

    def due(self, now: datetime, action_ids: Collection[str] | None = None) -> list[Poll]:
        """Those of them whose time has come, the one that waits longest first."""
        rows = self._db.execute(
            f"{_ASKED} AND next_poll_at <= :now UNION ALL"
            f" {_ASKED} AND next_poll_at > :beyond ORDER BY next_poll_at",
            {"now": time_text(now), "beyond": time_text(now + BEYOND)},
        ).fetchall()
        return _polls(rows, action_ids)

    def take(self, poll: Poll, owner: str) -> bool:
        """Take the next question on; False where somebody has, or the action has ended."""
        taken = self._db.execute(
            "UPDATE action SET poll_owner = :owner WHERE id = :id AND status = 'in-progress'"
            " AND polls = :polls AND poll_owner IS :seen AND next_poll_at = :next_at",
            {
                "id": poll.action_id,
                "owner": owner,
                "seen": poll.owner,
                "polls": poll.polls,
                "next_at": time_text(poll.next_at),
            },
        )
        return taken.rowcount == 1

    def put_off(self, poll: Poll, owner: str, *, heard_at: datetime | None = None) -> bool:
        """Note how far it has come, and when to ask again; False where the action has ended.

        `heard_at` is when the API told that it lives.
        """
        noted = self._db.execute(
            "UPDATE action SET poll = :poll, polls = :polls, next_poll_at = :next_at,"
            " poll_owner = NULL, last_activity_at = coalesce(:heard_at, last_activity_at),"
            " last_updated = coalesce(:heard_at, last_updated)"
            " WHERE id = :id AND status = 'in-progress' AND poll_owner = :owner",
            {
                "id": poll.action_id,
                "owner": owner,
                "poll": _payload(poll),
                "polls": poll.polls,
                "next_at": time_text(poll.next_at),
                "heard_at": time_text(heard_at),
            },
        )
        return noted.rowcount == 1

    def stop(self, action_id: str) -> None:
        """Have it asked for no more; where it was asked stays in its row."""
        self._db.execute(
            "UPDATE action SET next_poll_at = NULL, poll_owner = NULL WHERE id = ?", (action_id,)
        )

    def gets(self, service_id: str) -> list[tuple[str, str]]:
        """The GET routes of a service: (operation id, path)."""
        rows = self._db.execute(_GETS, (service_id,))
        return [(row["operation_id"] or "", row["path"]) for row in rows]


def _polls(rows: list[sqlite3.Row], action_ids: Collection[str] | None) -> list[Poll]:
    wanted = (row for row in rows if action_ids is None or row["id"] in action_ids)
    return [poll for row in wanted if (poll := read_poll_row(row)) is not None]


def read_poll_row(row: sqlite3.Row) -> Poll | None:
    """How the result of the action in this row is asked for; None where it is not."""
    if row["poll"] is None or row["next_poll_at"] is None:
        return None
    said = json.loads(row["poll"])
    return Poll(
        action_id=row["id"],
        plan=PollPlan.of_json(said["plan"]),
        next_at=moment(row["next_poll_at"]),
        polls=row["polls"],
        misses=said["misses"],
        word=said["word"],
        logged=said["logged"],
        owner=row["poll_owner"],
    )


def _payload(poll: Poll) -> str:
    return json_text(
        {
            "plan": poll.plan.as_json(),
            "misses": poll.misses,
            "word": poll.word,
            "logged": poll.logged,
        }
    )
