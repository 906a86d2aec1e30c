"""What comes next in a chain: from its workflow and the visits of its steps alone.

Nothing is remembered but those visits: whoever reads them decides the same, so that a crash at any
point costs nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ouro_cli.model.chain import (
    Criterion,
    FollowUp,
    FollowUpKind,
    OperationTarget,
    ReceiveTarget,
    Step,
    Workflow,
    WorkflowTarget,
)
from ouro_cli.model.chain_run import ChainStatus, ReachedBy, StepRun, StepStatus

MOST_JUMPS = 1_000
"""How often a chain may go to another step: a loop without end must have one."""

WORKFLOW = "workflow:"
"""How a visit names a workflow that is run beside the steps: before them, or instead of them."""

Waits = Mapping[str, AbstractSet[str]]
"""Which steps each step waits for; what those wait for in turn is left out."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A step that is to be begun; `visit` is set where it was written down to wait."""

    step: str
    reached_by: ReachedBy
    not_before: datetime | None = None
    visit: StepRun | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """What is to be done now: begin these turns, or end so; with neither, wait for what is open.

    `why` says in one line why it ends in error; `last` is the visit that ended it.
    """

    turns: tuple[Turn, ...] = ()
    end: ChainStatus | None = None
    why: str = ""
    last: StepRun | None = None


def step_named(workflow: Workflow, name: str) -> Step:
    """The step of this id; for `workflow:ID` one that runs that workflow. KeyError if neither."""
    if name.startswith(WORKFLOW):
        return Step(name, WorkflowTarget(name.removeprefix(WORKFLOW)), depends_on=())
    step = workflow.step(name)
    if step is None:
        raise KeyError(name)
    return step


def steps_in_order(workflow: Workflow) -> list[Step]:
    """The workflow's steps, behind the workflows that it depends on."""
    before = [step_named(workflow, f"{WORKFLOW}{each}") for each in workflow.depends_on]
    return [*before, *workflow.steps]


def waits_of(workflow: Workflow, reads: AbstractSet[str]) -> Waits:
    """What each step waits for: what the file says, else all before it.

    `reads` are the steps that only ask: neighbours among them that do not refer to each other, and
    lead nowhere else, wait for the same and so run side by side.
    """
    waits: dict[str, frozenset[str]] = {}
    first = frozenset(f"{WORKFLOW}{each}" for each in workflow.depends_on)
    # Whom the next in order waits for: all that nobody waits for yet; the rest follows from it.
    last: frozenset[str] = frozenset()
    group: list[Step] = []
    for step in steps_in_order(workflow):
        if step.depends_on is not None:
            own = first if step.id not in first else frozenset[str]()
            waits[step.id] = own | frozenset(step.depends_on)
            last, group = last | {step.id}, []
            continue
        is_free = step.id in reads and _leads_nowhere_else(workflow, step)
        if is_free and group and not any(each.id in named_steps(step) for each in group):
            waits[step.id] = waits[group[0].id]
            last |= {step.id}
        else:
            waits[step.id] = last
            last, group = frozenset({step.id}), []
        if is_free:
            group.append(step)
    return waits


def named_steps(step: Step) -> set[str]:
    """The steps that a step's expressions refer to."""
    found: set[str] = set()
    texts = [step.parameters, step.body, step.criteria, step.outputs, step.input_assets]
    for piece in repr(texts).split("$steps.")[1:]:
        found.add(piece.partition(".")[0])
    if isinstance(step.target, ReceiveTarget):
        found.add(step.target.step)
    return found


def situation(workflow: Workflow, visits: Sequence[StepRun], waits: Waits) -> Situation:
    """What is to be done, after these visits, which are in the order of their numbers."""
    flow = _Flow(workflow, waits)
    for visit in visits:
        flow.take(visit)
    return flow.situation()


def is_detour(visits: Sequence[StepRun], visit: StepRun) -> bool:
    """Whether a visit was run for the sake of another step's retry, and leads back to it."""
    if visit.reached_by is not ReachedBy.RETRY:
        return False
    earlier = [each for each in visits if each.step == visit.step and each.seq < visit.seq]
    return not earlier or _kind(earlier[-1]) != "retry"


