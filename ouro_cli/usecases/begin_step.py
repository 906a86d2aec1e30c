"""Begin a step of a chain: what it became is written in one transaction with its visit."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ouro_cli.arazzo.document import workflows_of
from ouro_cli.arazzo.expressions import evaluate
from ouro_cli.arazzo.payload import filled
from ouro_cli.arazzo.rules import FILES
from ouro_cli.arazzo.scope import Scope
from ouro_cli.arazzo.targets import split_source
from ouro_cli.crash import crash_point
from ouro_cli.errors import ExpressionFault
from ouro_cli.model.chain import (
    FollowUpKind,
    OperationTarget,
    Parameter,
    ParameterPlace,
    ReceiveTarget,
    Step,
    Workflow,
    WorkflowFile,
    WorkflowTarget,
)
from ouro_cli.model.chain_flow import WORKFLOW, Turn, next_visit, step_named
from ouro_cli.model.chain_run import ChainRun, ReachedBy, StepRun, StepStatus
from ouro_cli.model.identity import is_uuid
from ouro_cli.model.route import Route
from ouro_cli.runtime import Runtime
from ouro_cli.store.registry import Nouns
from ouro_cli.usecases.chain_scope import named_headers, scope_of
from ouro_cli.usecases.find_target import find_target
from ouro_cli.usecases.start_action import RouteCall, start_action
from ouro_cli.usecases.start_chain import ChainCall, add_chain, new_chain
from ouro_cli.wire.inputs import Arguments, Field
from ouro_cli.wire.manner import Manner
from ouro_cli.wire.uploads import kept_in

MOST_DEEP = 50
"""How many chains may be steps within each other: a workflow may lead back to itself."""


class BegunBefore(Exception):
    """Another process has begun this visit: what it became is not ours."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A chain as those who take its steps see it: what it runs, and its visits so far."""

    chain: ChainRun
    file: WorkflowFile
    workflow: Workflow
    visits: Sequence[StepRun]


def begin_step(rt: Runtime, plan: Plan, turn: Turn) -> None:
    """Begin a visit of a step: its action, its chain, or its waiting for one, is written with it.

    Raises what `start_action` and `start_chain` raise, and ExpressionFault; then nothing was
    stored. BegunBefore where the visit is there already.
    """
    visit = turn.visit or StepRun(
        seq=0,
        chain_id=plan.chain.id,
        step=turn.step,
        visit=next_visit(plan.visits, turn.step),
        status=StepStatus.IN_PROGRESS,
        reached_by=turn.reached_by,
        not_before=turn.not_before,
    )
    step = step_named(plan.workflow, turn.step)
    scope = scope_of(rt, plan.chain, plan.file, plan.visits)
    match step.target:
        case OperationTarget():
            _begin_action(rt, plan, visit, step, scope)
        case WorkflowTarget():
            _begin_chain(rt, plan, visit, step, scope)
        case ReceiveTarget(step=sender):
            _begin_receiving(rt, plan, visit, sender)
    if visit.reached_by is ReachedBy.RETRY:
        crash_point("C8")


def put_off(rt: Runtime, plan: Plan, turn: Turn) -> None:
    """Write down that a step is at its turn later, so that a restart keeps to it."""
    visit = StepRun(
        seq=0,
        chain_id=plan.chain.id,
        step=turn.step,
        visit=next_visit(plan.visits, turn.step),
        status=StepStatus.WAITING,
        reached_by=turn.reached_by,
        not_before=turn.not_before,
    )
    with rt.store.transaction() as tx:
        tx.chains.begin(visit, rt.now())
    crash_point("C8")


def call_of(step: Step, workflow: Workflow, route: Route, scope: Scope) -> RouteCall:
    """The call that a step makes of its route, everything in it worked out.

    What came from elsewhere stays data: a text that begins with @ is that text, and what stands
    for a kept file counts only where the workflow itself says it.
    """
    path: list[tuple[str, str]] = []
    query: list[tuple[str, str]] = []
    headers: list[tuple[str, str]] = []
    fields: list[Field] = []
    pairs = {
        ParameterPlace.PATH: path,
        ParameterPlace.QUERY: query,
        ParameterPlace.HEADER: headers,
    }
    for each in _parameters_of(workflow, step):
        value = evaluate(each.value, scope)
        if value is None and each.place is not ParameterPlace.PATH:
            continue
        given = pairs.get(each.place)
        declared = route.operation.parameters_in(each.place.value)
        if given is None or (not isinstance(value, str) and each.name in declared):
            fields.append(Field(each.name, value, False))
        else:
            given.append((each.name, value if isinstance(value, str) else json.dumps(value)))
    body = None if step.body is None else filled(step.body, scope)
    _refuse_strange_files(body, step)
    arguments = Arguments(
        fields=tuple(fields),
        query=tuple(query),
        headers=tuple(headers),
        path=tuple(path),
        body=body,
        has_body=step.body is not None,
        content_type="" if step.body is None else step.body.content_type,
    )
    inputs = [
        f"{name}={asset_id}"
        for name, each in step.input_assets.items()
        if (asset_id := _asset_id(name, evaluate(each, scope))) is not None
    ]
    return RouteCall(
        route.id,
        arguments,
        inputs=tuple(inputs),
        # Where the file says itself when to repeat, each repetition is one call.
        manner=Manner(no_retry=_is_repeated(step, workflow), keep_headers=named_headers(workflow)),
    )


