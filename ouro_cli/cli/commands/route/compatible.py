"""`ouro route compatible`: which stored assets a route takes."""

from typing import Annotated, Any

import typer

from ouro_cli.cli import output
from ouro_cli.cli.declared_words import asset_line
from ouro_cli.cli.options import Jq, Json, Limit, Offset, RouteArg
from ouro_cli.errors import UsageFault
from ouro_cli.runtime import open_runtime
from ouro_cli.usecases.find_reference import find_route
from ouro_cli.usecases.find_routes import fitting_assets
from ouro_cli.views.asset import asset_reference_view


def command(
    route: RouteArg,
    name: Annotated[
        str | None, typer.Option("--input", metavar="NAME", help="Only what fits this input.")
    ] = None,
    limit: Limit = 20,
    offset: Offset = 0,
    json: Json = False,
    jq: Jq = None,
) -> None:
    """List the stored assets that fit a route, by what it takes, the newest first.

    \b
    ouro route compatible ada/relax-structure-post
    """
    rt = open_runtime()
    found = find_route(rt, route)
    declared = found.operation.input_assets
    if name is not None and name not in declared:
        raise UsageFault(
            why=f"{found.reference} takes no asset named '{name}'",
            hint=f"It takes: {', '.join(declared) or 'none'}.",
        )
    fitting = fitting_assets(rt, found, limit=limit, offset=offset)
    inputs = [
        {
            "name": each.name,
            "declaration": each.declaration,
            "assets": [asset_reference_view(asset) for asset in each.assets],
            "has_more": each.has_more,
        }
        for each in fitting
        if name in (None, each.name)
    ]
    view = {"inputs": inputs, "has_more": any(each["has_more"] for each in inputs)}
    output.show(view, lambda shown: _human(shown, offset + limit), json=json, jq=jq)


def _human(view: dict[str, Any], following: int) -> None:
    if not view["inputs"]:
        output.story("This route declares no assets that it takes.")
    for each in view["inputs"]:
        output.print_line(output.styled(asset_line(each["name"], each["declaration"]), "bold"))
        for asset in each["assets"]:
            kept = output.ago(asset["created_at"])
            output.print_line(
                f"  {output.joined(asset['id'], asset['asset_type'], asset['name'], kept)}"
            )
        if not each["assets"]:
            output.story("  No stored asset fits. Keep one: ouro asset add PATH")
    if view["has_more"]:
        output.story(f"There are more: --offset {following}")
