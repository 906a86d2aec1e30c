"""Change what steps of a chain that are not yet run will be given, and tell it."""

import copy
import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any

from ouro_cli.errors import ChainRefused, UsageFault
from ouro_cli.model.chain import Workflow
from ouro_cli.model.chain_run import ChainRun
from ouro_cli.model.identity import near
from ouro_cli.model.json_text import read_json
from ouro_cli.wire.coercion import typed

_EDIT = re.compile(r"([^.=:]+)\.([^=]*?)(:=|=)(.*)", re.DOTALL)
_PLACES = ("path", "query", "header", "cookie")


def edited(
    chain: ChainRun, workflow: Workflow, edits: Sequence[str], open_steps: AbstractSet[str]
) -> ChainRun:
    """The chain with each `STEP.PLACE=VALUE`, or `inputs.NAME=VALUE`, put in its place.

    A place is `body.FIELD`, `query.NAME`, `path.NAME`, `header.NAME` or `input.NAME`; `:=` has the
    value read as JSON. Raises UsageFault for what cannot be read, ChainRefused for a step that
    has finished.
    """
    document, inputs = copy.deepcopy(dict(chain.document)), dict(chain.inputs)
    told = []
    for text in edits:
        read = _EDIT.fullmatch(text)
        if read is None:
            hint = "Write it like STEP.body.FIELD=VALUE, STEP.query.NAME=VALUE, inputs.NAME=VALUE."
            raise UsageFault(why=f"--edit {text}: no place of a step", hint=hint)
        step, place, sign, raw = read.groups()
        value = _json(raw, text) if sign == ":=" else raw
        if step == "inputs":
            schema = ((workflow.inputs or {}).get("properties") or {}).get(place, {})
            inputs[place] = typed(value, schema) if sign == "=" else value
        else:
            _check_step(workflow, step, open_steps)
            raw_step = _raw_step(document, chain.workflow, step)
            _put(raw_step, place.split("."), value, is_text=sign == "=", edit=text)
        told.append(text)
    return replace(chain, document=document, inputs=inputs, edits=(*chain.edits, *told))


def _check_step(workflow: Workflow, step: str, open_steps: AbstractSet[str]) -> None:
    if workflow.step(step) is None:
        known = [each.id for each in workflow.steps]
        close = near(step, known, 1) or known[:1]
        hint = f"It has: {', '.join(known)}. Did you mean {close[0]}?"
        raise UsageFault(why=f"--edit: the chain has no step '{step}'", hint=hint)
    if step not in open_steps:
        raise ChainRefused(
            why=f"step {step} has finished, and an edit would change nothing of it",
            hint=f"To run it again with the edit: --from {step}",
        )


def _raw_step(document: dict[str, Any], workflow_id: str, step: str) -> dict[str, Any]:
    for workflow in document["workflows"]:
        if workflow["workflowId"] == workflow_id:
            for each in workflow["steps"]:
                if each["stepId"] == step:
                    found: dict[str, Any] = each
                    return found
    raise KeyError(step)


def _put(step: dict[str, Any], place: list[str], value: Any, *, is_text: bool, edit: str) -> None:
    kind, names = place[0], place[1:]
    if kind == "body" and names:
        body = step.setdefault("requestBody", {"payload": {}})
        payload = body.get("payload")
        if not isinstance(payload, dict):
            raise UsageFault(why=f"--edit {edit}: the step's body is no object")
        _put_at(payload, names, _like(value, _at(payload, names)) if is_text else value, edit)
    elif kind == "input" and len(names) == 1:
        step.setdefault("x-ouro-input-assets", {})[names[0]] = value
    elif kind in _PLACES and names:
        name = ".".join(names)
        parameters = step.setdefault("parameters", [])
        for each in parameters:
            if each.get("name") == name and each.get("in") == kind:
                each["value"] = value
                return
        parameters.append({"name": name, "in": kind, "value": value})
    else:
        hint = "A place is body.FIELD, query.NAME, path.NAME, header.NAME or input.NAME."
        raise UsageFault(why=f"--edit {edit}: '{'.'.join(place)}' is no place", hint=hint)


def _at(payload: dict[str, Any], names: Sequence[str]) -> Any:
    value: Any = payload
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _put_at(payload: dict[str, Any], names: Sequence[str], value: Any, edit: str) -> None:
    holder: Any = payload
    for name in names[:-1]:
        holder = holder.setdefault(name, {}) if isinstance(holder, dict) else None
    if not isinstance(holder, dict):
        raise UsageFault(why=f"--edit {edit}: the body holds no object there")
    holder[names[-1]] = value


def _like(text: str, before: Any) -> Any:
    """A text as the type of what stood there; as text where nothing did."""
    if isinstance(before, bool):
        return typed(text, {"type": "boolean"})
    if isinstance(before, int | float):
        return typed(text, {"type": "number"})
    if isinstance(before, dict | list):
        return typed(text, {"type": "object" if isinstance(before, dict) else "array"})
    return text


def _json(text: str, edit: str) -> Any:
    try:
        return read_json(text)
    except ValueError as fault:
        raise UsageFault(why=f"--edit {edit}: {fault}") from None
