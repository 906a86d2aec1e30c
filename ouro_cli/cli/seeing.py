"""An action that was just started, seen through: sent, watched, its result printed."""

import time
from dataclasses import dataclass
from pathlib import Path

import typer

from ouro_cli.cli import exits, output
from ouro_cli.cli.expecting import judge, tell_expectations
from ouro_cli.cli.progress import follow, leaving, show_line
from ouro_cli.cli.reporting import NO_REPORTS, Reports
from ouro_cli.cli.results import show_notes, show_result, show_saved, snapshot
from ouro_cli.model.action import Action
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.save_outputs import save_outputs
from ouro_cli.usecases.work import work_on
from ouro_cli.views.action import action_view
from ouro_cli.wire.expectation import Expectation


@dataclass(frozen=True, slots=True)
class Seeing:
    """How long to wait, since when, and what to print: the options of whoever starts an action.

    `expectations` are what must hold of the result, `reports` what is to be written of it.
    """

    patience: float | None
    began: float
    no_wait: bool = False
    quiet: bool = False
    json: bool = False
    jq: str | None = None
    save_to: Path | None = None
    expectations: tuple[Expectation, ...] = ()
    reports: Reports = NO_REPORTS


def see_through(rt: Runtime, action: Action, how: Seeing) -> None:
    """Send the action, wait for its end, print it, and leave with the number that it ends with."""
    if how.quiet:
        output.print_line(action.id)
    is_json = how.json and not how.quiet

    def leave() -> None:
        snapshot(rt, action.id, json=is_json)
        how.reports.write_actions(rt, title, [rt.store.actions.get(action.id)])

    title = f"ouro route run {action.route.reference}"
    with leaving([action.id], on_leave=leave):
        on_line = None if how.quiet else show_line
        action = work_on(rt, action.id, patience=how.patience, on_line=on_line)
        is_kept = not rt.store.fetches.pending([action.id])
        if not (action.is_final or how.no_wait) or not is_kept:
            spent = time.monotonic() - how.began
            left = None if how.patience is None else max(0.0, how.patience - spent)
            follow(rt, [action.id], patience=left, since=how.began, silent=how.quiet)
            action = rt.store.actions.get(action.id)
    view = action_view(action)
    judged = judge(view, how.expectations) if how.expectations else None
    if not how.quiet:
        told = {} if judged is None else {"expectations": judged["expectations"]}
        if not how.reports.takes_stdout:
            show_result(view | told, json=how.json, jq=how.jq)
        show_notes(rt, action.id)
        if judged is not None:
            tell_expectations(judged)
    if how.save_to is not None and action.is_final:
        show_saved(save_outputs(rt, action, how.save_to))
    how.reports.write_actions(rt, title, [action], judged)
    is_unmet = judged is not None and not judged["holds"]
    raise typer.Exit(exits.FAILED if is_unmet else exits.exit_code_for(action.status))
