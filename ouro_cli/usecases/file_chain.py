"""Start a chain from a workflow file: its sources met, its inputs typed, then written down."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ouro_cli.arazzo.document import ReadFile
from ouro_cli.errors import DocumentUnreadable, UsageFault, WorkflowRefused
from ouro_cli.model.chain import Workflow
from ouro_cli.model.chain_run import ChainRun
from ouro_cli.model.identity import near
from ouro_cli.model.json_text import read_json
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.check_chain import check_workflow_credentials
from ouro_cli.usecases.check_workflow import check_workflow
from ouro_cli.usecases.find_sources import find_sources, import_all
from ouro_cli.usecases.start_chain import ChainCall, checked_inputs, chosen_workflow, start_chain
from ouro_cli.wire.coercion import typed


def file_chain(
    rt: Runtime,
    read: ReadFile,
    workflow_id: str,
    given: Sequence[str],
    tell: Callable[[str], None] = lambda _: None,
) -> ChainRun:
    """Write down a run of a file's workflow; `given` are `name=text` and `name:=json` words.

    What a source describes, and no service stands for yet, is imported, and told. Raises
    UsageFault, InvalidInput, DocumentUnreadable; then nothing was sent.
    """
    return start_chain(rt, call_of_file(rt, read, workflow_id, given, tell))


def call_of_file(
    rt: Runtime,
    read: ReadFile,
    workflow_id: str,
    given: Sequence[str],
    tell: Callable[[str], None] = lambda _: None,
) -> ChainCall:
    """What `file_chain` starts, checked; the sources are imported by then.

    Raises WorkflowRefused with what `--check` says against it, before anything is stored.
    """
    workflow = chosen_workflow(read.file, workflow_id)
    inputs = checked_inputs(workflow, read_inputs(workflow, given))
    return _call(rt, read, workflow, inputs, tell)


def call_of_rows(
    rt: Runtime,
    read: ReadFile,
    workflow_id: str,
    given: Sequence[str],
    tell: Callable[[str], None] = lambda _: None,
) -> ChainCall:
    """The same where rows give the rest of the inputs: what is given here is not all of them."""
    workflow = chosen_workflow(read.file, workflow_id)
    return _call(rt, read, workflow, read_inputs(workflow, given), tell)


def _call(
    rt: Runtime,
    read: ReadFile,
    workflow: Workflow,
    inputs: Mapping[str, Any],
    tell: Callable[[str], None],
) -> ChainCall:
    sources = find_sources(rt, read)
    faults = [
        each.view() for each in check_workflow(rt, read, workflow.id, sources) if each.is_error
    ]
    if faults:
        raise WorkflowRefused(name=read.name, findings=faults)
    for name, why in sources.faults.items():
        raise DocumentUnreadable(source=f"source {name}", why=why.rstrip("."))
    document, services = import_all(rt, sources, tell)
    check_workflow_credentials(rt, services, workflow)
    return ChainCall(
        document=document,
        workflow=workflow.id,
        inputs=inputs,
        source=read.source,
        sha256=read.sha256,
        services=services,
    )


def read_inputs(workflow: Workflow, given: Sequence[str]) -> dict[str, Any]:
    """Inputs from words, typed as the workflow's schema has them; UsageFault for what is none."""
    stated: Any = (workflow.inputs or {}).get("properties")
    properties: Mapping[str, Any] = stated if isinstance(stated, Mapping) else {}
    inputs: dict[str, Any] = {}
    for text in given:
        name, sign, value = _cut(text)
        if not name:
            hint = "Nothing was sent. Write it like --with NAME=TEXT or --with NAME:=JSON."
            raise UsageFault(why=f"--with {text}: no name and value", hint=hint)
        if properties and name not in properties:
            close = near(name, properties, 1)
            guess = f" Did you mean {close[0]}?" if close else ""
            hint = f"Nothing was sent. It takes: {', '.join(properties)}.{guess}"
            raise UsageFault(why=f"--with: workflow {workflow.id} has no input '{name}'", hint=hint)
        schema = properties.get(name, {})
        inputs[name] = _json(value, text) if sign == ":=" else typed(value, schema, workflow.inputs)
    return inputs


def _cut(text: str) -> tuple[str, str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        return "", "", ""
    if name.endswith(":"):
        return name[:-1], ":=", value
    return name, "=", value


def _json(text: str, word: str) -> Any:
    try:
        return read_json(text)
    except ValueError as fault:
        raise UsageFault(why=f"--with {word}: {fault}", hint="Nothing was sent.") from None
