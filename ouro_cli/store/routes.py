"""Routes, as rows."""

import json
import re
import sqlite3
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from ouro_cli.model.route import Operation, Route
from ouro_cli.store.declarations import Declarations
from ouro_cli.store.rows import json_text, maybe_moment, moment, time_text

_SAVE_ROUTE = """
    INSERT INTO route (id, service_id, user_id, name, slug, method, path, operation_id, summary,
        operation, edits, is_by_hand, created_at, updated_at, archived_at, text_row)
    VALUES (:id, :service_id, :user_id, :name, :slug, :method, :path, :operation_id, :summary,
        :operation, :edits, :is_by_hand, :created_at, :updated_at, :archived_at,
        (SELECT coalesce(max(text_row), 0) + 1 FROM route))
    ON CONFLICT (id) DO UPDATE SET
        name = excluded.name, slug = excluded.slug, operation_id = excluded.operation_id,
        summary = excluded.summary, operation = excluded.operation,
        edits = excluded.edits, is_by_hand = excluded.is_by_hand,
        updated_at = excluded.updated_at, archived_at = excluded.archived_at
"""

_INDEX = """
    INSERT INTO route_text (rowid, name, summary, reference, operation_id, path, tags, description)
    SELECT text_row, :name, :summary, :slug, :operation_words, :path, :tags, :description
    FROM route WHERE id = :id
"""

# How much a word counts where it stands: the columns of route_text in their order.
_WEIGHTS = "10, 10, 8, 6, 2, 3, 1"

_SEARCH = f"""
    SELECT route.id, route.name, slug, method, route.path, service.name AS service,
        person.name AS creator, route.summary
    FROM route_text JOIN route ON route.text_row = route_text.rowid
    JOIN service ON service.id = service_id JOIN person ON person.id = route.user_id
    WHERE route_text MATCH :query AND route.archived_at IS NULL
        AND (:service IS NULL OR service_id = :service)
        AND (:among IS NULL OR route.id IN (SELECT value FROM json_each(:among)))
    ORDER BY CASE WHEN :by_name THEN length(route.name) END, bm25(route_text, {_WEIGHTS}),
        service.name, route.path, method
    LIMIT :limit
"""

MOST_INDEXED = 1_000
"""How many characters of a route's description a search finds."""

_ROUTES = (
    "SELECT route.*, person.name AS creator FROM route JOIN person ON person.id = route.user_id"
)

_OPERATION_FIELDS = [each.name for each in fields(Operation)]


class Routes:
    """The routes that the registry knows."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def save(self, routes: Iterable[Route]) -> None:
        """Add the routes, or set all of them anew."""
        routes = list(routes)
        rows = [_route_row(route) for route in routes]
        self._db.executemany(
            "DELETE FROM route_text WHERE rowid = (SELECT text_row FROM route WHERE id = :id)", rows
        )
        self._db.executemany(_SAVE_ROUTE, rows)
        self._db.executemany(_INDEX, rows)
        Declarations(self._db).save(routes)

    def get(self, route_id: str) -> Route:
        """The route with this id, archived or not."""
        row = self._db.execute(f"{_ROUTES} WHERE route.id = ?", (route_id,)).fetchone()
        if row is None:
            raise LookupError(route_id)
        return _route(row)

    def fills_properties(self, action_id: str) -> bool:
        """Whether the route of this action says that its answers hold properties of assets."""
        row = self._db.execute(
            "SELECT json_array_length(operation, '$.fills_properties') FROM route"
            " WHERE id = (SELECT route_id FROM action WHERE id = ?)",
            (action_id,),
        ).fetchone()
        return row is not None and bool(row[0])

    def of_service(self, service_id: str, *, archived: bool = False) -> list[Route]:
        """The routes of a service by path and method."""
        which = "" if archived else "AND route.archived_at IS NULL"
        rows = self._db.execute(
            f"{_ROUTES} WHERE service_id = ? {which} ORDER BY path, method", (service_id,)
        )
        return [_route(row) for row in rows]

    def rows(self, service_id: str | None = None) -> list[sqlite3.Row]:
        """Every route in short: id, service, creator, name, slug, method, path, by reference."""
        rows = self._db.execute(
            "SELECT route.id, route.name, slug, method, path, service.name AS service,"
            " person.name AS creator FROM route JOIN service ON service.id = service_id"
            " JOIN person ON person.id = route.user_id WHERE route.archived_at IS NULL"
            " AND (:service IS NULL OR service_id = :service)"
            " ORDER BY service.name, path, method",
            {"service": service_id},
        )
        return rows.fetchall()

    def search(
        self,
        words: str,
        *,
        service_id: str | None,
        limit: int,
        offset: int = 0,
        among: Iterable[str] | None = None,
    ) -> list[sqlite3.Row]:
        """The routes that these words describe, in short, best first.

        Those that hold all of the words, in their names before anywhere else; where there is
        none, those that hold any. `among` are the ids of the only routes that count.
        """
        in_names, anywhere, *weaker = _match_expressions(words) or ["", ""]
        only = None if among is None else json_text(list(among))
        values = {"service": service_id, "limit": offset + limit, "among": only}
        found: dict[str, sqlite3.Row] = {}
        for query in (in_names, anywhere, *weaker):
            if query and (not found or query == anywhere):
                # Of names that hold every word, the one that holds least beside them is meant.
                asked = {**values, "query": query, "by_name": query == in_names}
                for row in self._db.execute(_SEARCH, asked):
                    found.setdefault(row["id"], row)
        return list(found.values())[offset : offset + limit]

    def find_by_slug(self, creator: str, slug: str) -> Route | None:
        """The route `creator/slug`, archived or not."""
        row = self._db.execute(
            f"{_ROUTES} WHERE person.name = ? AND slug = ?", (creator, slug)
        ).fetchone()
        return None if row is None else _route(row)

    def find_by_operation(self, service: str, operation_id: str) -> Route | None:
        """The route whose operation has this id in the service of this name."""
        row = self._db.execute(
            f"{_ROUTES} JOIN service ON service.id = service_id"
            " WHERE service.name = ? AND operation_id = ? AND route.archived_at IS NULL",
            (service, operation_id),
        ).fetchone()
        return None if row is None else _route(row)

    def securities(self, service_id: str) -> list[tuple[str, list[dict[str, list[str]]] | None]]:
        """What each route of a service asks of its callers: (reference, OpenAPI `security`)."""
        rows = self._db.execute(
            "SELECT person.name AS creator, slug, json_extract(operation, '$.security') AS security"
            " FROM route JOIN person ON person.id = user_id"
            " WHERE service_id = ? AND archived_at IS NULL ORDER BY path, method",
            (service_id,),
        )
        return [
            (
                f"{row['creator']}/{row['slug']}",
                None if row["security"] is None else json.loads(row["security"]),
            )
            for row in rows
        ]

    def slugs(self, user_id: str) -> dict[str, str]:
        """Every slug that a person's routes have: slug -> route id."""
        rows = self._db.execute("SELECT slug, id FROM route WHERE user_id = ?", (user_id,))
        return {row["slug"]: row["id"] for row in rows}

    def references(self) -> list[str]:
        """Every route as `creator/slug`."""
        rows = self._db.execute(
            "SELECT person.name AS creator, slug FROM route JOIN person ON person.id = user_id"
            " WHERE archived_at IS NULL ORDER BY creator, slug"
        )
        return [f"{row['creator']}/{row['slug']}" for row in rows]

    def operation_references(self) -> list[str]:
        """Every route whose document names its operation, as `service/operationId`."""
        rows = self._db.execute(
            "SELECT service.name AS service, operation_id FROM route"
            " JOIN service ON service.id = service_id"
            " WHERE route.archived_at IS NULL AND operation_id <> '' ORDER BY service, operation_id"
        )
        return [f"{row['service']}/{row['operation_id']}" for row in rows]

    def counts(self) -> dict[str, int]:
        """How many routes each service has: service id -> count."""
        rows = self._db.execute(
            "SELECT service_id, count(*) AS n FROM route WHERE archived_at IS NULL"
            " GROUP BY service_id"
        )
        return {row["service_id"]: row["n"] for row in rows}


