"""`ouro action import`: take in what another registry exported."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ouro_cli.cli import output
from ouro_cli.cli.options import Jq, Json
from ouro_cli.runtime import open_runtime
from ouro_cli.usecases.import_actions import import_actions
from ouro_cli.views.upkeep import imported_view


def command(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A file that `ouro action export` wrote.")
    ],
    json: Json = False,
    jq: Jq = None,
) -> None:
    """Take in actions that another registry wrote, and wait for them here.

    Again changes nothing. Of an action that is here already a newer state is taken, and a final
    one that is here stays as it is. Nothing is ever sent by this.
    """
    view = imported_view(import_actions(open_runtime(), Path(file)))
    output.show(view, _human, json=json, jq=jq)


def _human(view: dict[str, Any]) -> None:
    for word, key in (("new", "new"), ("went on", "went_on"), ("unchanged", "unchanged")):
        for action_id in view[key]:
            output.print_line(output.joined(f"{word:9}", action_id))
    if ids := [*view["new"], *view["went_on"]]:
        output.story(f"To its end: ouro action wait {' '.join(ids)}")
