"""`ouro route list`: what can be run."""

from typing import Any

from ouro_cli.cli import output
from ouro_cli.cli.options import Jq, Json, ServiceOption
from ouro_cli.runtime import open_runtime
from ouro_cli.usecases.find_reference import find_service
from ouro_cli.views.route import route_row_view


def command(service: ServiceOption = None, json: Json = False, jq: Jq = None) -> None:
    """List the routes, of all services or of one."""
    rt = open_runtime()
    service_id = None if service is None else find_service(rt, service).id
    views = [route_row_view(row) for row in rt.store.routes.rows(service_id)]
    output.show({"routes": views, "has_more": False}, _human, json=json, jq=jq)


def _human(view: dict[str, Any]) -> None:
    if not view["routes"]:
        output.story("No routes yet. Import an API: ouro service import openapi.yaml")
        return
    rows = [
        [each["reference"], each["method"], each["path"], each["service"], each["name"]]
        for each in view["routes"]
    ]
    output.table(rows, ("route", "method", "path", "service", "name"))
