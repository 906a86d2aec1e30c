"""`ouro asset remove`: keep an asset no longer."""

import sys
from typing import Annotated, Any

import typer

from ouro_cli.cli import output
from ouro_cli.cli.options import AssetArg, Jq, Json
from ouro_cli.runtime import open_runtime
from ouro_cli.usecases.find_reference import find_asset
from ouro_cli.usecases.remove_asset import remove_asset
from ouro_cli.views.asset import asset_view


def command(
    asset: AssetArg,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: Json = False,
    jq: Jq = None,
) -> None:
    """Remove an asset and its bytes; the runs that took or made it still name it."""
    rt = open_runtime()
    found = find_asset(rt, asset)
    if not yes and sys.stdin.isatty() and sys.stdout.isatty():
        typer.confirm(f"Remove {output.one_line(found.name)} and its bytes?", abort=True)
    output.show(asset_view(remove_asset(rt, found)), _human, json=json, jq=jq)


def _human(view: dict[str, Any]) -> None:
    output.print_line(output.joined("Removed", view["name"], view["id"]))
