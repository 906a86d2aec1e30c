"""What routes take and make, as rows, so that those for an asset are found without reading all."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from ouro_cli.model.declaration import Declaration, asset_types
from ouro_cli.model.route import Route
from ouro_cli.store.rows import json_text, moment

_TAKERS = """
    SELECT route_id, name, words FROM declaration
    WHERE direction = 'input' AND asset_type = :asset_type
"""

_MAKERS = "SELECT route_id, words FROM declaration WHERE direction = 'output'"

# An action's number is its age, so the newest own one is found by going back through a route's.
_USES = """
    SELECT route.id, created_at, updated_at,
        (SELECT count(*) FROM action WHERE route_id = route.id) AS uses,
        (SELECT seq FROM action WHERE route_id = route.id AND +user_id = :user_id
            ORDER BY seq DESC LIMIT 1) AS last_own
    FROM route WHERE id IN (SELECT value FROM json_each(:ids))
"""


@dataclass(frozen=True, slots=True)
class Use:
    """How much a route is used: how often by all, and the number of the person's newest run."""

    created_at: str
    updated_at: str
    count: int
    last_own: int


class Declarations:
    """What the routes take and make that can be run."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def save(self, routes: Iterable[Route]) -> None:
        """Set anew what these routes take and make; of archived ones nothing is kept."""
        routes = list(routes)
        self._db.executemany(
            "DELETE FROM declaration WHERE route_id = ?", [(each.id,) for each in routes]
        )
        self._db.executemany(
            "INSERT INTO declaration (route_id, direction, name, asset_type, words)"
            " VALUES (?, ?, ?, ?, ?)",
            [row for each in routes if each.archived_at is None for row in _rows(each)],
        )

    def takers(self, asset_type: str) -> Iterator[tuple[str, str, str]]:
        """The inputs of routes that take assets of a type: (route id, name, declaration)."""
        for row in self._db.execute(_TAKERS, {"asset_type": asset_type}):
            yield row["route_id"], row["name"], row["words"]

    def makers(self) -> Iterator[tuple[str, str]]:
        """The outputs of all routes, once for each type of asset: (route id, declaration)."""
        for row in self._db.execute(_MAKERS):
            yield row["route_id"], row["words"]

    def uses(self, route_ids: Iterable[str], user_id: str) -> dict[str, Use]:
        """How much these routes are used, and when a person ran them last: route id -> use."""
        values = {"ids": json_text(list(route_ids)), "user_id": user_id}
        return {
            row["id"]: Use(row["created_at"], row["updated_at"], row["uses"], row["last_own"] or 0)
            for row in self._db.execute(_USES, values)
        }

    def run_at(self, seq: int) -> datetime | None:
        """When the action of this number was made."""
        row = self._db.execute("SELECT created_at FROM action WHERE seq = ?", (seq,)).fetchone()
        return None if row is None else moment(row["created_at"])


def _rows(route: Route) -> Iterator[tuple[str, str, str, str, str]]:
    operation = route.operation
    sides = (("input", operation.input_assets), ("output", operation.output_assets))
    for direction, declared in sides:
        for name, declaration in declared.items():
            words = json_text(declaration)
            for asset_type in dict.fromkeys(asset_types(declaration)):
                yield route.id, direction, name, asset_type, words


def read_words(words: str) -> Declaration:
    """The declaration that a row holds."""
    declaration: Declaration = json.loads(words)
    return declaration
