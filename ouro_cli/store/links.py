"""Addresses at which services fetch inputs, as rows: of each token only its hash."""

import sqlite3
from datetime import datetime, timedelta

from ouro_cli.store.rows import time_text

GRACE = timedelta(hours=1)
"""How long an address without a time of its own lives on once its action has ended."""

_FIND = """
    SELECT asset_id FROM link JOIN action ON action.id = action_id
    WHERE link.token_hash = :token_hash AND CASE
        WHEN expires_at IS NOT NULL THEN expires_at > :now
        ELSE finished_at IS NULL OR finished_at > :ended_after
    END
"""


class Links:
    """The addresses that were handed out."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def add(
        self, token_hash: str, asset_id: str, action_id: str, expires_at: datetime | None
    ) -> None:
        """Note an address; without `expires_at` it lives as long as its action does."""
        self._db.execute(
            "INSERT INTO link (token_hash, asset_id, action_id, expires_at) VALUES (?, ?, ?, ?)",
            (token_hash, asset_id, action_id, time_text(expires_at)),
        )

    def find(self, token_hash: str, now: datetime) -> str | None:
        """The asset behind an address; None where there is none, or none any more."""
        row = self._db.execute(
            _FIND,
            {
                "token_hash": token_hash,
                "now": time_text(now),
                "ended_after": time_text(now - GRACE),
            },
        ).fetchone()
        return None if row is None else str(row["asset_id"])
