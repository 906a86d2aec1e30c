"""What an expression will be, before anything runs: that it leads somewhere, and to what."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ouro_cli.arazzo.flow import comes_before
from ouro_cli.arazzo.known import Find, Known, NotKnown, found_in, of_kind
from ouro_cli.arazzo.references import Reference, deep_steps, read_reference
from ouro_cli.errors import ExpressionFault
from ouro_cli.model.chain import Selector, Step, Workflow, WorkflowFile
from ouro_cli.model.route import Operation
from ouro_cli.openapi.refs import Unresolvable, lookup

_DEEPEST = 20
_ASSET = Known(
    (
        {
            "type": "object",
            "properties": {
                "id": {"type": "string"},
                "asset_type": {"type": "string"},
                "name": {"type": "string"},
            },
            "additionalProperties": True,
        },
    )
)


@dataclass(frozen=True, slots=True)
class FoundOperation:
    """The operation that a step calls, and what its schemas refer to."""

    operation: Operation
    component: Callable[[str], str | None]

    @property
    def find(self) -> Find:
        """How the references of its schemas are followed."""
        return found_in(self.component)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an expression stands: in which step, None for the workflow itself, and when.

    `is_after` is true where the step's exchange has been made.
    """

    step: Step | None
    is_after: bool = False


@dataclass(frozen=True, slots=True)
class Called:
    """What the steps of a workflow call: operations and workflows, by step; None where unknown."""

    operations: Mapping[str, FoundOperation | None]
    workflows: Mapping[str, Workflow | None]


class Statics:
    """Knows the values of one workflow by what its file and its documents say."""

    def __init__(self, file: WorkflowFile, workflow: Workflow, called: Called) -> None:
        self._file = file
        self._workflow = workflow
        self._called = called
        self._before = comes_before(workflow)
        self._find: dict[str, Callable[[Reference, Place, int], Known]] = {
            "url": self._of_exchange,
            "method": self._of_exchange,
            "statusCode": self._of_exchange,
            "request": self._of_exchange,
            "response": self._of_exchange,
            "message": self._of_exchange,
            "self": lambda *_: of_kind("string"),
            "inputs": self._input,
            "outputs": self._output,
            "steps": self._of_step,
            "workflows": self._of_workflow,
            "sourceDescriptions": self._of_source,
            "components": self._of_components,
        }

    def known(self, reference: Reference, place: Place, depth: int = 0) -> Known:
        """What is known of an expression's value.

        Raises NotKnown, which says whether that is certain, where it leads nowhere.
        """
        if depth > _DEEPEST:
            return Known()
        found = self._find[reference.root](reference, place, depth)
        if reference.pointer is not None:
            found = found.at(reference.pointer)
        return found.at(reference.deep)

    def inputs_of(self, workflow: Workflow) -> Known | None:
        """What a workflow takes; None where it does not say."""
        if workflow.inputs is None:
            return None
        return Known((workflow.inputs,), _within(workflow.inputs))

    def _input(self, reference: Reference, _place: Place, _depth: int) -> Known:
        return _field(self.inputs_of(self._workflow), reference.names[0], reference.text, "input")

    def _output(self, reference: Reference, place: Place, depth: int) -> Known:
        if place.step is not None and place.is_after:
            # Within a step that is a workflow, the outputs are those of that workflow.
            called = self._called.workflows.get(place.step.id)
            if place.step.id in self._called.workflows:
                return Known() if called is None else _named_output(called, reference)
        return self._of_expression(self._workflow.outputs, reference, Place(None), depth)

    def _of_step(self, reference: Reference, place: Place, depth: int) -> Known:
        name = reference.names[0]
        step = self._workflow.step(name)
        if step is None:
            known = ", ".join(each.id for each in self._workflow.steps)
            raise _missing(f"no step is called '{name}' (steps: {known})")
        if place.step is not None and name not in self._before[place.step.id]:
            if name == place.step.id:
                raise _missing("a step cannot see its own outputs; what came is in $response")
            raise _missing(f"step {name} runs only after step {place.step.id}")
        output = reference.names[1]
        if output not in step.outputs:
            made = self._asset(step, output)
            if made is not None:
                return made
        if isinstance(called := self._called.workflows.get(step.id), Workflow) and not step.outputs:
            return _named_output(called, reference)
        return self._of_expression(step.outputs, reference, Place(step, is_after=True), depth)

    def _asset(self, step: Step, name: str) -> Known | None:
        """What a step's action makes, under the name that its route declares."""
        called = self._called.operations.get(step.id)
        declared = called.operation.output_assets if called else {}
        if name in declared:
            return _ASSET
        first, dot, rest = name.partition(".")
        return _ASSET.at(rest.split(".")) if dot and first in declared else None

    def _of_expression(
        self, outputs: Mapping[str, Any], reference: Reference, place: Place, depth: int
    ) -> Known:
        name, deep = _longest(outputs, reference.names[-1], reference.text)
        if name is None:
            raise _missing(f"no output is called '{reference.names[-1]}' ({_listed(outputs)})")
        value = outputs[name]
        if isinstance(value, Selector):
            return Known()
        if not isinstance(value, str) or not value.startswith("$"):
            return of_kind("string") if isinstance(value, str) else Known()
        try:
            found = self.known(read_reference(value), place, depth + 1)
        except (ExpressionFault, NotKnown):
            # It is told where that expression stands.
            return Known()
        return found.at(deep)

    def _of_workflow(self, reference: Reference, _place: Place, _depth: int) -> Known:
        name, kind, field = reference.names
        workflow = self._file.workflow(name)
        if workflow is None:
            known = ", ".join(each.id for each in self._file.workflows)
            raise _missing(f"no workflow is called '{name}' (workflows: {known})")
        if kind == "inputs":
            return _field(self.inputs_of(workflow), field, reference.text, "input")
        return _named_output(workflow, reference)

    def _of_source(self, reference: Reference, _place: Place, _depth: int) -> Known:
        source, name = reference.names
        known = [each.name for each in self._file.sources]
        if source not in known:
            raise _missing(f"no source is called '{source}' (sources: {', '.join(known)})")
        if name != "url":
            raise _missing("of a source only its url is a value")
        return of_kind("string")

    def _of_components(self, reference: Reference, _place: Place, _depth: int) -> Known:
        kind, name = reference.names
        if name not in (self._file.components.get(kind) or {}):
            raise _missing(f"components/{kind} has no '{name}'")
        return Known()

    def _of_exchange(self, reference: Reference, place: Place, _depth: int) -> Known:
        if place.step is None:
            raise _missing("a workflow has no exchange of its own; name an output of a step")
        if not place.is_after:
            raise _missing("nothing was sent yet where this is needed")
        if place.step.id in self._called.workflows:
            raise NotKnown("a workflow has none, so this is nothing here", is_certain=False)
        if reference.root == "statusCode":
            return of_kind("integer")
        if reference.root in ("url", "method") or reference.names[0] == "header":
            return of_kind("string")
        called = self._called.operations.get(place.step.id)
        if reference.root == "request":
            return self._of_request(reference, place.step)
        if reference.names[0] != "body":
            raise _missing(f"only a request has a {reference.names[0]}")
        return Known() if called is None else response_body(called)

    def _of_request(self, reference: Reference, step: Step) -> Known:
        place = reference.names[0]
        called = self._called.operations.get(step.id)
        if place == "body" or called is None:
            return Known()
        name = reference.names[1]
        given = [*step.parameters, *self._workflow.parameters]
        if any(each.name == name and each.place == place for each in given):
            return Known()
        declared = called.operation.parameters_in(place)
        if name not in declared:
            raise _missing(f"neither the step nor its operation has '{name}' in the {place}")
        return Known((declared[name].get("schema", {}),), called.find)


