"""`ouro route update`: what a person says of a route over its document."""

from typing import Annotated, Any

import typer

from ouro_cli.cli import output
from ouro_cli.cli.options import Jq, Json, RouteArg
from ouro_cli.cli.route_edits import (
    Currency,
    Description,
    Idempotent,
    InputAsset,
    MaxSeconds,
    Mode,
    Name,
    OutputAsset,
    Poll,
    Price,
    read_edits,
)
from ouro_cli.errors import UsageFault
from ouro_cli.runtime import open_runtime
from ouro_cli.usecases.edit_route import RouteEdits, update_route
from ouro_cli.usecases.find_reference import find_route
from ouro_cli.views.route import route_view


def command(
    route: RouteArg,
    name: Name = None,
    description: Description = None,
    mode: Mode = None,
    idempotent: Idempotent = None,
    input_asset: InputAsset = None,
    output_asset: OutputAsset = None,
    poll: Poll = None,
    price: Price = None,
    max_seconds: MaxSeconds = None,
    currency: Currency = None,
    reset: Annotated[
        bool, typer.Option("--reset", help="First forget all that was set: as its document says.")
    ] = False,
    json: Json = False,
    jq: Jq = None,
) -> None:
    """Say of a route what its document does not, or says otherwise; every sync keeps it.

    A new name gives the route a new reference. A price that the document states takes the place
    of yours at the next sync.

    \b
    ouro route update ada/relax-post --price 0.05/call
    ouro route update ada/relax-post --output-asset relaxed=file:cif --mode async
    ouro route update ada/train-post --poll '{"path": "/jobs/{job_id}", "result": "$.output"}'
    ouro route update ada/relax-post --reset
    """
    fields = read_edits(
        description=description,
        price=price,
        max_seconds=max_seconds,
        currency=currency,
        mode=mode,
        inputs=input_asset,
        outputs=output_asset,
        idempotent=idempotent,
        poll=poll,
    )
    edits = RouteEdits(name=name, fields=fields)
    if name is not None and not name.strip():
        raise UsageFault(why="--name: a route needs a name")
    if edits == RouteEdits() and not reset:
        raise UsageFault(why="nothing to change was given", hint="See: ouro route update --help")
    rt = open_runtime()
    updated = update_route(rt, find_route(rt, route), edits, reset=reset)
    service = rt.store.services.get(updated.service_id)
    output.show(route_view(updated, service), _human, json=json, jq=jq)


def _human(view: dict[str, Any]) -> None:
    told = f"set by you: {', '.join(view['edits'])}" if view["edits"] else "as its document says"
    output.print_line(output.joined(view["reference"], view["name"], told))
