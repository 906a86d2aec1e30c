"""Results that lie at an address and are still to be fetched, as rows."""

import json
import sqlite3
from collections.abc import Collection
from datetime import datetime

from ouro_cli.model.fetch import Fetch
from ouro_cli.store.rows import json_text, moment, time_text


class Fetches:
    """The results that the registry has yet to fetch."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def add(self, fetch: Fetch) -> None:
        """Note a result that is to be fetched; again changes nothing."""
        self._db.execute(
            "INSERT INTO fetch (action_id, name, payload, attempts, next_at)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (
                *(fetch.action_id, fetch.name, json_text(fetch.as_payload())),
                *(fetch.attempts, time_text(fetch.next_at)),
            ),
        )

    def pending(self, action_ids: Collection[str] | None = None) -> list[Fetch]:
        """What is still to be fetched, of these actions or of all, the next one first."""
        rows = self._db.execute("SELECT * FROM fetch ORDER BY next_at, rowid")
        return [_fetch(row) for row in rows if action_ids is None or row["action_id"] in action_ids]

    def is_pending(self) -> bool:
        """Whether anything is still to be fetched."""
        return self._db.execute("SELECT 1 FROM fetch LIMIT 1").fetchone() is not None

    def take(self, fetch: Fetch, owner: str) -> bool:
        """Take it on, so that nobody else does; False where somebody has, or it is done."""
        taken = self._db.execute(
            "UPDATE fetch SET attempts = attempts + 1, owner = :owner"
            " WHERE action_id = :action_id AND name = :name AND attempts = :attempts"
            " AND owner IS :seen",
            {
                "owner": owner,
                "action_id": fetch.action_id,
                "name": fetch.name,
                "attempts": fetch.attempts,
                "seen": fetch.owner,
            },
        )
        return taken.rowcount == 1

    def put_off(self, fetch: Fetch, until: datetime) -> None:
        """Have it tried again then, by anybody."""
        self._db.execute(
            "UPDATE fetch SET next_at = ?, owner = NULL WHERE action_id = ? AND name = ?",
            (time_text(until), fetch.action_id, fetch.name),
        )

    def remove(self, fetch: Fetch) -> bool:
        """It was fetched, or given up; False where that was noted before."""
        removed = self._db.execute(
            "DELETE FROM fetch WHERE action_id = ? AND name = ?", (fetch.action_id, fetch.name)
        )
        return removed.rowcount == 1


def _fetch(row: sqlite3.Row) -> Fetch:
    said = json.loads(row["payload"])
    return Fetch(
        action_id=row["action_id"],
        name=row["name"],
        url=said["url"],
        words=said["words"],
        is_primary=said["is_primary"],
        declaration=said["declaration"],
        attempts=row["attempts"],
        owner=row["owner"],
        next_at=moment(row["next_at"]),
    )