def response_body(called: FoundOperation) -> Known:
    """What is known of the body that an operation answers with, whatever its status is.

    Of one that accepts first, or makes assets, nothing is: what comes in the end is not described.
    """
    operation = called.operation
    if operation.is_async or operation.output_assets or "202" in operation.responses:
        return Known()
    schemas = []
    for response in operation.responses.values():
        followed = response
        if isinstance(response, dict) and isinstance(response.get("$ref"), str):
            followed = called.find(response["$ref"])
        content = followed.get("content") if isinstance(followed, dict) else None
        for media in content.values() if isinstance(content, dict) else ():
            schema = media.get("schema") if isinstance(media, dict) else None
            if not schema:
                return Known()
            schemas.append(schema)
    return Known(tuple(schemas), called.find)


def _named_output(workflow: Workflow, reference: Reference) -> Known:
    if _longest(workflow.outputs, reference.names[-1], reference.text)[0] is None:
        told = f"workflow {workflow.id} has no output '{reference.names[-1]}'"
        raise _missing(f"{told} ({_listed(workflow.outputs)})")
    return Known()


def _field(known: Known | None, name: str, text: str, what: str) -> Known:
    if known is None:
        raise _missing(f"the workflow declares no {what}s")
    fields = dict.fromkeys(known.fields())
    found, deep = _longest(fields, name, text)
    if found is None:
        if not fields:
            return Known()
        raise _missing(f"no {what} is called '{name}' ({_listed(fields)})")
    return known.at((found, *deep))


def _longest(
    names: Mapping[str, Any], wanted: str, text: str
) -> tuple[str | None, tuple[str, ...]]:
    """The name that is meant, and what dots lead to within it."""
    if wanted in names:
        return wanted, ()
    at = len(wanted)
    while (at := max(wanted.rfind(".", 0, at), wanted.rfind("[", 0, at))) > 0:
        if wanted[:at] in names:
            try:
                return wanted[:at], deep_steps(text, wanted[at:])
            except ExpressionFault as fault:
                raise _missing(str(fault.facts["why"])) from None
    return None, ()


def _within(schema: Mapping[str, Any]) -> Find:
    def find(reference: str) -> Any:
        try:
            return lookup(schema, reference)
        except Unresolvable:
            return None

    return find


def _listed(names: Mapping[str, Any]) -> str:
    known = list(names)
    more = ", ..." if len(known) > 8 else ""
    return f"there are: {', '.join(known[:8])}{more}" if known else "there are none"


def _missing(message: str) -> NotKnown:
    return NotKnown(message, is_certain=True)
