"""Take a result that came too late for the true one: only where a person says so."""

from ouro_cli import safety
from ouro_cli.errors import NothingLate
from ouro_cli.model.action import Action, ActionStatus, Body, Receipt, Source, late_receipt
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.keep_outputs import prepare_outputs
from ouro_cli.usecases.late_results import status_of
from ouro_cli.usecases.settle_action import write_end
from ouro_cli.wire.outcome import Failed, Finished
from ouro_cli.wire.webhook import Progress, read_webhook


def accept_late(rt: Runtime, action_id: str) -> Action:
    """Take the result that came too late for the true one, and return the action with it.

    Only an action that ended without a word of its API can be mended so: what an API said first
    stays. Raises NothingLate where there is nothing to accept.
    """
    action = rt.store.actions.get(action_id)
    receipt = late_receipt(rt.store.receipts.of_action(action_id))
    if receipt is None:
        raise NothingLate(id=action_id, why="no result came after its end")
    if not action.is_given_up:
        raise NothingLate(id=action_id, why="it ended by a word of the API itself")
    outcome, outputs = prepare_outputs(rt, action_id, _outcome_of(receipt), is_late=True)
    assert isinstance(outcome, Finished | Failed)
    now, status = rt.now(), status_of(outcome)
    with rt.store.transaction() as tx:
        body = Body(safety.redact_bytes(outcome.body.data), outcome.body.media_type)
        if tx.actions.end_anew(action, status, body=body, ended_by=Source.LATE, at=now):
            tx.receipts.accept(receipt.id, now)
            message = "the late result was accepted"
            write_end(rt, tx, action_id, status, message, body, outputs)
    return rt.store.actions.get(action_id)


def _outcome_of(receipt: Receipt) -> Finished | Failed:
    if receipt.source is Source.WEBHOOK:
        said = read_webhook(receipt.body.data)
        assert not isinstance(said, Progress), "a word of progress is never kept as a result"
        return said
    if receipt.status is ActionStatus.SUCCESS:
        return Finished(receipt.body)
    return Failed(receipt.body)
