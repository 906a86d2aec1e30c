"""`ouro route remove`: take a route away, and keep what it has done."""

import sys
from typing import Annotated, Any

import typer

from ouro_cli.cli import output
from ouro_cli.cli.options import Jq, Json, RouteArg
from ouro_cli.runtime import open_runtime
from ouro_cli.usecases.edit_route import remove_route
from ouro_cli.usecases.find_reference import find_route
from ouro_cli.views.route import route_view


def command(
    route: RouteArg,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: Json = False,
    jq: Jq = None,
) -> None:
    """Take a route away; its actions stay readable, and it stays away at every sync.

    `ouro route create` with its method and path brings it back as itself.
    """
    rt = open_runtime()
    found = find_route(rt, route)
    if not yes and sys.stdin.isatty() and sys.stdout.isatty():
        typer.confirm(f"Remove {found.reference}?", abort=True)
    removed = remove_route(rt, found)
    service = rt.store.services.get(removed.service_id)
    output.show(route_view(removed, service), _human, json=json, jq=jq)


def _human(view: dict[str, Any]) -> None:
    output.print_line(f"Removed {view['reference']}. Its actions stay: ouro action list")
