"""`ouro backup`: the registry and all its assets as one file."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ouro_cli.cli import exits, output
from ouro_cli.cli.assets import size_text
from ouro_cli.cli.options import Force, Jq, Json
from ouro_cli.runtime import open_runtime
from ouro_cli.usecases.back_up import back_up
from ouro_cli.views.upkeep import backup_view


def command(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Where to write the backup.")],
    no_assets: Annotated[
        bool, typer.Option("--no-assets", help="Leave out the bytes of assets and large responses.")
    ] = False,
    force: Force = False,
    json: Json = False,
    jq: Jq = None,
) -> None:
    """Write the registry and its assets into one file, while runs go on. No credential is in it.

    Everything in it is of one moment, and has its checksum. Ends with 1 where the registry itself
    has lost some of its bytes: the backup then holds all the rest, and says what is missing.

    \b
    ouro backup ouro-2026-01-31.zip
    ouro restore ouro-2026-01-31.zip
    """
    done = back_up(open_runtime(), Path(file), with_assets=not no_assets, force=force)
    view = backup_view(done)
    output.show(view, _human, json=json, jq=jq)
    for each in view["missing"]:
        output.story(f"missing: {output.one_line(each)}")
    raise typer.Exit(exits.FAILED if view["missing"] else exits.SUCCESS)


def _human(view: dict[str, Any]) -> None:
    held = ", ".join(
        output.counted(number, noun.removesuffix("s")) for noun, number in view["counts"].items()
    )
    output.print_line(output.joined(view["path"], size_text(view["size"]), held))
    output.story("No credential is in it: set them anew where it is restored.")
