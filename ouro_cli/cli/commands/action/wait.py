"""`ouro action wait`: wait for one run or many, and say how they ended."""

from typing import Any

import typer

from ouro_cli.cli import exits, output
from ouro_cli.cli.options import ActionArgs, Jq, Json, Timeout
from ouro_cli.cli.progress import follow, leaving
from ouro_cli.cli.results import failure_in, headline, output_line
from ouro_cli.runtime import Runtime, open_runtime
from ouro_cli.settings import read_duration
from ouro_cli.usecases.find_reference import find_action
from ouro_cli.views import action_view


def command(
    actions: ActionArgs, timeout: Timeout = None, json: Json = False, jq: Jq = None
) -> None:
    """Wait for one action or many, silently, and print how each ended.

    Ends with 0 if all succeeded, 1 if any did not, 124 if any still runs after --timeout.
    """
    patience = None if timeout is None else read_duration(timeout, "--timeout")
    rt = open_runtime()
    ids = list(dict.fromkeys(find_action(rt, each).id for each in actions))
    with leaving(ids, verb="wait", on_leave=lambda: _show(rt, ids, json=json, jq=jq)):
        follow(rt, ids, patience=patience, silent=True)
    _show(rt, ids, json=json, jq=jq)
    raise typer.Exit(max(exits.exit_code_for(rt.store.actions.get(each).status) for each in ids))


def _show(rt: Runtime, ids: list[str], *, json: bool, jq: str | None) -> None:
    views = [action_view(rt.store.actions.get(each)) for each in ids]
    view: Any = views[0] if len(views) == 1 else {"actions": views, "has_more": False}
    output.show(view, lambda _: _human(views), json=json, jq=jq)


def _human(views: list[dict[str, Any]]) -> None:
    for view in views:
        status, _, rest = headline(view).partition("  ")
        output.print_line(f"{output.styled(status, status)}  {rest}")
        error = failure_in(view)
        for each in view["output_assets"]:
            output.print_line(f"  output: {output_line(each)}")
        if error:
            output.print_line(f"  error: {error}")
