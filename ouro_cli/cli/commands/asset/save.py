"""`ouro asset save`: an asset as a file on this machine."""

import sys
from typing import Annotated, Any

import typer

from ouro_cli.cli import output
from ouro_cli.cli.assets import size_text
from ouro_cli.cli.options import AssetArg, Jq, Json
from ouro_cli.runtime import open_runtime
from ouro_cli.usecases.find_reference import find_asset
from ouro_cli.usecases.read_asset import asset_format, asset_parts
from ouro_cli.usecases.save_asset import save_asset
from ouro_cli.views.asset import asset_view


def command(
    asset: AssetArg,
    target: Annotated[
        str,
        typer.Option("--output", "-o", metavar="PATH", help="A file, a folder, or - for stdout."),
    ] = ".",
    form: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="A dataset as csv, json or ndjson; a post as md or html.",
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a file that is there already.")
    ] = False,
    json: Json = False,
    jq: Jq = None,
) -> None:
    """Save an asset as a file, in this folder under its own name if nothing else is said.

    \b
    ouro asset save @last
    ouro asset save 0198c7 -o results/ --format json
    ouro asset save 0198c7 -o - | head
    """
    rt = open_runtime()
    found = find_asset(rt, asset)
    if target == "-":
        for part in asset_parts(rt, found, asset_format(found, form)):
            sys.stdout.buffer.write(part)
        sys.stdout.buffer.flush()
        return
    saved = save_asset(rt, found, target, form, force=force)
    view = {**asset_view(found), "path": str(saved.path.absolute()), "saved_size": saved.size}
    output.show(view, lambda shown: _human(shown, str(saved.path)), json=json, jq=jq)


def _human(view: dict[str, Any], path: str) -> None:
    output.print_line(output.joined(path, size_text(view["saved_size"])))
