"""Deadlines of many threads, watched by one: a thread for each would cost more than a call does."""

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator


class _Watch:
    """Calls what is due, in a thread of its own."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self._due: dict[int, tuple[float, Callable[[], None]]] = {}
        self._wakes = threading.Condition()
        self._sleeps_until = 0.0
        self._count = 0
        threading.Thread(target=self._watch, name="deadlines", daemon=True).start()

    def add(self, at: float, cut: Callable[[], None]) -> int:
        with self._wakes:
            self._count += 1
            self._due[self._count] = (at, cut)
            if at < self._sleeps_until:
                self._wakes.notify()
            return self._count

    def remove(self, number: int) -> None:
        """From here on it is not called, nor being called."""
        with self._wakes:
            self._due.pop(number, None)

    def _watch(self) -> None:
        with self._wakes:
            while True:
                now = time.monotonic()
                for number, (at, cut) in list(self._due.items()):
                    if at <= now:
                        del self._due[number]
                        cut()
                first = min((at for at, _ in self._due.values()), default=now + 60.0)
                self._sleeps_until = first
                self._wakes.wait(max(first - now, 0.0))


_watch: _Watch | None = None
_making = threading.Lock()


@contextlib.contextmanager
def cutting(seconds: float, cut: Callable[[], None]) -> Iterator[None]:
    """Call `cut`, from another thread, once so many seconds have passed, unless we are done before.

    It must not take long.
    """
    watch = _running()
    number = watch.add(time.monotonic() + seconds, cut)
    try:
        yield
    finally:
        watch.remove(number)


def _running() -> _Watch:
    global _watch
    # A fork has none of our threads.
    if _watch is None or _watch.pid != os.getpid():
        with _making:
            if _watch is None or _watch.pid != os.getpid():
                _watch = _Watch()
    return _watch
