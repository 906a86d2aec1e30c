"""`ouro auth remove`: take a credential away."""

from typing import Annotated, Any

import typer

from ouro_cli.cli import output
from ouro_cli.cli.options import Jq, Json, ServiceArg
from ouro_cli.runtime import open_runtime
from ouro_cli.usecases.find_reference import find_service
from ouro_cli.usecases.set_credential import remove_credential


def command(
    service: ServiceArg,
    scheme: Annotated[
        str | None,
        typer.Option("--scheme", metavar="NAME", help="Which one, where several are set."),
    ] = None,
    json: Json = False,
    jq: Jq = None,
) -> None:
    """Remove a service's credential, and the secret from the keyring or the file."""
    rt = open_runtime()
    found = find_service(rt, service)
    removed = remove_credential(rt, found, scheme)
    view = {"service": found.name, "scheme": removed.scheme, "place": removed.place}
    output.show(view, _human, json=json, jq=jq)


def _human(view: dict[str, Any]) -> None:
    output.print_line(output.joined(f"Removed {view['service']}", view["scheme"]))
    if view["place"].startswith("env:"):
        output.story(f"The variable {view['place'][4:]} itself is yours to unset.")
