"""Have a chain go on where it stands: what has finished is not run again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ouro_cli.arazzo.document import workflows_of
from ouro_cli.errors import ChainInHand, ChainRefused, OuroError, UsageFault
from ouro_cli.model.chain import Workflow
from ouro_cli.model.chain_flow import next_visit
from ouro_cli.model.chain_run import ChainRun, ChainStatus, ReachedBy, StepRun, StepStatus
from ouro_cli.model.identity import near
from ouro_cli.process import is_alive
from ouro_cli.runtime import Runtime
from ouro_cli.store.registry import Nouns
from ouro_cli.usecases.edit_chain import edited
from ouro_cli.usecases.find_sources import find_sources, import_all
from ouro_cli.usecases.load_workflow import load_workflow
from ouro_cli.usecases.start_chain import checked_inputs

_UNCERTAIN = frozenset({"outcome_unknown", "answer_incomplete"})


@dataclass(frozen=True, slots=True)
class Resumption:
    """How a chain is to go on: from a step, with edits, and what of a file that has changed.

    With `stored` it goes on with the file as it was, with `changed` with the file as it is.
    """

    from_step: str = ""
    edits: tuple[str, ...] = ()
    stored: bool = False
    changed: bool = False

    @property
    def changes_nothing(self) -> bool:
        """Whether it only has the chain go on."""
        return not self.from_step and not self.edits


def holder_of(chain: ChainRun) -> str | None:
    """The living process that is at an open chain, if one is."""
    if chain.is_final or chain.owner is None or not is_alive(chain.owner):
        return None
    return chain.owner


def resume_chain(rt: Runtime, chain: ChainRun, how: Resumption) -> ChainRun:
    """Make a chain ready to be run on, as one commit; the chain as it then is.

    One that has succeeded, and is to be begun again nowhere, stays as it is. Raises ChainInHand
    where somebody is at it, UsageFault and ChainRefused where it cannot go on so.
    """
    if chain.parent_id is not None:
        hint = f"Resume the whole: ouro action chain --resume {_root(rt, chain)}"
        raise ChainRefused(why=f"chain {chain.id} is a step of another", hint=hint)
    holder = holder_of(chain)
    if holder is not None:
        raise ChainInHand(id=chain.id, owner=holder)
    if chain.status is ChainStatus.SUCCESS and how.changes_nothing:
        return chain
    going_on = _with_file(rt, chain, how)
    workflow = _workflow_of(going_on)
    again = _begun_again(rt, chain, workflow, how)
    if how.edits:
        open_steps = _not_run(workflow, chain, again)
        going_on = edited(going_on, workflow, how.edits, open_steps)
        checked_inputs(_workflow_of(going_on), going_on.inputs)
    with rt.store.transaction() as tx:
        _write(rt, tx, going_on, again)
    return rt.store.chains.get(chain.id)


def _write(rt: Runtime, tx: Nouns, chain: ChainRun, again: Sequence[StepRun]) -> None:
    now = rt.now()
    if not tx.chains.reopen(chain, owner=None, at=now):
        seen = tx.chains.get(chain.id)
        raise ChainInHand(id=chain.id, owner=seen.owner or "another process")
    for each in again:
        child = None if each.child_id is None else tx.chains.get(each.child_id)
        visit = replace(
            each,
            seq=0,
            visit=next_visit(chain.steps, each.step),
            status=StepStatus.WAITING,
            reached_by=ReachedBy.RESUME,
            not_before=now,
        )
        if child is not None and child.status is ChainStatus.ERROR:
            # What of it has finished is not run again either.
            tx.chains.begin(visit, now, child_id=child.id)
            _write(rt, tx, child, _failed(child))
        else:
            tx.chains.begin(visit, now)


def _begun_again(
    rt: Runtime, chain: ChainRun, workflow: Workflow, how: Resumption
) -> list[StepRun]:
    """The visits whose steps are begun again; with `--from`, that step and none of its past."""
    if how.from_step:
        if workflow.step(how.from_step) is None:
            known = [each.id for each in workflow.steps]
            close = near(how.from_step, known, 1) or known
            hint = f"It has: {', '.join(known)}. Did you mean {close[0]}?"
            raise UsageFault(why=f"the chain has no step '{how.from_step}'", hint=hint)
        return [_fresh(chain, how.from_step)]
    if not chain.is_final:
        return []
    failed = _failed(chain)
    if not failed:
        why = str((chain.error or {}).get("message", "it ended without a failed step"))
        hint = "Say where to begin again: --from STEP"
        raise ChainRefused(why=why, hint=hint)
    for visit in failed:
        _refuse_unknown(rt, visit)
    return failed


def _failed(chain: ChainRun) -> list[StepRun]:
    """The last visits of the steps whose failure ended a chain."""
    last: dict[str, StepRun] = {}
    for each in chain.steps:
        last[each.step] = each
    return [
        each
        for each in last.values()
        if each.status is StepStatus.ERROR and (each.decision or {}).get("kind") == "fail"
    ]


def _refuse_unknown(rt: Runtime, visit: StepRun) -> None:
    """Raise ChainRefused where the API may have run a step that is not safe to repeat."""
    if visit.child_id is not None:
        for each in _failed(rt.store.chains.get(visit.child_id)):
            _refuse_unknown(rt, each)
    if visit.action_id is None:
        if (visit.decision or {}).get("uncertain"):
            why = f"step {visit.step} may have been run by the API, and is not safe to repeat"
            hint = f"To run it all the same: --from {visit.step}"
            raise ChainRefused(why=why, hint=hint)
        return
    action = rt.store.actions.get(visit.action_id)
    is_open = not action.is_final
    if not is_open and action.error_code not in _UNCERTAIN and not action.is_given_up:
        return
    if rt.store.routes.get(action.route.id).operation.is_repeatable:
        return
    said = "still runs" if is_open else "may have been run by the API"
    raise ChainRefused(
        why=f"step {visit.step} {said}, and {action.route.reference} is not safe to repeat",
        hint=f"See action {action.id}. To run it all the same: --from {visit.step}",
    )


def _fresh(chain: ChainRun, step: str) -> StepRun:
    return StepRun(0, chain.id, step, 0, StepStatus.WAITING, ReachedBy.RESUME)


def _not_run(workflow: Workflow, chain: ChainRun, again: Sequence[StepRun]) -> set[str]:
    """The steps that are not yet run, or are run again."""
    order = [each.id for each in workflow.steps]
    done = {each.step for each in chain.steps if each.status is StepStatus.SUCCESS}
    done |= {each.step for each in chain.steps if not each.status.is_final}
    for each in again:
        if each.step in order:
            done -= set(order[order.index(each.step) :])
    return set(order) - done


def _with_file(rt: Runtime, chain: ChainRun, how: Resumption) -> ChainRun:
    """The chain with the file that it is to go on with; ChainRefused where that must be said."""
    if not chain.source or how.stored:
        return chain
    try:
        read = load_workflow(rt, chain.source)
    except OuroError:
        if how.changed:
            raise
        return chain
    if read.sha256 == chain.sha256:
        return chain
    if not how.changed:
        raise ChainRefused(
            why=f"{chain.source} has changed since the chain was started",
            hint="Go on with it as it was: --stored; as it is now: --changed",
        )
    file = read.file
    if file.workflow(chain.workflow) is None:
        raise ChainRefused(why=f"{chain.source} has no workflow '{chain.workflow}' any more")
    old, new = _raw_steps(chain.document, chain.workflow), _raw_steps(read.document, chain.workflow)
    done = {each.step for each in chain.steps if each.status is StepStatus.SUCCESS}
    if how.from_step in old:
        names = list(old)
        done -= set(names[names.index(how.from_step) :])
    differ = [name for name in old if name in done and old[name] != new.get(name)]
    if differ:
        raise ChainRefused(
            why=f"step {differ[0]} has finished, and {chain.source} now has another in its place",
            hint=f"Run it again: --from {differ[0]} --changed; or go on as it was: --stored",
        )
    edits = (*chain.edits, f"went on with {chain.source} as it was changed ({read.sha256[:12]})")
    document, services = import_all(rt, find_sources(rt, read), lambda _: None)
    return replace(chain, document=document, sha256=read.sha256, services=services, edits=edits)


def _raw_steps(document: Mapping[str, Any], workflow_id: str) -> dict[str, Any]:
    for workflow in document["workflows"]:
        if workflow["workflowId"] == workflow_id:
            return {each["stepId"]: each for each in workflow["steps"]}
    return {}


def _workflow_of(chain: ChainRun) -> Workflow:
    workflow = workflows_of(chain.document).workflow(chain.workflow)
    assert workflow is not None, "it was there when the chain was started"
    return workflow


def _root(rt: Runtime, chain: ChainRun) -> str:
    while chain.parent_id is not None:
        chain = rt.store.chains.get(chain.parent_id)
    return chain.id
