"""A batch on the terminal: a bar while it goes on, lines where there is none, a summary last."""

import gc
import sys
import time
from collections import deque
from dataclasses import dataclass
from typing import Any

import typer

from ouro_cli.cli import exits, output
from ouro_cli.cli.reporting import NO_REPORTS, Reports
from ouro_cli.errors import UsageFault
from ouro_cli.model.batch import Batch, BatchStatus, Counts, Pacing, Rate, read_rate
from ouro_cli.process import is_alive
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.apart import Apart
from ouro_cli.usecases.start_action import RouteCall
from ouro_cli.usecases.start_batch import BatchCall, Begun, start_batch
from ouro_cli.usecases.watch_batch import BatchWatch, Progress, final_counts
from ouro_cli.views.batch import batch_view
from ouro_cli.views.words import seconds_text

_TICK = 0.2
_LINE_EVERY = 10.0
_SPAN = 10.0
_WIDTH = 24
_CLEAR = "\r\x1b[2K"


@dataclass(frozen=True, slots=True)
class Each:
    """What a person said of a run for each row of a table."""

    table: str
    concurrency: int | None = None
    rate: str | None = None
    stop_after: int | None = None
    into: str | None = None
    places: tuple[str, ...] = ()
    ignore_columns: bool = False
    again: bool = False

    def call(self, call: RouteCall) -> BatchCall:
        """It as a use case takes it; UsageFault for what cannot be read."""
        return BatchCall(
            call,
            self.table,
            _places(self.places),
            self.ignore_columns,
            Pacing(
                8 if self.concurrency is None else self.concurrency,
                None if self.rate is None else rate_of(self.rate),
                self.stop_after,
            ),
            self.into or "",
            self.again,
        )


@dataclass(frozen=True, slots=True)
class Looking:
    """How a batch is looked at: for how long, what is printed, and what reports are written."""

    patience: float | None = None
    no_wait: bool = False
    quiet: bool = False
    json: bool = False
    jq: str | None = None
    reports: Reports = NO_REPORTS


def run_each(rt: Runtime, each: Each, call: RouteCall, how: Looking) -> None:
    """Run a route for each row of a table, and leave with the number that it ends with."""
    see_batch(rt, start_batch(rt, each.call(call)), how)


def see_batch(rt: Runtime, begun: Begun, how: Looking) -> None:
    """Look on until the batch has ended or is left; print how it stands, and leave."""
    gc.enable()
    batch, worker = begun.batch, begun.worker
    if how.quiet:
        output.print_line(batch.id)
    elif worker is None:
        who = batch.owner.rsplit("/", 2)[-2] if batch.owner else "another process"
        output.story(f"Batch {batch.id} is run by process {who}; looking on.")
    elif batch.taken:
        left = batch.total - batch.taken
        output.story(f"Going on with batch {batch.id}: {left:,} of {batch.total:,} rows are left.")
    exit_code = exits.SUCCESS
    if not how.no_wait:
        exit_code = _look_on(rt, batch, worker, how)
    if worker is not None and not worker.is_over():
        worker.let_go()
    elif worker is not None:
        worker.check()
    _tell_end(rt, batch.id, how, exit_code)


def rate_of(text: str) -> Rate:
    """The rate that `--rate` names; UsageFault where it is none."""
    rate = read_rate(text)
    if rate is None:
        raise UsageFault(why=f"--rate: '{text}' is no rate", hint="Write it like 10/s or 100/m.")
    return rate


def _places(texts: tuple[str, ...]) -> dict[str, str]:
    places: dict[str, str] = {}
    for text in texts:
        column, equals, place = text.rpartition("=")
        if not equals or not column or not place:
            raise UsageFault(why=f"--map {text}: expected COLUMN=PLACE", hint="Nothing was sent.")
        if column in places:
            raise UsageFault(why=f"--map: column {column} is given twice", hint="Nothing was sent.")
        places[column] = place
    return places


def _look_on(rt: Runtime, batch: Batch, worker: Apart | None, how: Looking) -> int:
    """Draw how far it is until nobody is at it any more; what else ended the looking."""
    drawing = _Drawing(silent=how.quiet)
    watch = BatchWatch(rt, batch.id)
    deadline = None if how.patience is None else time.monotonic() + how.patience
    left_by = exits.SUCCESS
    try:
        while True:
            try:
                if _is_over(rt, batch.id, worker):
                    return left_by
                drawing.show(watch.look())
                if deadline is not None and time.monotonic() > deadline:
                    return exits.STILL_RUNNING
            except (KeyboardInterrupt, exits.Terminated) as wish:
                code = getattr(wish, "exit_code", exits.INTERRUPTED)
                if left_by != exits.SUCCESS or worker is None:
                    return left_by or code
                left_by = code
                worker.stop()
                drawing.clear()
                output.story("Stopping: what is out comes back first.")
    finally:
        drawing.clear()


