"""Results that arrived for actions, as they came, and what became of them, as rows."""

import sqlite3
from datetime import datetime

from ouro_cli.model.action import ActionStatus, Body, Receipt, Source
from ouro_cli.store.rows import maybe_moment, moment, time_text


class Receipts:
    """The results that the registry keeps as they came."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def add(
        self,
        receipt_id: str,
        action_id: str,
        verdict: str,
        body: Body,
        *,
        fingerprint: str,
        at: datetime,
        source: Source = Source.WEBHOOK,
        status: ActionStatus | None = None,
        webhook_id: str | None = None,
    ) -> None:
        """Keep a result as it came, what it says of the run, and what became of it.

        `webhook_id` is its sender's id of it.
        """
        self._db.execute(
            "INSERT INTO receipt (id, action_id, received_at, verdict, sha256, media_type, data,"
            " source, status, webhook_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                receipt_id,
                action_id,
                time_text(at),
                verdict,
                fingerprint,
                body.media_type,
                body.data,
                source.value,
                status,
                webhook_id,
            ),
        )

    def accept(self, receipt_id: str, at: datetime) -> None:
        """Note that a person took this result, which had come too late, for the true one."""
        self._db.execute(
            "UPDATE receipt SET accepted_at = ? WHERE id = ?", (time_text(at), receipt_id)
        )

    def of_action(self, action_id: str) -> list[Receipt]:
        """The results that came for an action, in their order."""
        rows = self._db.execute(
            "SELECT * FROM receipt WHERE action_id = ? ORDER BY received_at, id", (action_id,)
        )
        return [
            Receipt(
                id=row["id"],
                action_id=row["action_id"],
                received_at=moment(row["received_at"]),
                verdict=row["verdict"],
                body=Body(bytes(row["data"]), row["media_type"]),
                source=Source(row["source"]),
                status=None if row["status"] is None else ActionStatus(row["status"]),
                accepted_at=maybe_moment(row["accepted_at"]),
            )
            for row in rows
        ]
