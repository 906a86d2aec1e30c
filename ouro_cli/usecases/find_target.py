"""The route that a step of a workflow calls, where a service stands for each source."""

from collections.abc import Mapping

from ouro_cli.arazzo.targets import NamedOperation, named_operation
from ouro_cli.errors import AmbiguousReference, RouteNotFound
from ouro_cli.model.chain import OperationTarget
from ouro_cli.model.route import Route
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.find_reference import find_route


def find_target(rt: Runtime, services: Mapping[str, str], target: OperationTarget) -> Route:
    """The route of an operation; `services` are the services' ids by the sources' names.

    Our own reference comes first; an operationId that no source has may be one too. Raises
    RouteNotFound, AmbiguousReference where several sources have the id, and ExpressionFault.
    """
    if target.route:
        return find_route(rt, target.route)
    named = named_operation(target)
    if named.source and named.source not in services:
        known = ", ".join(services)
        hint = f"No source is called '{named.source}'; there are: {known}."
        raise RouteNotFound(name=target.operation_id or target.operation_path, hint=hint)
    chosen = [services[named.source]] if named.source else list(dict.fromkeys(services.values()))
    found = [route for each in chosen for route in _routes(rt, each, named)]
    if len(found) > 1:
        raise AmbiguousReference(
            name=named.operation_id, choices=", ".join(each.reference for each in found)
        )
    if found:
        return found[0]
    if named.operation_id and not named.source:
        return find_route(rt, named.operation_id)
    raise RouteNotFound(name=named.operation_id or f"{named.method} {named.path}")


def _routes(rt: Runtime, service_id: str, named: NamedOperation) -> list[Route]:
    if named.operation_id:
        service = rt.store.services.get(service_id)
        route = rt.store.routes.find_by_operation(service.name, named.operation_id)
        return [route] if route is not None and route.archived_at is None else []
    routes = rt.store.routes.of_service(service_id)
    return [each for each in routes if each.stated.key == (named.method, named.path)]
