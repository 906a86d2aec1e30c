"""`ouro action watch`: look on until a run ends."""

import typer

from ouro_cli.cli import exits
from ouro_cli.cli.options import ActionArg, Jq, Json, Timeout
from ouro_cli.cli.progress import follow, leaving
from ouro_cli.cli.results import show_result, snapshot
from ouro_cli.runtime import open_runtime
from ouro_cli.settings import read_duration
from ouro_cli.usecases.find_reference import find_action
from ouro_cli.views import action_view


def command(action: ActionArg, timeout: Timeout = None, json: Json = False, jq: Jq = None) -> None:
    """Watch an action until it ends: its story on stderr, its result on stdout.

    It works from any terminal, after a reboot, and on an action that has ended. Ctrl-C ends
    the watching, never the run. Ends with 1 if the action failed, 124 after --timeout.
    """
    patience = None if timeout is None else read_duration(timeout, "--timeout")
    rt = open_runtime()
    found = find_action(rt, action)
    with leaving([found.id], on_leave=lambda: snapshot(rt, found.id, json=json)):
        follow(rt, [found.id], patience=patience)
    ended = rt.store.actions.get(found.id)
    show_result(action_view(ended), json=json, jq=jq)
    raise typer.Exit(exits.exit_code_for(ended.status))
