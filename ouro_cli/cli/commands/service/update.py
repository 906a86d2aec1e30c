"""`ouro service update`: say of a service what its document does not."""

from typing import Annotated, Any

import typer

from ouro_cli.cli import output
from ouro_cli.cli.import_report import read_authentication
from ouro_cli.cli.options import Authentication, BaseUrl, Jq, Json, ServiceArg
from ouro_cli.errors import UsageFault
from ouro_cli.runtime import open_runtime
from ouro_cli.usecases.create_service import ServiceWords, update_service
from ouro_cli.usecases.find_reference import find_service
from ouro_cli.views.service import service_view


def command(
    service: ServiceArg,
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="Call the service this.")
    ] = None,
    base_url: BaseUrl = None,
    authentication: Authentication = None,
    json: Json = False,
    jq: Jq = None,
) -> None:
    """Rename a service, or say where it is and how it knows its callers.

    A base URL that you gave stays through every sync. Credentials stay bound to the origin that
    they were set for.
    """
    words = ServiceWords(
        name=name, base_url=base_url, authentication=read_authentication(authentication)
    )
    if words == ServiceWords():
        raise UsageFault(why="nothing to change was given", hint="See: ouro service update --help")
    rt = open_runtime()
    updated = update_service(rt, find_service(rt, service), words)
    output.show(service_view(updated), _human, json=json, jq=jq)


def _human(view: dict[str, Any]) -> None:
    metadata = view["metadata"]
    output.print_line(output.joined(view["name"], metadata["base_url"], metadata["authentication"]))
