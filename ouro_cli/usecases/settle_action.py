"""The one function through which every run ends: by an answer, a callback, or silence."""

from dataclasses import replace
from typing import assert_never

from ouro_cli import safety
from ouro_cli.model.action import Action, ActionStatus, Body, Source
from ouro_cli.model.route import Route
from ouro_cli.runtime import Runtime
from ouro_cli.store.registry import Nouns
from ouro_cli.usecases.keep_outputs import prepare_outputs
from ouro_cli.usecases.late_results import keep_late
from ouro_cli.usecases.record_properties import record_properties
from ouro_cli.usecases.write_outputs import Outputs, write_outputs
from ouro_cli.wire.message import message_in
from ouro_cli.wire.outcome import Accepted, Failed, Finished, Outcome, TimedOut

_SPOKEN = frozenset(Source) - {Source.SILENCE, Source.UNKNOWN}


def settle_action(rt: Runtime, action_id: str, outcome: Outcome, source: Source) -> Action:
    """Note what an outcome says of an action, and return the action as it now is.

    The first final word wins: an action that has ended stays as it is, and what comes later is
    kept beside it.
    """
    prepared, outputs = prepare_outputs(rt, action_id, outcome)
    with rt.store.transaction() as tx:
        said = outcome if source in _SPOKEN else None
        settle_within(rt, tx, action_id, prepared, source, outputs, said=said)
    return rt.store.actions.get(action_id)


def settle_within(
    rt: Runtime,
    tx: Nouns,
    action_id: str,
    outcome: Outcome,
    source: Source,
    outputs: Outputs | None,
    *,
    said: Outcome | None = None,
    route: Route | None = None,
) -> bool:
    """`settle_action` inside a transaction that does more; False where the action had ended.

    `outcome` and `outputs` are what `prepare_outputs` gave. `said` is what it was given, whole:
    an answer that comes too late is kept so. `route` is the action's, where it is at hand.
    """
    now = rt.now()
    match outcome:
        case Accepted(status=answered, poll_url=poll_url):
            noted = tx.actions.acknowledge(
                action_id, status_code=answered, poll_url=poll_url, at=now
            )
            if noted:
                tx.events.tell(action_id, "accepted", "accepted; the result comes later", at=now)
            # Where a fast worker's result arrived before its own 202, the result stays.
            return noted
        case Finished(body=body, status=code):
            status, body = ActionStatus.SUCCESS, _kept(body)
            message = "succeeded"
        case Failed(body=body, status=code):
            status, body = ActionStatus.ERROR, _kept(body)
            message = f"failed: {message_in(body.value) or 'no reason was given'}"
        case TimedOut(body=body):
            status, code, message = ActionStatus.TIMED_OUT, None, "timed out: the API went silent"
        case _:
            assert_never(outcome)
    ended = tx.actions.finish(
        action_id,
        status,
        body=body,
        status_code=code,
        ended_by=source,
        at=now,
        ack_at=now if source is Source.RESPONSE and code is not None else None,
    )
    if ended:
        write_end(rt, tx, action_id, status, message, body, outputs, route)
    elif isinstance(said, Finished | Failed):
        keep_late(rt, tx, action_id, said, source)
    return ended


def write_end(
    rt: Runtime,
    tx: Nouns,
    action_id: str,
    status: ActionStatus,
    message: str,
    body: Body,
    outputs: Outputs | None,
    route: Route | None = None,
) -> None:
    """Write down all that comes with an end: outputs, the line of the story, properties."""
    if outputs is not None:
        write_outputs(rt, tx, outputs)
    level = "info" if status is ActionStatus.SUCCESS else "error"
    words = f"{message} {body.text}" if body.is_text else message
    tx.events.tell(action_id, "finished", message, at=rt.now(), level=level, words=words)
    may_fill = route is None or bool(route.operation.fills_properties)
    if status is ActionStatus.SUCCESS and may_fill:
        record_properties(rt, tx, action_id)


def without_secrets(outcome: Outcome) -> Outcome:
    """An outcome as it may be kept, without what is secret here and now."""
    if isinstance(outcome, Finished | Failed):
        return replace(outcome, body=_kept(outcome.body))
    return outcome


def _kept(body: Body) -> Body:
    """The body as it may be kept: an API that echoes our credential must not put it on record."""
    clean = safety.redact_bytes(body.data)
    return body if clean is body.data else replace(body, data=clean)
