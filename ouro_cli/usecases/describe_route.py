"""A route with all that a person needs to call it: the body's schema and an example included."""

import json
from dataclasses import dataclass
from typing import Any

from ouro_cli.model.route import Route
from ouro_cli.model.service import Service
from ouro_cli.model.timings import Timings
from ouro_cli.openapi import refs, sample
from ouro_cli.openapi.schema import as_json_schema
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.find_reference import find_route
from ouro_cli.wire.fitting import is_ours
from ouro_cli.wire.media import Media, usual_media
from ouro_cli.wire.polling import told_place


@dataclass(frozen=True, slots=True)
class Described:
    """A route, its service, the schema of its body, a body that fits it, and how long it takes.

    `parameters_schema` is that of an object with its parameters, `ouro-*` headers left out; both
    schemas are self-contained JSON Schema. `timings` are those of the last successful runs;
    `unfilled` and `mended` are what `sample.Sample` says of the example, and `body_media` is the
    media type that the body is sent as where nothing speaks for another. `asks_at` is where its
    result can be asked for, as far as the document tells.
    """

    route: Route
    service: Service
    parameters_schema: dict[str, Any]
    body_schema: Any
    body_example: Any
    timings: Timings
    unfilled: tuple[str, ...] = ()
    mended: tuple[str, ...] = ()
    body_media: Media | None = None
    asks_at: str = ""

    @property
    def input_schema(self) -> Any:
        """The schema of what a call gives: its body, or, where it takes none, its parameters."""
        return self.parameters_schema if self.body_schema is None else self.body_schema


def describe_route(rt: Runtime, name: str, *, everything: bool = False) -> Described:
    """The route of this reference, ready to be shown.

    Without `everything` the example holds what is required alone.
    """
    route = find_route(rt, name)
    service = rt.store.services.get(route.service_id)
    timings = rt.store.actions.timings(route.id)
    asks_at = told_place(route.operation, lambda: rt.store.polls.gets(service.id))
    components = {
        key: as_json_schema(value, service.openapi)
        for key, value in components_of(rt, route).items()
    }

    def self_contained(schema: Any) -> Any:
        return refs.bundle(as_json_schema(schema, service.openapi), components)

    parameters = self_contained(_parameters_schema(route))
    media = usual_media(route.operation.request_body)
    if media is None:
        return Described(route, service, parameters, None, None, timings, asks_at=asks_at)
    schema = self_contained(media.schema)
    if not media.kind.has_fields:
        return Described(
            *(route, service, parameters, schema, None, timings), body_media=media, asks_at=asks_at
        )
    made = sample.sample_of(media.stated, schema, everything=everything)
    return Described(
        *(route, service, parameters, schema, made.value, timings),
        unfilled=made.unfilled,
        mended=made.mended,
        body_media=media,
        asks_at=asks_at,
    )


def _parameters_schema(route: Route) -> dict[str, Any]:
    asked = [each for each in route.operation.parameters if not is_ours(each)]
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {each["name"]: _schema_of(each) for each in asked},
        "required": [each["name"] for each in asked if each.get("required") is True],
    }
    return schema


def _schema_of(parameter: dict[str, Any]) -> Any:
    content = parameter.get("content") or {}
    media: Any = next(iter(content.values()), {})
    schema = parameter.get("schema", media.get("schema", {}))
    words = parameter.get("description")
    if isinstance(schema, dict) and words and "description" not in schema:
        return {"description": words, **schema}
    return schema


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
