"""`ouro action diff`: two actions beside each other."""

from typing import Annotated

import typer

from ouro_cli.cli import exits, output
from ouro_cli.cli.difference import show_difference
from ouro_cli.cli.options import ActionArg, Jq, Json
from ouro_cli.errors import UsageFault
from ouro_cli.model.json_change import read_path
from ouro_cli.runtime import open_runtime
from ouro_cli.usecases.diff_actions import PARTS, DiffOptions, diff_actions
from ouro_cli.usecases.find_reference import find_action
from ouro_cli.usecases.notice_deaths import notice_deaths
from ouro_cli.views.action_diff import action_diff_view

_SHOWN = 10


def command(
    before: ActionArg,
    after: ActionArg,
    only: Annotated[
        str | None,
        typer.Option(
            "--only", metavar="A,B", help="Only these: request, response, outputs, timing."
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(
            "--ignore", metavar="PATH", help="Leave out a place, and all that lies in it."
        ),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option("--key", metavar="COLUMN", help="Tell rows of datasets apart by this column."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Show every difference, and not only the first of them.")
    ] = False,
    json: Json = False,
    jq: Jq = None,
) -> None:
    """Compare two actions: what was sent, what came back, what was made, and how long it took.

    Lists are compared by index, or by `id` where each item has one of its own; datasets by whole
    rows, or by --key. Paths are written as they are shown; [*] is any item. Timing is told, and
    makes no difference.

    \b
    ouro action diff 0198a3f1 @last
    ouro action diff 0198a3f1 @last --only response --ignore response.items[*].seen_at
    ouro action diff 0198a3f1 @last --key id

    Exit status: 0 nothing differs, 1 something does.
    """
    is_whole = everything or json or jq is not None
    options = DiffOptions(
        parts=_parts(only),
        key=key,
        ignored=[_path(each) for each in ignore or ()],
        most=None if is_whole else _SHOWN,
    )
    rt = open_runtime()
    notice_deaths(rt)
    pair = find_action(rt, before), find_action(rt, after)
    view = action_diff_view(diff_actions(rt, *pair, options))
    most = None if everything else _SHOWN
    output.show(view, lambda shown: show_difference(shown, most), json=json, jq=jq)
    raise typer.Exit(exits.SUCCESS if view["is_equal"] else exits.FAILED)


def _parts(text: str | None) -> list[str]:
    if text is None:
        return list(PARTS)
    words = [word.strip().lower() for word in text.split(",") if word.strip()]
    unknown = [word for word in words if word not in PARTS]
    if unknown or not words:
        raise UsageFault(
            why=f"--only: '{unknown[0] if unknown else text}' is no part of an action",
            hint=f"One or more of: {', '.join(PARTS)}.",
        )
    return words


def _path(text: str) -> tuple[str, ...]:
    try:
        return read_path(text)
    except ValueError as fault:
        hint = "Write it as it is shown: response.items[*].name"
        raise UsageFault(why=f"--ignore: {fault}", hint=hint) from None
