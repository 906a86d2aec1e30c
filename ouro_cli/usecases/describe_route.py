"""A route with all that a person needs to call it: the body's schema and an example included."""

import json
from dataclasses import dataclass
from typing import Any

from ouro_cli.model.route import Route
from ouro_cli.model.service import Service
from ouro_cli.openapi import refs, sample
from ouro_cli.openapi.schema import as_json_schema
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.find_reference import find_route
from ouro_cli.wire.media import json_media


@dataclass(frozen=True, slots=True)
class Described:
    """A route, its service, its body's self-contained JSON Schema, and a body that fits it."""

    route: Route
    service: Service
    body_schema: Any
    body_example: Any


def describe_route(rt: Runtime, name: str) -> Described:
    """The route of this reference, ready to be shown."""
    route = find_route(rt, name)
    service = rt.store.services.get(route.service_id)
    media = json_media(route.operation.request_body)
    if media is None:
        return Described(route, service, None, None)
    components = components_of(rt, route)
    schema = refs.bundle(
        as_json_schema(media.get("schema", {}), service.openapi),
        {key: as_json_schema(value, service.openapi) for key, value in components.items()},
    )
    return Described(route, service, schema, sample.example_of(media, schema))


def components_of(rt: Runtime, route: Route) -> dict[str, Any]:
    """All that a route's parameters and request body refer to: reference -> value."""
    operation = route.operation
    stated = json.dumps([operation.parameters, operation.request_body])
    services = rt.store.services
    found, _ = refs.closure(
        refs.references_in(stated),
        lambda reference: services.component(route.service_id, reference),
    )
    return {reference: json.loads(text) for reference, text in found.items()}
