"""What a run found out about its assets: the properties that its route says its answer holds."""

from collections.abc import Iterator, Sequence
from typing import Any

from ouro_cli.model import property as declared
from ouro_cli.model.action import Action
from ouro_cli.model.asset import Asset, AssetLink, Property
from ouro_cli.model.declaration import is_expected
from ouro_cli.model.dot_path import as_number, value_at
from ouro_cli.runtime import Runtime
from ouro_cli.store.registry import Nouns
from ouro_cli.usecases.body_defaults import body_defaults


def record_properties(rt: Runtime, tx: Nouns, action_id: str) -> None:
    """Keep the properties that a run has found, in the transaction that ends it.

    The answer and the assets are those that are written already; again changes nothing, so it may
    be called once more where an output comes later than the answer.
    """
    if not tx.routes.fills_properties(action_id):
        return
    action = tx.actions.get(action_id)
    response = None if action.response is None else action.response.value
    for found in properties_of(rt, action, action.request, response, action.inputs, action.outputs):
        tx.assets.record(found)


def properties_of(
    rt: Runtime,
    action: Action,
    request: dict[str, Any],
    response: Any,
    inputs: Sequence[AssetLink],
    outputs: Sequence[AssetLink],
) -> list[Property]:
    """The properties that a successful run's answer holds, each of one of its assets.

    `request` echoes what was asked, as an action keeps it; `response` is the answer's JSON value.
    What the answer does not say, and what would be of an asset that the run has not, is left out.
    """
    route = rt.store.routes.get(action.route.id)
    declarations = route.operation.fills_properties
    if not declarations:
        return []
    defaults = body_defaults(rt, route)
    links = {"input": inputs, "output": outputs}
    return [
        found
        for each in declarations
        if is_expected(each, request.get("body"), defaults) and declared.is_met(each, response)
        for found in _found(rt, action, each, response, links)
    ]


def _found(
    rt: Runtime,
    action: Action,
    declaration: dict[str, Any],
    response: Any,
    links: dict[str, Sequence[AssetLink]],
) -> Iterator[Property]:
    side, name = declared.subject_of(declaration)
    subject = _subject(links[side], name)
    value = value_at(response, declaration["value"])
    if subject is None or value is None:
        return
    uncertainty = declaration.get("uncertainty")
    yield Property(
        id=rt.new_id(),
        asset_id=subject.id,
        action_id=action.id,
        property=declaration["property"],
        value=value,
        method=declaration.get("method", ""),
        unit=declaration.get("unit"),
        uncertainty=None if uncertainty is None else as_number(value_at(response, uncertainty)),
        conditions=declared.conditions_in(declaration, response),
        created_at=rt.now(),
    )


def _subject(links: Sequence[AssetLink], name: str | None) -> Asset | None:
    return next(
        (each.asset for each in links if (each.is_primary if name is None else each.name == name)),
        None,
    )
