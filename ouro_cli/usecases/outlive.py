"""A call in flight outlives whoever waits for it: a fork keeps the connection, and settles."""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from types import FrameType

from ouro_cli.alarm import alarm, set_timer
from ouro_cli.process import this_process
from ouro_cli.runtime import Runtime
from ouro_cli.seat import LOG_NAME, Seat

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_TIMEOUT = 124


class Left(BaseException):
    """The call in flight was left to a child process, which brings it to its end.

    `exit_code` says what ended the waiting: 124 the timeout, 130, 143 or 129 a signal.
    """

    def __init__(self, exit_code: int) -> None:
        self.exit_code = exit_code
        super().__init__(exit_code)


class Flight:
    """One dispatch of an action, from its claim to its end.

    A wish to leave that comes while the registry is being written waits; one that comes while
    the request is out is met at once, by a fork.
    """

    def __init__(self, rt: Runtime, action_id: str) -> None:
        self.action_id = action_id
        self.seat: Seat | None = None
        self.wish: int | None = None
        self.was_left = False
        self._rt = rt
        self._waiter = os.getpid()
        self._is_out = False

    @property
    def is_child(self) -> bool:
        """Whether this process is the one that was left with the call."""
        return os.getpid() != self._waiter

    def leave(self, exit_code: int) -> None:
        """Leave now if that is safe, else as soon as it is."""
        if self._is_out:
            self._fork(exit_code)
        else:
            self.wish = exit_code

    @contextlib.contextmanager
    def may_be_left(self) -> Iterator[None]:
        """While the request is out: nothing of the registry is open here."""
        with self.seat.watched() if self.seat is not None else contextlib.nullcontext():
            self._is_out = True
            if self.wish is not None:
                self._fork(self.wish)
            try:
                yield
            finally:
                self._is_out = False

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """While the registry is written in the middle of the call: a wish to leave waits."""
        was_out, self._is_out = self._is_out, False
        try:
            yield
        finally:
            self._is_out = was_out
        if was_out and self.wish is not None:
            self._fork(self.wish)

    def _fork(self, exit_code: int) -> None:
        """Split in two: the child goes on where we stand, the parent leaves with Left."""
        if self.is_child:
            return
        self.wish = None
        self._is_out = False
        reading, writing = os.pipe()
        # SQLite must not be open across a fork; it opens again when it is next used.
        self._rt.store.close()
        if os.fork():
            os.close(writing)
            os.read(reading, 1)
            os.close(reading)
            self.was_left = True
            raise Left(exit_code)
        os.close(reading)
        self._go_to_background()
        with self._rt.store.transaction() as tx:
            tx.actions.own(self.action_id, this_process())
            tx.attempts.own(self.action_id, this_process())
        os.write(writing, b"x")
        os.close(writing)

    def _go_to_background(self) -> None:
        os.setsid()
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        if self.seat is not None:
            self.seat.hand_over()
        log = self._rt.settings.home / LOG_NAME
        null = os.open(os.devnull, os.O_RDWR)
        told = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        for old, new in ((null, 0), (null, 1), (told, 2)):
            os.dup2(old, new)
        set_timer()


@contextlib.contextmanager
def in_flight(rt: Runtime, action_id: str, patience: float | None) -> Iterator[Flight]:
    """From claim to end: SIGINT, SIGTERM, SIGHUP and `patience` leave the call, and never end it.

    Raises Left once it is left. In the child, which goes on in the middle of the block, the
    process ends with the block.
    """
    flight = Flight(rt, action_id)
    if threading.current_thread() is not threading.main_thread():
        yield flight
        return

    def on_signal(number: int, _frame: FrameType | None) -> None:
        flight.leave(128 + number)

    # What was ignored when we began, as under nohup, stays ignored.
    heard = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    previous = {number: signal.signal(number, on_signal) for number in heard}
    limit = alarm(patience, lambda: flight.leave(_TIMEOUT)) if patience else None
    try:
        with limit or contextlib.nullcontext():
            yield flight
    except BaseException as fault:
        if flight.is_child:
            os.write(2, f"ouro: {type(fault).__name__}: {fault}\n".encode())
        raise
    finally:
        if flight.is_child:
            os._exit(0)
        for number, handler in previous.items():
            signal.signal(number, handler)
    if flight.wish is not None:
        raise Left(flight.wish)
