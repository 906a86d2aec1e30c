"""What the specification says in words of its objects, beyond their tables: structure alone."""

from collections.abc import Iterator
from typing import Any

from ouro_cli.arazzo.findings import Finding
from ouro_cli.arazzo.selectors import VERSIONS
from ouro_cli.openapi.refs import pointer

Steps = tuple[object, ...]

LONGEST_WAIT = 366 * 24 * 3600
"""How many seconds a step or a repetition may wait."""

TARGETS = ("operationId", "operationPath", "workflowId", "channelPath", "x-ouro-route")
ROUTE = "x-ouro-route"
INPUT_ASSETS = "x-ouro-input-assets"
FILES = "x-ouro-files"
"""Where a chain's document keeps the workflow files that its sources describe."""

_COMPONENTS = {
    "parameters": "parameters",
    "successActions": "successActions",
    "onSuccess": "successActions",
    "failureActions": "failureActions",
    "onFailure": "failureActions",
}


def rule_faults(document: dict[str, Any]) -> Iterator[Finding]:
    """What is wrong with a description whose fields are all of the right kind."""
    yield from _twice(document["sourceDescriptions"], "name", ("sourceDescriptions",))
    yield from _twice(document["workflows"], "workflowId", ("workflows",))
    components = document.get("components") or {}
    for kind in ("successActions", "failureActions"):
        for name, action in components.get(kind, {}).items():
            yield from _of_action(action, ("components", kind, name))
    for index, workflow in enumerate(document["workflows"]):
        at = ("workflows", index)
        yield from _of_lists(workflow, at, components)
        yield from _twice(workflow["steps"], "stepId", (*at, "steps"))
        for number, step in enumerate(workflow["steps"]):
            yield from _of_step(step, (*at, "steps", number), components)


def _of_step(step: dict[str, Any], at: Steps, components: dict[str, Any]) -> Iterator[Finding]:
    targets = [each for each in TARGETS if each in step]
    # Beside an operationId our own reference only says the same in other words.
    kinds = [each for each in targets if each != ROUTE] or targets
    if not targets:
        known = "operationId, operationPath, workflowId or x-ouro-route"
        yield Finding(pointer(*at), f"a step needs one of {known}")
    elif len(kinds) > 1:
        yield Finding(pointer(*at), f"{' and '.join(kinds)} exclude each other")
    if ROUTE in step and not isinstance(step[ROUTE], str):
        yield Finding(pointer(*at, ROUTE), "is no text, expected a route's reference")
    assets = step.get(INPUT_ASSETS, {})
    if not isinstance(assets, dict) or not all(isinstance(each, str) for each in assets.values()):
        yield Finding(pointer(*at, INPUT_ASSETS), "is no object of names and expressions or ids")
    if "channelPath" in step and "action" not in step:
        yield Finding(pointer(*at), "a step with a channelPath needs the field 'action'")
    if step.get("timeout", 0) > LONGEST_WAIT * 1000:
        yield Finding(pointer(*at, "timeout"), "is longer than a year (it counts milliseconds)")
    if "workflowId" in step and "requestBody" in step:
        yield Finding(pointer(*at, "requestBody"), "a workflow takes no request body")
    yield from _of_lists(step, at, components)
    for number, each in enumerate(step.get("successCriteria", [])):
        yield from _of_criterion(each, (*at, "successCriteria", number))


def _of_lists(holder: dict[str, Any], at: Steps, components: dict[str, Any]) -> Iterator[Finding]:
    for field, kind in _COMPONENTS.items():
        seen: dict[Any, int] = {}
        for number, each in enumerate(holder.get(field, [])):
            place = (*at, field, number)
            if "reference" in each:
                found = referred(each, kind, components)
                if found is None:
                    message = f"{each['reference'][:80]} is not in components/{kind}"
                    yield Finding(pointer(*place, "reference"), message)
                    continue
                each = found
            elif field != "parameters":
                yield from _of_action(each, place)
            if each.get("in") == "querystring":
                yield Finding(pointer(*place), "'in: querystring' is not supported; use query")
            key = (each.get("name"), each.get("in"))
            if key in seen:
                yield Finding(pointer(*place), f"'{key[0]}' stands twice in {field}")
            seen[key] = number


def referred(reusable: dict[str, Any], kind: str, components: dict[str, Any]) -> Any:
    """The component that a Reusable Object links to; None where it is none of this kind."""
    prefix = f"$components.{kind}."
    reference = reusable["reference"]
    if not reference.startswith(prefix):
        return None
    found = components.get(kind, {}).get(reference.removeprefix(prefix))
    return found if isinstance(found, dict) and "reference" not in found else None


def _of_action(action: dict[str, Any], at: Steps) -> Iterator[Finding]:
    leads = [each for each in ("stepId", "workflowId") if each in action]
    kind = action.get("type")
    if len(leads) > 1:
        yield Finding(pointer(*at), "stepId and workflowId exclude each other")
    if kind == "goto" and not leads:
        yield Finding(pointer(*at), "a goto needs a stepId or a workflowId")
    if kind == "end" and leads:
        yield Finding(
            pointer(*at, leads[0]), f"an end leads nowhere: '{leads[0]}' is not read", False
        )
    if kind != "retry":
        for field in ("retryAfter", "retryLimit"):
            if field in action:
                message = f"only a retry has '{field}': it is not read"
                yield Finding(pointer(*at, field), message, is_error=False)
    if action.get("retryAfter", 0) > LONGEST_WAIT:
        yield Finding(pointer(*at, "retryAfter"), "is longer than a year (it counts seconds)")
    for number, each in enumerate(action.get("parameters", [])):
        if "in" in each:
            message = "'in' may not stand here: a workflow's inputs have no place"
            yield Finding(pointer(*at, "parameters", number, "in"), message)
    for number, each in enumerate(action.get("criteria", [])):
        yield from _of_criterion(each, (*at, "criteria", number))


def _of_criterion(criterion: dict[str, Any], at: Steps) -> Iterator[Finding]:
    kind = criterion.get("type", "simple")
    if isinstance(kind, dict):
        versions = VERSIONS.get(kind["type"], ())
        if kind["version"] not in versions:
            message = f"'{kind['version'][:60]}' is none of: {', '.join(versions)}"
            yield Finding(pointer(*at, "type", "version"), message)
        kind = kind["type"]
    if kind == "jsonpointer":
        yield Finding(pointer(*at, "type"), "'jsonpointer' selects, and is no condition")
    if kind != "simple" and "context" not in criterion:
        yield Finding(pointer(*at), f"a {kind} criterion needs the field 'context'")


def _twice(objects: list[dict[str, Any]], key: str, at: Steps) -> Iterator[Finding]:
    seen: set[str] = set()
    for number, each in enumerate(objects):
        name = each[key]
        if name in seen:
            yield Finding(pointer(*at, number, key), f"the {key} '{name[:60]}' stands twice")
        seen.add(name)
        if not name:
            yield Finding(pointer(*at, number, key), f"the {key} is empty")
