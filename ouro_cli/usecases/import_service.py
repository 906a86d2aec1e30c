"""Import a document: one service, one route per operation, the same ids at every import."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ouro_cli.errors import RefusedAsUnsafe, UsageFault
from ouro_cli.model.difference import Difference
from ouro_cli.model.identity import slug
from ouro_cli.model.route import Operation, Route
from ouro_cli.model.service import Authentication, Finding, Seen, Service
from ouro_cli.openapi import changes, document, servers
from ouro_cli.openapi.differences import differences
from ouro_cli.runtime import Runtime
from ouro_cli.store.registry import Nouns
from ouro_cli.usecases.judge_credential import bound_elsewhere
from ouro_cli.usecases.name_route import Namer
from ouro_cli.usecases.read_api import Api, read_api

if TYPE_CHECKING:
    from ouro_cli.upstream.documents import Fetched


@dataclass(frozen=True, slots=True)
class ChangedRoute:
    """A route as it is now, and what its document says otherwise of it, what breaks first."""

    route: Route
    differences: list[Difference]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or would do: to the service itself, and to each of its routes.

    `stale_credentials` names the schemes whose credentials were set for another origin than the
    service's, or in another way, and are not sent there.
    """

    service: Service
    service_changes: list[Difference]
    added: list[Route]
    changed: list[ChangedRoute]
    removed: list[Route]
    unchanged: int
    warnings: tuple[Finding, ...]
    stale_credentials: tuple[str, ...] = ()

    @property
    def has_changes(self) -> bool:
        """Whether anything is not as it was."""
        return bool(self.service_changes or self.added or self.changed or self.removed)


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What a person says of an import beyond its source; None leaves it as it was.

    `allow_references` follows references into other files of the document's own folder or origin;
    `is_strict` refuses a document that is not to the letter; `is_check` finds out what would
    change, and changes nothing.
    """

    base_url: str | None = None
    name: str | None = None
    authentication: Authentication | None = None
    allow_references: bool | None = None
    is_strict: bool = False
    is_check: bool = False


def import_service(
    rt: Runtime,
    source: str,
    options: ImportOptions | None = None,
    *,
    known: Service | None = None,
    seen: Seen | None = None,
) -> ImportReport:
    """Read the document at a path or an address and bring the registry in step with it.

    The service is `known`; else the one of the given name; else the one that this source, or this
    title at this base URL, was imported as before; else a new one. Routes keep their ids, by
    method and path; those whose operation is gone are archived, and their actions stay readable.
    Where the document is as it was `seen`, nothing is read and nothing changes.
    """
    options = options or ImportOptions()
    fetched = rt.read_document(source, rt.settings, seen)
    if known is not None and (fetched is None or (seen and fetched.sha256 == seen.sha256)):
        return _nothing_new(rt, known)
    assert fetched is not None, "only what was seen can be as it was"
    read = _read(rt, fetched, source, options)
    if options.is_check:
        return _planned(rt, rt.store, read, known).report
    with rt.store.transaction() as tx:
        plan = _planned(rt, tx, read, known)
        _save(rt, tx, plan, read)
    return plan.report


@dataclass(frozen=True, slots=True)
class _Read:
    """A document as fetched and as read, and what was said of its import."""

    api: Api
    title: str
    options: ImportOptions

    @property
    def stated_url(self) -> str:
        """Where the document itself says that its API is; empty where it does not."""
        return _stated_url(self.api.document, self.api.fetched)


def _read(rt: Runtime, fetched: "Fetched", source: str, options: ImportOptions) -> _Read:
    api = read_api(
        rt,
        fetched,
        source,
        allow_references=options.allow_references,
        strict=options.is_strict,
    )
    title = str(api.document.info.get("title") or "").strip() or PurePath(source).stem
    return _Read(api, title, options)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be saved, and what to tell of it."""

    report: ImportReport
    routes: list[Route]


def _planned(rt: Runtime, nouns: Nouns, read: _Read, known: Service | None) -> _Plan:
    now = rt.now()
    known = known or _known_service(nouns, read)
    service = _service(rt, nouns, read, known, now)
    stored = nouns.routes.of_service(service.id, archived=True)
    before = nouns.services.components(service.id)
    moved = changes.changed_references(before, read.api.reading.components)
    found = changes.compare(stored, read.api.reading.operations, moved)
    namer = Namer(rt, nouns, service)
    added = [namer.new_route(operation, now) for operation in found.added]
    changed = [
        ChangedRoute(
            _in_step(route, operation, now),
            _told(route, operation, before, read.api.reading.components),
        )
        for route, operation in found.changed
    ]
    removed = [replace(route, archived_at=now, updated_at=now) for route in found.removed]
    withheld = [replace(route, stated=operation) for route, operation in found.withheld]
    report = ImportReport(
        service=service,
        service_changes=_service_changes(known, service),
        added=added,
        changed=changed,
        removed=removed,
        unchanged=len(found.unchanged),
        warnings=service.warnings,
        stale_credentials=tuple(
            each.scheme
            for each in nouns.credentials.all(service.id)
            if bound_elsewhere(service, each)
        ),
    )
    return _Plan(report, [*added, *(each.route for each in changed), *removed, *withheld])


