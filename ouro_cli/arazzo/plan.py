"""What a workflow is going to do, in the order in which it can: a plan, as JSON has it."""

from collections.abc import Iterator, Mapping
from typing import Any

from ouro_cli.arazzo.references import Reference, is_expression, pieces, read_reference
from ouro_cli.arazzo.statics import Called
from ouro_cli.errors import ExpressionFault
from ouro_cli.model.chain import (
    FollowUp,
    OperationTarget,
    Selector,
    Step,
    Workflow,
    WorkflowTarget,
)
from ouro_cli.model.chain_flow import steps_in_order, waits_of


def plan_view(workflow: Workflow, called: Called, *, name: str) -> dict[str, Any]:
    """The plan of a workflow of the file `name`: its inputs, its steps, what it gives."""
    reads = {
        step
        for step, found in called.operations.items()
        if found is not None and found.operation.method in ("GET", "HEAD")
    }
    free = {each.id for each in workflow.steps if each.depends_on is None}
    waits = waits_of(workflow, reads & free)
    return {
        "file": name,
        "workflow": workflow.id,
        "summary": workflow.summary or None,
        "inputs": _inputs(workflow.inputs),
        "steps": [_step(each, workflow, called, waits) for each in steps_in_order(workflow)],
        "outputs": _flows([*workflow.outputs.items()]),
    }


def _inputs(schema: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    properties = (schema or {}).get("properties")
    required = (schema or {}).get("required")
    names = required if isinstance(required, list) else []
    return [
        {
            "name": name,
            "type": each.get("type") if isinstance(each, dict) else None,
            "required": name in names,
        }
        for name, each in (properties if isinstance(properties, dict) else {}).items()
    ]


def _step(
    step: Step, workflow: Workflow, called: Called, waits: Mapping[str, Any]
) -> dict[str, Any]:
    values = [(each.name, each.value) for each in step.parameters]
    values += [(f"asset {name}", each) for name, each in step.input_assets.items()]
    if step.body is not None:
        values += _leaves(step.body.payload, "body")
        values += [(f"body{each.target}", each.value) for each in step.body.replacements]
    return {
        "step": step.id,
        **_target(step, called),
        "description": step.description or None,
        "waits_for": sorted(waits.get(step.id, ())),
        "takes": _flows(values),
        "criteria": [each.condition for each in step.criteria],
        "follow_ups": [
            *_follow_ups("success", step.on_success, workflow.on_success),
            *_follow_ups("failure", step.on_failure, workflow.on_failure),
        ],
        "timeout_seconds": step.timeout_seconds,
        "outputs": list(step.outputs),
    }


def _target(step: Step, called: Called) -> dict[str, Any]:
    target = step.target
    if isinstance(target, WorkflowTarget):
        return {"kind": "workflow", "calls": target.workflow_id, "route": None}
    if not isinstance(target, OperationTarget):
        return {"kind": "receive", "calls": target.step, "route": None}
    found = called.operations.get(step.id)
    name = target.route or target.operation_id or target.operation_path
    calls = name if found is None else f"{found.operation.method} {found.operation.path}"
    return {"kind": "operation", "calls": calls, "route": target.route or None}


def _follow_ups(
    after: str, own: tuple[FollowUp, ...], shared: tuple[FollowUp, ...]
) -> Iterator[dict[str, Any]]:
    names = {each.name for each in own}
    for each in (*own, *(one for one in shared if one.name not in names)):
        yield {
            "after": after,
            "name": each.name,
            "kind": each.kind.value,
            "to": each.step or each.workflow_id or None,
            "when": [criterion.condition for criterion in each.criteria],
            "retry_after": each.retry_after if each.kind == "retry" else None,
            "retry_limit": each.retry_limit if each.kind == "retry" else None,
        }


def _leaves(value: Any, place: str) -> list[tuple[str, Any]]:
    children: Any = ()
    if isinstance(value, dict):
        children = value.items()
    elif isinstance(value, list):
        children = enumerate(value)
    else:
        return [(place, value)]
    return [leaf for key, each in children for leaf in _leaves(each, f"{place}.{key}")]


def _flows(values: list[tuple[str, Any]]) -> list[dict[str, Any]]:
    """What of other places flows into each named value; constants are left out."""
    return [
        {"name": name, "from": [each.text for each in found]}
        for name, value in values
        if (found := list(_references(value)))
    ]


def _references(value: Any) -> Iterator[Reference]:
    if isinstance(value, Selector):
        yield from _references(value.context)
    elif isinstance(value, str):
        try:
            if is_expression(value):
                yield read_reference(value)
            elif "{$" in value:
                yield from (each for each in pieces(value) if isinstance(each, Reference))
        except ExpressionFault:
            # Told by the check.
            return
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _references(each)
