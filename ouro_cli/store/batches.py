"""Batches, as rows: a table, how far it was read, and what became of each of its rows."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ouro_cli.model.action import OPEN, ActionStatus
from ouro_cli.model.batch import Batch, BatchStatus, Counts
from ouro_cli.store.rows import json_text, maybe_moment, moment, time_text

_UNKNOWN = "outcome_unknown"
_PAGE = 500

_ADD = """
    INSERT INTO batch (id, key, user_id, route_id, status, source, sha256, plan, total, into_name,
        owner, created_at, last_updated)
    VALUES (:id, :key, :user_id, :route_id, 'in-progress', :source, :sha256, :plan, :total,
        :into_name, :owner, :at, :at)
"""

_ROWS = """
    SELECT row, batch_row.action_id, chain_id, batch_row.error,
        coalesce(action.status, chain.status) AS status
    FROM batch_row
    LEFT JOIN action ON action.id = batch_row.action_id
    LEFT JOIN chain ON chain.id = batch_row.chain_id
    WHERE batch_id = :batch AND row > :after ORDER BY row LIMIT :most
"""

# Which ended is told by its last line; each has one.
_ENDED = """
    SELECT action.status AS status, count(*) AS count FROM event
    JOIN batch_row ON batch_row.action_id = event.action_id
    JOIN action ON action.id = event.action_id
    WHERE event.seq > :after AND event.seq <= :until AND event.kind = 'finished'
        AND batch_id = :batch
    GROUP BY action.status
"""

_OPEN = """
    FROM action CROSS JOIN batch_row ON batch_row.action_id = action.id
    WHERE action.status IN ('queued', 'in-progress') AND batch_id = :batch
