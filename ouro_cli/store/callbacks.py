"""What the registry knows of who may call back for an action: read in one go, at every callback."""

import sqlite3
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ouro_cli.model.action import ActionStatus
from ouro_cli.model.service import WEBHOOK_BINDING, WEBHOOK_SCHEME

_FIND = """
    SELECT token_hash, status, route_id, service_id, route.updated_at AS route_version,
        instr(request, '"keep_urls"') > 0 AS may_keep_addresses,
        EXISTS (
            SELECT 1 FROM credential
            WHERE credential.service_id = route.service_id AND scheme = :scheme
                AND binding = :binding
        ) AS has_secret
    FROM action CROSS JOIN route ON route.id = action.route_id
    WHERE action.id = :action_id
"""

_STANDING = """
    SELECT token_hash, EXISTS (
        SELECT 1 FROM receipt WHERE action_id = action.id AND verdict <> 'unreadable'
            AND (sha256 = ? OR webhook_id = ?)
    ) AS came_before
    FROM action WHERE id = ?
"""


@dataclass(frozen=True, slots=True)
class Expected:
    """An action as far as its callbacks are concerned.

    `has_secret` says that its service signs what it sends; `route_version` changes whenever the
    route does; `may_keep_addresses` is true where the caller may have asked that addresses of the
    response be kept.
    """

    action_id: str
    status: ActionStatus
    route_id: str
    route_version: str
    service_id: str
    has_secret: bool
    may_keep_addresses: bool
    token_hash: str | None = field(repr=False)


class Callbacks:
    """Who may call back, and whether that very callback came before."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def find(self, action_id: str) -> Expected | None:
        """What is known of an action's callbacks; None where there is no such action."""
        values = {"action_id": action_id, "scheme": WEBHOOK_SCHEME, "binding": WEBHOOK_BINDING}
        row = self._db.execute(_FIND, values).fetchone()
        if row is None:
            return None
        return Expected(
            action_id=action_id,
            status=ActionStatus(row["status"]),
            route_id=row["route_id"],
            route_version=row["route_version"],
            service_id=row["service_id"],
            has_secret=bool(row["has_secret"]),
            may_keep_addresses=bool(row["may_keep_addresses"]),
            token_hash=row["token_hash"],
        )

    def token_hash(self, action_id: str) -> str | None:
        """What is kept of an action's token."""
        row = self._db.execute(
            "SELECT token_hash FROM action WHERE id = ?", (action_id,)
        ).fetchone()
        return None if row is None else row["token_hash"]

    def standing(
        self, action_id: str, fingerprint: str, webhook_id: str | None
    ) -> tuple[str | None, bool]:
        """What is kept of an action's token; and whether the very same callback came before.

        It is the same by its bytes, or by its sender's own id of it.
        """
        row = self._db.execute(_STANDING, (fingerprint, webhook_id, action_id)).fetchone()
        return (None, False) if row is None else (row["token_hash"], bool(row["came_before"]))

    def is_awaited(self) -> bool:
        """Whether an open action waits for a callback."""
        row = self._db.execute(
            "SELECT 1 FROM action WHERE status IN ('queued', 'in-progress')"
            " AND callback_url IS NOT NULL LIMIT 1"
        ).fetchone()
        return row is not None

    def promised_hosts(self) -> set[str]:
        """The hosts, with their ports, at which open actions were promised to be heard."""
        rows = self._db.execute(
            "SELECT DISTINCT callback_url FROM action"
            " WHERE status IN ('queued', 'in-progress') AND callback_url IS NOT NULL"
        )
        return {urlsplit(row["callback_url"]).netloc.lower() for row in rows}
