"""`ouro restore`: a backup in the place of the registry."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ouro_cli.cli import output
from ouro_cli.cli.options import Jq, Json
from ouro_cli.runtime import open_runtime
from ouro_cli.usecases.restore_backup import restore_backup
from ouro_cli.views.upkeep import restored_view


def command(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A file that `ouro backup` wrote.")],
    force: Annotated[
        bool,
        typer.Option("--force", help="Replace a registry that holds something; it is kept aside."),
    ] = False,
    json: Json = False,
    jq: Jq = None,
) -> None:
    """Put a backup in the place of the registry, once every byte of it has been checked.

    Nothing is changed where anything is wrong with it, where the registry holds something and
    --force is not given, or while a run or a listener is at work.
    """
    view = restored_view(restore_backup(open_runtime(), Path(file), force=force))
    output.show(view, _human, json=json, jq=jq)
    for each in view["missing"]:
        output.story(f"missing since before the backup: {output.one_line(each)}")


def _human(view: dict[str, Any]) -> None:
    held = ", ".join(
        output.counted(number, noun.removesuffix("s")) for noun, number in view["counts"].items()
    )
    output.print_line(output.joined("Restored", held))
    if view["kept_aside"]:
        output.story(f"What was there before is kept: {output.one_line(view['kept_aside'])}")
