"""When the next call of a service may start: a limit holds across processes and restarts."""

import sqlite3
from datetime import datetime

from ouro_cli.model.batch import AHEAD, Rate, Start, next_start
from ouro_cli.store.rows import moment, time_text


class Pace:
    """The last start that was noted for each service."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def last(self, service_id: str) -> Start | None:
        """The last start of a service, and when the next one may be."""
        row = self._db.execute(
            "SELECT started_at, next_at FROM pace WHERE key = ?", (service_id,)
        ).fetchone()
        return None if row is None else Start(moment(row["started_at"]), moment(row["next_at"]))

    def reserve(self, service_id: str, rate: Rate, now: datetime) -> datetime | None:
        """Take the next start, in the transaction that claims what is to be started then.

        None where that is too long from now to be written down already.
        """
        start = next_start(self.last(service_id), now, rate)
        if start.at > now + AHEAD:
            return None
        self._db.execute(
            "INSERT INTO pace (key, started_at, next_at) VALUES (:key, :at, :next)"
            " ON CONFLICT (key) DO UPDATE SET started_at = :at, next_at = :next",
            {"key": service_id, "at": time_text(start.at), "next": time_text(start.next_at)},
        )
        return start.at
