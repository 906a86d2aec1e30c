"""`ouro service remove`: forget an API, and keep what it has done."""

import sys
from typing import Annotated, Any

import typer

from ouro_cli.cli import output
from ouro_cli.cli.options import Jq, Json, ServiceArg
from ouro_cli.runtime import open_runtime
from ouro_cli.usecases.find_reference import find_service
from ouro_cli.usecases.remove_service import remove_service
from ouro_cli.views.service import service_view


def command(
    service: ServiceArg,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: Json = False,
    jq: Jq = None,
) -> None:
    """Remove a service, its routes and its credentials; its actions stay readable.

    Importing it again brings it back under the same ids.
    """
    rt = open_runtime()
    found = find_service(rt, service)
    if not yes and sys.stdin.isatty() and sys.stdout.isatty():
        typer.confirm(f"Remove {found.name}, its routes and its credentials?", abort=True)
    removed = remove_service(rt, found)
    output.show(service_view(removed), _human, json=json, jq=jq)


def _human(view: dict[str, Any]) -> None:
    output.print_line(f"Removed {view['name']}. Its actions stay: ouro action list")
