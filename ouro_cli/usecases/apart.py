"""Work that outlives the terminal: a process of its own does it, and another one looks on.

The worker writes everything into the registry, which is all that whoever looks on reads; so the
terminal may close, or be killed, and nothing of the work is lost.
"""

import json
import os
import select
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import Any

from ouro_cli import errors, safety
from ouro_cli.alarm import set_timer
from ouro_cli.errors import OuroError, WorkerGone
from ouro_cli.runtime import Runtime
from ouro_cli.seat import LOG_NAME

Work = Callable[[Runtime, threading.Event], None]
"""What is to be done. The event is set once it should begin nothing new and come to an end."""

_QUIET = (signal.SIGINT, signal.SIGHUP, signal.SIGTSTP)
_LONGEST_TOLD = 2**16


@dataclass(slots=True)
class Apart:
    """A worker, seen by the process that began it."""

    pid: int
    _told: int
    _status: int | None = None

    def is_over(self, patience: float = 0.0) -> bool:
        """Whether the worker has ended; waits so many seconds for it."""
        if self._status is None:
            if not select.select([self._told], [], [], patience)[0]:
                return False
            self._read()
        return True

    def stop(self) -> None:
        """Ask the worker to begin nothing new, and to end once what is under way is done."""
        if self._status is None:
            os.kill(self.pid, signal.SIGTERM)

    def let_go(self) -> None:
        """Look on no more; the worker goes on."""
        if self._told >= 0:
            os.close(self._told)
            self._told = -1

    def check(self) -> None:
        """Raise the error that the worker ended with, if it did."""
        if self._status is None:
            self._read()

    def _read(self) -> None:
        told = b""
        while more := os.read(self._told, _LONGEST_TOLD):
            told += more
        self.let_go()
        self._status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        if told:
            raise _raised(json.loads(told))
        if self._status:
            raise WorkerGone(status=self._status)


def set_apart(rt: Runtime, work: Work) -> Apart:
    """Begin this work in a process of its own, which no Ctrl-C and no closing terminal ends.

    SIGTERM asks it to stop, as `Apart.stop` does. The registry is closed here meanwhile: SQLite
    must not be open across a fork.
    """
    reading, writing = os.pipe()
    rt.store.close()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        os.close(writing)
        return Apart(pid, reading)
    # Whatever happens here, nothing of the parent's may go on in this process.
    code = 1
    try:
        os.close(reading)
        code = _run(rt, work, writing)
    finally:
        os._exit(code)


def _run(rt: Runtime, work: Work, writing: int) -> int:
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    os.setsid()
    for number in _QUIET:
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, stop)
    set_timer()
    rt.settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    null = os.open(os.devnull, os.O_RDWR)
    log = os.open(
        rt.settings.home / LOG_NAME, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600
    )
    for old, new in ((null, 0), (null, 1), (log, 2)):
        os.dup2(old, new)
    try:
        work(rt, stopping)
    except OuroError as fault:
        _tell(writing, type(fault).__name__, {**fault.facts, "hint": fault.advice})
        return 1
    except Exception as fault:
        os.write(2, traceback.format_exc().encode())
        why = f"{type(fault).__name__}: {safety.redact(str(fault))}"
        _tell(writing, "Fault", {"why": why, "report": rt.settings.home / LOG_NAME})
        return 1
    finally:
        rt.store.close()
    return 0


def _tell(writing: int, kind: str, facts: dict[str, Any]) -> None:
    text = json.dumps({"kind": kind, "facts": facts}, default=str).encode()
    # Who looks on may be gone.
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    try:
        os.write(writing, text)
    except BrokenPipeError:
        return


def _raised(told: dict[str, Any]) -> OuroError:
    kind: type[OuroError] = getattr(errors, told["kind"])
    return kind(**told["facts"])
