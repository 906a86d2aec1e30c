"""What a route has to be given, and what it gives, as far as actions and documents tell."""

import json
from collections.abc import Set as AbstractSet
from typing import Any

from ouro_cli.model.action import Action
from ouro_cli.model.route import Route
from ouro_cli.model.wiring import Need, Offer
from ouro_cli.openapi import refs
from ouro_cli.openapi.schema import as_json_schema
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.chain_scope import exchange_of
from ouro_cli.usecases.describe_route import describe_route
from ouro_cli.wire.coercion import kinds_of
from ouro_cli.wire.fitting import is_ours
from ouro_cli.wire.shape import described, required_of


def need_of(
    rt: Runtime, route: Route, number: int, step: str, given: AbstractSet[str] | None
) -> Need:
    """What a step's route requires and was not given; `=` in `given` stands for a whole body."""
    given = given or frozenset()
    told = describe_route(rt, route.id)
    operation = route.operation
    fields: dict[tuple[str, str], AbstractSet[str]] = {}
    known: set[tuple[str, str]] = set()
    for each in operation.parameters:
        if is_ours(each) or each["in"] == "querystring":
            continue
        place = (each["in"], each["name"])
        known.add(place)
        if each.get("required") is True and each["name"] not in given:
            schema = told.parameters_schema["properties"].get(each["name"], {})
            fields[place] = kinds_of(schema, told.parameters_schema, set())
    body = told.body_schema
    if isinstance(body, dict):
        said = described(body, body)
        known |= {("body", name) for name in said.names if name not in operation.input_assets}
        if "=" not in given and (operation.request_body or {}).get("required") is True:
            for name in required_of(body, body):
                if name not in given and name not in operation.input_assets:
                    certain, possible = said.names.get(name, ([], []))
                    fields["body", name] = _kinds([*certain, *possible], body)
    assets = {name: each for name, each in operation.input_assets.items() if name not in given}
    return Need(number, step, route.reference, assets, fields, frozenset(known))


def offer_of_action(rt: Runtime, action: Action, number: int, step: str) -> Offer:
    """What an action that has ended gives."""
    data = exchange_of(rt, action, with_url=False).response_body
    return Offer(
        number,
        step,
        assets={each.name: each.asset for each in action.outputs},
        data=data,
        is_known=True,
    )


def offer_of_route(rt: Runtime, route: Route, number: int, step: str) -> Offer:
    """What a route says that it gives; of a result that comes later its document says nothing."""
    operation = route.operation
    fields: dict[str, AbstractSet[str]] | None = None
    schema = None if operation.is_async or operation.poll else _response_schema(rt, route)
    if schema is not None:
        said = described(schema, schema)
        if said.names:
            fields = {
                name: _kinds([*certain, *possible], schema)
                for name, (certain, possible) in said.names.items()
            }
            fields |= {name: frozenset({"object"}) for name in operation.output_assets}
    return Offer(number, step, assets=operation.output_assets, fields=fields)


def _kinds(schemas: list[Any], root: Any) -> AbstractSet[str]:
    """The JSON types that all of them together let in; none where one of them says nothing."""
    found = [kinds_of(each, root, set()) for each in schemas]
    return frozenset().union(*found) if found and all(found) else frozenset()


def _response_schema(rt: Runtime, route: Route) -> Any:
    """The schema of what a route answers at once, self-contained; None where it says none."""
    responses = route.operation.responses
    codes = [each for each in sorted(responses) if each.startswith("2") and each != "202"]
    for code in codes:
        answer = responses[code]
        content = answer.get("content") if isinstance(answer, dict) else None
        for media, each in (content or {}).items():
            if "json" in media and isinstance(each, dict) and isinstance(each.get("schema"), dict):
                return _bundled(rt, route, each["schema"])
    return None


def _bundled(rt: Runtime, route: Route, schema: Any) -> Any:
    services = rt.store.services
    found, _ = refs.closure(
        refs.references_in(json.dumps(schema)),
        lambda reference: services.component(route.service_id, reference),
    )
    openapi = services.get(route.service_id).openapi
    components = {
        reference: as_json_schema(json.loads(text), openapi) for reference, text in found.items()
    }
    return refs.bundle(as_json_schema(schema, openapi), components)
