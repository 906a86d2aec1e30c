"""The lines of actions' stories, as rows, and what of them a search finds."""

import re
import sqlite3
from collections.abc import Iterable
from datetime import datetime

from ouro_cli.model.action import Event
from ouro_cli.store.rows import moment, time_text

MOST_INDEXED = 64 * 1024
"""How many characters of a request, a response or a log line the search index reads."""

FOUND_BY_WORDS = frozenset({"queued", "log", "finished", "late"})
"""The kinds of lines whose words a search finds."""

# JSON's escapes: what they stand for is searched, not how they are written.
_UNSAID = re.compile(r"\\(?:[\"\\/bfnrt]|u([0-9a-fA-F]{4}))")


class Events:
    """The stories of all actions."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

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

    def after(self, action_ids: Iterable[str], seq: int) -> list[Event]:
        """The lines of these actions' stories that came after `seq`."""
        ids = list(action_ids)
        marks = ",".join("?" * len(ids))
        rows = self._db.execute(
            f"SELECT * FROM event WHERE action_id IN ({marks}) AND seq > ? ORDER BY seq",
            (*ids, seq),
        )
        return [_event(row) for row in rows]

    def last(self) -> int:
        """The `seq` of the newest line of all stories; 0 where there is none."""
        row = self._db.execute("SELECT max(seq) AS seq FROM event").fetchone()
        return int(row["seq"] or 0)

    def all_after(self, seq: int) -> list[Event]:
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


def words_to_index(text: str) -> str:
    """What the search index reads of a text."""
    return _storable(_UNSAID.sub(_said, text[:MOST_INDEXED]))


def _said(match: re.Match[str]) -> str:
    return chr(int(match[1], 16)) if match[1] else " "


def _storable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


def _event(row: sqlite3.Row) -> Event:
    return Event(
        seq=row["seq"],
        action_id=row["action_id"],
        at=moment(row["at"]),
        kind=row["kind"],
        level=row["level"],
        message=row["message"],
    )
