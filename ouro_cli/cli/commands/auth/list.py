"""`ouro auth list`: where credentials lie, and whether they can be read."""

from typing import Any

from ouro_cli.cli import output
from ouro_cli.cli.options import Jq, Json, ServiceOption
from ouro_cli.runtime import open_runtime
from ouro_cli.usecases.find_reference import find_service
from ouro_cli.usecases.view_credential import credential_views

_MOST = 2


def command(service: ServiceOption = None, json: Json = False, jq: Jq = None) -> None:
    """List where credentials lie, for which origin, whether they can be used, and what they open.

    Their values are never shown. `elsewhere` is a credential that was set for the service as it
    was, at another origin or sent in another way, and is not sent now. --json names every route
    that one opens.
    """
    rt = open_runtime()
    service_id = None if service is None else find_service(rt, service).id
    views = credential_views(rt, service_id)
    output.show({"credentials": views, "has_more": False}, _human, json=json, jq=jq)


def _human(view: dict[str, Any]) -> None:
    if not view["credentials"]:
        output.story("No credentials are set: ouro auth set SERVICE")
        return
    rows = [
        [
            each["service"],
            each["scheme"],
            each["place"],
            each["origin"],
            each["state"],
            _opens(each["routes"]),
        ]
        for each in view["credentials"]
    ]
    output.table(rows, ("service", "scheme", "place", "origin", "state", "opens"))


def _opens(routes: list[str]) -> str:
    count = output.counted(len(routes), "route")
    shown = ", ".join(routes[:_MOST]) + (", …" if len(routes) > _MOST else "")
    return f"{count}: {shown}" if routes else "no route"