def _match_expressions(words: str) -> list[str]:
    """A person's words as FTS5 expressions to try in turn, the strictest first.

    All of them in what a route is called, all anywhere, the last one unfinished, any of them.
    """
    said = re.findall(r"\w+", words)
    telling = [each for each in said if each.lower() not in _SMALL_WORDS] or said
    tokens = [f'"{token}"' for token in telling]
    if not tokens:
        return []
    every = " ".join(tokens)
    return [
        f"{{name summary reference}} : ({every})",
        every,
        f"{every}*",
        f"{' OR '.join(tokens)}*",
    ]


_SMALL_WORDS = frozenset(
    {
        *("a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "in", "is", "it", "my"),
        *("of", "on", "or", "that", "the", "this", "to", "with"),
    }
)


def _route_row(route: Route) -> dict[str, Any]:
    operation = route.stated
    return {
        "id": route.id,
        "service_id": route.service_id,
        "user_id": route.user_id,
        "name": route.name,
        "slug": route.slug,
        "method": operation.method,
        "path": operation.path,
        "operation_id": operation.operation_id,
        "summary": operation.summary,
        "operation": json_text({name: getattr(operation, name) for name in _OPERATION_FIELDS}),
        "edits": json_text(route.edits),
        "is_by_hand": int(route.is_by_hand),
        "created_at": time_text(route.created_at),
        "updated_at": time_text(route.updated_at),
        "archived_at": time_text(route.archived_at),
        "operation_words": f"{operation.operation_id} {_split(operation.operation_id)}",
        "tags": " ".join(operation.tags),
        "description": route.operation.description[:MOST_INDEXED],
    }


def _split(name: str) -> str:
    """The words of a name in camel case: `listPets` -> `list Pets`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)


def _route(row: sqlite3.Row) -> Route:
    stated = json.loads(row["operation"])
    stated["parameters"] = tuple(stated["parameters"])
    stated["tags"] = tuple(stated["tags"])
    for name in ("fills_properties", "response_charts"):
        stated[name] = tuple(stated.get(name) or ())
    stated["servers"] = tuple(stated.get("servers") or ())
    stated["callbacks"] = tuple(stated.get("callbacks") or ())
    return Route(
        id=row["id"],
        service_id=row["service_id"],
        user_id=row["user_id"],
        creator=row["creator"],
        name=row["name"],
        slug=row["slug"],
        stated=Operation(**stated),
        edits=json.loads(row["edits"]),
        is_by_hand=bool(row["is_by_hand"]),
        created_at=moment(row["created_at"]),
        updated_at=moment(row["updated_at"]),
        archived_at=maybe_moment(row["archived_at"]),
    )
