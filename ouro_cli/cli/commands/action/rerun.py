"""`ouro action rerun`: a request once more, as it was or changed, as a run of its own."""

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from ouro_cli.cli import output
from ouro_cli.cli.call_options import Body, Header, Inputs, Param, Query, Words
from ouro_cli.cli.each_options import Concurrency, RateOption
from ouro_cli.cli.given import given_arguments
from ouro_cli.cli.options import Jq, Json, MaybeActionArg, Quiet, Timeout
from ouro_cli.cli.seeing import Seeing, see_through
from ouro_cli.errors import RefusedAsUnsafe, UsageFault
from ouro_cli.model.batch import Pacing
from ouro_cli.runtime import Runtime, open_runtime
from ouro_cli.settings import read_duration
from ouro_cli.usecases.find_reference import find_action, find_batch
from ouro_cli.usecases.rerun_action import danger_of_rerun, rerun_action
from ouro_cli.usecases.rerun_changed import rerun_changed
from ouro_cli.usecases.save_outputs import check_folder
from ouro_cli.wire.inputs import Arguments


def command(
    action: MaybeActionArg = None,
    words: Words = None,
    body: Body = None,
    param: Param = None,
    query: Query = None,
    header: Header = None,
    inputs: Inputs = None,
    batch: Annotated[
        str | None,
        typer.Option("--batch", metavar="BATCH", help="The rows of this run with --each."),
    ] = None,
    failed: Annotated[
        bool, typer.Option("--failed", help="With --batch: those that have failed.")
    ] = False,
    concurrency: Concurrency = None,
    rate: RateOption = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    save_to: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="Save what it makes into this folder."),
    ] = None,
    timeout: Timeout = None,
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="Return once the API has accepted.")
    ] = False,
    quiet: Quiet = False,
    json: Json = False,
    jq: Jq = None,
) -> None:
    """Run an action again, as a new action: its request and inputs, with the changes you name.

    Words and options change single values of the request; the whole is checked as a run is, and
    what was changed is kept with it. Without any, the very same request is sent.

    \b
    ouro action rerun @last
    ouro action rerun @last temperature:=300 limit==20

    Asks first where the route costs money or is not safe to repeat, and the earlier run may have
    done its work; without a terminal it refuses instead, unless --yes is given.

    With --batch and --failed: each row of a run with --each that failed; its row then has the new
    action.
    """
    patience = None if timeout is None else read_duration(timeout, "--timeout")
    began = time.monotonic()
    changes = given_arguments(
        words or [],
        body=body,
        param=param or [],
        query=query or [],
        header=header or [],
        content_type="",
        server=[],
    )
    is_changed = changes != Arguments() or bool(inputs)
    rt = open_runtime()
    if batch is not None or action is None:
        _rerun_batch(
            rt,
            batch,
            action,
            is_changed=is_changed,
            failed=failed,
            yes=yes,
            pacing=(concurrency, rate),
            how=(patience, no_wait, quiet, json, jq),
        )
        return
    found = find_action(rt, action)
    if save_to is not None:
        check_folder(save_to)
    danger = "" if yes else danger_of_rerun(rt, found)
    if danger:
        _ask(danger)
    if is_changed:
        again = rerun_changed(rt, found, changes, tuple(inputs or ()), _tell)
    else:
        again = rerun_action(rt, found)
    see_through(rt, again, Seeing(patience, began, no_wait, quiet, json, jq, save_to))


def _tell(line: str) -> None:
    output.story(f"  {output.one_line(line)}")


def _rerun_batch(
    rt: Runtime,
    batch: str | None,
    action: str | None,
    *,
    is_changed: bool,
    failed: bool,
    yes: bool,
    pacing: tuple[int | None, str | None],
    how: tuple[float | None, bool, bool, bool, str | None],
) -> None:
    if batch is None or action is not None or is_changed or not failed:
        hint = "Nothing was sent. Name an ACTION, or --batch BATCH --failed."
        raise UsageFault(why="it has to be said what is to run again", hint=hint)
    # Few runs are of many rows.
    from ouro_cli.cli.batches import Looking, rate_of, see_batch  # noqa: PLC0415
    from ouro_cli.usecases.rerun_batch import danger_of_rows, rerun_failed  # noqa: PLC0415

    found = find_batch(rt, batch)
    danger = "" if yes else danger_of_rows(rt, found)
    if danger:
        _ask(danger)
    concurrency, rate = pacing
    pace = Pacing(concurrency or 8, None if rate is None else rate_of(rate))
    see_batch(rt, rerun_failed(rt, found, pace), Looking(*how))


def _ask(danger: str) -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise RefusedAsUnsafe(why=danger, hint="Nothing was sent. To run it all the same: --yes")
    typer.confirm(f"{output.one_line(danger)}. Run it again?", abort=True)
