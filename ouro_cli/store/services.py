"""Services, routes and what their documents hold, as rows."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from ouro_cli.model.route import Operation, Route
from ouro_cli.model.service import Authentication, Finding, Service
from ouro_cli.store.rows import json_text, maybe_moment, moment, time_text

_SAVE_SERVICE = """
    INSERT INTO service (id, user_id, name, title, description, version, openapi, base_url, source,
        authentication, security_schemes, security, warnings, created_at, updated_at, archived_at)
    VALUES (:id, :user_id, :name, :title, :description, :version, :openapi, :base_url, :source,
        :authentication, :security_schemes, :security, :warnings, :created_at, :updated_at,
        :archived_at)
    ON CONFLICT (id) DO UPDATE SET
        name = excluded.name, title = excluded.title, description = excluded.description,
        version = excluded.version, openapi = excluded.openapi, base_url = excluded.base_url,
        source = excluded.source, authentication = excluded.authentication,
        security_schemes = excluded.security_schemes, security = excluded.security,
        warnings = excluded.warnings, updated_at = excluded.updated_at,
        archived_at = excluded.archived_at
"""

_SAVE_ROUTE = """
    INSERT INTO route (id, service_id, user_id, name, slug, method, path, operation_id, summary,
        operation, created_at, updated_at, archived_at)
    VALUES (:id, :service_id, :user_id, :name, :slug, :method, :path, :operation_id, :summary,
        :operation, :created_at, :updated_at, :archived_at)
    ON CONFLICT (id) DO UPDATE SET
        name = excluded.name, slug = excluded.slug, operation_id = excluded.operation_id,
        summary = excluded.summary, operation = excluded.operation,
        updated_at = excluded.updated_at, archived_at = excluded.archived_at
"""

_ROUTES = (
    "SELECT route.*, person.name AS creator FROM route JOIN person ON person.id = route.user_id"
)

_OPERATION_FIELDS = [each.name for each in fields(Operation)]


class Services:
    """The services and routes that the registry knows."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def save(self, service: Service) -> None:
        """Add the service, or set all of it anew."""
        self._db.execute(_SAVE_SERVICE, _service_row(service))

    def get(self, service_id: str) -> Service:
        """The service with this id, archived or not."""
        row = self._db.execute("SELECT * FROM service WHERE id = ?", (service_id,)).fetchone()
        if row is None:
            raise LookupError(service_id)
        return _service(row)

    def all(self, *, archived: bool = False) -> list[Service]:
        """The services by name; with `archived`, also those that were removed."""
        which = "" if archived else "WHERE archived_at IS NULL"
        rows = self._db.execute(f"SELECT * FROM service {which} ORDER BY name")
        return [_service(row) for row in rows]

    def names(self, prefix: str = "") -> list[str]:
        """The names of the services that begin so."""
        rows = self._db.execute(
            "SELECT name FROM service WHERE archived_at IS NULL AND name >= :from"
            " AND name < :to ORDER BY name",
            {"from": prefix, "to": prefix + "\U0010ffff"},
        )
        return [row["name"] for row in rows]

    def route_counts(self) -> dict[str, int]:
        """How many routes each service has: service id -> count."""
        rows = self._db.execute(
            "SELECT service_id, count(*) AS n FROM route WHERE archived_at IS NULL"
            " GROUP BY service_id"
        )
        return {row["service_id"]: row["n"] for row in rows}

    def save_document(
        self,
        service_id: str,
        data: bytes,
        *,
        sha256: str,
        media_type: str,
        etag: str | None,
        at: datetime,
    ) -> None:
        """Keep the copy of the document that the service was read from."""
        self._db.execute(
            "INSERT INTO document (service_id, sha256, media_type, etag, fetched_at, data)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (service_id) DO UPDATE SET"
            " sha256 = excluded.sha256, media_type = excluded.media_type, etag = excluded.etag,"
            " fetched_at = excluded.fetched_at, data = excluded.data",
            (service_id, sha256, media_type, etag, time_text(at), data),
        )

    def document(self, service_id: str) -> tuple[bytes, str]:
        """The kept document's bytes, and their media type."""
        row = self._db.execute(
            "SELECT data, media_type FROM document WHERE service_id = ?", (service_id,)
        ).fetchone()
        if row is None:
            raise LookupError(service_id)
        return bytes(row["data"]), str(row["media_type"])

    def set_components(self, service_id: str, components: dict[str, str]) -> None:
        """Set all that the service's schemas refer to anew: reference -> JSON text."""
        self._db.execute("DELETE FROM component WHERE service_id = ?", (service_id,))
        self._db.executemany(
            "INSERT INTO component (service_id, reference, value) VALUES (?, ?, ?)",
            [(service_id, reference, text) for reference, text in components.items()],
        )

    def components(self, service_id: str) -> dict[str, str]:
        """All that the service's schemas refer to: reference -> JSON text."""
        rows = self._db.execute(
            "SELECT reference, value FROM component WHERE service_id = ?", (service_id,)
        )
        return {row["reference"]: row["value"] for row in rows}

    def component(self, service_id: str, reference: str) -> str | None:
        """The JSON text behind one reference."""
        row = self._db.execute(
            "SELECT value FROM component WHERE service_id = ? AND reference = ?",
            (service_id, reference),
        ).fetchone()
        return None if row is None else str(row["value"])

    def save_routes(self, routes: Iterable[Route]) -> None:
        """Add the routes, or set all of them anew."""
        self._db.executemany(_SAVE_ROUTE, [_route_row(route) for route in routes])

    def route(self, route_id: str) -> Route:
        """The route with this id, archived or not."""
        row = self._db.execute(f"{_ROUTES} WHERE route.id = ?", (route_id,)).fetchone()
        if row is None:
            raise LookupError(route_id)
        return _route(row)

    def routes_of(self, service_id: str, *, archived: bool = False) -> list[Route]:
        """The routes of a service by path and method."""
        which = "" if archived else "AND route.archived_at IS NULL"
        rows = self._db.execute(
            f"{_ROUTES} WHERE service_id = ? {which} ORDER BY path, method", (service_id,)
        )
        return [_route(row) for row in rows]

    def list_routes(self, service_id: str | None = None) -> list[sqlite3.Row]:
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

    def find_route_by_slug(self, creator: str, slug: str) -> Route | None:
        """The route `creator/slug`, archived or not."""
        row = self._db.execute(
            f"{_ROUTES} WHERE person.name = ? AND slug = ?", (creator, slug)
        ).fetchone()
        return None if row is None else _route(row)

    def find_route_by_operation(self, service: str, operation_id: str) -> Route | None:
        """The route whose operation has this id in the service of this name."""
        row = self._db.execute(
            f"{_ROUTES} JOIN service ON service.id = service_id"
            " WHERE service.name = ? AND operation_id = ? AND route.archived_at IS NULL",
            (service, operation_id),
        ).fetchone()
        return None if row is None else _route(row)

    def slugs(self, user_id: str) -> dict[str, str]:
        """Every slug that a person's routes have: slug -> route id."""
        rows = self._db.execute("SELECT slug, id FROM route WHERE user_id = ?", (user_id,))
        return {row["slug"]: row["id"] for row in rows}

    def route_references(self) -> list[str]:
        """Every route as `creator/slug`."""
        rows = self._db.execute(
            "SELECT person.name AS creator, slug FROM route JOIN person ON person.id = user_id"
            " WHERE archived_at IS NULL ORDER BY creator, slug"
        )
        return [f"{row['creator']}/{row['slug']}" for row in rows]


