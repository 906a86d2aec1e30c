"""`ouro service list`: the APIs that the registry knows."""

from typing import Any

from ouro_cli.cli import output
from ouro_cli.cli.options import Jq, Json
from ouro_cli.runtime import open_runtime
from ouro_cli.views.service import service_view


def command(json: Json = False, jq: Jq = None) -> None:
    """List the services."""
    rt = open_runtime()
    counts = rt.store.routes.counts()
    views = [service_view(each, counts.get(each.id, 0)) for each in rt.store.services.all()]
    output.show({"services": views, "has_more": False}, _human, json=json, jq=jq)


def _human(view: dict[str, Any]) -> None:
    if not view["services"]:
        output.story("No services yet. Import one: ouro service import openapi.yaml")
        return
    rows = [
        [
            each["name"],
            output.counted(each["route_count"], "route"),
            each["metadata"]["base_url"],
            each["title"],
        ]
        for each in view["services"]
    ]
    output.table(rows, ("name", "routes", "base URL", "title"))
