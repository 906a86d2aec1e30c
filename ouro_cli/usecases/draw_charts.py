"""The charts of a run: what its route declares, filled with what it was answered."""

from ouro_cli.model.action import Action, ActionStatus
from ouro_cli.model.chart import Chart, fill_chart
from ouro_cli.runtime import Runtime


def charts_of(rt: Runtime, action: Action) -> list[Chart]:
    """The charts of a successful run, in the order of their declaration.

    One whose records the answer does not hold is left out.
    """
    if action.status is not ActionStatus.SUCCESS or action.response is None:
        return []
    declared = rt.store.routes.get(action.route.id).operation.response_charts
    response = action.response.value if declared else None
    filled = (fill_chart(each, response) for each in declared)
    return [each for each in filled if each is not None]
