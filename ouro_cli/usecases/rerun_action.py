"""Run an action again: the same request of the same route, as an action of its own."""

from collections.abc import Iterator

from ouro_cli.errors import RerunRefused
from ouro_cli.model.action import Action, ActionStatus
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.check_way import check_way
from ouro_cli.usecases.place_credentials import place_credentials
from ouro_cli.usecases.start_action import Ready, add_action
from ouro_cli.usecases.wire_inputs import WiredInput, Wiring
from ouro_cli.wire.inputs import Input
from ouro_cli.wire.manner import Manner, without_leave
from ouro_cli.wire.uploads import kept_in

_UNCERTAIN = frozenset({"outcome_unknown", "answer_incomplete"})
"""Codes of errors that leave open whether the API ran the call."""


def danger_of_rerun(rt: Runtime, action: Action) -> str:
    """What running it again may do that was not meant, in one clause; empty where that is nothing.

    It is nothing where the earlier run certainly failed, or where twice is as good as once and
    costs no money.
    """
    operation = rt.store.routes.get(action.route.id).operation
    said = _said_of(action)
    if not said:
        return ""
    pricing = operation.pricing
    if pricing is not None and pricing.get("model") != "free":
        return f"{action.route.reference} costs money, and the earlier run {said}"
    if operation.is_repeatable:
        return ""
    return f"{action.route.reference} is not safe to repeat, and the earlier run {said}"


def rerun_action(rt: Runtime, action: Action) -> Action:
    """Write down a queued action that does again what another did; nothing is sent yet.

    What was allowed for that one call alone, as to look at no certificate, is not allowed to this
    one. Raises RerunRefused where the route or an input is gone, MissingCredential.
    """
    ready = ready_again(rt, action)
    with rt.store.transaction() as tx:
        add_action(rt, tx, ready)
        tx.attempts.repeat(ready.action_id, of=action.id)
    return rt.store.actions.get(ready.action_id)


def ready_again(rt: Runtime, action: Action) -> Ready:
    """The same request as a new action, to be written down; raises what `rerun_action` does."""
    route = rt.store.routes.get(action.route.id)
    if route.archived_at is not None:
        raise RerunRefused(why=f"the route {route.reference} is there no more")
    for problem in missing_of(rt, action):
        raise RerunRefused(why=problem)
    service = rt.store.services.get(route.service_id).at(Input.of_request(action.request).server)
    placed = place_credentials(rt, service, route.operation)
    check_way(service, placed, Manner())
    declared = route.operation.input_assets
    inputs = [
        WiredInput(each.name, declared.get(each.name, {}), each.asset, each.is_primary)
        for each in action.inputs
    ]
    wiring = Wiring(tuple(inputs), declared)
    request = without_leave(action.request)
    return Ready(rt.new_id(), route.id, request, wiring, action.silence_seconds)


def _said_of(action: Action) -> str:
    """Why the earlier run may have done its work; empty where it certainly did not."""
    match action.status:
        case ActionStatus.SUCCESS:
            return "succeeded"
        case ActionStatus.TIMED_OUT:
            return "may have been done"
        case ActionStatus.ERROR:
            value = None if action.response is None else action.response.value
            error = value.get("error") if isinstance(value, dict) else None
            code = error.get("code") if isinstance(error, dict) else None
            return "may have been done" if code in _UNCERTAIN else ""
        case _:
            return "is still open"


def missing_of(rt: Runtime, action: Action) -> Iterator[str]:
    """What is gone of the inputs of an action, and of the files that its request sent."""
    for link in action.inputs:
        asset = link.asset
        if asset.removed_at is not None:
            yield f"its input {link.name}, {asset.name} {asset.id}, was removed"
        elif problem := rt.store.files.problem(asset.sha256, asset.size):
            yield f"the bytes of its input {link.name}, {asset.name} {asset.id}, are {problem}"
    for file in kept_in(action.request.get("body")):
        problem = rt.store.files.problem(file.sha256, file.size)
        if problem:
            name = file.filename or file.sha256
            yield f"the bytes of {name}, which it sent, are {problem}"
