"""A workflow run for each row of a table, from the command line."""

from collections.abc import Callable, Sequence

from ouro_cli.arazzo.document import workflows_of
from ouro_cli.cli.batches import Each, Looking, see_batch
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.chain_each import start_chain_batch
from ouro_cli.usecases.file_chain import call_of_rows
from ouro_cli.usecases.load_workflow import load_workflow
from ouro_cli.usecases.start_action import RouteCall
from ouro_cli.usecases.start_chain import chosen_workflow
from ouro_cli.wire.inputs import Arguments


def chain_each(
    rt: Runtime,
    path: str,
    workflow_id: str,
    given: Sequence[str],
    each: Each,
    how: Looking,
    tell: Callable[[str], None],
) -> None:
    """Run the workflow for each row, and leave with the number that it ends with."""
    asked = each.call(RouteCall("", Arguments()))
    call = call_of_rows(rt, load_workflow(rt, path), workflow_id, given, tell)
    workflow = chosen_workflow(workflows_of(call.document), call.workflow)
    begun = start_chain_batch(
        *(rt, call, workflow, each.table, asked.pacing),
        wanted=asked.wanted,
        ignores=asked.ignores,
        into=asked.into,
        again=asked.again,
    )
    see_batch(rt, begun, how)
