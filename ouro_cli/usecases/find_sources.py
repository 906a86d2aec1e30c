"""The sources of a workflow file: services that stand for them, documents, other workflow files."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urljoin, urlsplit

from ouro_cli.arazzo.document import ReadFile, read_workflow_file
from ouro_cli.arazzo.rules import FILES
from ouro_cli.arazzo.targets import NamedOperation
from ouro_cli.errors import DocumentUnreadable, OuroError
from ouro_cli.model.chain import Source, SourceKind
from ouro_cli.model.identity import slug
from ouro_cli.model.route import Operation
from ouro_cli.model.service import Service
from ouro_cli.openapi import servers
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.import_service import ImportOptions, import_service
from ouro_cli.usecases.read_api import read_api

MOST_FILES = 50
"""How many workflow files may be read for one."""

Tell = Callable[[str], None]


class SourceApi(Protocol):
    """The operations of a source, wherever they are known from."""

    @property
    def openapi(self) -> str:
        """The version of OpenAPI that its schemas are written in."""

    def find(self, named: NamedOperation) -> list[Operation]:
        """The operations that this may mean: none, one, or several of one id."""

    def operation_ids(self) -> list[str]:
        """What its operations are called."""

    def component(self, reference: str) -> str | None:
        """The JSON text behind a reference of its schemas."""


class Sources:
    """What the sources of one workflow file are.

    `services` are those that stand for sources, by the source's name; `apis` all that can be
    looked into; `files` the workflow files among them, with what their own sources are. `faults`
    says of the others why not. `places` are where all of them lie.
    """

    def __init__(self, read: ReadFile) -> None:
        self.read = read
        self.places: dict[str, str] = {}
        self.services: dict[str, Service] = {}
        self.apis: dict[str, SourceApi] = {}
        self.files: dict[str, Sources] = {}
        self.faults: dict[str, str] = {}


def find_sources(rt: Runtime, read: ReadFile) -> Sources:
    """Meet each source of a workflow file: read what is nowhere yet, and store nothing.

    A service stands for a source where it was imported from that very file or address, else where
    it has the source's name.
    """
    return _Finder(rt).sources_of(read)


def import_sources(rt: Runtime, sources: Sources, tell: Tell) -> dict[str, str]:
    """Import what no service stands for yet; the service's id for each API, by source name.

    `tell` is given a line for each that is imported. Raises what an import raises.
    """
    found = {name: service.id for name, service in sources.services.items()}
    for source in sources.read.file.sources:
        if source.kind is SourceKind.OPENAPI and source.name not in found:
            place = sources.places[source.name]
            # Another file may have had it imported a moment ago.
            service = standing_for(rt.store.services.all(), source, place)
            if service is None:
                report = import_service(rt, place, ImportOptions(name=source.name))
                service = report.service
                tell(f"imported {source.url} as service {service.name}")
            found[source.name] = service.id
    return found


def import_all(
    rt: Runtime, sources: Sources, tell: Tell, above: tuple[str, ...] = ()
) -> tuple[dict[str, Any], dict[str, str]]:
    """The file's document with those of the workflow files among its sources, and its services.

    So that a run stands by itself, whatever becomes of those files, each is kept under
    `x-ouro-files` by its source's name. What no service stands for is imported, as
    `import_sources` does; `above` are the files that led here, which are not led into again.
    """
    services = import_sources(rt, sources, tell)
    here = (*above, sources.read.source)
    # What a file itself has under that name is none of ours.
    document = {key: each for key, each in sources.read.document.items() if key != FILES}
    files = {}
    for name, other in sources.files.items():
        if other.read.source not in here:
            inner, own = import_all(rt, other, tell, here)
            files[name] = {"document": inner, "services": own, "source": other.read.source}
    return ({**document, FILES: files} if files else document), services


class _Finder:
    def __init__(self, rt: Runtime) -> None:
        self._rt = rt
        self._files: dict[str, Sources] = {}
        self._services = rt.store.services.all()

    def sources_of(self, read: ReadFile) -> Sources:
        sources = Sources(read)
        self._files[read.source] = sources
        for source in read.file.sources:
            sources.places[source.name] = place = place_of(source, read.source)
            try:
                self._meet(source, place, sources)
            except OuroError as fault:
                sources.faults[source.name] = str(fault)
        return sources

    def _meet(self, source: Source, place: str, sources: Sources) -> None:
        if source.kind is SourceKind.ARAZZO:
            sources.files[source.name] = self._file(source, place, sources.read)
        elif source.kind is SourceKind.OPENAPI:
            service = standing_for(self._services, source, place)
            if service is None:
                sources.apis[source.name] = _read_api(self._rt, place, sources.read.source)
            else:
                sources.services[source.name] = service
                sources.apis[source.name] = _ServiceApi(self._rt, service)

    def _file(self, source: Source, place: str, near: ReadFile) -> Sources:
        if place in self._files:
            return self._files[place]
        if len(self._files) >= MOST_FILES:
            raise DocumentUnreadable(
                source=place, why=f"more than {MOST_FILES} files are asked for"
            )
        if _is_address(place) and not _is_address(near.source):
            why = "a workflow file of this machine leads to one elsewhere; save it beside this one"
            raise DocumentUnreadable(source=source.url, why=why)
        fetched = self._rt.read_document(place, self._rt.settings, None)
        assert fetched is not None, "only what was seen before can be as it was"
        return self.sources_of(read_workflow_file(fetched.data, source.url, fetched.source))


def place_of(source: Source, near: str) -> str:
    """Where a source lies, seen from the file that names it: a path or an address."""
    if _is_address(source.url):
        return source.url
    if _is_address(near):
        return urljoin(near, source.url)
    parts = urlsplit(source.url)
    path = unquote(parts.path) if parts.scheme in ("", "file") else source.url
    return str((Path(near).parent / path).resolve())


def standing_for(services: list[Service], source: Source, place: str) -> Service | None:
    """The service that stands for a source, if any does."""
    by_place = (each for each in services if each.source == place)
    by_name = (each for each in services if each.name == slug(source.name))
    return next(by_place, None) or next(by_name, None)


def _is_address(place: str) -> bool:
    return place.lower().startswith(("http://", "https://"))


class _ServiceApi:
    """The operations of a service, each looked up when it is asked for."""

    def __init__(self, rt: Runtime, service: Service) -> None:
        self._store = rt.store
        self._service = service
        self.openapi = service.openapi

    def find(self, named: NamedOperation) -> list[Operation]:
        if named.operation_id:
            route = self._store.routes.find_by_operation(self._service.name, named.operation_id)
            return [route.operation] if route and route.archived_at is None else []
        routes = self._store.routes.of_service(self._service.id)
        return [each.operation for each in routes if each.stated.key == (named.method, named.path)]

    def operation_ids(self) -> list[str]:
        routes = self._store.routes.of_service(self._service.id)
        return [each.operation.operation_id for each in routes]

    def component(self, reference: str) -> str | None:
        return self._store.services.component(self._service.id, reference)


class _DocumentApi:
    """The operations of a document that was read and is nowhere kept."""

    def __init__(
        self, operations: list[Operation], components: Mapping[str, str], openapi: str
    ) -> None:
        self._operations = operations
        self._components = components
        self.openapi = openapi

    def find(self, named: NamedOperation) -> list[Operation]:
        if named.operation_id:
            return [each for each in self._operations if each.operation_id == named.operation_id]
        return [each for each in self._operations if each.key == (named.method, named.path)]

    def operation_ids(self) -> list[str]:
        return [each.operation_id for each in self._operations]

    def component(self, reference: str) -> str | None:
        return self._components.get(reference)


def _read_api(rt: Runtime, place: str, near: str) -> SourceApi:
    if _is_address(place) and _is_address(near):
        # A file from elsewhere may not make us ask at this machine's own network.
        servers.refuse_inward(place, near)
    fetched = rt.read_document(place, rt.settings, None)
    assert fetched is not None, "only what was seen before can be as it was"
    api = read_api(rt, fetched, place)
    return _DocumentApi(api.reading.operations, api.reading.components, api.document.openapi)