def _is_repeated(step: Step, workflow: Workflow) -> bool:
    return any(each.kind is FollowUpKind.RETRY for each in (*step.on_failure, *workflow.on_failure))


def _begin_action(rt: Runtime, plan: Plan, visit: StepRun, step: Step, scope: Scope) -> None:
    assert isinstance(step.target, OperationTarget)
    route = find_target(rt, plan.chain.services, step.target)

    def write(tx: Nouns, action_id: str) -> None:
        if not tx.chains.begin(visit, rt.now(), action_id=action_id):
            raise BegunBefore

    start_action(rt, call_of(step, plan.workflow, route, scope), also=write)


def _begin_chain(rt: Runtime, plan: Plan, visit: StepRun, step: Step, scope: Scope) -> None:
    assert isinstance(step.target, WorkflowTarget)
    if step.id.startswith(WORKFLOW):
        # One that runs before, or instead of, the steps is given what this one was given.
        inputs = _inputs_of(plan, step, visit)
    else:
        inputs = {
            each.name: evaluate(each.value, scope)
            for each in step.parameters
            if each.place is ParameterPlace.INPUT
        }
    call = replace(_file_of(plan, step.target.workflow_id), inputs=inputs)
    _refuse_too_deep(rt, plan.chain)
    child = new_chain(rt, call, parent=plan.chain)
    with rt.store.transaction() as tx:
        add_chain(rt, tx, child)
        if not tx.chains.begin(visit, rt.now(), child_id=child.id):
            raise BegunBefore


def _file_of(plan: Plan, workflow_id: str) -> ChainCall:
    """The workflow, in this file or in one of its sources, as it can be called."""
    source, name = split_source(workflow_id)
    chain = plan.chain
    if not source:
        return ChainCall(
            *(chain.document, name),
            source=chain.source,
            sha256=chain.sha256,
            services=chain.services,
        )
    kept = (chain.document.get(FILES) or {}).get(source)
    if not isinstance(kept, Mapping):
        raise ExpressionFault(why=f"source {source} is no workflow file, or leads to itself")
    return ChainCall(kept["document"], name, source=kept["source"], services=kept["services"])


def _refuse_too_deep(rt: Runtime, chain: ChainRun) -> None:
    depth, above = 1, chain.parent_id
    while above is not None:
        depth, above = depth + 1, rt.store.chains.get(above).parent_id
    if depth >= MOST_DEEP:
        raise ExpressionFault(why=f"workflows are steps of each other {MOST_DEEP} deep")


def _inputs_of(plan: Plan, step: Step, visit: StepRun) -> dict[str, Any]:
    """What a workflow is given that a follow-up leads to, or that this one depends on."""
    assert isinstance(step.target, WorkflowTarget)
    for each in reversed(plan.visits):
        decision = each.decision or {}
        if visit.reached_by is not ReachedBy.ORDER and step.id in (
            decision.get("to"),
            decision.get("first"),
        ):
            return dict(decision.get("inputs") or _known(plan, step.target.workflow_id))
    return _known(plan, step.target.workflow_id)


def _known(plan: Plan, workflow_id: str) -> dict[str, Any]:
    """Of our own inputs those that the workflow has too."""
    call = _file_of(plan, workflow_id)
    workflow = workflows_of(call.document).workflow(call.workflow)
    stated = (workflow.inputs or {}).get("properties") if workflow is not None else None
    if not isinstance(stated, Mapping):
        return {}
    return {name: each for name, each in plan.chain.inputs.items() if name in stated}


def _begin_receiving(rt: Runtime, plan: Plan, visit: StepRun, sender: str) -> None:
    sent = [each for each in plan.visits if each.step == sender and each.action_id is not None]
    if not sent:
        raise ExpressionFault(why=f"step {sender} has sent nothing whose result could be received")
    with rt.store.transaction() as tx:
        if not tx.chains.begin(visit, rt.now(), action_id=sent[-1].action_id):
            raise BegunBefore


def _parameters_of(workflow: Workflow, step: Step) -> list[Parameter]:
    """The step's parameters, and those of its workflow that it says nothing of itself."""
    own = {(each.name, each.place) for each in step.parameters}
    shared = [each for each in workflow.parameters if (each.name, each.place) not in own]
    return [*shared, *step.parameters]


def _refuse_strange_files(body: Any, step: Step) -> None:
    """Raise ExpressionFault where data from elsewhere would have kept bytes sent."""
    meant = {each.sha256 for each in kept_in(_plain(step.body.payload))} if step.body else set()
    if any(each.sha256 not in meant for each in kept_in(body)):
        raise ExpressionFault(
            why="the body would hold a kept file that the workflow does not name itself"
        )


def _plain(value: Any) -> Any:
    """A payload as a value: a template that is a text may hold JSON."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _asset_id(name: str, value: Any) -> str | None:
    """The id of the asset that an input names; a path is none, whoever wrote it."""
    if value is None:
        return None
    found = value.get("id") if isinstance(value, dict) else value
    if not isinstance(found, str) or not is_uuid(found.lower()):
        raise ExpressionFault(why=f"input {name} is no asset: expected an asset or the id of one")
    return found.lower()