def _save(rt: Runtime, tx: Nouns, plan: _Plan, read: _Read) -> None:
    service, fetched = plan.report.service, read.api.fetched
    if not tx.people.name_of(service.user_id):
        tx.people.id_of(rt.settings.user, service.user_id, service.updated_at)
    tx.services.save(service)
    tx.services.save_document(
        service.id,
        fetched.data,
        sha256=fetched.sha256,
        media_type=fetched.media_type,
        etag=fetched.etag,
        last_modified=fetched.last_modified,
        at=service.updated_at,
    )
    tx.services.set_components(service.id, read.api.reading.components)
    tx.routes.save(plan.routes)


def _nothing_new(rt: Runtime, known: Service) -> ImportReport:
    count = rt.store.routes.counts().get(known.id, 0)
    return ImportReport(known, [], [], [], [], count, known.warnings)


def _service(
    rt: Runtime, nouns: Nouns, read: _Read, known: Service | None, now: datetime
) -> Service:
    info, options = read.api.document.info, read.options
    base_url, is_given = _base_url(read, known)
    user_id = nouns.people.find(rt.settings.user) or rt.new_id()
    return Service(
        id=known.id if known else rt.new_id(),
        user_id=known.user_id if known else user_id,
        name=known.name if known else free_name(nouns, options.name or read.title),
        title=read.title,
        description=str(info.get("description") or info.get("summary") or ""),
        version=str(info.get("version") or ""),
        openapi=read.api.document.openapi,
        base_url=base_url,
        source=read.api.fetched.source,
        authentication=_authentication(options.authentication, known),
        security_schemes=servers.security_schemes(read.api.document.value),
        security=servers.default_security(read.api.document.value),
        servers=read.api.reading.servers,
        webhooks=read.api.reading.webhooks,
        allows_references=read.api.allows_references,
        is_base_url_given=is_given,
        warnings=tuple(read.api.reading.warnings),
        created_at=known.created_at if known else now,
        updated_at=now,
    )


def _in_step(route: Route, operation: Operation, now: datetime) -> Route:
    """The route with what its document says now; what a person has set over it stays."""
    edits = dict(route.edits)
    if operation.pricing is not None:
        edits.pop("pricing", None)
    elif route.operation.pricing is not None:
        # Where a document says nothing of a price, the route keeps the one it has.
        edits["pricing"] = route.operation.pricing
    name = route.name
    if "name" not in edits and operation.name != route.stated.name:
        name = operation.name
    return replace(
        route,
        name=name,
        stated=operation,
        edits=edits,
        is_by_hand=False,
        updated_at=now,
        archived_at=None,
    )


def _told(
    route: Route, operation: Operation, before: dict[str, str], after: dict[str, str]
) -> list[Difference]:
    if route.archived_at is not None:
        return [Difference("", "presence", False, True, False)]
    return differences(route.stated, operation, before.get, after.get)


_OF_SERVICES = ("title", "version", "description", "base_url", "authentication", "security_schemes")


def _service_changes(known: Service | None, service: Service) -> list[Difference]:
    if known is None:
        return []
    found = []
    for name in (*_OF_SERVICES, "security"):
        before, after = getattr(known, name), getattr(service, name)
        if before != after:
            breaks = name in ("base_url", "security_schemes", "security")
            found.append(Difference("", name, before, after, breaks))
    if known.archived_at is not None:
        found.append(Difference("", "presence", False, True, False))
    return found


def _base_url(read: _Read, known: Service | None) -> tuple[str, bool]:
    """Where the API is, and whether a person says so; what a person said wins."""
    if read.options.base_url is not None:
        return checked_address(read.options.base_url), True
    if known is not None and known.is_base_url_given:
        return known.base_url, True
    address = read.stated_url or (known.base_url if known else "")
    if not address:
        raise UsageFault(
            why=f"{read.api.fetched.source} names no server to call",
            hint="Say where the API is: --base-url http://...",
        )
    return address, False


def _stated_url(read: document.Document, fetched: "Fetched") -> str:
    stated = servers.first_server(read.value)
    if fetched.is_remote:
        # A relative server, and the lack of one, is meant against where the document lies.
        address = checked_address(servers.resolved(stated or "/", fetched.source))
        servers.refuse_inward(address, fetched.source)
        return address
    if stated is not None and stated.startswith("//"):
        stated = f"https:{stated}"
    if stated is None or servers.is_relative(stated):
        return ""
    return checked_address(stated)


def checked_address(address: str) -> str:
    """The address of an API without its last slash; refused where it cannot be called."""
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


def _known_service(nouns: Nouns, read: _Read) -> Service | None:
    services, options = nouns.services.all(archived=True), read.options
    if options.name is not None:
        return next((each for each in services if each.name == slug(options.name)), None)
    alike = [each for each in services if slug(each.title) == slug(read.title)]
    same_source = [each for each in alike if each.source == read.api.fetched.source]
    if same_source or not alike:
        return next(iter(same_source), None)
    address = options.base_url and checked_address(options.base_url)
    address = address or read.stated_url
    return next((each for each in alike if not address or each.base_url == address), None)


def free_name(nouns: Nouns, wanted: str) -> str:
    """The slug of a service's wanted name, with a number where another has it."""
    taken = {each.name for each in nouns.services.all(archived=True)}
    first = slug(wanted) or "service"
    name, number = first, 1
    while name in taken:
        number += 1
        name = f"{first}-{number}"
    return name


def _authentication(given: Authentication | None, known: Service | None) -> Authentication:
    if given is not None:
        return given
    return known.authentication if known else Authentication.NONE
