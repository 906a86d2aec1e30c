"""Watch actions: their story as it is written, whoever writes it; the registry is the event bus."""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence

from ouro_cli.alarm import alarm
from ouro_cli.model.action import Event
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.fetch_outputs import fetch_outputs
from ouro_cli.usecases.work import look_after

_SHORTEST, _LONGEST = 0.01, 0.2
_ROUND = 1.0


class OutOfPatience(Exception):
    """The time to wait has passed; the runs go on."""


def watch_actions(
    rt: Runtime,
    action_ids: Sequence[str],
    *,
    patience: float | None = None,
    on_tick: Callable[[], None] = lambda: None,
) -> Iterator[Event]:
    """Every line of these actions' stories until all have ended, and their outputs are kept.

    Raises OutOfPatience after `patience` seconds. While it waits it sees to it that somebody
    takes the callbacks, that a queued action is sent, and that silence has an end.
    """
    deadline = None if patience is None else time.monotonic() + patience
    seq, pause, next_round = 0, _SHORTEST, 0.0
    while True:
        counter = rt.store.database.change_counter()
        for event in rt.store.events.after(action_ids, seq):
            seq, pause = event.seq, _SHORTEST
            yield event
        waiting = [each for each in action_ids if not rt.store.actions.is_final(each)]
        if not waiting and not rt.store.fetches.pending(action_ids):
            yield from rt.store.events.after(action_ids, seq)
            return
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0:
            raise OutOfPatience
        if time.monotonic() >= next_round:
            look_after(rt, waiting, patience=left)
            next_round = time.monotonic() + until_next_round(rt, waiting)
            with alarm(left, _run_out) if left is not None else contextlib.nullcontext():
                fetch_outputs(rt, action_ids)
            continue
        _pause_until_change(rt, counter, min(pause, left) if left is not None else pause)
        pause = min(pause * 1.5, _LONGEST)
        on_tick()


def until_next_round(rt: Runtime, waiting: Sequence[str]) -> float:
    """Seconds until there is something to look after: a round, or less where a question is due."""
    asked = rt.store.polls.pending(waiting)
    left = [(each.next_at - rt.now()).total_seconds() for each in asked if each.owner is None]
    return max(_SHORTEST, min([_ROUND, *left]))


def _run_out() -> None:
    raise OutOfPatience


def _pause_until_change(rt: Runtime, counter: int, seconds: float) -> None:
    if rt.store.database.change_counter() == counter:
        time.sleep(seconds)
