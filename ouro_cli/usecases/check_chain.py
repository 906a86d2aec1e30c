"""Whether the steps of a chain can be called at all: known before the first of them is sent."""

from ouro_cli.errors import AmbiguousReference, ExpressionFault, UnknownReference
from ouro_cli.model.chain import OperationTarget, Workflow
from ouro_cli.model.chain_run import ChainRun
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.find_target import find_target
from ouro_cli.usecases.place_credentials import place_credentials


def check_credentials(rt: Runtime, chain: ChainRun, workflow: Workflow) -> None:
    """Raise MissingCredential where a step's service lacks one: no step has been paid for yet.

    A step whose route is not found says so itself, once it is at its turn.
    """
    seen: set[str] = set()
    for step in workflow.steps:
        if not isinstance(step.target, OperationTarget):
            continue
        try:
            route = find_target(rt, chain.services, step.target)
        except (UnknownReference, AmbiguousReference, ExpressionFault):
            continue
        if route.id not in seen:
            seen.add(route.id)
            service = rt.store.services.get(route.service_id)
            place_credentials(rt, service, route.operation, is_preview=True)
