"""Results that come after the end: kept beside their action, and told; they change nothing."""

from ouro_cli import safety
from ouro_cli.model.action import ActionStatus, Body, Source
from ouro_cli.model.span import span_text
from ouro_cli.runtime import Runtime
from ouro_cli.store.registry import Nouns
from ouro_cli.wire.outcome import Failed, Finished, Outcome
from ouro_cli.wire.webhook import fingerprint


def keep_late(
    rt: Runtime, tx: Nouns, action_id: str, outcome: Finished | Failed, source: Source
) -> None:
    """Keep what an answer said of an action that has ended, beside the action."""
    said = outcome.body
    # Of what lies in a file, `data` is only the beginning; no row but this one would name the rest.
    data = b"".join(said.parts()) if said.is_head else said.data
    body = Body(safety.redact_bytes(data), said.media_type)
    mark = fingerprint(body.data)
    _, was_seen = tx.callbacks.standing(action_id, mark, None)
    if was_seen:
        return
    status = status_of(outcome)
    tx.receipts.add(
        rt.new_id(),
        action_id,
        "late",
        body,
        fingerprint=mark,
        at=rt.now(),
        source=source,
        status=status,
    )
    tell_late(rt, tx, action_id, body)


def tell_late(rt: Runtime, tx: Nouns, action_id: str, body: Body) -> None:
    """Say in an action's story that a result came too late."""
    now, action = rt.now(), tx.actions.brief([action_id])[action_id]
    after = (now - (action.finished_at or now)).total_seconds()
    message = f"a result came {span_text(after)} after the end; it is kept, and changes nothing"
    tx.events.tell(action_id, "late", message, at=now, level="warning", words=body.text)


def status_of(outcome: Outcome) -> ActionStatus:
    """What a final word of an API says of a run."""
    return ActionStatus.SUCCESS if isinstance(outcome, Finished) else ActionStatus.ERROR
