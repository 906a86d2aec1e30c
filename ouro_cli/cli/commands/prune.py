"""`ouro prune`: remove what ended long ago."""

import sys
from typing import Annotated, Any

import typer

from ouro_cli.cli import output
from ouro_cli.cli.assets import size_text
from ouro_cli.cli.options import Jq, Json, Yes
from ouro_cli.errors import ConfirmationMissing
from ouro_cli.runtime import open_runtime
from ouro_cli.settings import read_duration
from ouro_cli.usecases.prune_actions import plan_pruning, prune_actions
from ouro_cli.views.upkeep import pruned_view


def command(
    older_than: Annotated[
        str, typer.Option("--older-than", metavar="TIME", help="What ended so long ago: 90d, 12h.")
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would go, remove nothing.")
    ] = False,
    keep_assets: Annotated[
        bool, typer.Option("--keep-assets", help="Keep what the removed runs made.")
    ] = False,
    yes: Yes = False,
    json: Json = False,
    jq: Jq = None,
) -> None:
    """Remove actions that ended long ago, with their stories and what they made.

    What is open, pinned, or needed by what stays is never removed. There is no way back but a
    backup.
    """
    rt, age = open_runtime(), read_duration(older_than, "--older-than")
    view = pruned_view(plan_pruning(rt, age, keep_assets=keep_assets))
    if not dry_run and view["actions"]:
        if not yes:
            _ask(view)
        view = pruned_view(prune_actions(rt, age, keep_assets=keep_assets))
    output.show(view, _human, json=json, jq=jq)
    for each in view["copies"] if view["is_done"] else ():
        output.story(f"Still holds all of it: {output.one_line(each)}")


def _ask(view: dict[str, Any]) -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise ConfirmationMissing(what=f"To remove {_what(view)}")
    typer.confirm(f"Remove {_what(view)}?", abort=True)


def _what(view: dict[str, Any]) -> str:
    actions = output.counted(len(view["actions"]), "action")
    assets = output.counted(view["assets"], "asset")
    return f"{actions}, {assets}, {size_text(view['row_bytes'] + view['file_bytes'])}"


def _human(view: dict[str, Any]) -> None:
    if not view["actions"]:
        output.print_line("Nothing to remove.")
        return
    output.print_line(f"{'Removed' if view['is_done'] else 'Would remove'} {_what(view)}.")
