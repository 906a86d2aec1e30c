"""Chains as they are written down: workflows of steps, and what follows from each step's end.

The words are those of the Arazzo specification 1.0.1, whose objects these are; a chain that was
typed as one line is the same, so that there is one way to run them all.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Expressions = Mapping[str, Any]
"""Names with constants, runtime expressions, texts that have expressions in them, or Selectors."""


class SourceKind(StrEnum):
    """What a source description describes."""

    OPENAPI = "openapi"
    ARAZZO = "arazzo"
    ASYNCAPI = "asyncapi"


@dataclass(frozen=True, slots=True)
class Source:
    """A document that steps refer to: its name in the file, and where it lies."""

    name: str
    url: str
    kind: SourceKind = SourceKind.OPENAPI


@dataclass(frozen=True, slots=True)
class OperationTarget:
    """An operation of an API, by exactly one of three: its id, its place, or our own reference.

    `operation_id` may begin with `$sourceDescriptions.NAME.`; `operation_path` is
    `{$sourceDescriptions.NAME.url}#/paths/...`; `route` is what `ouro route show` takes.
    """

    operation_id: str = ""
    operation_path: str = ""
    route: str = ""


@dataclass(frozen=True, slots=True)
class WorkflowTarget:
    """Another workflow as a step: its id, or `$sourceDescriptions.NAME.WORKFLOW`."""

    workflow_id: str


@dataclass(frozen=True, slots=True)
class ReceiveTarget:
    """Wait for the result that the API posts to us of a call that an earlier step made.

    `step` is that step (Arazzo 1.1: `action: receive` of a channel, by `correlationId`).
    """

    step: str


Target = OperationTarget | WorkflowTarget | ReceiveTarget


class ParameterPlace(StrEnum):
    """Where a parameter goes; INPUT is an input of the workflow that is called."""

    PATH = "path"
    QUERY = "query"
    HEADER = "header"
    COOKIE = "cookie"
    BODY = "body"
    INPUT = "input"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value for a parameter of an operation, or for an input of a workflow."""

    name: str
    place: ParameterPlace
    value: Any


class SelectorKind(StrEnum):
    """How a place within a value is written."""

    JSONPOINTER = "jsonpointer"
    JSONPATH = "jsonpath"
    XPATH = "xpath"


@dataclass(frozen=True, slots=True)
class Selector:
    """A part of the value that the expression `context` has (Arazzo 1.1).

    `version` is that of the selector's language, where the file names one.
    """

    context: str
    selector: str
    kind: SelectorKind
    version: str = ""


@dataclass(frozen=True, slots=True)
class Replacement:
    """A value to be put into a payload, at a place; `kind` is None where the file leaves it out."""

    target: str
    value: Any
    kind: SelectorKind | None = None


@dataclass(frozen=True, slots=True)
class Payload:
    """A request body: a template, what is replaced in it, and its media type."""

    payload: Any
    content_type: str = ""
    replacements: tuple[Replacement, ...] = ()


class CriterionKind(StrEnum):
    """How a criterion's condition is written."""

    SIMPLE = "simple"
    REGEX = "regex"
    JSONPATH = "jsonpath"
    XPATH = "xpath"


@dataclass(frozen=True, slots=True)
class Criterion:
    """A condition; `context` is the expression whose value a regex or a JSONPath is held against.

    `version` is that of the condition's language, where the file names one.
    """

    condition: str
    kind: CriterionKind = CriterionKind.SIMPLE
    context: str = ""
    version: str = ""


class FollowUpKind(StrEnum):
    """What may follow from the end of a step."""

    END = "end"
    GOTO = "goto"
    RETRY = "retry"


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What follows from a step's success or failure, where all its criteria are met.

    `retry_after` is in seconds; `retry_limit` counts repetitions. `step` and `workflow_id` say
    where a goto leads, or what a retry runs before it repeats; `parameters` are inputs of that
    workflow (Arazzo 1.1).
    """

    name: str
    kind: FollowUpKind
    step: str = ""
    workflow_id: str = ""
    retry_after: float = 0.0
    retry_limit: int = 1
    criteria: tuple[Criterion, ...] = ()
    parameters: tuple[Parameter, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a workflow.

    `depends_on` are the steps that must have succeeded before it (Arazzo 1.1); None where the file
    leaves it to the order. `timeout_seconds` bounds it; `input_assets` are assets for the route's
    declared inputs, by name. `line` is where it stands in its file, counted from 1; 0 if unknown.
    """

    id: str
    target: Target
    description: str = ""
    parameters: tuple[Parameter, ...] = ()
    body: Payload | None = None
    criteria: tuple[Criterion, ...] = ()
    on_success: tuple[FollowUp, ...] = ()
    on_failure: tuple[FollowUp, ...] = ()
    outputs: Expressions = field(default_factory=dict)
    depends_on: tuple[str, ...] | None = None
    timeout_seconds: float | None = None
    input_assets: Expressions = field(default_factory=dict)
    line: int = 0


@dataclass(frozen=True, slots=True)
class Workflow:
    """Steps in their order, what they are given, and what comes of them."""

    id: str
    steps: tuple[Step, ...]
    summary: str = ""
    inputs: Mapping[str, Any] | None = None
    depends_on: tuple[str, ...] = ()
    outputs: Expressions = field(default_factory=dict)
    parameters: tuple[Parameter, ...] = ()
    on_success: tuple[FollowUp, ...] = ()
    on_failure: tuple[FollowUp, ...] = ()
    line: int = 0

    def step(self, step_id: str) -> Step | None:
        """The step of this id."""
        return next((each for each in self.steps if each.id == step_id), None)


@dataclass(frozen=True, slots=True)
class WorkflowFile:
    """A whole description: where operations come from, and the workflows over them.

    `components` are as the file has them; what refers to them has what they say already.
    """

    title: str
    version: str
    sources: tuple[Source, ...]
    workflows: tuple[Workflow, ...]
    components: Mapping[str, Any] = field(default_factory=dict)

    def workflow(self, workflow_id: str) -> Workflow | None:
        """The workflow of this id."""
        return next((each for each in self.workflows if each.id == workflow_id), None)
