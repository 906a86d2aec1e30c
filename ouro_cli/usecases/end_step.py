"""Note the end of a step: judge it, take its outputs, decide what follows; all in one commit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ouro_cli.arazzo.criteria import is_met, why_not
from ouro_cli.arazzo.expressions import evaluate
from ouro_cli.arazzo.scope import Exchange, Scope
from ouro_cli.crash import crash_point
from ouro_cli.errors import ExpressionFault, OuroError
from ouro_cli.model.action import Action, ActionStatus, Source
from ouro_cli.model.chain import FollowUp, FollowUpKind, Parameter, ReceiveTarget, Step
from ouro_cli.model.chain_flow import decision_after, follow_up, repetitions, step_named
from ouro_cli.model.chain_run import ChainRun, StepRun, StepStatus
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.begin_step import Plan
from ouro_cli.usecases.chain_scope import asset_outputs, exchange_of, scope_of
from ouro_cli.wire.message import message_in

_UNCERTAIN = frozenset({"outcome_unknown", "answer_incomplete"})
"""Codes of errors that leave open whether the API ran the call."""


@dataclass(frozen=True, slots=True)
class Judged:
    """How a step ended, and why it failed; `exchange` is what its criteria and outputs see."""

    succeeded: bool
    message: str = ""
    exchange: Exchange | None = None
    made: Mapping[str, Any] | None = None
    may_repeat: bool = True


def end_of_action(rt: Runtime, plan: Plan, visit: StepRun, action: Action) -> None:
    """Note the end of a step whose action has come as far as the step asks for."""
    step = step_named(plan.workflow, visit.step)
    exchange = exchange_of(rt, action, with_url="$url" in repr(step))
    scope = scope_of(rt, plan.chain, plan.file, plan.visits, exchange)
    failure = _failure_of(action)
    may_repeat = action.error_code not in _UNCERTAIN or _is_repeatable(rt, action)
    if not failure:
        failure = _against(step, scope)
    elif _is_spoken(action) and step.criteria:
        # An answer is what its criteria make of it: `$statusCode == 404` may well be meant.
        failure = _against(step, scope)
    if failure and not may_repeat:
        failure = f"{failure} (the API may have run it)" if "may have" not in failure else failure
    note_end(
        *(rt, plan, visit),
        Judged(not failure, failure, exchange, asset_outputs(action), may_repeat),
    )


def end_of_chain(rt: Runtime, plan: Plan, visit: StepRun, child: ChainRun) -> None:
    """Note the end of a step that was a chain of its own."""
    why = "" if child.error is None else str(child.error.get("message", ""))
    made = dict(child.outputs or {})
    scope = scope_of(rt, plan.chain, plan.file, plan.visits)
    step = step_named(plan.workflow, visit.step)
    # What a workflow gave is seen by the criteria and outputs of its step as `$outputs`.
    seen = Scope(
        inputs=scope.inputs,
        outputs=made,
        steps=scope.steps,
        workflows={
            **scope.workflows,
            child.workflow: {"inputs": dict(child.inputs), "outputs": made},
        },
        exchange=None,
        sources=scope.sources,
        components=scope.components,
    )
    failure = f"workflow {child.workflow} failed: {why}" if why else ""
    if not failure:
        failure = _against(step, seen)
    note_end(rt, plan, visit, Judged(not failure, failure, None, made), scope=seen)


def note_end(
    rt: Runtime, plan: Plan, visit: StepRun, judged: Judged, *, scope: Scope | None = None
) -> None:
    """Commit how a visit ended, with its outputs and what follows from it."""
    step = step_named(plan.workflow, visit.step)
    seen = scope or scope_of(rt, plan.chain, plan.file, plan.visits, judged.exchange)
    outputs, lacking = _outputs_of(step, judged, seen)
    chosen = follow_up(
        *(plan.workflow, step),
        succeeded=judged.succeeded,
        is_met=lambda each: is_met(each, seen),
        repeated=repetitions(plan.visits, visit),
    )
    message = judged.message or lacking
    if chosen is not None and chosen.kind is FollowUpKind.RETRY and not judged.may_repeat:
        chosen = None
        message = f"{message}; it is not repeated, since the route is not safe to repeat"
    decision = decision_after(chosen, plan.visits, visit, succeeded=judged.succeeded)
    if decision.get("repeated"):
        message = f"{message} (after {decision['repeated']} repetitions)"
    if not judged.may_repeat:
        # Known for as long as the chain is, also once its action is kept no more.
        decision["uncertain"] = True
    if chosen is not None and chosen.parameters:
        decision["inputs"] = _inputs_of(chosen, seen)
    crash_point("C4")
    with rt.store.transaction() as tx:
        tx.chains.end_visit(
            visit,
            StepStatus.SUCCESS if judged.succeeded else StepStatus.ERROR,
            decision,
            rt.now(),
            outputs=outputs,
            message=message,
        )
    crash_point("C1")


def note_refusal(rt: Runtime, plan: Plan, visit: StepRun, fault: OuroError) -> None:
    """Note that a step could not be begun: nothing was sent, and repeating would not help."""
    advice = fault.advice if isinstance(fault, ExpressionFault) else ""
    message = f"{fault.message.rstrip('.')}. {advice}".strip().rstrip(".")
    with rt.store.transaction() as tx:
        tx.chains.begin(visit, rt.now())
        begun = next(
            each
            for each in tx.chains.visits(plan.chain.id)
            if (each.step, each.visit) == (visit.step, visit.visit)
        )
        step = step_named(plan.workflow, visit.step)
        seen = scope_of(rt, plan.chain, plan.file, plan.visits)
        chosen = follow_up(
            plan.workflow, step, succeeded=False, is_met=lambda each: is_met(each, seen)
        )
        if chosen is not None and chosen.kind is FollowUpKind.RETRY:
            chosen = None
        decision = decision_after(chosen, plan.visits, begun, succeeded=False)
        tx.chains.end_visit(begun, StepStatus.ERROR, decision, rt.now(), message=message)


def is_done(plan: Plan, visit: StepRun, action: Action) -> bool:
    """Whether an action has come as far as its step asks: to the end, or to its acceptance.

    Where another step receives its result, it only has to be accepted.
    """
    if action.is_final:
        return True
    is_received_later = any(
        isinstance(each.target, ReceiveTarget) and each.target.step == visit.step
        for each in plan.workflow.steps
    )
    return is_received_later and action.is_accepted


def _against(step: Step, scope: Scope) -> str:
    """What stands against a step's success, by its first criterion that is not met."""
    return next((why for each in step.criteria if (why := why_not(each, scope))), "")


