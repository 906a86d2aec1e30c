"""`ouro action accept-late`: the result that came after the end, as the action's own."""

import typer

from ouro_cli.cli import exits
from ouro_cli.cli.options import ActionArg, Jq, Json
from ouro_cli.cli.results import show_result
from ouro_cli.runtime import open_runtime
from ouro_cli.usecases.accept_late import accept_late
from ouro_cli.usecases.find_reference import find_action
from ouro_cli.views.action import action_view


def command(action: ActionArg, json: Json = False, jq: Jq = None) -> None:
    """Take a result that came too late for the true one.

    A result that comes after an action was given up is kept, and changes nothing, so that what
    was built on its end stays true. This makes it the action's own result, outputs included.
    Ends with 1 if the result says that the run failed.
    """
    rt = open_runtime()
    ended = accept_late(rt, find_action(rt, action).id)
    show_result(action_view(ended), json=json, jq=jq)
    raise typer.Exit(exits.exit_code_for(ended.status))
