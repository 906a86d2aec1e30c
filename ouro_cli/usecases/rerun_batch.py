"""Run the rows of a batch again that failed: each as an action of its own, in its row's place."""

from ouro_cli.errors import BatchBusy, RerunRefused
from ouro_cli.model.action import ActionStatus
from ouro_cli.model.batch import Batch, BatchStatus, Pacing
from ouro_cli.process import is_alive, this_process
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.feed_batch import FailedFeed
from ouro_cli.usecases.rerun_action import danger_of_rerun
from ouro_cli.usecases.start_action import Counter, RouteCall
from ouro_cli.usecases.start_batch import Begun, begin_work, send_rows
from ouro_cli.wire.inputs import Arguments

_FAILED = (ActionStatus.ERROR, ActionStatus.TIMED_OUT)


def danger_of_rows(rt: Runtime, batch: Batch) -> str:
    """What running its failed rows again may do that was not meant; empty where that is nothing.

    The first row of which it has to be said speaks for all.
    """
    for row in rt.store.batches.rows(batch.id):
        if row.status in _FAILED and row.action_id is not None:
            danger = danger_of_rerun(rt, rt.store.actions.get(row.action_id))
            if danger:
                return f"row {row.row}: {danger}"
    return ""


def rerun_failed(rt: Runtime, batch: Batch, pacing: Pacing) -> Begun:
    """Run the rows that failed again, in a process of its own.

    Raises RerunRefused where there are none, or where rows are still to be run for the first
    time; BatchBusy where somebody is at it.
    """
    if batch.owner is not None and is_alive(batch.owner):
        raise BatchBusy(id=batch.id, who=f"process {batch.owner.rsplit('/', 2)[-2]}")
    if batch.status is not BatchStatus.DONE:
        hint = "Say the command that began it again; then its failed rows."
        raise RerunRefused(why=f"batch {batch.id} is not done", hint=hint)
    if not any(row.status in _FAILED for row in rt.store.batches.rows(batch.id)):
        raise RerunRefused(why=f"no row of batch {batch.id} has failed", hint="")
    route = rt.store.routes.get(batch.route_id or "")
    call = RouteCall(route.id, Arguments())
    counter = Counter(rt, call)
    counter.place()
    with rt.store.transaction() as tx:
        if not tx.batches.own(batch.id, batch.owner, this_process(), rt.now()):
            raise BatchBusy(id=batch.id, who="another process")
    feed = FailedFeed(rt, batch.id)
    return Begun(batch, begin_work(rt, batch, send_rows(counter, batch, feed, pacing)))
