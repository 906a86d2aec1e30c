"""A run as it goes on, drawn on stderr: live on a terminal, plain lines elsewhere."""

import contextlib
import gc
import sys
import time
from collections.abc import Callable, Iterator, Sequence

import typer

from ouro_cli.cli import exits
from ouro_cli.cli.output import is_terminal, one_line, story, styled
from ouro_cli.model.action import Event
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.outlive import Left
from ouro_cli.usecases.watch_action import OutOfPatience, watch_actions
from ouro_cli.views.words import seconds_text

# A bar stands before what the service wrote, a dot before what we tell ourselves.
_MARKS = {"finished": ("✓", "success"), "log": ("│", "dim"), "late": ("!", "warning")}
_UNTOLD = frozenset({"queued", "noted", "sent"})
_WAITS = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_CLEAR = "\r\x1b[2K"


def follow(
    rt: Runtime,
    action_ids: Sequence[str],
    *,
    patience: float | None,
    since: float | None = None,
    silent: bool = False,
) -> None:
    """Show the story of these actions until all have ended; raises OutOfPatience as it says."""
    # From here on the process may live for hours.
    gc.enable()
    # How a single run ended is told with its result.
    alone = len(action_ids) == 1
    clock = _Clock(since) if not silent and is_terminal(sys.stderr) else None
    with clock or contextlib.nullcontext():
        for event in watch_actions(
            rt, action_ids, patience=patience, on_tick=clock.tick if clock else lambda: None
        ):
            if silent or event.kind in _UNTOLD or (alone and event.kind == "finished"):
                continue
            if clock:
                clock.clear()
            story(event_line(event, with_id=not alone))


@contextlib.contextmanager
def leaving(
    action_ids: Sequence[str],
    *,
    verb: str = "watch",
    on_leave: Callable[[], None] = lambda: None,
) -> Iterator[None]:
    """Whatever ends the waiting early, say last how to go on, and end with the promised number."""
    try:
        yield
    except OutOfPatience:
        exit_code, why = exits.STILL_RUNNING, "Still running"
    except KeyboardInterrupt:
        exit_code, why = exits.INTERRUPTED, "The run goes on"
    except exits.Terminated as stopped:
        exit_code, why = stopped.exit_code, "The run goes on"
    except Left as left:
        exit_code = left.exit_code
        why = "Still running" if exit_code == exits.STILL_RUNNING else "The run goes on"
    else:
        return
    on_leave()
    story(f"{why}: ouro action {verb} {' '.join(action_ids)}")
    raise typer.Exit(exit_code)


class _Clock:
    """One line at the bottom that tells how long it has taken; gone when the run ends."""

    def __init__(self, since: float | None) -> None:
        self._since = time.monotonic() if since is None else since
        self._count = 0

    def __enter__(self) -> "_Clock":
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def tick(self) -> None:
        self._count += 1
        wait = _WAITS[self._count % len(_WAITS)]
        elapsed = seconds_text(time.monotonic() - self._since)
        line = f"{wait} running for {elapsed}; Ctrl-C leaves it running"
        sys.stderr.write(f"{_CLEAR}{styled(line, 'dim', sys.stderr)}")
        sys.stderr.flush()

    def clear(self) -> None:
        sys.stderr.write(_CLEAR)
        sys.stderr.flush()


def show_line(event: Event) -> None:
    """Show a line of one run's story at once, while its answer still comes in."""
    story(event_line(event, with_id=False))


def event_line(event: Event, *, with_id: bool) -> str:
    """A line of an action's story, as a person reads it."""
    mark, style = _MARKS.get(event.kind, ("·", "dim"))
    if event.level == "error":
        mark, style = ("✗", "error") if event.kind == "finished" else (mark, "error")
    elif event.level == "warning":
        style = "warning"
    owner = f"{event.action_id}  " if with_id else ""
    clock = event.at.astimezone().strftime("%H:%M:%S")
    message = one_line(event.message)
    return f"{styled(clock, 'dim', sys.stderr)} {styled(mark, style, sys.stderr)} {owner}{message}"
