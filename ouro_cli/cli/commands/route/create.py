"""`ouro route create`: a route that no document states."""

from typing import Annotated, Any

import typer

from ouro_cli.cli import output
from ouro_cli.cli.json_argument import read_json_argument
from ouro_cli.cli.options import Jq, Json, ServiceArg
from ouro_cli.cli.route_edits import (
    Currency,
    Description,
    Idempotent,
    InputAsset,
    MaxSeconds,
    Mode,
    Name,
    OutputAsset,
    Price,
    read_edits,
)
from ouro_cli.errors import UsageFault
from ouro_cli.runtime import open_runtime
from ouro_cli.usecases.edit_route import create_route
from ouro_cli.usecases.find_reference import find_service
from ouro_cli.views.route import route_view


def command(
    service: ServiceArg,
    method: Annotated[str, typer.Option("--method", metavar="METHOD", help="GET, POST, ...")],
    path: Annotated[str, typer.Option("--path", metavar="PATH", help="As in /items/{item_id}.")],
    name: Name = None,
    description: Description = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option(
            "--parameter",
            metavar="PLACE:NAME[:TYPE]",
            help="query:limit:integer, header:X-Trace; 'query:q!' is required.",
        ),
    ] = None,
    parameters: Annotated[
        str | None,
        typer.Option(
            "--parameters", metavar="JSON", help="OpenAPI parameter objects: a list, or @file."
        ),
    ] = None,
    request_body: Annotated[
        str | None,
        typer.Option(
            "--request-body",
            metavar="JSON",
            help="An OpenAPI request body or a JSON Schema: JSON, or @file.",
        ),
    ] = None,
    mode: Mode = None,
    idempotent: Idempotent = None,
    input_asset: InputAsset = None,
    output_asset: OutputAsset = None,
    price: Price = None,
    max_seconds: MaxSeconds = None,
    currency: Currency = None,
    json: Json = False,
    jq: Jq = None,
) -> None:
    """Make a route by hand, where an API has no document, or not all is in it.

    Places in the path are its path parameters. A POST, PUT or PATCH takes any JSON body where
    nothing is said of it. A route that was removed comes back as itself.

    \b
    ouro route create weather --method GET --path /forecast --parameter query:city!
    ouro route create lab --method POST --path /relax --mode async --input-asset structure=file:cif
    """
    edits = read_edits(
        description=description,
        price=price,
        max_seconds=max_seconds,
        currency=currency,
        mode=mode,
        inputs=input_asset,
        outputs=output_asset,
        idempotent=idempotent,
    )
    operation: dict[str, Any] = {
        **({} if name is None else {"summary": name}),
        **({} if description is None else {"description": description}),
    }
    given = [_parameter(each) for each in parameter or []]
    if parameters is not None:
        stated = read_json_argument(parameters, "--parameters")
        given += stated if isinstance(stated, list) else [stated]
    if given:
        operation["parameters"] = given
    if request_body is not None:
        stated = read_json_argument(request_body, "--request-body")
        operation["requestBody"] = _as_request_body(stated)
    for field, word in _EXTENSIONS.items():
        if field in edits:
            operation[word] = edits[field]
    rt = open_runtime()
    found = find_service(rt, service)
    route = create_route(rt, found, method.upper(), path, operation)
    output.show(route_view(route, found), _human, json=json, jq=jq)


_EXTENSIONS = {
    "pricing": "x-ouro-pricing",
    "execution_mode": "x-ouro-execution-mode",
    "idempotent": "x-ouro-idempotent",
    "input_assets": "x-ouro-input-assets",
    "output_assets": "x-ouro-output-assets",
}


def _parameter(text: str) -> dict[str, Any]:
    place, _, rest = text.partition(":")
    is_required = rest.endswith("!")
    name, _, kind = rest.removesuffix("!").partition(":")
    if not name:
        raise UsageFault(why=f"--parameter {text}: expected PLACE:NAME or PLACE:NAME:TYPE")
    return {
        "name": name,
        "in": place,
        "required": is_required or place == "path",
        "schema": {"type": kind or "string"},
    }


def _as_request_body(stated: Any) -> Any:
    """A request body object as it is; a schema as that of a JSON body."""
    if isinstance(stated, dict) and "content" in stated:
        return stated
    return {"content": {"application/json": {"schema": stated}}}


def _human(view: dict[str, Any]) -> None:
    output.print_line(
        output.joined(view["reference"], view["route"]["method"], view["route"]["path"])
    )
    output.story(f"See how to call it: ouro route show {view['reference']}")
