"""What the listener does beside listening: it looks after open actions, and knows when to end."""

import sqlite3
import sys
import threading
import time
from collections import deque
from collections.abc import Callable

from ouro_cli.errors import OuroError, RegistryReplaced, RegistryTooNew
from ouro_cli.model.action import Event
from ouro_cli.runtime import Runtime
from ouro_cli.safety import redact, safe_line
from ouro_cli.usecases.fetch_outputs import fetch_outputs
from ouro_cli.usecases.notice_deaths import notice_deaths
from ouro_cli.usecases.work import ask_for_results, look_after
from ouro_cli.web.gate import Gate

_ROUND = 0.25
_LOOK_EVERY = 2.0
_LOOK_SECONDS = 0.025
_LINGER = 3.0
_SLEPT = 30.0


class Caretaker:
    """Takes open actions a step further, a few at a time, until `stop`.

    With `until_idle`, `end` is called once nothing waits any more. `on_event` is told every line
    that joins any action's story. After a sleep, or once `hurry` is called, all open actions are
    looked at at once.
    """

    def __init__(
        self,
        rt: Runtime,
        gate: Gate,
        *,
        until_idle: bool,
        on_event: Callable[[Event], None] | None,
        end: Callable[[], None],
    ) -> None:
        self._rt = rt
        self._gate = gate
        self._until_idle = until_idle
        self._on_event = on_event
        self._end = end
        self._unseen: deque[str] = deque()
        self._next_look = 0.0

    def hurry(self) -> None:
        """Have all open actions looked at at once: the world is heard again."""
        self._next_look = 0.0

    def attend(self, stop: threading.Event) -> None:
        """Look after everything until told to stop."""
        idle_since, awake_at = time.monotonic(), time.time()
        seq = -1
        while not stop.wait(0 if seq < 0 else _ROUND):
            if time.time() - awake_at > _SLEPT:
                self.hurry()
            awake_at = time.time()
            try:
                if seq < 0:
                    seq = self._rt.store.events.last()
                self._look()
                seq = self._tell(seq)
                is_idle = self._until_idle and not self._is_needed()
            except (RegistryTooNew, RegistryReplaced):
                # Who starts next, the keeper or a person, may know more of it.
                self._end()
                return
            except (OuroError, sqlite3.Error) as fault:
                # A full disk or a locked registry passes; a registry that is gone does not.
                _complain(fault)
                is_idle = not self._rt.store.database.path.exists()
            if not is_idle:
                idle_since = time.monotonic()
            elif time.monotonic() - idle_since > _LINGER:
                self._end()

    def fetch(self, stop: threading.Event) -> None:
        """Fetch results that lie elsewhere, beside all else: that may take its time."""
        self._repeat(fetch_outputs, stop)

    def ask(self, stop: threading.Event) -> None:
        """Ask for results that have to be asked for, beside all else."""
        self._repeat(ask_for_results, stop)

    def _is_needed(self) -> bool:
        store = self._rt.store
        return (
            store.callbacks.is_awaited() or store.fetches.is_pending() or store.polls.is_pending()
        )

    def _repeat(self, errand: Callable[[Runtime], object], stop: threading.Event) -> None:
        while not stop.wait(_ROUND):
            try:
                errand(self._rt)
            except (RegistryTooNew, RegistryReplaced):
                return
            except Exception as fault:
                # Whatever one answer does to us, the results of all others are still to come.
                _complain(fault)

    def _look(self) -> None:
        if not self._unseen and time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + _LOOK_EVERY
            self._rt.store.database.check_it_is_the_same()
            self._gate.learn()
            notice_deaths(self._rt)
            usual = self._rt.settings.silence_seconds
            self._unseen.extend(self._rt.store.actions.in_need(self._rt.now(), usual))
        # Many open actions must not keep callbacks waiting.
        enough = time.monotonic() + _LOOK_SECONDS
        while self._unseen and time.monotonic() < enough:
            look_after(self._rt, [self._unseen.popleft()], asks=False)

    def _tell(self, seq: int) -> int:
        if self._on_event is not None:
            for event in self._rt.store.events.all_after(seq):
                seq = event.seq
                self._on_event(event)
        return seq


def _complain(fault: Exception) -> None:
    sys.stderr.write(f"ouro: {type(fault).__name__}: {safe_line(redact(str(fault)))}\n")
