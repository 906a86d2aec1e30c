"""`ouro asset list`: what is kept, newest first."""

from typing import Annotated, Any

import typer

from ouro_cli.cli import output
from ouro_cli.cli.assets import extent
from ouro_cli.cli.options import (
    ActionOption,
    AssetTypeOption,
    Jq,
    Json,
    RouteOption,
    asset_type_of,
    count_of,
)
from ouro_cli.model.declaration import normal_extension
from ouro_cli.runtime import open_runtime
from ouro_cli.store.assets import AssetFilters
from ouro_cli.usecases.find_reference import find_action, find_route
from ouro_cli.views.asset import asset_view

_MOST = 1000


def command(
    kind: AssetTypeOption = None,
    extension: Annotated[
        str | None,
        typer.Option("--extension", metavar="EXT", help="Only files that end so: cif, csv."),
    ] = None,
    route: RouteOption = None,
    action: ActionOption = None,
    search: Annotated[
        str, typer.Option("--search", metavar="WORDS", help="Only with these words in their names.")
    ] = "",
    limit: Annotated[str, typer.Option("--limit", metavar="N", help="At most so many.")] = "20",
    offset: Annotated[str, typer.Option("--offset", metavar="N", help="Pass over so many.")] = "0",
    json: Json = False,
    jq: Jq = None,
) -> None:
    """List the assets that are kept, newest first.

    \b
    ouro asset list --type dataset
    ouro asset list --search "band gap" --route ada/predict-post
    """
    rt = open_runtime()
    most, passed = count_of(limit, "--limit", 1, _MOST), count_of(offset, "--offset", 0, 2**31)
    filters = AssetFilters(
        asset_type=asset_type_of(kind),
        extension="" if extension is None else normal_extension(extension) or extension,
        action_id=None if action is None else find_action(rt, action).id,
        route_id=None if route is None else find_route(rt, route).id,
        search=search,
    )
    found = rt.store.assets.newest(filters, limit=most + 1, offset=passed)
    view = {
        "assets": [asset_view(each) for each in found[:most]],
        "has_more": len(found) > most,
    }
    output.show(view, lambda shown: _human(shown, passed + most), json=json, jq=jq)


def _human(view: dict[str, Any], following: int) -> None:
    if not view["assets"]:
        output.print_line("No assets.")
        return
    rows = [
        [
            each["asset_type"],
            each["name"],
            each["id"],
            extent(each),
            "by a run" if each["action_id"] else "added",
            output.ago(each["created_at"]),
        ]
        for each in view["assets"]
    ]
    output.table(rows, ("type", "name", "asset", "size", "made", "kept"))
    if view["has_more"]:
        output.story(f"More available: --offset {following}")
