"""`ouro action export`: actions as a file that another registry takes in."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ouro_cli.cli import exits, output
from ouro_cli.cli.assets import size_text
from ouro_cli.cli.options import ActionArgs, Force, Jq, Json
from ouro_cli.runtime import open_runtime
from ouro_cli.usecases.export_actions import export_actions
from ouro_cli.usecases.find_reference import find_action
from ouro_cli.views.upkeep import exported_view


def command(
    actions: ActionArgs,
    target: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FILE", help="Where to write it.")
    ] = None,
    force: Force = False,
    json: Json = False,
    jq: Jq = None,
) -> None:
    """Write actions into one file: story, assets, route and service, but no credential.

    Whoever takes it in waits for the same run. One that has not been sent stays here: only one
    registry may send it.

    \b
    ouro action export @last -o run.zip       one job
    ouro action import run.zip                the next one
    """
    rt = open_runtime()
    found = [find_action(rt, each) for each in dict.fromkeys(actions)]
    path = Path(target or f"action-{found[0].id[:13]}.zip")
    view = exported_view(export_actions(rt, found, path, force=force))
    output.show(view, _human, json=json, jq=jq)
    for each in view["missing"]:
        output.story(f"missing: {output.one_line(each)}")
    raise typer.Exit(exits.FAILED if view["missing"] else exits.SUCCESS)


def _human(view: dict[str, Any]) -> None:
    counted = output.counted(len(view["actions"]), "action")
    output.print_line(output.joined(view["path"], size_text(view["size"]), counted))
    output.story(f"Elsewhere: ouro action import {output.one_line(view['path'])}")
