"""Actions that are waited for in silence, one or many, and how each of them ended."""

from collections.abc import Sequence
from typing import Any

import typer

from ouro_cli.cli import exits, output
from ouro_cli.cli.progress import follow, leaving
from ouro_cli.cli.reporting import NO_REPORTS, Reports
from ouro_cli.cli.results import failure_in, headline, output_line
from ouro_cli.runtime import Runtime
from ouro_cli.views.action import action_view


def wait_for(
    rt: Runtime,
    ids: Sequence[str],
    *,
    verb: str,
    patience: float | None,
    json: bool,
    jq: str | None,
    as_list: bool = False,
    reports: Reports = NO_REPORTS,
) -> None:
    """Wait for these actions, print how each ended, and leave with the worst of their numbers.

    Reports are written then too, and where the waiting ends early.
    """

    def show() -> None:
        views = [action_view(rt.store.actions.get(each)) for each in ids]
        is_one = len(views) == 1 and not as_list
        view: Any = views[0] if is_one else {"actions": views, "has_more": False}
        if not reports.takes_stdout:
            output.show(view, lambda _: _human(views), json=json, jq=jq)
        reports.write_actions(rt, "ouro actions", map(rt.store.actions.get, ids))

    with leaving(ids, verb=verb, on_leave=show):
        follow(rt, ids, patience=patience, silent=True)
    show()
    codes = [exits.exit_code_for(rt.store.actions.get(each).status) for each in ids]
    raise typer.Exit(max(codes, default=exits.SUCCESS))


def _human(views: list[dict[str, Any]]) -> None:
    if not views:
        output.print_line("Nothing is open.")
    for view in views:
        status, _, rest = headline(view).partition("  ")
        output.print_line(f"{output.styled(status, status)}  {rest}")
        error = failure_in(view)
        for each in view["output_assets"]:
            output.print_line(f"  output: {output_line(each)}")
        if error:
            output.print_line(f"  error: {error}")
