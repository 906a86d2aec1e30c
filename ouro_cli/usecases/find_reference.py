"""What a person means by a name: a UUID, the beginning of one, `creator/name-method`, `@last`."""

from typing import TYPE_CHECKING

from ouro_cli.errors import (
    ActionNotFound,
    AmbiguousReference,
    AssetNotFound,
    BatchNotFound,
    RouteNotFound,
    ServiceNotFound,
    UnknownReference,
)
from ouro_cli.model.identity import is_uuid, is_uuid_prefix, near
from ouro_cli.runtime import Runtime

if TYPE_CHECKING:
    from ouro_cli.model.action import Action
    from ouro_cli.model.asset import Asset
    from ouro_cli.model.batch import Batch
    from ouro_cli.model.route import Route
    from ouro_cli.model.service import Service


def find_service(rt: Runtime, name: str) -> "Service":
    """The service with this name, UUID or beginning of a UUID."""
    services = rt.store.services
    wanted = name.lower()
    for service in services.all():
        if service.name == wanted or service.id == wanted:
            return service
    found = _by_prefix(rt, "service", wanted)
    if found is not None and (service := services.get(found)).archived_at is None:
        return service
    raise _unknown(ServiceNotFound, name, near(wanted, services.names()))


def find_route(rt: Runtime, name: str) -> "Route":
    """The route of this `creator/name-method`, `service/operationId`, or (part of a) UUID."""
    routes = rt.store.routes
    if "/" in name:
        first, second = name.split("/", 1)
        route = routes.find_by_slug(first, second.lower())
        if route is None:
            route = routes.find_by_operation(first, second)
        if route is not None and route.archived_at is None:
            return route
        if route is not None:
            gone = "its operation is no longer in the service's document, so it cannot be run"
            raise RouteNotFound(name=name, hint=f"It was there once: {gone}.")
    elif (found := _by_prefix(rt, "route", name.lower())) is not None:
        route = routes.get(found)
        if route.archived_at is None:
            return route
    raise _unknown(RouteNotFound, name, _near_routes(rt, name))


def _near_routes(rt: Runtime, name: str) -> list[str]:
    """References that look like this one: whole, in either form, or by their last part."""
    references = rt.store.routes.references()
    close = near(name, [*references, *rt.store.routes.operation_references()])
    by_last_part = {each.split("/", 1)[1]: each for each in references}
    return close or [by_last_part[each] for each in near(name, by_last_part)]


def find_action(rt: Runtime, name: str) -> "Action":
    """The action of this UUID or beginning of one; `@last` is the caller's newest."""
    actions = rt.store.actions
    if name == "@last":
        newest = actions.newest_id(rt.store.people.find(rt.settings.user))
        if newest is None:
            raise ActionNotFound(name=name, hint="No route has been run yet: ouro route list")
        return actions.get(newest)
    found = _by_prefix(rt, "action", name.lower())
    if found is None and (chain_id := _by_prefix(rt, "chain", name.lower())) is not None:
        hint = f"It is a chain: ouro action chain --resume {chain_id}"
        raise ActionNotFound(name=name, hint=hint)
    if found is None:
        raise ActionNotFound(name=name)
    return actions.get(found)


def find_batch(rt: Runtime, name: str) -> "Batch":
    """The batch with this id, or the beginning of one; `@last` is the newest."""
    batches = rt.store.batches
    wanted = batches.newest_id() if name == "@last" else _by_prefix(rt, "batch", name.lower())
    found = None if wanted is None else batches.find(wanted)
    if found is None:
        raise BatchNotFound(name=name)
    return found


def find_asset(rt: Runtime, name: str) -> "Asset":
    """The asset of this UUID or beginning of one; `@last` is the caller's newest."""
    assets = rt.store.assets
    if name == "@last":
        newest = assets.newest_id(rt.store.people.find(rt.settings.user))
        if newest is None:
            raise AssetNotFound(name=name, hint="None is kept yet: ouro asset add PATH")
        return assets.get(newest)
    found = _by_prefix(rt, "asset", name.lower())
    if found is None:
        raise AssetNotFound(name=name)
    asset = assets.get(found)
    if asset.removed_at is not None:
        raise AssetNotFound(name=name, hint="It was there once, and was removed.")
    return asset


def _by_prefix(rt: Runtime, table: str, prefix: str) -> str | None:
    if not is_uuid_prefix(prefix):
        return None
    ids = rt.store.people.ids_like(table, prefix)
    if len(ids) > 1 and not is_uuid(prefix):
        raise AmbiguousReference(name=prefix, choices=", ".join(ids))
    return ids[0] if ids else None


def _unknown(kind: type[UnknownReference], name: str, close: list[str]) -> UnknownReference:
    if close:
        return kind(name=name, hint=f"Did you mean {' or '.join(close)}?")
    return kind(name=name)
