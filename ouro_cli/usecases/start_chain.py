"""Start a chain: check what it is given, then write it down; nothing is sent yet."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ouro_cli.arazzo.document import workflows_of
from ouro_cli.errors import InvalidInput, UsageFault
from ouro_cli.model.chain import Workflow, WorkflowFile
from ouro_cli.model.chain_run import ChainRun, ChainStatus
from ouro_cli.model.identity import near
from ouro_cli.openapi.judge import Judge
from ouro_cli.runtime import Runtime
from ouro_cli.store.registry import Nouns


@dataclass(frozen=True, slots=True)
class ChainCall:
    """A workflow of a document, and what to run it with.

    `document` is a workflow file as JSON values, `sha256` that of the file as it was read and
    `source` where it lies, both empty for one that was typed; `services` are the ids of the
    services that stand for its sources.
    """

    document: Mapping[str, Any]
    workflow: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""
    sha256: str = ""
    services: Mapping[str, str] = field(default_factory=dict)


def start_chain(
    rt: Runtime,
    call: ChainCall,
    *,
    owner: str | None = None,
    also: Callable[[Nouns, ChainRun], None] = lambda _tx, _chain: None,
) -> ChainRun:
    """Write a chain down, whole and checked: from here on it exists.

    Raises UsageFault for a workflow that is not there, InvalidInput with all that is wrong with
    its inputs; then nothing was stored. `also` is written in the same transaction.
    """
    chain = new_chain(rt, call, owner=owner)
    with rt.store.transaction() as tx:
        chain = add_chain(rt, tx, chain)
        also(tx, chain)
    return rt.store.chains.get(chain.id)


def new_chain(
    rt: Runtime,
    call: ChainCall,
    *,
    owner: str | None = None,
    parent: ChainRun | None = None,
) -> ChainRun:
    """The chain that `add_chain` may write down, checked as `start_chain` does."""
    file = workflows_of(call.document)
    workflow = chosen_workflow(file, call.workflow)
    now = rt.now()
    return ChainRun(
        seq=0,
        id=rt.new_id(),
        user_id=parent.user_id if parent is not None else "",
        status=ChainStatus.IN_PROGRESS,
        document=call.document,
        sha256=call.sha256,
        source=call.source,
        workflow=workflow.id,
        services=call.services,
        inputs=checked_inputs(workflow, call.inputs),
        created_at=now,
        last_updated=now,
        owner=owner,
        parent_id=None if parent is None else parent.id,
    )


def add_chain(rt: Runtime, tx: Nouns, chain: ChainRun) -> ChainRun:
    """Write a chain down, in a transaction that may write others too; the chain as written."""
    user_id = chain.user_id or tx.people.id_of(rt.settings.user, rt.new_id(), chain.created_at)
    chain = replace(chain, user_id=user_id)
    tx.chains.add(chain)
    return chain


def chosen_workflow(file: WorkflowFile, workflow_id: str) -> Workflow:
    """The workflow of this id; where none is named, the only one of the file."""
    known = [each.id for each in file.workflows]
    if not workflow_id and len(known) == 1:
        return file.workflows[0]
    if not workflow_id:
        hint = f"Nothing was sent. Say which: --workflow {' | '.join(known)}"
        raise UsageFault(why=f"the file has {len(known)} workflows", hint=hint)
    found = file.workflow(workflow_id)
    if found is None:
        close = near(workflow_id, known, 1) or known[:1]
        raise UsageFault(
            why=f"the file has no workflow '{workflow_id}'",
            hint=f"Nothing was sent. It has: {', '.join(known)}. Did you mean {close[0]}?",
        )
    return found


def checked_inputs(workflow: Workflow, given: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs with the schema's defaults; InvalidInput with all that it has against them."""
    schema = workflow.inputs
    if schema is None:
        return dict(given)
    properties = schema.get("properties") if isinstance(schema, Mapping) else None
    stated = properties if isinstance(properties, Mapping) else {}
    values = {
        name: each["default"]
        for name, each in stated.items()
        if isinstance(each, Mapping) and "default" in each
    } | dict(given)
    judge = Judge(dict(schema))
    faults = judge.faults(values) or []
    if faults:
        told = [f"{_place(each.instance_path)}{each.message}" for each in faults[:10]]
        raise InvalidInput(
            route=f"workflow {workflow.id}",
            faults="; ".join(told),
            hint=f"Nothing was sent. {_takes(stated)}",
        )
    return values


def _place(steps: Any) -> str:
    path = ".".join(str(each) for each in steps)
    return f"{path}: " if path else ""


def _takes(stated: Mapping[str, Any]) -> str:
    names = ", ".join(stated)
    return f"It takes: {names}; give each as --with NAME=VALUE." if names else ""
