"""The one seat at which a registry's callbacks arrive: who holds it, and how it passes on.

Whoever holds the lock file holds the seat, and with it a listening socket. Lock and socket are
open descriptors that a keeper process shares from the start, so that they outlive whoever took
the seat: should that process die, by whatever cause, the keeper becomes the background listener,
and no moment passes in which the socket is closed.
"""

import contextlib
import errno
import fcntl
import json
import os
import select
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

from ouro_cli.crash import bequeathed, crash_point
from ouro_cli.errors import PortTaken

LOG_NAME = "listener.log"
_LOCK_NAME = "listener.lock"
_RECORD = 2048

# The shell waits for one line. It comes where the holder leaves in peace; the end of the pipe
# without it means that the holder is gone, or wants the background listener.
_KEEPER = 'read -r word || exec "$@" </dev/null'


@dataclass(frozen=True, slots=True)
class Seated:
    """Who holds the seat, as the lock file says: the address for callbacks, and the process.

    `trouble` says why a public address did not lead here when it was last tried, at `checked_at`
    (seconds since the epoch; 0 where it never was).
    """

    url: str
    host: str
    port: int
    pid: int
    trouble: str = ""
    checked_at: float = 0.0

    @property
    def is_public(self) -> bool:
        """Whether services are told another address than the one we are bound to."""
        return self.url != _bound_url(self.host, self.port)


class Seat:
    """The seat, held by this process."""

    def __init__(self, home: Path, lock: int, listening: socket.socket, seated: Seated) -> None:
        self.home = home
        self.lock = lock
        self.socket = listening
        self.seated = seated
        self._pipe: int | None = None
        self._keeper: int | None = None

    def start_keeper(self) -> None:
        """Start the process that takes over once this one is gone."""
        reading, writing = os.pipe()
        self._pipe = writing
        passed = (self.lock, self.socket.fileno())
        for descriptor in passed:
            os.set_inheritable(descriptor, True)
        log = os.open(
            self.home / LOG_NAME, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600
        )
        listen = [
            *(sys.executable, "-P", "-m", "ouro_cli", "listen", "--until-idle"),
            *("--inherit", f"{self.lock},{self.socket.fileno()}"),
        ]
        try:
            self._keeper = os.posix_spawn(
                "/bin/sh",
                ["sh", "-c", _KEEPER, "ouro-keeper", *listen],
                {**bequeathed(), "OURO_HOME": str(self.home)},
                file_actions=[
                    (os.POSIX_SPAWN_DUP2, reading, 0),
                    (os.POSIX_SPAWN_DUP2, log, 1),
                    (os.POSIX_SPAWN_DUP2, log, 2),
                ],
                setsid=True,
                setsigdef=[signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM],
            )
        finally:
            os.close(log)
            os.close(reading)
            for descriptor in passed:
                os.set_inheritable(descriptor, False)
        crash_point("L3")

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """While the main thread is busy: a first connection starts the background listener.

        No signal reaches another thread: there it is started at once.
        """
        if threading.current_thread() is not threading.main_thread():
            self.hand_over()
            yield
            return
        previous = signal.signal(signal.SIGIO, self._on_connection)
        descriptor = self.socket.fileno()
        fcntl.fcntl(descriptor, fcntl.F_SETOWN, os.getpid())
        flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
        fcntl.fcntl(descriptor, fcntl.F_SETFL, flags | os.O_ASYNC)
        # One that came before we watched, between two attempts, rings no more.
        if select.select([descriptor], [], [], 0)[0]:
            self.hand_over()
        try:
            yield
        finally:
            if self.socket.fileno() >= 0:
                # The flags are shared with the listener that may be serving by now.
                fcntl.fcntl(descriptor, fcntl.F_SETFL, flags & ~os.O_ASYNC)
            signal.signal(signal.SIGIO, previous)

    def hand_over(self) -> None:
        """Have the keeper become the background listener, and let go."""
        if self._pipe is not None and self._keeper is not None:
            _write(self.lock, replace(self.seated, pid=self._keeper))
            crash_point("L4")
            os.close(self._pipe)
            self._pipe = None

    def note(self, trouble: str, at: float) -> None:
        """Note how the public address does."""
        self.seated = replace(self.seated, trouble=trouble[:200], checked_at=at)
        _write(self.lock, self.seated)

    def leave(self) -> None:
        """Give the seat up: nobody waits for a callback here any more."""
        if self._pipe is not None and self._keeper is not None:
            os.write(self._pipe, b"leave\n")
            crash_point("L6")
            os.close(self._pipe)
            self._pipe = None
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self._keeper, 0)
        self.close()

    def close(self) -> None:
        """Close this process's own descriptors; a keeper or listener may still hold the seat."""
        self.hand_over()
        self.socket.close()
        with contextlib.suppress(OSError):
            os.close(self.lock)

    @property
    def url(self) -> str:
        """The address at which services call back."""
        return self.seated.url

    @property
    def is_handed_over(self) -> bool:
        """Whether the background listener has been called."""
        return self._keeper is not None and self._pipe is None

    def _on_connection(self, _signal: int, _frame: FrameType | None) -> None:
        self.hand_over()


