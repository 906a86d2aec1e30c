"""Start an action: check everything that was given, then write it down; nothing is sent yet."""

from dataclasses import dataclass

from ouro_cli.errors import InvalidInput
from ouro_cli.model.action import Action
from ouro_cli.model.route import Route
from ouro_cli.model.service import Service
from ouro_cli.process import this_process
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.describe_route import components_of
from ouro_cli.usecases.find_reference import find_route
from ouro_cli.usecases.place_credentials import place_credentials
from ouro_cli.wire.fitting import fit
from ouro_cli.wire.inputs import Arguments, Input
from ouro_cli.wire.request import Callback, UpstreamRequest, build_request


@dataclass(frozen=True, slots=True)
class RouteCall:
    """A route by its reference, and what to call it with."""

    route: str
    arguments: Arguments
    silence_seconds: float | None = None


def start_action(rt: Runtime, call: RouteCall) -> Action:
    """Write a queued action down, whole and checked: from here on the run exists.

    Raises InvalidInput with every fault of the input at once, and MissingCredential; then
    nothing was stored.
    """
    prepared = prepare(rt, call)
    now = rt.now()
    action_id = rt.new_id()
    with rt.store.transaction() as tx:
        user_id = tx.people.id_of(rt.settings.user, rt.new_id(), now)
        tx.actions.add(
            action_id,
            prepared.route.id,
            user_id,
            prepared.input.as_request(),
            this_process(),
            now,
            call.silence_seconds,
        )
    return rt.store.actions.get(action_id)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A call that can be made: the route, its service, and an input without fault."""

    route: Route
    service: Service
    input: Input


def prepare(rt: Runtime, call: RouteCall, *, is_preview: bool = False) -> Prepared:
    """Check a call as `start_action` does, and store nothing; a preview asks nobody for a token."""
    route = find_route(rt, call.route)
    service = rt.store.services.get(route.service_id)
    values, faults = fit(call.arguments, route, components_of(rt, route), service.openapi)
    if faults:
        raise InvalidInput(
            route=route.reference, faults="; ".join(str(each) for each in faults), each=faults
        )
    place_credentials(rt, service, route.operation, is_preview=is_preview)
    return Prepared(route, service, values)


def preview_request(rt: Runtime, call: RouteCall) -> UpstreamRequest:
    """The request that a call would send, with placeholders for what is made when it is sent."""
    prepared = prepare(rt, call, is_preview=True)
    action_id = "00000000-0000-7000-8000-000000000000"
    url = rt.settings.public_url or f"http://{rt.settings.host}:{rt.settings.port}"
    return build_request(
        prepared.service.base_url,
        prepared.route,
        prepared.input,
        action_id=action_id,
        user_id=rt.store.people.find(rt.settings.user) or prepared.route.user_id,
        callback=Callback(f"{url}/actions/{action_id}/response", "made when it is sent"),
        placed=place_credentials(rt, prepared.service, prepared.route.operation, is_preview=True),
    )
