"""Processes as owners: who one is, so that the dead are never taken for the living."""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path


def this_process() -> str:
    """This process as `host/boot/pid/start`: a pid that is used again has another start."""
    global _this
    pid = os.getpid()
    # A fork is another process.
    if _this is None or _this[0] != pid:
        _this = (pid, f"{os.uname().nodename}/{_boot_id()}/{pid}/{_start_of(pid)}")
    return _this[1]


_this: tuple[int, str] | None = None


def is_alive(owner: str) -> bool:
    """Whether that process still runs; one on another machine is taken to."""
    try:
        host, boot, pid, start = owner.rsplit("/", 3)
    except ValueError:
        return False
    if host != os.uname().nodename:
        return True
    if boot != _boot_id():
        return False
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, ValueError, OverflowError):
        return False
    except PermissionError:
        pass
    return _start_of(int(pid)) == start


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Have SIGINT, SIGTERM and SIGHUP wait until the block is done: for seconds, never for long."""
    waiting = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, waiting)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return "unknown"


def _start_of(pid: int) -> str:
    """When a process began, in clock ticks since the boot; empty where the system does not tell."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    # The name, in parentheses, may hold anything; the start is the 20th field behind it.
    fields = told.rsplit(")", 1)[1].split()
    return "" if fields[0] in "ZX" else fields[19]