def _failure_of(action: Action) -> str:
    """Why an action failed, in a line; empty where it did not."""
    match action.status:
        case ActionStatus.ERROR:
            value = None if action.response is None else action.response.value
            told = message_in(value) or "no reason was given"
            code = action.upstream_status_code
            return f"{told} (HTTP {code})" if code and str(code) not in told else told
        case ActionStatus.TIMED_OUT:
            return "timed out: the API sent neither a result nor a log line"
        case _:
            return ""


def _is_spoken(action: Action) -> bool:
    """Whether the API answered the call itself, whatever it said."""
    return (
        action.ended_by is Source.RESPONSE
        and action.upstream_status_code is not None
        and action.error_code not in _UNCERTAIN
    )


def _is_repeatable(rt: Runtime, action: Action) -> bool:
    return rt.store.routes.get(action.route.id).operation.is_repeatable


def _outputs_of(step: Step, judged: Judged, scope: Scope) -> tuple[dict[str, Any] | None, str]:
    """The outputs, as far as they are there; and of those that are not, why the first is not."""
    outputs: dict[str, Any] = dict(judged.made or {})
    lacking = ""
    for name, each in step.outputs.items():
        try:
            outputs[name] = evaluate(each, scope)
        except ExpressionFault as fault:
            outputs.pop(name, None)
            lacking = lacking or f"output {name}: {fault.facts['why']}"
    if judged.succeeded:
        return outputs, lacking
    return (outputs or None), ""


def _inputs_of(chosen: FollowUp, scope: Scope) -> dict[str, Any]:
    """What a follow-up gives the workflow that it leads to."""

    def value_of(each: Parameter) -> Any:
        try:
            return evaluate(each.value, scope)
        except ExpressionFault:
            return None

    return {each.name: value_of(each) for each in chosen.parameters}
