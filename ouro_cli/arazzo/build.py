"""Workflows from the values of a description that was checked."""

import re
from collections.abc import Mapping
from typing import Any

from ouro_cli.arazzo.lines import Lines
from ouro_cli.arazzo.rules import INPUT_ASSETS, ROUTE, referred
from ouro_cli.arazzo.shape import is_selector
from ouro_cli.model.chain import (
    Criterion,
    CriterionKind,
    FollowUp,
    FollowUpKind,
    OperationTarget,
    Parameter,
    ParameterPlace,
    Payload,
    ReceiveTarget,
    Replacement,
    Selector,
    SelectorKind,
    Source,
    SourceKind,
    Step,
    Target,
    Workflow,
    WorkflowFile,
    WorkflowTarget,
)
from ouro_cli.openapi.refs import pointer

_PLACES = {str(each) for each in ParameterPlace}
_SELECTOR_KINDS = {str(each) for each in SelectorKind}
_STEP_OUTPUT = re.compile(r"\{?\$steps\.([^.]+)\.")


class Builder:
    """Builds the workflows of one description, with lines where they are known."""

    def __init__(self, document: Mapping[str, Any], lines: Lines | None) -> None:
        self._document = document
        self._lines = lines
        self._components: dict[str, Any] = document.get("components") or {}
        self._has_selectors = not str(document["arazzo"]).startswith("1.0")

    def file(self) -> WorkflowFile:
        """The whole description."""
        document = self._document
        components = dict(self._components)
        if "$self" in document:
            components["$self"] = document["$self"]
        return WorkflowFile(
            title=document["info"]["title"],
            version=document["info"]["version"],
            sources=tuple(
                Source(each["name"], each["url"], SourceKind(each.get("type", "openapi")))
                for each in document["sourceDescriptions"]
            ),
            workflows=tuple(
                self._workflow(each, index) for index, each in enumerate(document["workflows"])
            ),
            components=components,
        )

    def _workflow(self, value: dict[str, Any], index: int) -> Workflow:
        at = ("workflows", index)
        return Workflow(
            id=value["workflowId"],
            steps=tuple(self._step(value, number, at) for number in range(len(value["steps"]))),
            summary=value.get("summary", ""),
            inputs=_schema(value.get("inputs"), self._document),
            depends_on=tuple(value.get("dependsOn", ())),
            outputs=self._expressions(value.get("outputs")),
            parameters=self._parameters(value, is_workflow=False),
            on_success=self._follow_ups(value, "successActions", "successActions"),
            on_failure=self._follow_ups(value, "failureActions", "failureActions"),
            line=self._line(*at),
        )

    def _step(self, workflow: dict[str, Any], number: int, at: tuple[object, ...]) -> Step:
        value = workflow["steps"][number]
        timeout = value.get("timeout")
        return Step(
            id=value["stepId"],
            target=_target(value, workflow["steps"][:number]),
            description=value.get("description", ""),
            parameters=self._parameters(value, is_workflow="workflowId" in value),
            body=self._payload(value.get("requestBody")),
            criteria=_criteria(value.get("successCriteria")),
            on_success=self._follow_ups(value, "onSuccess", "successActions"),
            on_failure=self._follow_ups(value, "onFailure", "failureActions"),
            outputs=self._expressions(value.get("outputs")),
            depends_on=tuple(value["dependsOn"]) if "dependsOn" in value else None,
            timeout_seconds=None if timeout is None else timeout / 1000,
            input_assets=dict(value.get(INPUT_ASSETS, {})),
            line=self._line(*at, "steps", number),
        )

    def _parameters(self, holder: dict[str, Any], *, is_workflow: bool) -> tuple[Parameter, ...]:
        found = []
        for each in holder.get("parameters", ()):
            value = self._referred(each, "parameters")
            place = ParameterPlace.INPUT
            if not is_workflow and value.get("in") in _PLACES:
                place = ParameterPlace(value["in"])
            given = each["value"] if "reference" in each and "value" in each else value["value"]
            found.append(Parameter(value["name"], place, self._value(given)))
        return tuple(found)

    def _follow_ups(self, holder: dict[str, Any], field: str, kind: str) -> tuple[FollowUp, ...]:
        return tuple(self._follow_up(self._referred(each, kind)) for each in holder.get(field, ()))

    def _follow_up(self, value: dict[str, Any]) -> FollowUp:
        return FollowUp(
            name=value["name"],
            kind=FollowUpKind(value["type"]),
            step=value.get("stepId", ""),
            workflow_id=value.get("workflowId", ""),
            retry_after=float(value.get("retryAfter", 0)),
            retry_limit=int(value.get("retryLimit", 1)),
            criteria=_criteria(value.get("criteria")),
            parameters=self._parameters(value, is_workflow=True),
        )

    def _payload(self, value: dict[str, Any] | None) -> Payload | None:
        if value is None:
            return None
        return Payload(
            payload=self._value(value.get("payload")),
            content_type=value.get("contentType", ""),
            replacements=tuple(
                Replacement(each["target"], self._value(each["value"]), _selector_kind(each))
                for each in value.get("replacements", ())
            ),
        )

    def _referred(self, value: dict[str, Any], kind: str) -> dict[str, Any]:
        if "reference" not in value:
            return value
        found: dict[str, Any] = referred(value, kind, self._components)
        return found

    def _expressions(self, value: dict[str, Any] | None) -> dict[str, Any]:
        # An output is an expression or a Selector Object, whatever the file's version is.
        return {name: _selected(each) for name, each in (value or {}).items()}

    def _value(self, value: Any) -> Any:
        """A value in which the Selector Objects of Arazzo 1.1 are Selectors."""
        if not self._has_selectors:
            return value
        if isinstance(value, dict):
            if is_selector(value):
                return _selected(value)
            return {key: self._value(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self._value(each) for each in value]
        return value

    def _line(self, *steps: object) -> int:
        return 0 if self._lines is None else self._lines.at(pointer(*steps))


def _target(step: dict[str, Any], before: list[dict[str, Any]]) -> Target:
    if "workflowId" in step:
        return WorkflowTarget(step["workflowId"])
    if step.get("action") == "receive":
        return ReceiveTarget(_received_of(step, before))
    return OperationTarget(
        operation_id=step.get("operationId", ""),
        operation_path=step.get("operationPath", step.get("channelPath", "")),
        route=step.get(ROUTE, ""),
    )


def _received_of(step: dict[str, Any], before: list[dict[str, Any]]) -> str:
    """The step whose result is received: that which the correlation names, else the last before.

    What a channel is to a broker, the address for callbacks of one call is to us.
    """
    named = _STEP_OUTPUT.match(str(step.get("correlationId", "")))
    if named:
        return named.group(1)
    waited = step.get("dependsOn", ())
    if len(waited) == 1:
        return str(waited[0])
    return str(before[-1]["stepId"]) if before else ""


def _criteria(values: list[dict[str, Any]] | None) -> tuple[Criterion, ...]:
    return tuple(_criterion(each) for each in values or ())


def _criterion(value: dict[str, Any]) -> Criterion:
    kind = value.get("type", "simple")
    version = ""
    if isinstance(kind, dict):
        kind, version = kind["type"], kind["version"]
    return Criterion(value["condition"], CriterionKind(kind), value.get("context", ""), version)


def _selector_kind(value: dict[str, Any]) -> SelectorKind | None:
    kind = value.get("targetSelectorType")
    if kind is None:
        return None
    return SelectorKind(kind["type"] if isinstance(kind, dict) else kind)


def _selected(value: Any) -> Any:
    if not is_selector(value):
        return value
    kind: Any = value["type"]
    version = ""
    if isinstance(kind, dict):
        version, kind = str(kind.get("version", "")), kind.get("type")
    if kind not in _SELECTOR_KINDS:
        return value
    return Selector(value["context"], value["selector"], SelectorKind(kind), version)


def _schema(schema: Any, document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The schema of a workflow's inputs, with the components that its references reach."""
    if not isinstance(schema, dict):
        return None
    inputs = (document.get("components") or {}).get("inputs")
    if not inputs or "$ref" not in str(schema):
        return schema
    return {**schema, "components": {"inputs": inputs}}
