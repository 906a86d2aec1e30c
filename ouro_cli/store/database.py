"""The registry's file: opened, migrated, written in one way; what is SQLite's own stays here."""

import contextlib
import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ouro_cli.crash import crash_point
from ouro_cli.errors import RegistryReplaced, RegistryTooNew, RegistryUnavailable
from ouro_cli.store.places import check_place

LATEST = 5
"""The number of the newest migration; a test holds it equal to the files."""

BUSY_SECONDS = 60.0
SILENT_SECONDS = 2.0
"""How long one waits for another process without a word."""

LARGEST_WAL = 4 * 2**20

DAMAGE = (sqlite3.Error, UnicodeDecodeError)
"""What is raised where the file fails; SQLite quotes it in its messages, whatever stands there."""

FILE = "registry.db"
_LOCK_FILE = "registry.lock"

announce: Callable[[str], None] = lambda _: None  # noqa: E731
"""Tells a person what takes a while; the door that people use sets it."""


class Database:
    """One SQLite file in WAL mode, and the single way to write into it.

    A connection belongs to one process and one thread. Everyone who writes holds the lock file,
    and a checkpoint happens only under it: so no checkpoint ever runs beside a writer, which is
    what SQLite before 3.51.3 needs to be safe from its WAL-reset fault.
    """

    def __init__(self, home: Path) -> None:
        self.path = home / FILE
        self._home = home
        self._local = threading.local()
        self._is_ready = False

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection, for reading; opened, and the file made, at the first use."""
        held: tuple[int, sqlite3.Connection] | None = getattr(self._local, "held", None)
        pid = os.getpid()
        if held is not None:
            if held[0] != pid:
                # SQLite's locks do not cross a fork, and its memory of them does: not even a new
                # connection would lock anything here. Close before you fork.
                raise RegistryUnavailable(path=self.path, why="it was open when we forked")
            return held[1]
        connection = self._open()
        self._local.held = (pid, connection)
        self._local.file = _identity(self.path)
        return connection

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """The one way to write: everything inside is committed as one, durably, or not at all.

        Raises RegistryUnavailable where the commit cannot be made; then nothing was written.
        """
        connection = self.connection
        with self.locked():
            try:
                connection.execute("PRAGMA query_only = OFF")
                _begin(connection, self.path)
                try:
                    self.check_it_is_the_same()
                    yield connection
                    crash_point("T1")
                    connection.execute("COMMIT")
                    crash_point("T2")
                except BaseException:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                    raise
                finally:
                    connection.execute("PRAGMA query_only = ON")
                self._checkpoint_if_large(connection)
            except sqlite3.Error as fault:
                raise self._unavailable(fault) from fault

    def change_counter(self) -> int:
        """A number that differs once another connection has committed; cheap to ask for."""
        row = self.connection.execute("PRAGMA data_version").fetchone()
        if _identity(self.path) != self._local.file:
            raise RegistryReplaced(path=self.path)
        return int(row[0])

    def checkpoint(self) -> None:
        """Write the log back into the file and empty it, unless somebody still reads from it."""
        connection = self.connection
        with self.locked():
            self._write_back(connection)

    def close(self) -> None:
        """Close this thread's connection."""
        held: tuple[int, sqlite3.Connection] | None = getattr(self._local, "held", None)
        if held is not None and held[0] == os.getpid():
            held[1].close()
        self._local.held = None

    def _open(self) -> sqlite3.Connection:
        try:
            if not self._is_ready:
                check_place(self.path)
                self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self.path.exists():
                self._migrate()
            connection = self._connect()
            try:
                version = self._version(connection)
                if version < LATEST or _journal(connection) != "wal":
                    connection.close()
                    self._migrate()
                    connection = self._connect()
            except BaseException:
                connection.close()
                raise
        except DAMAGE as fault:
            raise self._unavailable(fault) from fault
        except OSError as fault:
            raise RegistryUnavailable(path=self.path, why=fault.strerror) from fault
        self._is_ready = True
        connection.execute("PRAGMA query_only = ON")
        return connection

    def _version(self, connection: sqlite3.Connection) -> int:
        """The number of the schema; raises where the file is newer than we are, or not ours."""
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version > LATEST:
            raise RegistryTooNew(path=self.path, found=version, known=LATEST)
        is_ours = "SELECT count(*), sum(name = 'migration') FROM sqlite_schema"
        things, ours = connection.execute(is_ours).fetchone()
        if bool(things) != bool(version) or (things and not ours):
            raise RegistryUnavailable(path=self.path, why="it is another program's database")
        return version

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        connection.row_factory = sqlite3.Row
        connection.executescript(
            "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL;"
            "PRAGMA wal_autocheckpoint = 0; PRAGMA secure_delete = ON;"
        )
        return connection

    def _migrate(self) -> None:
        from ouro_cli.store.migrate import bring_up_to_date  # noqa: PLC0415, once in a life

        # Making the file and turning WAL on ignore the busy handler, so first runs queue here.
        with self.locked():
            mask = os.umask(0o077)
            try:
                connection = self._connect()
                try:
                    version = self._version(connection)
                    if version < LATEST or _journal(connection) != "wal":
                        connection.execute("PRAGMA journal_mode = WAL")
                        bring_up_to_date(connection, self.path, announce)
                finally:
                    connection.close()
            finally:
                os.umask(mask)

    def check_it_is_the_same(self) -> None:
        """Raise RegistryReplaced or RegistryTooNew where it is no more what this thread opened.

        Another ouro may have restored a backup, or have brought the registry up to date.
        """
        connection = self.connection
        if _identity(self.path) != self._local.file:
            raise RegistryReplaced(path=self.path)
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version > LATEST:
            raise RegistryTooNew(path=self.path, found=version, known=LATEST)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock file; wait for it as long as SQLite would for its own."""
        try:
            descriptor = os.open(
                self._home / _LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
            )
        except OSError as fault:
            raise RegistryUnavailable(path=self.path, why=fault.strerror) from fault
        try:
            _lock(descriptor, self.path)
            yield
        finally:
            os.close(descriptor)

    def _checkpoint_if_large(self, connection: sqlite3.Connection) -> None:
        try:
            size = Path(f"{self.path}-wal").stat().st_size
        except OSError:
            return
        if size > LARGEST_WAL:
            self._write_back(connection)

    def _write_back(self, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA busy_timeout = 0")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")

    def _unavailable(self, fault: Exception) -> RegistryUnavailable:
        return RegistryUnavailable(path=self.path, why=str(fault))


def _begin(connection: sqlite3.Connection, path: Path) -> None:
    """Begin to write. Ours queue at the lock file; who still is in the way is another program."""
    connection.execute(f"PRAGMA busy_timeout = {int(min(SILENT_SECONDS, BUSY_SECONDS) * 1000)}")
    try:
        connection.execute("BEGIN IMMEDIATE")
        return
    except sqlite3.OperationalError as fault:
        if fault.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise
    finally:
        connection.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
    announce(f"Waiting for another program to let go of {path} ...")
    connection.execute("BEGIN IMMEDIATE")


def _journal(connection: sqlite3.Connection) -> str:
    return str(connection.execute("PRAGMA journal_mode").fetchone()[0])


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file that is, whatever its name; None where there is none."""
    try:
        told = path.stat()
    except OSError:
        return None
    return told.st_dev, told.st_ino


def _lock(descriptor: int, path: Path) -> None:
    began = time.monotonic()
    deadline, is_told = began + BUSY_SECONDS, False
    pause = 0.0002
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                why = f"another process has held it for {BUSY_SECONDS:.0f} seconds"
                raise RegistryUnavailable(path=path, why=why) from None
        if not is_told and time.monotonic() > began + SILENT_SECONDS:
            is_told = True
            announce(f"Waiting for another ouro that is writing to {path} ...")
        # Uneven pauses: those who wait must not all come back at the same moment.
        time.sleep(pause * (0.5 + time.monotonic_ns() % 1000 / 1000))
        pause = min(pause * 2, 0.01)
