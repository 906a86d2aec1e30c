"""Services and what their documents hold, as rows."""

import json
import sqlite3
from dataclasses import asdict
from datetime import datetime
from typing import Any

from ouro_cli.model.service import Authentication, Finding, Seen, Service
from ouro_cli.store.rows import json_text, maybe_moment, moment, time_text

_SAVE_SERVICE = """
    INSERT INTO service (id, user_id, name, title, description, version, openapi, base_url, source,
        authentication, security_schemes, security, servers, webhooks, allows_references,
        is_base_url_given, warnings, created_at, updated_at, archived_at)
    VALUES (:id, :user_id, :name, :title, :description, :version, :openapi, :base_url, :source,
        :authentication, :security_schemes, :security, :servers, :webhooks, :allows_references,
        :is_base_url_given, :warnings, :created_at, :updated_at, :archived_at)
    ON CONFLICT (id) DO UPDATE SET
        name = excluded.name, title = excluded.title, description = excluded.description,
        version = excluded.version, openapi = excluded.openapi, base_url = excluded.base_url,
        source = excluded.source, authentication = excluded.authentication,
        security_schemes = excluded.security_schemes, security = excluded.security,
        servers = excluded.servers, webhooks = excluded.webhooks,
        allows_references = excluded.allows_references,
        is_base_url_given = excluded.is_base_url_given,
        warnings = excluded.warnings, updated_at = excluded.updated_at,
        archived_at = excluded.archived_at
"""


class Services:
    """The services that the registry knows."""

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

    def save_document(
        self,
        service_id: str,
        data: bytes,
        *,
        sha256: str,
        media_type: str,
        etag: str | None,
        last_modified: str | None,
        at: datetime,
    ) -> None:
        """Keep the copy of the document that the service was read from."""
        self._db.execute(
            "INSERT INTO document (service_id, sha256, media_type, etag, last_modified,"
            " fetched_at, data) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (service_id) DO UPDATE SET"
            " sha256 = excluded.sha256, media_type = excluded.media_type, etag = excluded.etag,"
            " last_modified = excluded.last_modified, fetched_at = excluded.fetched_at,"
            " data = excluded.data",
            (service_id, sha256, media_type, etag, last_modified, time_text(at), data),
        )

    def document(self, service_id: str) -> tuple[bytes, str]:
        """The kept document's bytes, and their media type."""
        row = self._db.execute(
            "SELECT data, media_type FROM document WHERE service_id = ?", (service_id,)
        ).fetchone()
        if row is None:
            raise LookupError(service_id)
        return bytes(row["data"]), str(row["media_type"])

    def seen(self, service_id: str) -> Seen | None:
        """What is known of the document's last state; None where there is no document."""
        row = self._db.execute(
            "SELECT sha256, etag, last_modified FROM document WHERE service_id = ?", (service_id,)
        ).fetchone()
        return None if row is None else Seen(row["sha256"], row["etag"], row["last_modified"])

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
        "servers": json_text(service.servers),
        "webhooks": json_text(service.webhooks),
        "allows_references": int(service.allows_references),
        "is_base_url_given": int(service.is_base_url_given),
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
        servers=tuple(json.loads(row["servers"])),
        webhooks=tuple(json.loads(row["webhooks"])),
        allows_references=bool(row["allows_references"]),
        is_base_url_given=bool(row["is_base_url_given"]),
        warnings=tuple(Finding(**each) for each in json.loads(row["warnings"])),
        created_at=moment(row["created_at"]),
        updated_at=moment(row["updated_at"]),
        archived_at=maybe_moment(row["archived_at"]),
    )