def take_seat(
    home: Path, *, host: str, port: int, public_url: str | None = None, strict: bool = False
) -> Seat | None:
    """Take the seat if it is free; None where somebody holds it.

    A busy port is passed over for any free one, unless `strict`: then PortTaken is raised.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(home / _LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    try:
        crash_point("L1")
        listening = _listen(host, port, strict)
        bound = listening.getsockname()[1]
        url = (public_url or _bound_url(host, bound)).rstrip("/")
        seated = Seated(url=url, host=host, port=bound, pid=os.getpid())
        _write(lock, seated)
        crash_point("L2")
    except BaseException:
        os.close(lock)
        raise
    return Seat(home, lock, listening, seated)


def inherit_seat(home: Path, lock: int, descriptor: int) -> Seat:
    """The seat whose descriptors this process was started with."""
    listening = socket.socket(fileno=descriptor)
    listening.setblocking(False)
    promised = _read(lock)
    host, port = listening.getsockname()[:2]
    url = promised.url if promised else _bound_url(host, port)
    seated = Seated(url=url, host=host, port=port, pid=os.getpid())
    _write(lock, seated)
    crash_point("L5")
    os.set_inheritable(lock, False)
    os.set_inheritable(descriptor, False)
    return Seat(home, lock, listening, seated)


def find_seated(home: Path) -> Seated | None:
    """Who holds the seat now; None where nobody does."""
    try:
        lock = os.open(home / _LOCK_NAME, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(lock)
    finally:
        os.close(lock)
    return None


def last_seated(home: Path) -> Seated | None:
    """Who held the seat last, whether or not somebody does now."""
    try:
        lock = os.open(home / _LOCK_NAME, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        return _read(lock)
    finally:
        os.close(lock)


def port_of(callback_url: str) -> int | None:
    """The port of an address at which callbacks were promised to be taken."""
    try:
        return urlsplit(callback_url).port
    except ValueError:
        return None


def _listen(host: str, port: int, strict: bool) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for wanted in (port, 0):
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, wanted))
            listening.listen(1024)
            # Everyone who holds the socket shares this flag, and the server needs it so.
            listening.setblocking(False)
            return listening
        except OSError as fault:
            listening.close()
            if strict or wanted == 0 or fault.errno not in (errno.EADDRINUSE, errno.EACCES):
                why = (fault.strerror or str(fault)).lower()
                raise PortTaken(host=host, port=wanted, why=why) from None
    raise AssertionError("unreachable")


def _bound_url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _write(lock: int, seated: Seated) -> None:
    # In one write, and always as long: whoever reads meanwhile finds the old or the new one.
    os.pwrite(lock, json.dumps(asdict(seated)).encode().ljust(_RECORD), 0)


def _read(lock: int) -> Seated | None:
    try:
        return Seated(**json.loads(os.pread(lock, 4096, 0)))
    except (ValueError, TypeError):
        return None
