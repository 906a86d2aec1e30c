"""Chains and batches as the cases of a report: a step is one, a row is one; nothing is held."""

from collections.abc import Iterator

from ouro_cli.model.batch import Batch
from ouro_cli.model.chain_run import ChainRun
from ouro_cli.reports.case import Case, Verdict
from ouro_cli.runtime import Runtime
from ouro_cli.store.batches import BatchRow
from ouro_cli.usecases.exchanges import exchanges_of
from ouro_cli.usecases.report_cases import action_case, step_case, unstarted_case
from ouro_cli.views.chain import chain_view


def chain_cases(rt: Runtime, chain: ChainRun, *, has_exchanges: bool = False) -> Iterator[Case]:
    """Each visit of a chain's steps, in the order in which they were begun."""
    view = chain_view(chain)
    for step in view["steps"]:
        action = None
        if has_exchanges and step["action_id"] is not None:
            action = rt.store.actions.get(step["action_id"])
        exchanges = () if action is None else tuple(exchanges_of(rt, action))
        yield step_case(step, view["workflow"], exchanges)


def batch_cases(rt: Runtime, batch: Batch, *, has_exchanges: bool = False) -> Iterator[Case]:
    """Each row of a batch that was read so far, in their order."""
    for row in rt.store.batches.rows(batch.id):
        name = f"row {row.row}"
        if row.action_id is not None:
            action = rt.store.actions.get(row.action_id)
            yield action_case(rt, action, name=name, has_exchanges=has_exchanges)
        elif row.chain_id is not None:
            yield from _chain_row(rt, row, name, has_exchanges=has_exchanges)
        else:
            yield unstarted_case(name, batch.source, row.error or "its action is there no more")


def _chain_row(rt: Runtime, row: BatchRow, name: str, *, has_exchanges: bool) -> Iterator[Case]:
    chain = rt.store.chains.get(row.chain_id or "")
    exchanges = tuple(
        entry
        for case in chain_cases(rt, chain, has_exchanges=has_exchanges)
        for entry in case.exchanges
    )
    status = {"success": Verdict.PASSED, "error": Verdict.FAILED}.get(
        chain.status.value, Verdict.SKIPPED
    )
    took = None
    if chain.finished_at is not None:
        took = (chain.finished_at - chain.created_at).total_seconds()
    message = str((chain.error or {}).get("message", ""))
    started = str(chain_view(chain)["created_at"])
    yield Case(name, chain.workflow, status, took, started, message, message, exchanges=exchanges)
