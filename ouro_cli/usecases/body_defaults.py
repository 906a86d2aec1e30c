"""What stands in the fields of a route's body that a request leaves out."""

import json
from typing import Any

from ouro_cli.model.route import Route
from ouro_cli.openapi import body_fields, refs
from ouro_cli.runtime import Runtime


def body_defaults(rt: Runtime, route: Route) -> dict[str, Any]:
    """What stands in the fields of a route's body that a request leaves out, by field."""

    def follow(value: Any) -> Any:
        for _ in range(refs.MOST_HOPS):
            if not (isinstance(value, dict) and isinstance(value.get("$ref"), str)):
                return value
            text = rt.store.services.component(route.service_id, value["$ref"])
            value = None if text is None else json.loads(text)
        return None

    return body_fields.field_defaults(route.operation.request_body, follow)
