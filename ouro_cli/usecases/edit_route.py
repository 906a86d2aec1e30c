"""Make routes by hand, set what a document says otherwise, and take routes away."""

import json
from dataclasses import dataclass, field, replace
from typing import Any

from ouro_cli.errors import InvalidInput, UsageFault
from ouro_cli.model.route import EDITABLE, Operation, Route
from ouro_cli.model.service import Service
from ouro_cli.openapi import document, operations, refs
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.name_route import Namer

_ANY_JSON: dict[str, Any] = {"content": {"application/json": {"schema": {}}}}


@dataclass(frozen=True, slots=True)
class RouteEdits:
    """What a person sets on a route: fields of `EDITABLE`, and its name; what is absent stays."""

    name: str | None = None
    fields: dict[str, Any] = field(default_factory=dict)


def create_route(
    rt: Runtime, service: Service, method: str, path: str, operation: dict[str, Any]
) -> Route:
    """Add a route that no document states; `operation` is an OpenAPI operation object.

    Where nothing is said of the body of a POST, PUT or PATCH, it is any JSON. A route that was
    removed comes back as itself: as it was, where `operation` is empty. Raises InvalidInput for
    what could not be read, UsageFault where the service has the route already.
    """
    body = {"requestBody": _ANY_JSON} if method in ("POST", "PUT", "PATCH") else {}
    read = _read_operation(method, path, {**body, **operation})
    with rt.store.transaction() as tx:
        stored = tx.routes.of_service(service.id, archived=True)
        known = next((each for each in stored if each.stated.key == read.key), None)
        if known is not None and known.archived_at is None:
            raise UsageFault(
                why=f"service '{service.name}' has {read.method} {read.path} already",
                hint=f"Change it: ouro route update {known.reference}",
            )
        if known is None:
            route = Namer(rt, tx, service).new_route(read, rt.now(), by_hand=True)
        else:
            edits = {name: value for name, value in known.edits.items() if name != "is_removed"}
            is_as_it_was = known.is_removed and not operation
            route = replace(
                known,
                stated=known.stated if is_as_it_was else read,
                is_by_hand=known.is_by_hand or not is_as_it_was,
                edits=edits,
                archived_at=None,
                updated_at=rt.now(),
            )
        tx.routes.save([route])
    return route


def update_route(rt: Runtime, route: Route, edits: RouteEdits, *, reset: bool = False) -> Route:
    """Set what a person says of a route; it survives every import. `reset` forgets it all first.

    A new name gives the route a new slug.
    """
    with rt.store.transaction() as tx:
        route = tx.routes.get(route.id)
        service = tx.services.get(route.service_id)
        namer = Namer(rt, tx, service)
        if reset:
            route = replace(route, edits={})
            if route.name != route.stated.name:
                route = namer.renamed(route, route.stated.name, wanted=route.stated.slug)
        own = {name: edits.fields[name] for name in EDITABLE if name in edits.fields}
        if edits.name is not None:
            own["name"] = edits.name
            route = namer.renamed(route, edits.name)
        route = replace(route, edits={**route.edits, **own}, updated_at=rt.now())
        tx.routes.save([route])
    return route


def remove_route(rt: Runtime, route: Route) -> Route:
    """Take a route away; it stays away though its document has it. Its actions stay readable."""
    now = rt.now()
    with rt.store.transaction() as tx:
        route = tx.routes.get(route.id)
        edits = {**route.edits, "is_removed": True}
        removed = replace(route, edits=edits, archived_at=now, updated_at=now)
        tx.routes.save([removed])
    return removed


def _read_operation(method: str, path: str, operation: dict[str, Any]) -> Operation:
    """The operation as a document of its own would state it."""
    key = method.lower()
    item: dict[str, Any] = {key: operation}
    if key not in operations.METHODS:
        item = {"additionalOperations": {method: operation}}
    value = {"openapi": "3.2.0", "info": {"title": "by hand"}, "paths": {path: item}}
    size = len(json.dumps(value))
    alone = document.Document(value, "3.2.0", (), stated=value, size=size, source="by hand")
    reading = operations.read_operations(alone)
    name = f"{method} {path}"
    # A place in the path that is not declared is text, as it is in a document.
    faults = [each for each in reading.warnings if "taken as text" not in each.message]
    if faults or not reading.operations:
        stem = f"{refs.pointer('paths', path)}/"
        told = [f"{each.pointer.removeprefix(stem)} {each.message}" for each in faults]
        raise InvalidInput(
            route=name, faults="; ".join(told) or "it is no operation", hint="Nothing was stored."
        )
    return reading.operations[0]