def follow_up(
    workflow: Workflow,
    step: Step,
    *,
    succeeded: bool,
    is_met: Callable[[Criterion], bool],
    repeated: int = 0,
) -> FollowUp | None:
    """The first action whose criteria are all met: the step's own before its workflow's.

    One of the step's own stands in the place of the workflow's of that name (Arazzo 1.0.1). A
    retry that was `repeated` as often as it may be gives way to those behind it (Failure Action
    Object, retryLimit); where there is none it is what is given all the same.
    """
    own = step.on_success if succeeded else step.on_failure
    names = {each.name for each in own}
    shared = workflow.on_success if succeeded else workflow.on_failure
    spent = None
    for each in (*own, *(one for one in shared if one.name not in names)):
        if all(map(is_met, each.criteria)):
            if each.kind is FollowUpKind.RETRY and repeated >= each.retry_limit:
                spent = spent or each
                continue
            return each
    return spent


def decision_after(
    chosen: FollowUp | None, visits: Sequence[StepRun], visit: StepRun, *, succeeded: bool
) -> dict[str, Any]:
    """What follows from the end of a visit, as it is kept with it."""
    if is_detour(visits, visit):
        return {"kind": "return" if succeeded else "fail"}
    if visit.step.startswith(WORKFLOW) and visit.reached_by is ReachedBy.GOTO:
        return {"kind": "end" if succeeded else "fail", "transferred": True}
    if chosen is None:
        return {"kind": "next" if succeeded else "fail"}
    said = {"by": chosen.name} if chosen.name else {}
    target = f"{WORKFLOW}{chosen.workflow_id}" if chosen.workflow_id else chosen.step
    match chosen.kind:
        case FollowUpKind.END:
            return {"kind": "end" if succeeded else "fail", **said}
        case FollowUpKind.GOTO:
            return {"kind": "goto", "to": target, **said}
        case FollowUpKind.RETRY:
            done = repetitions(visits, visit)
            if done >= chosen.retry_limit:
                return {"kind": "fail", "repeated": done, **said}
            detour = {"first": target} if target and target != visit.step else {}
            return {"kind": "retry", "after": chosen.retry_after, **detour, **said}


def next_visit(visits: Sequence[StepRun], step: str) -> int:
    """The number of a step's next visit."""
    return 1 + sum(each.step == step for each in visits)


@dataclass(slots=True)
class _Retry:
    """A repetition that is due; `first` is what is run before it."""

    visit: StepRun
    first: str
    is_ready: bool


