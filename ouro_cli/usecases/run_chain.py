"""Run a chain: read its rows, decide, act, write; to resume is to run the same loop again."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from ouro_cli.arazzo.document import workflows_of
from ouro_cli.arazzo.expressions import evaluate
from ouro_cli.crash import crash_point
from ouro_cli.errors import ChainInHand, ExpressionFault, OuroError, RegistryUnavailable
from ouro_cli.model.chain import OperationTarget, Workflow
from ouro_cli.model.chain_flow import Situation, Turn, next_visit, situation, step_named, waits_of
from ouro_cli.model.chain_run import ChainRun, ChainStatus, StepRun, StepStatus
from ouro_cli.process import is_alive, this_process
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.begin_step import BegunBefore, Plan, begin_step, put_off
from ouro_cli.usecases.chain_hands import ChainHands
from ouro_cli.usecases.chain_scope import scope_of
from ouro_cli.usecases.end_step import (
    Judged,
    end_of_action,
    end_of_chain,
    is_done,
    note_end,
    note_refusal,
)
from ouro_cli.usecases.find_target import find_target
from ouro_cli.usecases.in_hand import InHand

_SHORTEST, _LONGEST = 0.005, 0.2
_MOST_AT_ONCE = 16

_in_hand = InHand()


def run_chain(rt: Runtime, chain_id: str, stopping: threading.Event) -> ChainRun:
    """See a chain through to its end, from wherever it stands; the chain as it then is.

    Blocks, and may be called in any thread. Raises ChainInHand where a living process, or another
    thread of this one, is at it. Once `stopping` is set nothing new is begun, and it returns as
    soon as what was being sent is answered; whoever comes next goes on from there.
    """
    chain = rt.store.chains.get(chain_id)
    if chain.is_final:
        return chain
    if not _in_hand.take(chain_id):
        raise ChainInHand(id=chain_id, owner=this_process())
    try:
        claim(rt, chain)
        return _Engine(rt, chain_id, stopping).run()
    finally:
        _in_hand.free(chain_id)


def claim(rt: Runtime, chain: ChainRun) -> None:
    """Take a chain that nobody living is at; raises ChainInHand where somebody is."""
    me = this_process()
    if chain.owner is not None and chain.owner != me and is_alive(chain.owner):
        raise ChainInHand(id=chain.id, owner=chain.owner)
    with rt.store.transaction() as tx:
        if not tx.chains.claim(chain.id, owner=me, before=chain.owner, at=rt.now()):
            now = tx.chains.get(chain.id)
            if not now.is_final:
                raise ChainInHand(id=chain.id, owner=now.owner or "another process")


def reading_steps(rt: Runtime, workflow: Workflow, chain: ChainRun) -> frozenset[str]:
    """The steps that only ask, so that they may run side by side."""
    found = set()
    for step in workflow.steps:
        if isinstance(step.target, OperationTarget) and step.depends_on is None:
            try:
                route = find_target(rt, chain.services, step.target)
            except OuroError:
                # Told when the step is at its turn.
                continue
            if route.operation.method in ("GET", "HEAD"):
                found.add(step.id)
    return frozenset(found)


def _explained(fault: ExpressionFault, plan: Plan) -> ExpressionFault:
    """The fault with why an output is not there that its step should have made."""
    why = str(fault.facts["why"])
    for visit in reversed(plan.visits):
        name, told = visit.step, visit.message
        if visit.status is StepStatus.SUCCESS and told and f"$steps.{name}.outputs." in why:
            return ExpressionFault(why=f"{why}; {told}")
    return fault


class _Engine:
    """One process's, or one thread's, time with a chain."""

    def __init__(self, rt: Runtime, chain_id: str, stopping: threading.Event) -> None:
        self._rt = rt
        self._stopping = stopping
        self._hands = ChainHands(rt, lambda child_id: run_chain(rt, child_id, stopping))
        chain = rt.store.chains.get(chain_id)
        file = workflows_of(chain.document)
        workflow = file.workflow(chain.workflow)
        assert workflow is not None, "it was there when the chain was started"
        self._plan = Plan(chain, file, workflow, chain.steps)
        self._waits = waits_of(workflow, reading_steps(rt, workflow, chain))

    def run(self) -> ChainRun:
        chains, chain_id, pause = self._rt.store.chains, self._plan.chain.id, _SHORTEST
        try:
            while not chains.is_final(chain_id):
                self._hands.check()
                self._read()
                if self._step_on():
                    pause = _SHORTEST
                    continue
                if self._stopping.is_set() and not self._hands.busy:
                    break
                self._hands.wait(min(pause, self._until_due()))
                pause = min(pause * 1.5, _LONGEST)
        finally:
            self._hands.join()
            if not chains.is_final(chain_id):
                with self._rt.store.transaction() as tx:
                    tx.chains.release(chain_id, this_process())
        return chains.get(chain_id)

    def _read(self) -> None:
        """Read what has changed: visits that have ended stay as they are."""
        known = self._plan.visits
        first_open = next((i for i, each in enumerate(known) if not each.status.is_final), None)
        kept = known if first_open is None else known[:first_open]
        after = kept[-1].seq if kept else 0
        visits = (*kept, *self._rt.store.chains.visits(self._plan.chain.id, after))
        self._plan = replace(self._plan, visits=visits)

    def _step_on(self) -> bool:
        """Note what has ended, else begin what is ready; whether anything was done."""
        if self._note_ends():
            return True
        told = situation(self._plan.workflow, self._plan.visits, self._waits)
        if told.end is not None and not self._hands.busy:
            self._finish(told)
            return True
        if self._stopping.is_set():
            return False
        begun = self._begin(told.turns)
        self._hands.see_through(self._open())
        return begun

    def _open(self) -> list[StepRun]:
        return [each for each in self._plan.visits if each.status is StepStatus.IN_PROGRESS]

    def _note_ends(self) -> bool:
        noted = False
        for visit in self._open():
            noted = self._note_end(visit) or noted
            if noted:
                # What follows may refer to what has just been written.
                break
        return noted

    def _note_end(self, visit: StepRun) -> bool:
        rt = self._rt
        if visit.child_id is not None:
            if rt.store.chains.is_final(visit.child_id):
                end_of_chain(rt, self._plan, visit, rt.store.chains.get(visit.child_id))
                return True
        elif visit.action_id is None:
            message = "what it became is kept no more"
            note_end(rt, self._plan, visit, Judged(False, message))
            return True
        else:
            action = rt.store.actions.get(visit.action_id)
            is_kept = not rt.store.fetches.pending([visit.action_id])
            if is_done(self._plan, visit, action) and (is_kept or not action.is_final):
                end_of_action(rt, self._plan, visit, action)
                return True
        return self._note_timeout(visit)

    def _note_timeout(self, visit: StepRun) -> bool:
        limit = step_named(self._plan.workflow, visit.step).timeout_seconds
        began = visit.started_at
        if limit is None or began is None or self._rt.now() < began + timedelta(seconds=limit):
            return False
        what = "its workflow goes on"
        may_repeat = True
        if visit.action_id is not None:
            what = f"it goes on: ouro action watch {visit.action_id}"
            action = self._rt.store.actions.get(visit.action_id)
            route = self._rt.store.routes.get(action.route.id)
            may_repeat = route.operation.is_repeatable
        message = f"timed out after {limit:g} s; {what}"
        note_end(self._rt, self._plan, visit, Judged(False, message, may_repeat=may_repeat))
        return True

    def _begin(self, turns: Sequence[Turn]) -> bool:
        begun = 0
        now = self._rt.now()
        # What was only accepted holds no thread.
        room = _MOST_AT_ONCE - self._hands.busy
        for turn in turns:
            if turn.not_before is not None and turn.not_before > now:
                if turn.visit is None:
                    put_off(self._rt, self._plan, turn)
                    begun += 1
                continue
            if begun >= room:
                break
            self._begin_one(turn)
            begun += 1
            if begun == 1 and len(turns) > 1:
                crash_point("C2")
        return begun > 0

    def _begin_one(self, turn: Turn) -> None:
        try:
            begin_step(self._rt, self._plan, turn)
        except RegistryUnavailable:
            raise
        except BegunBefore:
            return
        except OuroError as fault:
            if isinstance(fault, ExpressionFault):
                fault = _explained(fault, self._plan)
            visit = turn.visit or StepRun(
                seq=0,
                chain_id=self._plan.chain.id,
                step=turn.step,
                visit=next_visit(self._plan.visits, turn.step),
                status=StepStatus.IN_PROGRESS,
                reached_by=turn.reached_by,
            )
            note_refusal(self._rt, self._plan, replace(visit, status=StepStatus.IN_PROGRESS), fault)

    def _until_due(self) -> float:
        """Seconds until a step that was put off, or has a limit, is due."""
        now, due = self._rt.now(), [_LONGEST]
        for visit in self._plan.visits:
            if visit.status is StepStatus.WAITING and visit.not_before is not None:
                due.append((visit.not_before - now).total_seconds())
        return max(_SHORTEST, min(due))

    def _finish(self, told: Situation) -> None:
        rt, plan, chain = self._rt, self._plan, self._plan.chain
        if told.end is ChainStatus.ERROR:
            step = None if told.last is None else told.last.step
            where = f"step {step}: " if step else ""
            error = {"step": step, "message": f"{where}{told.why}"}
            outputs = None
        else:
            error, outputs = None, self._outputs(told)
        with rt.store.transaction() as tx:
            assert told.end is not None
            tx.chains.finish(chain.id, told.end, rt.now(), outputs=outputs, error=error)
        crash_point("C9")
        self._plan = replace(plan, chain=rt.store.chains.get(chain.id))

    def _outputs(self, told: Situation) -> dict[str, object]:
        """What the workflow gives; what was never made, since its step was passed over, is null."""
        last = told.last
        if last is not None and (last.decision or {}).get("transferred"):
            return dict(last.outputs or {})
        scope = scope_of(self._rt, self._plan.chain, self._plan.file, self._plan.visits)
        outputs: dict[str, object] = {}
        for name, each in self._plan.workflow.outputs.items():
            try:
                outputs[name] = evaluate(each, scope)
            except ExpressionFault:
                outputs[name] = None
        return outputs
