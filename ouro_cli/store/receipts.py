"""Callbacks that arrived for actions, as they came, and what became of them, as rows."""

import sqlite3
from datetime import datetime

from ouro_cli.model.action import Body, Receipt
from ouro_cli.store.rows import moment, time_text


class Receipts:
    """The callbacks that the registry keeps."""

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
        webhook_id: str | None = None,
    ) -> None:
        """Keep a callback as it came, and what became of it; `webhook_id` is its sender's id."""
        self._db.execute(
            "INSERT INTO receipt (id, action_id, received_at, verdict, sha256, media_type, data,"
            " webhook_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                receipt_id,
                action_id,
                time_text(at),
                verdict,
                fingerprint,
                body.media_type,
                body.data,
                webhook_id,
            ),
        )

    def of_action(self, action_id: str) -> list[Receipt]:
        """The callbacks that came for an action, in their order."""
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
            )
            for row in rows
        ]
