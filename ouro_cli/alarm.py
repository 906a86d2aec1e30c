"""Several deadlines on the one timer that a process has."""

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType

_pending: list[tuple[float, Callable[[], None]]] = []


@contextlib.contextmanager
def alarm(seconds: float, ring: Callable[[], None]) -> Iterator[None]:
    """Call `ring` in the main thread once so many seconds have passed, unless we are done before.

    `ring` may raise, and so end whatever the main thread is doing. Only the main thread can be
    woken: in any other, nothing rings.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    entry = (time.monotonic() + seconds, ring)
    if not _pending:
        signal.signal(signal.SIGALRM, _on_alarm)
    _pending.append(entry)
    set_timer()
    try:
        yield
    finally:
        if entry in _pending:
            _pending.remove(entry)
        set_timer()


def set_timer() -> None:
    """Set the timer for the next deadline; a fork's child, whose timer is gone, calls it too."""
    if not _pending:
        signal.setitimer(signal.ITIMER_REAL, 0)
        return
    left = min(at for at, _ in _pending) - time.monotonic()
    signal.setitimer(signal.ITIMER_REAL, max(left, 0.001))


def _on_alarm(_signal: int, _frame: FrameType | None) -> None:
    due = [entry for entry in _pending if entry[0] <= time.monotonic()]
    for entry in due:
        _pending.remove(entry)
    set_timer()
    for _, ring in due:
        ring()
