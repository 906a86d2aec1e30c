"""Send an action's request: claim it first, and settle whatever comes back."""

import contextlib
from pathlib import Path

from ouro_cli import safety
from ouro_cli.crash import crash_point
from ouro_cli.errors import AssetDamaged, AssetNotFound, OuroError, RefusedAsUnsafe
from ouro_cli.model.action import Action, ActionStatus, Source
from ouro_cli.model.service import Service
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.check_way import check_way
from ouro_cli.usecases.claim_action import Sendable, claim_within
from ouro_cli.usecases.fetch_outputs import fetch_outputs
from ouro_cli.usecases.keep_outputs import KEEP_REQUEST
from ouro_cli.usecases.note_answer import note_answer
from ouro_cli.usecases.outlive import Flight, in_flight
from ouro_cli.usecases.place_credentials import note_refusals, place_credentials
from ouro_cli.usecases.send_attempts import Outgoing, send_attempts
from ouro_cli.usecases.send_inputs import read_inputs
from ouro_cli.usecases.settle_action import settle_action
from ouro_cli.usecases.take_callbacks import sit_down, stand_up
from ouro_cli.usecases.watch_stream import OnLine, StreamStory
from ouro_cli.wire.credentials import Placed
from ouro_cli.wire.inputs import Input
from ouro_cli.wire.manner import manner_of
from ouro_cli.wire.outcome import Failed, NoAnswer, is_token_refused, json_body


def dispatch_action(
    rt: Runtime, action_id: str, *, patience: float | None = None, on_line: OnLine | None = None
) -> Action:
    """Send a queued action and settle what the API answers; return the action as it then is.

    An action that somebody else has claimed is returned as it stands. Should the waiting end
    before the answer comes, by a signal or after `patience` seconds, then a child process keeps
    the call and Left is raised. `on_line` is told each line of an answer that streams in.
    """
    action = rt.store.actions.get(action_id)
    if action.status is not ActionStatus.QUEUED:
        return action
    try:
        sendable = _sendable(rt, action)
    except (AssetNotFound, AssetDamaged, RefusedAsUnsafe) as fault:
        return settle_action(rt, action_id, refused(fault), Source.UNKNOWN)
    draft = str(rt.store.files.draft_path())
    with in_flight(rt, action_id, patience) as flight:
        with rt.store.transaction() as tx, contextlib.ExitStack() as on_failure:
            url, taken = sit_down(rt)
            if taken is not None:
                on_failure.callback(taken.leave)
            out = claim_within(rt, tx, sendable, url, draft)
            if out is None:
                return tx.actions.get(action_id)
            on_failure.pop_all()
        for each in out.secrets:
            safety.remember_secret(each)
        flight.seat = taken
        settled = _send(rt, flight, out, StreamStory(rt, flight, on_line))
        if taken is not None:
            stand_up(rt, taken)
        if flight.is_child:
            # Nobody waits here who would fetch what the answer only names.
            fetch_outputs(rt, [action_id])
    return settled


def _sendable(rt: Runtime, action: Action) -> Sendable:
    route = rt.store.routes.get(action.route.id)
    values = Input.of_request(action.request)
    service = rt.store.services.get(route.service_id).at(values.server)
    placed = place_credentials(rt, service, route.operation)
    manner = manner_of(action.request)
    check_way(service, placed, manner)
    inputs = read_inputs(rt, [(each.name, each.asset) for each in action.inputs])
    keeps_urls = action.request.get(KEEP_REQUEST) is True
    return Sendable(
        *(action.id, action.user_id, route, service, values, placed, manner, inputs, keeps_urls)
    )


def refused(fault: OuroError) -> Failed:
    """What ends an action that cannot be sent."""
    message = f"{fault.message} Nothing was sent."
    return Failed(json_body({"error": {"code": fault.code, "message": message}}))


def _send(rt: Runtime, flight: Flight, out: Outgoing, story: StreamStory) -> Action:
    try:
        answer = send_attempts(rt, flight, out, story)
        if answer is None:
            return rt.store.actions.get(out.action_id)
        settled = note_answer(rt, out, answer, story)
    finally:
        # In the parent of a fork, the draft is the child's.
        if not flight.was_left:
            Path(out.request.draft).unlink(missing_ok=True)
    crash_point("R7")
    if out.placed.tokens and not isinstance(answer, NoAnswer) and is_token_refused(answer):
        note_refusal(rt, out.action_id, out.service, out.placed)
    return settled


def note_refusal(rt: Runtime, action_id: str, service: Service, placed: Placed) -> None:
    """Never resent by itself; but the next call shall not send the same token."""
    # The answer is kept by now: whatever the vault says changes nothing of it.
    with contextlib.suppress(OuroError):
        will_renew = note_refusals(rt, service, placed)
        what_next = "the next call asks for a new one" if will_renew else "it cannot be renewed"
        with rt.store.transaction() as tx:
            message = f"the API refused the access token; {what_next}"
            tx.events.tell(action_id, "refused", message, at=rt.now(), level="warning")
