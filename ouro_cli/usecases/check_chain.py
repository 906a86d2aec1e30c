"""Whether the steps of a chain may be called: known before the first of them is sent."""

from collections.abc import Mapping

from ouro_cli.errors import AmbiguousReference, ExpressionFault, UnknownReference
from ouro_cli.model.chain import OperationTarget, Workflow
from ouro_cli.model.route import Route
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.find_target import find_target
from ouro_cli.usecases.place_credentials import place_credentials


def check_workflow_credentials(
    rt: Runtime, services: Mapping[str, str], workflow: Workflow
) -> None:
    """Raise MissingCredential where a step's service lacks one: no step has been paid for yet.

    `services` are the services' ids by the sources' names. A step whose route is not found says so
    itself, once it is at its turn.
    """
    for step in workflow.steps:
        if not isinstance(step.target, OperationTarget):
            continue
        try:
            route = find_target(rt, services, step.target)
        except (UnknownReference, AmbiguousReference, ExpressionFault):
            continue
        check_credentials(rt, route)


def check_credentials(rt: Runtime, route: Route) -> None:
    """Raise MissingCredential where a route's service lacks one; nobody is asked for a token."""
    service = rt.store.services.get(route.service_id)
    place_credentials(rt, service, route.operation, is_preview=True)