def _is_over(rt: Runtime, batch_id: str, worker: Apart | None) -> bool:
    if worker is not None:
        return worker.is_over(_TICK)
    time.sleep(_TICK)
    owner = rt.store.batches.get(batch_id).owner
    return owner is None or not is_alive(owner)


def _tell_end(rt: Runtime, batch_id: str, how: Looking, left_by: int) -> None:
    batch, counts = final_counts(rt, batch_id)
    view = batch_view(batch, counts)
    if not how.quiet and not how.reports.takes_stdout:
        output.show({"batch": view}, lambda _: _human(view), json=how.json, jq=how.jq)
    how.reports.write_batch(rt, batch_id)
    _tell_next(batch, counts, how, left_by)
    if left_by == exits.SUCCESS and not how.no_wait:
        is_well = batch.status is BatchStatus.DONE and not counts.failed
        raise typer.Exit(exits.SUCCESS if is_well else exits.FAILED)
    raise typer.Exit(left_by)


def _human(view: dict[str, Any]) -> None:
    counts = {name: count for name, count in view["counts"].items() if count}
    unknown = counts.pop("outcome_unknown", 0)
    told = ", ".join(f"{count:,} {name}" for name, count in counts.items()) or "nothing begun"
    of_which = f" ({unknown:,} outcome_unknown)" if unknown else ""
    output.print_line(f"{told}{of_which}  of {view['total']:,}")
    output.print_line(f"batch  {view['id']}  {view['status']}")
    if view["into"] is not None and view["into"]["id"]:
        name = output.one_line(view["into"]["name"])
        output.print_line(f"dataset  {view['into']['id']}  {name}")


def _tell_next(batch: Batch, counts: Counts, how: Looking, left_by: int) -> None:
    if counts.failed:
        asks = " It asks first: of some nobody knows whether they ran." if counts.unknown else ""
        output.story(
            f"See what failed: ouro action list --batch {batch.id} --status error,timed-out."
            f" Run it again: ouro action rerun --batch {batch.id} --failed.{asks}"
        )
    if left_by == exits.STILL_RUNNING or how.no_wait:
        output.story("It goes on in the background. Look on: say the same command again.")
    elif batch.status is not BatchStatus.DONE:
        output.story("Go on with what is left: say the same command again.")


class _Drawing:
    """One line at the bottom of a terminal; elsewhere a line every so often."""

    def __init__(self, *, silent: bool) -> None:
        self._silent = silent
        self._is_live = output.is_terminal(sys.stderr)
        self._seen: deque[tuple[float, int]] = deque()
        self._next_line = time.monotonic() + _LINE_EVERY

    def show(self, progress: Progress) -> None:
        """Say how far it is."""
        now = time.monotonic()
        self._seen.append((now, progress.ended))
        while len(self._seen) > 2 and now - self._seen[0][0] > _SPAN:
            self._seen.popleft()
        if self._silent:
            return
        if self._is_live:
            line = self._line(progress)
            width = output.terminal_width() - 1
            sys.stderr.write(f"{_CLEAR}{output.styled(line[:width], 'dim', sys.stderr)}")
            sys.stderr.flush()
        elif now >= self._next_line:
            self._next_line = now + _LINE_EVERY
            output.story(self._words(progress))

    def clear(self) -> None:
        """Leave nothing of the line."""
        if self._is_live and not self._silent:
            sys.stderr.write(_CLEAR)
            sys.stderr.flush()

    def _line(self, progress: Progress) -> str:
        total = max(progress.batch.total, 1)
        full = min(progress.ended * _WIDTH // total, _WIDTH)
        return f"{'█' * full}{'░' * (_WIDTH - full)} {self._words(progress)}"

    def _words(self, progress: Progress) -> str:
        total, ended = progress.batch.total, progress.ended
        words = [f"{ended:,} of {total:,}"]
        rate = self._rate()
        if rate > 0:
            words.append(f"{rate:,.0f}/s" if rate >= 10 else f"{rate:.1f}/s")
        if progress.failed:
            words.append(f"{progress.failed:,} failed")
        if rate > 0 and ended < total:
            words.append(f"{seconds_text((total - ended) / rate)} left")
        return "  ".join(words)

    def _rate(self) -> float:
        (since, before), (now, ended) = self._seen[0], self._seen[-1]
        return (ended - before) / (now - since) if now > since else 0.0
