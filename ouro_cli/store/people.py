"""Who imports services and runs routes, as rows; and the ids of everything, by their beginnings."""

import sqlite3
from datetime import datetime

from ouro_cli.store.rows import time_text


class People:
    """The people that the registry knows: one, as a rule."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def id_of(self, name: str, new_id: str, at: datetime) -> str:
        """The id of the person with this name, who is added when new."""
        found = self.find(name)
        if found is not None:
            return found
        self._db.execute(
            "INSERT INTO person (id, name, created_at) VALUES (?, ?, ?)",
            (new_id, name, time_text(at)),
        )
        return new_id

    def find(self, name: str) -> str | None:
        """The id of the person with this name."""
        row = self._db.execute("SELECT id FROM person WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row["id"])

    def name_of(self, user_id: str) -> str:
        """The name of the person with this id; empty where there is none."""
        row = self._db.execute("SELECT name FROM person WHERE id = ?", (user_id,)).fetchone()
        return "" if row is None else str(row["name"])

    def ids_like(self, table: str, prefix: str, most: int = 5) -> list[str]:
        """The ids in `service`, `route`, `action` or `asset` that begin so."""
        rows = self._db.execute(
            f"SELECT id FROM {table} WHERE id >= :from AND id < :to ORDER BY id LIMIT :most",
            {"from": prefix, "to": prefix + "g", "most": most},
        )
        return [row["id"] for row in rows]
