"""`ouro action watch`: look on until a run ends."""

from pathlib import Path
from typing import Annotated

import typer

from ouro_cli.cli import exits
from ouro_cli.cli.options import ActionArg, Jq, Json, Timeout
from ouro_cli.cli.progress import follow, leaving
from ouro_cli.cli.results import show_result, show_saved, snapshot
from ouro_cli.runtime import open_runtime
from ouro_cli.settings import read_duration
from ouro_cli.usecases.find_reference import find_action
from ouro_cli.usecases.save_outputs import check_folder, save_outputs
from ouro_cli.views.action import action_view


def command(
    action: ActionArg,
    timeout: Timeout = None,
    save_to: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="Save what it makes into this folder."),
    ] = None,
    json: Json = False,
    jq: Jq = None,
) -> None:
    """Watch an action until it ends: its story on stderr, its result on stdout.

    It works from any terminal, after a reboot, and on an action that has ended. Ctrl-C ends
    the watching, never the run. Ends with 1 if the action failed, 124 after --timeout.
    """
    patience = None if timeout is None else read_duration(timeout, "--timeout")
    rt = open_runtime()
    found = find_action(rt, action)
    if save_to is not None:
        check_folder(save_to)
    with leaving([found.id], on_leave=lambda: snapshot(rt, found.id, json=json)):
        follow(rt, [found.id], patience=patience)
    ended = rt.store.actions.get(found.id)
    show_result(action_view(ended), json=json, jq=jq)
    if save_to is not None:
        show_saved(save_outputs(rt, ended, save_to))
    raise typer.Exit(exits.exit_code_for(ended.status))
