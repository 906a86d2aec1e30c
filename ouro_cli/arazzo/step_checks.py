"""Checks of one workflow and its steps against what they call, before anything runs."""

from typing import Any

from ouro_cli.arazzo.flow import follow_ups
from ouro_cli.arazzo.known import Known, NotKnown
from ouro_cli.arazzo.shape import KEY
from ouro_cli.arazzo.statics import Called, FoundOperation, Place, Statics
from ouro_cli.arazzo.value_checks import Steps, Tell, Values, compare
from ouro_cli.model.chain import (
    FollowUp,
    OperationTarget,
    Parameter,
    ParameterPlace,
    ReceiveTarget,
    Step,
    Workflow,
    WorkflowFile,
    WorkflowTarget,
)

# OpenAPI leaves these to others than its parameters (Parameter Object, `name`).
_UNDECLARED = frozenset({"accept", "content-type", "authorization"})


class StepChecks:
    """Checks the steps of one workflow; `at` is where it stands in its file."""

    def __init__(
        self, file: WorkflowFile, workflow: Workflow, called: Called, at: Steps, tell: Tell
    ) -> None:
        self._workflow = workflow
        self._called = called
        self._at = at
        self._tell = tell
        self._statics = Statics(file, workflow, called)
        self._values = Values(self._statics, tell)

    def run(self) -> None:
        """Tell all that is wrong with the workflow."""
        for index, step in enumerate(self._workflow.steps):
            self._step(step, (*self._at, "steps", index))
        for name, value in self._workflow.outputs.items():
            self._values.output(value, Place(None), (*self._at, "outputs", name))
        for index, each in enumerate(self._workflow.parameters):
            at = (*self._at, "parameters", index)
            self._values.check(each.value, Place(None), (*at, "value"))
        for field in ("on_success", "on_failure"):
            name = "successActions" if field == "on_success" else "failureActions"
            for index, each in enumerate(getattr(self._workflow, field)):
                self._leads(each, (*self._at, name, index))

    def _step(self, step: Step, at: Steps) -> None:
        before, after = Place(step), Place(step, is_after=True)
        if isinstance(step.target, OperationTarget):
            self._operation(step, self._called.operations.get(step.id), at)
        elif isinstance(step.target, WorkflowTarget):
            self._workflow_step(step, self._called.workflows.get(step.id), at)
        else:
            self._receive(step, step.target, at)
        for name, value in step.input_assets.items():
            self._values.check(value, before, (*at, "x-ouro-input-assets", name))
        for index, criterion in enumerate(step.criteria):
            self._values.criterion(criterion, after, (*at, "successCriteria", index))
        for name, value in step.outputs.items():
            self._values.output(value, after, (*at, "outputs", name))
        self._follow_ups(step, at)
        self._waits(step, at)

    def _follow_ups(self, step: Step, at: Steps) -> None:
        place = Place(step, is_after=True)
        own: dict[int, Steps] = {}
        for field, held in (("onSuccess", step.on_success), ("onFailure", step.on_failure)):
            for index, each in enumerate(held):
                own[id(each)] = (*at, field, index)
                self._leads(each, (*at, field, index))
        for each in follow_ups(self._workflow, step):
            here = own.get(id(each), at)
            for index, criterion in enumerate(each.criteria):
                self._values.criterion(criterion, place, (*here, "criteria", index))
            for index, parameter in enumerate(each.parameters):
                self._values.check(parameter.value, place, (*here, "parameters", index))

    def _operation(self, step: Step, found: FoundOperation | None, at: Steps) -> None:
        given = {(each.name, each.place) for each in step.parameters}
        for index, each in enumerate(step.parameters):
            self._parameter(each, found, Place(step), (*at, "parameters", index))
        if found is None:
            if step.body is not None:
                self._values.payload(step.body, Known(), Place(step), (*at, "requestBody"))
            return
        shared = {(each.name, each.place) for each in self._workflow.parameters}
        for each in self._workflow.parameters:
            if (each.name, each.place) not in given and _declared(each, found) is None:
                self._undeclared(each, found, at, is_error=each.place is ParameterPlace.PATH)
        self._required(found, {(name, str(place)) for name, place in given | shared}, at)
        self._body(step, found, at)

    def _parameter(
        self, parameter: Parameter, found: FoundOperation | None, place: Place, at: Steps
    ) -> None:
        known = self._values.check(parameter.value, place, (*at, "value"))
        if parameter.place is ParameterPlace.INPUT:
            self._tell(at, f"the parameter '{parameter.name}' of an operation needs 'in'", True)
            return
        if parameter.place is ParameterPlace.BODY:
            message = "'in: body' is of Arazzo 1.0.0 alone; requestBody says it for every tool"
            self._tell((*at, "in"), message, False)
            return
        if found is None:
            return
        declared = _declared(parameter, found)
        if declared is None:
            self._undeclared(parameter, found, at, is_error=parameter.place is ParameterPlace.PATH)
            return
        wanted = Known((declared.get("schema", {}),), found.find)
        self._as_text(parameter, known, wanted, at)

    def _as_text(self, parameter: Parameter, known: Known, wanted: Known, at: Steps) -> None:
        """A parameter is written as text: what is a text may stand for a number, and is judged."""
        given, asked = known.kinds(), wanted.kinds()
        if not given or not asked:
            return
        is_deep = not given - {"array", "object"}
        if is_deep and not asked & {"array", "object"}:
            told = f"'{parameter.name}' takes no list and no object"
            self._tell((*at, "value"), told, True)
        elif isinstance(parameter.value, str) and not parameter.value.startswith("$"):
            return
        elif (
            not is_deep
            and asked <= {"integer", "number", "boolean"}
            and not given & (asked | ({"integer"} if "number" in asked else set()))
        ):
            told = f"{parameter.value} is {' or '.join(sorted(given))}"
            message = f"{told}, and '{parameter.name}' takes {' or '.join(sorted(asked))}"
            self._tell((*at, "value"), message, "string" not in given)

    def _undeclared(
        self, parameter: Parameter, found: FoundOperation, at: Steps, *, is_error: bool
    ) -> None:
        name, place = parameter.name, parameter.place
        if place is ParameterPlace.HEADER and name.lower() in _UNDECLARED:
            return
        if place in (ParameterPlace.BODY, ParameterPlace.INPUT):
            return
        known = ", ".join(found.operation.parameters_in(str(place))) or "none"
        operation = f"{found.operation.method} {found.operation.path}"
        message = f"{operation} has no {place} parameter '{name}' (there are: {known})"
        self._tell(at, message, is_error)

    def _required(self, found: FoundOperation, given: set[tuple[str, str]], at: Steps) -> None:
        named = {(name.lower() if place == "header" else name, place) for name, place in given}
        for each in found.operation.parameters:
            place, name = each["in"], each["name"]
            if not (each.get("required") is True or place == "path"):
                continue
            key = name.lower() if place == "header" else name
            if (key, place) not in named and not key.startswith("ouro-"):
                self._tell(at, f"the required {place} parameter '{name}' is not given", True)

    def _body(self, step: Step, found: FoundOperation, at: Steps) -> None:
        stated = found.operation.request_body
        has_fields = any(each.place is ParameterPlace.BODY for each in step.parameters)
        if step.body is None:
            is_given = has_fields or step.input_assets
            if stated and stated.get("required") is True and not is_given:
                self._tell(at, "the required request body is not given", True)
            return
        here = (*at, "requestBody")
        if stated is None and found.operation.method in ("GET", "HEAD"):
            told = f"{found.operation.method} {found.operation.path} takes no request body"
            self._tell(here, told, False)
        wanted = _body_schema(stated, step.body.content_type)
        if wanted is None:
            content = (stated or {}).get("content", {})
            message = f"'{step.body.content_type}' is none of: {', '.join(content)}"
            self._tell((*here, "contentType"), message, False)
        known = Known() if not wanted else Known((wanted,), found.find)
        self._values.payload(step.body, known, Place(step), here)
        payload = step.body.payload
        if isinstance(payload, dict) and not step.body.replacements and not step.input_assets:
            missing = [each for each in known.required() if each not in payload]
            if missing:
                told = f"the body needs the field '{missing[0]}'"
                self._tell((*here, "payload"), told, True)

    def _workflow_step(self, step: Step, called: Workflow | None, at: Steps) -> None:
        for index, each in enumerate(step.parameters):
            here = (*at, "parameters", index)
            known = self._values.check(each.value, Place(step), (*here, "value"))
            if called is not None:
                self._input(each, known, called, here)
        if called is None:
            return
        inputs = self._statics.inputs_of(called)
        given = {each.name for each in (*step.parameters, *self._workflow.parameters)}
        for name in inputs.required() if inputs else ():
            if name not in given:
                self._tell(at, f"the required input '{name}' of {called.id} is not given", True)

    def _input(self, parameter: Parameter, known: Known, called: Workflow, at: Steps) -> None:
        inputs = self._statics.inputs_of(called)
        fields = inputs.fields() if inputs else []
        if inputs is None or (fields and parameter.name not in fields):
            told = ", ".join(fields) or "none"
            message = f"workflow {called.id} has no input '{parameter.name}' (there are: {told})"
            self._tell(at, message, True)
            return
        try:
            wanted = inputs.at([parameter.name])
        except NotKnown:
            return
        compare(parameter.value, known, wanted, (*at, "value"), self._tell)

    def _receive(self, step: Step, target: ReceiveTarget, at: Steps) -> None:
        earlier = self._workflow.step(target.step)
        if earlier is None or earlier.id == step.id:
            message = "what it receives is the result of no step: name one in 'correlationId'"
            self._tell(at, message, True)
        for index, each in enumerate(step.parameters):
            self._values.check(each.value, Place(step), (*at, "parameters", index, "value"))

    def _leads(self, follow_up: FollowUp, at: Steps) -> None:
        if follow_up.step and self._workflow.step(follow_up.step) is None:
            known = ", ".join(each.id for each in self._workflow.steps)
            message = f"no step is called '{follow_up.step}' (steps: {known})"
            self._tell((*at, "stepId"), message, True)

    def _waits(self, step: Step, at: Steps) -> None:
        for index, name in enumerate(step.depends_on or ()):
            if self._workflow.step(name) is None and not name.startswith("$"):
                known = ", ".join(each.id for each in self._workflow.steps)
                message = f"no step is called '{name}' (steps: {known})"
                self._tell((*at, "dependsOn", index), message, True)
            elif name.startswith("$"):
                message = f"'{name}' is a step of another workflow, which cannot be waited for"
                self._tell((*at, "dependsOn", index), message, True)
        if not _is_name(step.id):
            message = f"'{step.id[:60]}' should be of letters, digits, '-' and '_'"
            self._tell((*at, "stepId"), message, False)


def _is_name(name: str) -> bool:
    return KEY.fullmatch(name) is not None and "." not in name


def _declared(parameter: Parameter, found: FoundOperation) -> dict[str, Any] | None:
    declared = found.operation.parameters_in(str(parameter.place))
    if parameter.place is ParameterPlace.HEADER:
        wanted = parameter.name.lower()
        return next((declared[name] for name in declared if name.lower() == wanted), None)
    return declared.get(parameter.name)


def _body_schema(stated: dict[str, Any] | None, content_type: str) -> Any:
    """The schema of the body in this media type; {} if nothing is said, None if it is not known."""
    content = stated.get("content") if stated else None
    if not isinstance(content, dict) or not content:
        return {}
    names = {name.partition(";")[0].strip().lower(): name for name in content}
    wanted = content_type.partition(";")[0].strip().lower()
    if not wanted:
        wanted = "application/json" if "application/json" in names else next(iter(names))
    if wanted not in names:
        return {} if any("*" in name for name in names) else None
    media = content[names[wanted]]
    return media.get("schema", {}) if isinstance(media, dict) else {}
