"""`ouro action pin`: have an action kept."""

from typing import Any

from ouro_cli.cli import output
from ouro_cli.cli.options import ActionArg, Jq, Json
from ouro_cli.runtime import open_runtime
from ouro_cli.usecases.find_reference import find_action
from ouro_cli.usecases.prune_actions import pin_action
from ouro_cli.views.action import action_view


def command(action: ActionArg, json: Json = False, jq: Jq = None) -> None:
    """Have an action kept by every `ouro prune`, however old it is."""
    rt = open_runtime()
    view = action_view(pin_action(rt, find_action(rt, action)))
    output.show(view, _human, json=json, jq=jq)


def _human(view: dict[str, Any]) -> None:
    output.print_line(output.joined("Pinned", view["id"], view["route"]["reference"]))