def _service_row(service: Service) -> dict[str, Any]:
    return {
        "id": service.id,
        "user_id": service.user_id,
        "name": service.name,
        "title": service.title,
        "description": service.description,
        "version": service.version,
        "openapi": service.openapi,
        "base_url": service.base_url,
        "source": service.source,
        "authentication": service.authentication.value,
        "security_schemes": json_text(service.security_schemes),
        "security": None if service.security is None else json_text(service.security),
        "warnings": json_text([asdict(each) for each in service.warnings]),
        "created_at": time_text(service.created_at),
        "updated_at": time_text(service.updated_at),
        "archived_at": time_text(service.archived_at),
    }


def _service(row: sqlite3.Row) -> Service:
    return Service(
        id=row["id"],
        user_id=row["user_id"],
        name=row["name"],
        title=row["title"],
        description=row["description"],
        version=row["version"],
        openapi=row["openapi"],
        base_url=row["base_url"],
        source=row["source"],
        authentication=Authentication(row["authentication"]),
        security_schemes=json.loads(row["security_schemes"]),
        security=None if row["security"] is None else json.loads(row["security"]),
        warnings=tuple(Finding(**each) for each in json.loads(row["warnings"])),
        created_at=moment(row["created_at"]),
        updated_at=moment(row["updated_at"]),
        archived_at=maybe_moment(row["archived_at"]),
    )


def _route_row(route: Route) -> dict[str, Any]:
    operation = route.operation
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
        "created_at": time_text(route.created_at),
        "updated_at": time_text(route.updated_at),
        "archived_at": time_text(route.archived_at),
    }


def _route(row: sqlite3.Row) -> Route:
    stated = json.loads(row["operation"])
    stated["parameters"] = tuple(stated["parameters"])
    stated["tags"] = tuple(stated["tags"])
    return Route(
        id=row["id"],
        service_id=row["service_id"],
        user_id=row["user_id"],
        creator=row["creator"],
        name=row["name"],
        slug=row["slug"],
        operation=Operation(**stated),
        created_at=moment(row["created_at"]),
        updated_at=moment(row["updated_at"]),
        archived_at=maybe_moment(row["archived_at"]),
    )
