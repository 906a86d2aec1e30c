"""Check a workflow before anything runs: what leads nowhere, and what does not fit."""

from collections.abc import Iterable

from ouro_cli.arazzo.document import ReadFile
from ouro_cli.arazzo.findings import Finding
from ouro_cli.arazzo.flow import circle, follow_ups
from ouro_cli.arazzo.statics import Called, FoundOperation
from ouro_cli.arazzo.step_checks import StepChecks
from ouro_cli.arazzo.targets import named_operation, split_source
from ouro_cli.arazzo.value_checks import Steps
from ouro_cli.errors import ExpressionFault, OuroError
from ouro_cli.model.chain import (
    OperationTarget,
    SourceKind,
    Workflow,
    WorkflowTarget,
)
from ouro_cli.model.identity import near
from ouro_cli.openapi.judge import Judge
from ouro_cli.openapi.refs import pointer
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.find_reference import find_route
from ouro_cli.usecases.find_sources import SourceApi, Sources, find_sources


def check_workflow(
    rt: Runtime, read: ReadFile, workflow_id: str | None = None, sources: Sources | None = None
) -> list[Finding]:
    """All that is wrong with the workflow and those that it leads to, each with its line.

    Where none is named, every workflow of the file is checked. The sources' documents are read
    where no service stands for them; nothing is stored.
    """
    check = _Check(rt, read, sources or find_sources(rt, read))
    return check.of(workflow_id)


def called_by(rt: Runtime, read: ReadFile, sources: Sources, workflow: Workflow) -> Called:
    """What the steps of a workflow call, as far as it can be found."""
    return _Check(rt, read, sources).called(workflow, ())


