"""The charts of a run: what its route declares, filled with what it was answered."""

from typing import TYPE_CHECKING

from ouro_cli.model.action import Action, ActionStatus
from ouro_cli.runtime import Runtime

if TYPE_CHECKING:
    from ouro_cli.model.chart import Chart


def charts_of(rt: Runtime, action: Action) -> "list[Chart]":
    """The charts of a successful run, in the order of their declaration.

    One whose records the answer does not hold is left out.
    """
    if action.status is not ActionStatus.SUCCESS or action.response is None:
        return []
    declared = rt.store.actions.declared_charts(action.id)
    if not declared:
        return []
    # Most routes draw nothing, and their runs are shown sooner without.
    from ouro_cli.model.chart import fill_chart  # noqa: PLC0415

    response = action.response.value
    filled = (fill_chart(each, response) for each in declared)
    return [each for each in filled if each is not None]
