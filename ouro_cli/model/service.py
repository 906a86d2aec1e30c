"""A service: an API we know, imported from a document."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

WEBHOOK_SCHEME = "webhook"
"""The name under which the secret is kept by which a service signs its callbacks."""

WEBHOOK_BINDING = "standard webhooks"
"""What is noted beside such a secret, which no document's own scheme of that name has."""


class Authentication(StrEnum):
    """How a service knows its callers (contract section 2.5), in the words of the wire."""

    NONE = "None"
    OURO = "Ouro"
    PERSONAL_ACCESS_TOKEN = "Personal Access Token"
    OAUTH = "OAuth 2.0"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a document that could not be read: where (a JSON pointer), and why."""

    pointer: str
    message: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A document's state as it was last seen: its digest, and what its server called it."""

    sha256: str
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """An API with a base URL.

    `source` is the path or address that its document came from; `security_schemes` and
    `security` are the document's own, as OpenAPI writes them; so are `servers`. `webhooks` are
    the calls that the API says it makes, one `{"name", "method", "summary"}` each.
    `allows_references` is true where the document may lead into other files of its own folder or
    origin; `is_base_url_given` where a person said where the API is. A service without a document
    has no `source`.
    """

    id: str
    user_id: str
    name: str
    title: str
    base_url: str
    source: str
    created_at: datetime
    updated_at: datetime
    description: str = ""
    version: str = ""
    openapi: str = ""
    authentication: Authentication = Authentication.NONE
    security_schemes: dict[str, Any] = field(default_factory=dict)
    security: list[dict[str, list[str]]] | None = None
    servers: tuple[dict[str, Any], ...] = ()
    webhooks: tuple[dict[str, str], ...] = ()
    allows_references: bool = False
    is_base_url_given: bool = False
    warnings: tuple[Finding, ...] = ()
    archived_at: datetime | None = None

    def at(self, server: str) -> "Service":
        """The service as it answers at this server of its; as it is for ''."""
        return replace(self, base_url=server) if server else self