@dataclass(slots=True)
class _Flow:
    """The visits replayed: who has passed, who is open, and what was decided and not yet done."""

    workflow: Workflow
    waits: Waits
    passed: set[str] = field(default_factory=set)
    open: list[StepRun] = field(default_factory=list)
    retries: dict[str, _Retry] = field(default_factory=dict)
    jump: StepRun | None = None
    ended: StepRun | None = None
    jumps: int = 0
    is_away: bool = False
    resumed_at: datetime | None = None

    def take(self, visit: StepRun) -> None:
        is_detour = False
        match visit.reached_by:
            case ReachedBy.RESUME:
                self._resume(visit)
            case ReachedBy.GOTO:
                self.jump = None
                self.jumps += 1
                # To go to a workflow is to leave this one for good.
                self.is_away = visit.step.startswith(WORKFLOW)
                self._begin_at(visit.step)
            case ReachedBy.RETRY:
                own = self.retries.get(visit.step)
                if own is not None and own.is_ready:
                    del self.retries[visit.step]
                else:
                    is_detour = True
        if not visit.status.is_final:
            self.open.append(visit)
        elif is_detour:
            self._return(visit)
        else:
            self._decide(visit)

    def situation(self) -> Situation:
        running = [each for each in self.open if each.status is StepStatus.IN_PROGRESS]
        waiting = [each for each in self.open if each.status is StepStatus.WAITING]
        if self.ended is not None:
            return Situation() if running else self._end(self.ended)
        if self.jump is not None:
            if self.open:
                return Situation(turns=tuple(map(_turn_of, waiting)))
            if self.jumps >= MOST_JUMPS:
                why = f"it went to another step {MOST_JUMPS:,} times: a loop without an end"
                return Situation(end=ChainStatus.ERROR, why=why, last=self.jump)
            return Situation(turns=(Turn(_decided(self.jump)["to"], ReachedBy.GOTO),))
        if self.is_away:
            return Situation(turns=tuple(map(_turn_of, waiting)))
        turns = [*map(_turn_of, waiting), *self._repetitions_due(), *self._in_order()]
        if turns or running:
            return Situation(turns=tuple(turns))
        left = [each.id for each in steps_in_order(self.workflow) if each.id not in self.passed]
        if left:
            why = f"{', '.join(left)} wait for what never ends: their dependsOn goes in a circle"
            return Situation(end=ChainStatus.ERROR, why=why)
        return Situation(end=ChainStatus.SUCCESS)

    def _resume(self, visit: StepRun) -> None:
        # All that one resumption begins again is written with the same moment.
        if visit.not_before != self.resumed_at:
            self.resumed_at = visit.not_before
            self.jump = self.ended = None
            self.is_away = False
            self.jumps = 0
            self.retries.clear()
        self._begin_at(visit.step)

    def _begin_at(self, name: str) -> None:
        """Have all before a step be behind us, and it and all that waits for it before us."""
        if name.startswith(WORKFLOW):
            self.passed.discard(name)
            return
        order = [each.id for each in steps_in_order(self.workflow)]
        self.passed |= set(order[: order.index(name)])
        again, left = {name}, True
        while left:
            more = {each for each in order if each not in again and self.waits[each] & again}
            again |= more
            left = bool(more)
        self.passed -= again

    def _return(self, visit: StepRun) -> None:
        for retry in self.retries.values():
            if retry.first == visit.step and not retry.is_ready:
                retry.is_ready = visit.status is StepStatus.SUCCESS
        if visit.status is StepStatus.ERROR:
            self.ended = self.ended or visit

    def _decide(self, visit: StepRun) -> None:
        match _kind(visit):
            case "next":
                self.passed.add(visit.step)
            case "goto":
                self.passed.add(visit.step)
                self.jump = self.jump or visit
            case "retry":
                first = _decided(visit).get("first", "")
                self.retries[visit.step] = _Retry(visit, first, is_ready=not first)
            case "void":
                pass
            case _:
                self.ended = self.ended or visit

    def _end(self, visit: StepRun) -> Situation:
        if _kind(visit) == "end":
            return Situation(end=ChainStatus.SUCCESS, last=visit)
        return Situation(end=ChainStatus.ERROR, why=visit.message, last=visit)

    def _repetitions_due(self) -> list[Turn]:
        turns = []
        is_open = {each.step for each in self.open}
        for name, retry in self.retries.items():
            if not retry.is_ready:
                if retry.first not in is_open:
                    turns.append(Turn(retry.first, ReachedBy.RETRY))
                continue
            ended_at = retry.visit.finished_at
            after = float(_decided(retry.visit).get("after") or 0.0)
            due = ended_at + timedelta(seconds=after) if ended_at and after else None
            turns.append(Turn(name, ReachedBy.RETRY, due))
        return turns

    def _in_order(self) -> list[Turn]:
        busy = {each.step for each in self.open} | self.retries.keys() | self.passed
        return [
            Turn(each.id, ReachedBy.ORDER)
            for each in steps_in_order(self.workflow)
            if each.id not in busy and self.waits[each.id] <= self.passed
        ]


def _turn_of(visit: StepRun) -> Turn:
    return Turn(visit.step, visit.reached_by, visit.not_before, visit)


def _decided(visit: StepRun) -> Mapping[str, Any]:
    return visit.decision or {}


def _kind(visit: StepRun) -> str:
    return str(_decided(visit).get("kind", ""))


def repetitions(visits: Sequence[StepRun], visit: StepRun) -> int:
    """How often a step has been repeated in a row, this visit being the last of them."""
    done = 0
    for each in reversed([one for one in visits if one.step == visit.step]):
        if each.seq > visit.seq:
            continue
        if each.reached_by is not ReachedBy.RETRY:
            break
        done += 1
    return done


def _leads_nowhere_else(workflow: Workflow, step: Step) -> bool:
    # A failure that ends the workflow is what follows from every failure anyway.
    return (
        isinstance(step.target, OperationTarget)
        and not (step.on_success or workflow.on_success)
        and all(each.kind is FollowUpKind.END for each in (*step.on_failure, *workflow.on_failure))
    )