class _Check:
    def __init__(self, rt: Runtime, read: ReadFile, sources: Sources) -> None:
        self._rt = rt
        self._read = read
        self._file = read.file
        self._sources = sources
        self._findings: list[Finding] = list(read.warnings)

    def of(self, workflow_id: str | None) -> list[Finding]:
        if workflow_id is not None and self._file.workflow(workflow_id) is None:
            known = ", ".join(each.id for each in self._file.workflows)
            message = f"no workflow is called '{workflow_id}' (workflows: {known})"
            self._tell(("workflows",), message, True)
            return self._in_order()
        reached = self._reached(workflow_id)
        self._check_sources()
        self._check_circles()
        for index, workflow in enumerate(self._file.workflows):
            if workflow.id in reached:
                self._check(workflow, ("workflows", index))
        return self._in_order()

    def _in_order(self) -> list[Finding]:
        unlike = dict.fromkeys(self._findings)
        return sorted(unlike, key=lambda each: (not each.is_error, each.line))

    def _tell(self, at: Steps, message: str, is_error: bool) -> None:
        place = pointer(*at)
        line = self._read.lines.at(place)
        self._findings.append(Finding(place, message, is_error=is_error, line=line))

    def _reached(self, workflow_id: str | None) -> set[str]:
        """The workflows of this file that may run: all, or those that one leads to."""
        if workflow_id is None:
            return {each.id for each in self._file.workflows}
        pending, reached = [workflow_id], set[str]()
        while pending:
            name = pending.pop()
            workflow = self._file.workflow(name)
            if workflow is not None and name not in reached:
                reached.add(name)
                pending += _led_to(workflow)
        return reached

    def _check_sources(self) -> None:
        for index, source in enumerate(self._file.sources):
            at = ("sourceDescriptions", index)
            if source.name in self._sources.faults:
                self._tell((*at, "url"), self._sources.faults[source.name], True)
            elif (service := self._sources.services.get(source.name)) is not None:
                if service.source and service.source != self._sources.places[source.name]:
                    message = (
                        f"the service {service.name} stands for it, read from {service.source}"
                    )
                    self._tell((*at, "url"), message, False)
            elif source.kind is SourceKind.ASYNCAPI:
                message = "an AsyncAPI document is not read: results come to ouro's own listener"
                self._tell(at, message, False)

    def _check_circles(self) -> None:
        """Workflows that wait for each other, or are each other's steps, never begin."""
        waits = {
            each.id: [
                *each.depends_on,
                *(
                    step.target.workflow_id
                    for step in each.steps
                    if isinstance(step.target, WorkflowTarget)
                ),
            ]
            for each in self._file.workflows
        }
        found = circle(waits)
        if found:
            index = next(i for i, each in enumerate(self._file.workflows) if each.id == found[0])
            message = f"workflows wait for each other: {' -> '.join(found)}"
            self._tell(("workflows", index), message, True)

    def _check(self, workflow: Workflow, at: Steps) -> None:
        if workflow.inputs is not None and not Judge(dict(workflow.inputs)).is_able:
            self._tell((*at, "inputs"), "is no JSON Schema (2020-12)", True)
        for number, name in enumerate(workflow.depends_on):
            self._workflow(name, (*at, "dependsOn", number))
        found = circle({each.id: each.depends_on or () for each in workflow.steps})
        if found:
            self._tell((*at, "steps"), f"steps wait for each other: {' -> '.join(found)}", True)
        called = self.called(workflow, at)
        for number, step in enumerate(workflow.steps):
            for each in follow_ups(workflow, step):
                if each.workflow_id:
                    self._workflow(each.workflow_id, (*at, "steps", number))
        StepChecks(self._file, workflow, called, at, self._tell).run()

    def called(self, workflow: Workflow, at: Steps) -> Called:
        """What the steps of a workflow call; what is not found is told."""
        operations: dict[str, FoundOperation | None] = {}
        workflows: dict[str, Workflow | None] = {}
        for number, step in enumerate(workflow.steps):
            here = (*at, "steps", number)
            if isinstance(step.target, WorkflowTarget):
                name = step.target.workflow_id
                workflows[step.id] = self._workflow(name, (*here, "workflowId"))
            elif isinstance(step.target, OperationTarget):
                operations[step.id] = self._operation(step.target, here)
        return Called(operations, workflows)

    def _workflow(self, name: str, at: Steps) -> Workflow | None:
        """The workflow of this name, here or in another file; None, and a finding, for none."""
        try:
            source, workflow_id = split_source(name)
        except ExpressionFault as fault:
            self._tell(at, str(fault.facts["why"]), True)
            return None
        if not source:
            found = self._file.workflow(workflow_id)
            known = [each.id for each in self._file.workflows]
        elif source in self._sources.faults:
            return None
        elif source not in self._sources.files:
            self._tell(at, f"no source of type arazzo is called '{source}'", True)
            return None
        else:
            file = self._sources.files[source].read.file
            found = file.workflow(workflow_id)
            known = [each.id for each in file.workflows]
        if found is None:
            message = f"no workflow is called '{workflow_id}' (workflows: {', '.join(known)})"
            self._tell(at, message, True)
        return found

    def _operation(self, target: OperationTarget, at: Steps) -> FoundOperation | None:
        if target.route:
            return self._route(target.route, (*at, "x-ouro-route"))
        field = "operationPath" if target.operation_path else "operationId"
        here = (*at, field)
        try:
            named = named_operation(target)
        except ExpressionFault as fault:
            self._tell(here, str(fault.facts["why"]), True)
            return None
        if named.source and named.source not in self._sources.apis:
            self._no_source(named.source, here)
            return None
        apis = self._sources.apis
        chosen = {named.source: apis[named.source]} if named.source else apis
        found = {
            name: operations for name, api in chosen.items() if (operations := api.find(named))
        }
        if len(found) > 1 or any(len(each) > 1 for each in found.values()):
            message = f"'{named.operation_id}' is in several sources: {', '.join(found)}"
            self._tell(here, f"{message}; write $sourceDescriptions.NAME.ID", True)
            return None
        if not found:
            return self._unfound(named.operation_id, f"{named.method} {named.path}", chosen, here)
        if not named.source and len(apis) > 1:
            message = "with several sources an operationId is $sourceDescriptions.NAME.ID"
            self._tell(here, message, False)
        name = next(iter(found))
        return FoundOperation(found[name][0], apis[name].component)

    def _no_source(self, name: str, at: Steps) -> None:
        if name in self._sources.faults:
            return
        known = ", ".join(each.name for each in self._file.sources)
        self._tell(at, f"no API is called '{name}' (sources: {known})", True)

    def _unfound(
        self, name: str, place: str, apis: dict[str, SourceApi], at: Steps
    ) -> FoundOperation | None:
        if name and "/" in name:
            return self._route(name, at)
        if self._sources.faults and len(self._sources.apis) < len(self._file.sources):
            # The source that has it may be the one that could not be read, which was told.
            return None
        known = [each for api in apis.values() for each in api.operation_ids() if each]
        close = near(name, known) if name else []
        hint = f"; did you mean {' or '.join(close)}?" if close else ""
        self._tell(at, f"no source has an operation '{name or place}'{hint}", True)
        return None

    def _route(self, reference: str, at: Steps) -> FoundOperation | None:
        try:
            route = find_route(self._rt, reference)
        except OuroError as fault:
            self._tell(at, str(fault), True)
            return None
        services = self._rt.store.services
        return FoundOperation(
            route.operation, lambda each: services.component(route.service_id, each)
        )


def _led_to(workflow: Workflow) -> Iterable[str]:
    yield from workflow.depends_on
    for step in workflow.steps:
        if isinstance(step.target, WorkflowTarget):
            yield step.target.workflow_id
        for each in follow_ups(workflow, step):
            if each.workflow_id:
                yield each.workflow_id
