"""Import a document: one service, one route per operation, the same ids at every import."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ouro_cli.errors import RefusedAsUnsafe, UsageFault
from ouro_cli.model.identity import slug
from ouro_cli.model.route import Operation, Route
from ouro_cli.model.service import Authentication, Finding, Service
from ouro_cli.openapi import changes, document, servers
from ouro_cli.runtime import Runtime
from ouro_cli.store.registry import Nouns
from ouro_cli.usecases.read_api import read_api

if TYPE_CHECKING:
    from ouro_cli.upstream.documents import Fetched


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did: the service, and which of its routes it added, changed or archived."""

    service: Service
    added: list[Route]
    changed: list[Route]
    removed: list[Route]
    unchanged: int
    warnings: tuple[Finding, ...]

    @property
    def has_changes(self) -> bool:
        """Whether any route is not as it was."""
        return bool(self.added or self.changed or self.removed)


def import_service(
    rt: Runtime,
    source: str,
    *,
    base_url: str | None = None,
    name: str | None = None,
    authentication: Authentication | None = None,
    allow_references: bool | None = None,
    strict: bool = False,
) -> ImportReport:
    """Read the document at a path or an address and bring the registry in step with it.

    The service is the one of this `name`; else the one that this source, or this title at this
    base URL, was imported as before; else a new one. Routes keep their ids, by method and path;
    those whose operation is gone are archived, and their actions stay readable.
    """
    api = read_api(rt, source, allow_references=allow_references, strict=strict)
    fetched, read, reading = api.fetched, api.document, api.reading
    address = _base_url(read, fetched, base_url)
    title = str(read.info.get("title") or "").strip() or PurePath(source).stem
    now = rt.now()
    with rt.store.transaction() as tx:
        user_id = tx.people.id_of(rt.settings.user, rt.new_id(), now)
        known = _known_service(tx, fetched, title, name, address)
        service_id = known.id if known else rt.new_id()
        service = Service(
            id=service_id,
            user_id=known.user_id if known else user_id,
            name=known.name if known else _free_name(tx, slug(name or title) or "service"),
            title=title,
            description=str(read.info.get("description") or read.info.get("summary") or ""),
            version=str(read.info.get("version") or ""),
            openapi=read.openapi,
            base_url=address or (known.base_url if known else ""),
            source=fetched.source,
            authentication=_authentication(authentication, known),
            security_schemes=servers.security_schemes(read.value),
            security=servers.default_security(read.value),
            servers=reading.servers,
            webhooks=reading.webhooks,
            allows_references=api.allows_references,
            warnings=tuple(reading.warnings),
            created_at=known.created_at if known else now,
            updated_at=now,
        )
        if not service.base_url:
            raise UsageFault(
                why=f"{source} names no server to call",
                hint="Say where the API is: --base-url http://...",
            )
        stored = tx.routes.of_service(service_id, archived=True)
        moved = changes.changed_references(tx.services.components(service_id), reading.components)
        changed = changes.compare(stored, reading.operations, moved)
        plan = _Plan(rt, tx, service, now)
        report = ImportReport(
            service=service,
            added=[plan.new(operation) for operation in changed.added],
            changed=[plan.changed(route, operation) for route, operation in changed.changed],
            removed=[replace(route, archived_at=now, updated_at=now) for route in changed.removed],
            unchanged=len(changed.unchanged),
            warnings=service.warnings,
        )
        tx.services.save(service)
        tx.services.save_document(
            service_id,
            fetched.data,
            sha256=fetched.sha256,
            media_type=fetched.media_type,
            etag=fetched.etag,
            at=now,
        )
        tx.services.set_components(service_id, reading.components)
        tx.routes.save([*report.added, *report.changed, *report.removed])
    return report


class _Plan:
    """Gives routes their names and slugs: a clash gets a number, and what has a slug keeps it."""

    def __init__(self, rt: Runtime, tx: Nouns, service: Service, now: datetime) -> None:
        self._rt = rt
        self._service = service
        self._now = now
        self._creator = tx.people.name_of(service.user_id)
        self._taken = set(tx.routes.slugs(service.user_id))
        self._numbers: dict[str, int] = {}

    def new(self, operation: Operation) -> Route:
        wanted = operation.slug
        name, free_slug = operation.name, wanted
        while free_slug in self._taken:
            # Where thousands share a name, as in Microsoft Graph's, each asks for the next number.
            self._numbers[wanted] = number = self._numbers.get(wanted, 0) + 1
            name = f"{operation.name} {number}"
            stem = wanted.removesuffix(f"-{operation.method.lower()}")
            free_slug = f"{stem}-{number}-{operation.method.lower()}"
        self._taken.add(free_slug)
        return Route(
            id=self._rt.new_id(),
            service_id=self._service.id,
            user_id=self._service.user_id,
            creator=self._creator,
            name=name,
            slug=free_slug,
            operation=operation,
            created_at=self._now,
            updated_at=self._now,
        )

    def changed(self, route: Route, operation: Operation) -> Route:
        name = route.name if operation.name == route.operation.name else operation.name
        return replace(
            route, name=name, operation=operation, updated_at=self._now, archived_at=None
        )


def _base_url(read: document.Document, fetched: "Fetched", given: str | None) -> str:
    if given is not None:
        return _checked(given)
    stated = servers.first_server(read.value)
    if fetched.is_remote:
        # A relative server, and the lack of one, is meant against where the document lies.
        address = _checked(servers.resolved(stated or "/", fetched.source))
        servers.refuse_inward(address, fetched.source)
        return address
    if stated is not None and stated.startswith("//"):
        stated = f"https:{stated}"
    if stated is None or servers.is_relative(stated):
        return ""
    return _checked(stated)


def _checked(address: str) -> str:
    try:
        parts = urlsplit(address)
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname)
        _ = parts.port
    except ValueError:
        is_good = False
    if not is_good:
        raise UsageFault(
            why=f"the server address '{address}' cannot be called",
            hint="It has to begin with http:// or https://; say it with --base-url.",
        )
    if parts.username or parts.password:
        raise RefusedAsUnsafe(
            why="the server address holds a password",
            hint="Leave it out, and set it with ouro auth set.",
        )
    if parts.query or parts.fragment:
        raise UsageFault(
            why=f"the server address '{parts.scheme}://{parts.netloc}{parts.path}' has a query",
            hint="Give scheme, host and path; a key goes into ouro auth set.",
        )
    return address.rstrip("/")


def _known_service(
    tx: Nouns, fetched: "Fetched", title: str, name: str | None, base_url: str
) -> Service | None:
    services = tx.services.all(archived=True)
    if name is not None:
        return next((each for each in services if each.name == slug(name)), None)
    for service in services:
        same_place = service.base_url == base_url or not base_url
        if service.source == fetched.source and slug(service.title) == slug(title):
            return service
        if same_place and slug(service.title) == slug(title):
            return service
    return None


def _free_name(tx: Nouns, wanted: str) -> str:
    taken = {each.name for each in tx.services.all(archived=True)}
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    return name


def _authentication(given: Authentication | None, known: Service | None) -> Authentication:
    if given is not None:
        return given
    return known.authentication if known else Authentication.NONE
