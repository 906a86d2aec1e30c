"""`ouro route search`: routes by what they do."""

from typing import Annotated, Any

import typer

from ouro_cli.cli import output
from ouro_cli.cli.options import Jq, Json, Limit, ServiceOption
from ouro_cli.runtime import open_runtime
from ouro_cli.usecases.find_reference import find_service
from ouro_cli.views.route import route_row_view


def command(
    words: Annotated[
        list[str], typer.Argument(metavar="WORD...", help="What it should do, in your words.")
    ],
    service: ServiceOption = None,
    limit: Limit = 20,
    json: Json = False,
    jq: Jq = None,
) -> None:
    """Find routes of all services by what they do, the best first.

    Names, paths, summaries, operation ids, tags and descriptions are searched. Routes that hold
    every word come alone; where there are none, those that hold any.

    \b
    ouro route search "create an issue"
    """
    rt = open_runtime()
    service_id = None if service is None else find_service(rt, service).id
    rows = rt.store.routes.search(" ".join(words), service_id=service_id, limit=limit + 1)
    views = [route_row_view(row) for row in rows[:limit]]
    view = {"routes": views, "has_more": len(rows) > limit}
    output.show(view, _human, json=json, jq=jq)


def _human(view: dict[str, Any]) -> None:
    if not view["routes"]:
        output.story("No route says that. See all: ouro route list")
        return
    rows = [
        [each["reference"], each["method"], each["path"], each["service"], each["name"]]
        for each in view["routes"]
    ]
    output.table(rows, ("route", "method", "path", "service", "name"))
    if view["has_more"]:
        output.story("There are more: --limit N")