"""


@dataclass(frozen=True, slots=True)
class BatchRow:
    """What became of one row: its action and how that stands, or why it could not be started."""

    row: int
    action_id: str | None
    error: str | None
    status: ActionStatus | None
    chain_id: str | None = None


class Batches:
    """The batches that the registry keeps."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def add(self, batch: Batch) -> None:
        """Write a batch down, of which nothing has begun."""
        self._db.execute(
            _ADD,
            {
                "id": batch.id,
                "key": batch.key,
                "user_id": batch.user_id,
                "route_id": batch.route_id,
                "source": batch.source,
                "sha256": batch.sha256,
                "plan": json_text(dict(batch.plan)),
                "total": batch.total,
                "into_name": batch.into_name,
                "owner": batch.owner,
                "at": time_text(batch.created_at),
            },
        )

    def find(self, batch_id: str) -> Batch | None:
        """The batch with this id."""
        row = self._db.execute("SELECT * FROM batch WHERE id = ?", (batch_id,)).fetchone()
        return None if row is None else _batch(row)

    def get(self, batch_id: str) -> Batch:
        """The batch with this id, which must be there."""
        found = self.find(batch_id)
        if found is None:
            raise LookupError(batch_id)
        return found

    def newest_of(self, key: str) -> Batch | None:
        """The newest batch that is known by this key."""
        row = self._db.execute(
            "SELECT * FROM batch WHERE key = ? ORDER BY seq DESC LIMIT 1", (key,)
        ).fetchone()
        return None if row is None else _batch(row)

    def newest_id(self) -> str | None:
        """The id of the newest batch."""
        row = self._db.execute("SELECT id FROM batch ORDER BY seq DESC LIMIT 1").fetchone()
        return None if row is None else str(row["id"])

    def own(self, batch_id: str, before: str | None, owner: str | None, at: datetime) -> bool:
        """Take a batch over from whoever had it; False where that is another by now."""
        taken = self._db.execute(
            "UPDATE batch SET owner = :owner, status = 'in-progress', last_updated = :at"
            " WHERE id = :id AND owner IS :before",
            {"id": batch_id, "before": before, "owner": owner, "at": time_text(at)},
        )
        return taken.rowcount == 1

    def leave(self, batch_id: str, status: BatchStatus, at: datetime) -> None:
        """Note that nobody is at it any more, and how it was left."""
        self._db.execute(
            "UPDATE batch SET owner = NULL, status = :status, last_updated = :at,"
            " finished_at = CASE WHEN :status = 'done' THEN :at END WHERE id = :id",
            {"id": batch_id, "status": status.value, "at": time_text(at)},
        )

    def keep_into(self, batch_id: str, name: str, asset_id: str | None) -> None:
        """Note the dataset that holds its results, or with None the name that it will have."""
        self._db.execute(
            "UPDATE batch SET into_name = ?, into_id = ? WHERE id = ?", (name, asset_id, batch_id)
        )

    def take(self, batch_id: str, row: int, action_id: str | None, error: str | None) -> None:
        """Note what a row became, in the transaction that writes its action down."""
        self._db.execute(
            "INSERT INTO batch_row (batch_id, row, action_id, error) VALUES (?, ?, ?, ?)",
            (batch_id, row, action_id, error),
        )

    def take_chain(self, batch_id: str, row: int, chain_id: str) -> None:
        """Note the chain that a row became, in the transaction that writes it down."""
        self._db.execute(
            "INSERT INTO batch_row (batch_id, row, chain_id) VALUES (?, ?, ?)",
            (batch_id, row, chain_id),
        )
        self.note_taken(batch_id)

    def open_chains(self, batch_id: str) -> list[str]:
        """The ids of its chains that have not ended, in the order of their rows."""
        rows = self._db.execute(
            "SELECT chain.id FROM chain CROSS JOIN batch_row ON batch_row.chain_id = chain.id"
            " WHERE chain.status = 'in-progress' AND batch_id = ? ORDER BY row",
            (batch_id,),
        )
        return [row["id"] for row in rows]

    def note_taken(self, batch_id: str) -> None:
        """Note how far the table was read, in the transaction that takes its rows."""
        self._db.execute(
            "UPDATE batch SET taken = (SELECT max(row) FROM batch_row WHERE batch_id = :id)"
            " WHERE id = :id",
            {"id": batch_id},
        )

    def left_out(self, batch_id: str, taken: int) -> set[int]:
        """The rows up to there of which nothing is noted: as a rule there are none."""
        count = "SELECT count(*) AS count FROM batch_row WHERE batch_id = ?"
        if self._db.execute(count, (batch_id,)).fetchone()["count"] == taken:
            return set()
        found = {each.row for each in self.rows(batch_id)}
        return {row for row in range(1, taken + 1) if row not in found}

    def point(self, batch_id: str, row: int, action_id: str) -> None:
        """Have a row point to the action that was run in place of its first."""
        self._db.execute(
            "UPDATE batch_row SET action_id = ?, error = NULL WHERE batch_id = ? AND row = ?",
            (action_id, batch_id, row),
        )

    def place_of(self, action_id: str) -> tuple[str, int] | None:
        """The batch and the row that an action belongs to."""
        row = self._db.execute(
            "SELECT batch_id, row FROM batch_row WHERE action_id = ?", (action_id,)
        ).fetchone()
        return None if row is None else (row["batch_id"], row["row"])

    def rows(self, batch_id: str) -> Iterator[BatchRow]:
        """What became of each row, in their order; read page by page, so that nobody waits."""
        after = 0
        while page := self._db.execute(
            _ROWS, {"batch": batch_id, "after": after, "most": _PAGE}
        ).fetchall():
            for row in page:
                status = row["status"]
                yield BatchRow(
                    row["row"],
                    row["action_id"],
                    row["error"],
                    None if status is None else ActionStatus(status),
                    row["chain_id"],
                )
            after = page[-1]["row"]

    def unsettled(self, batch_id: str) -> list[tuple[int, str]]:
        """The rows whose request may be out, or is to go out, as (row, action id)."""
        rows = self._db.execute(
            f"SELECT row, action.id {_OPEN} AND ack_at IS NULL ORDER BY row", {"batch": batch_id}
        )
        return [(row["row"], row["id"]) for row in rows]

    def waiting(self, batch_id: str) -> int:
        """How many of its actions have not ended, or have results that are still to be fetched."""
        row = self._db.execute(
            f"SELECT (SELECT count(*) {_OPEN}) + (SELECT count(*) FROM fetch"
            " CROSS JOIN batch_row ON batch_row.action_id = fetch.action_id"
            " WHERE batch_id = :batch) AS count",
            {"batch": batch_id},
        ).fetchone()
        return int(row["count"])

    def one_waiting(self, batch_id: str) -> str | None:
        """One of its actions that wait for a result."""
        row = self._db.execute(
            f"SELECT action.id {_OPEN} AND ack_at IS NOT NULL LIMIT 1", {"batch": batch_id}
        ).fetchone()
        return None if row is None else str(row["id"])

    def counts(self, batch_id: str) -> Counts:
        """How many rows have which status: all of them are looked at."""
        rows = self._db.execute(
            "SELECT coalesce(action.status, chain.status) AS status, count(*) AS count"
            " FROM batch_row LEFT JOIN action ON action.id = batch_row.action_id"
            " LEFT JOIN chain ON chain.id = batch_row.chain_id"
            " WHERE batch_id = ? GROUP BY 1",
            (batch_id,),
        ).fetchall()
        found = {row["status"]: row["count"] for row in rows if row["status"] is not None}
        return Counts(
            success=found.get("success", 0),
            error=found.get("error", 0),
            timed_out=found.get("timed-out", 0),
            waiting=sum(found.get(each.value, 0) for each in OPEN),
            refused=sum(row["count"] for row in rows if row["status"] is None),
            unknown=self._unknown(batch_id) if found.get("error") else 0,
        )

    def snapshot(self, batch_id: str) -> tuple[int, Counts]:
        """The newest line of all stories, and the counts as they were at that moment."""
        self._db.execute("BEGIN")
        try:
            row = self._db.execute("SELECT max(seq) AS seq FROM event").fetchone()
            return int(row["seq"] or 0), self.counts(batch_id)
        finally:
            self._db.execute("COMMIT")

    def ended_between(self, batch_id: str, after: int, until: int) -> dict[str, int]:
        """How many ended between two moments of the story, by status."""
        rows = self._db.execute(_ENDED, {"batch": batch_id, "after": after, "until": until})
        return {row["status"]: row["count"] for row in rows}

    def _unknown(self, batch_id: str) -> int:
        row = self._db.execute(
            "SELECT count(*) AS count FROM batch_row"
            " JOIN action ON action.id = batch_row.action_id"
            " WHERE batch_id = ? AND status = 'error' AND instr(response, ?)",
            (batch_id, _UNKNOWN.encode()),
        ).fetchone()
        return int(row["count"])


def _batch(row: sqlite3.Row) -> Batch:
    return Batch(
        id=row["id"],
        key=row["key"],
        user_id=row["user_id"],
        status=BatchStatus(row["status"]),
        source=row["source"],
        sha256=row["sha256"],
        plan=json.loads(row["plan"]),
        total=row["total"] or 0,
        created_at=moment(row["created_at"]),
        last_updated=moment(row["last_updated"]),
        route_id=row["route_id"],
        taken=row["taken"],
        into_name=row["into_name"],
        into_id=row["into_id"],
        owner=row["owner"],
        finished_at=maybe_moment(row["finished_at"]),
    )
