"""The registry's file: opened, migrated, written in one way; what is SQLite's own stays here."""

import contextlib
import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from ouro_cli.errors import RegistryTooNew, RegistryUnavailable

LATEST = 4
"""The number of the newest migration; a test holds it equal to the files."""

BUSY_SECONDS = 60.0
LARGEST_WAL = 4 * 2**20

_LOCK_FILE = "registry.lock"


class Database:
    """One SQLite file in WAL mode, and the single way to write into it.

    A connection belongs to one process and one thread. Everyone who writes holds the lock file,
    and a checkpoint happens only under it: so no checkpoint ever runs beside a writer, which is
    what SQLite before 3.51.3 needs to be safe from its WAL-reset fault.
    """

    def __init__(self, home: Path) -> None:
        self.path = home / "registry.db"
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
        return connection

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """The one way to write: everything inside is committed as one, durably, or not at all.

        Raises RegistryUnavailable where the commit cannot be made; then nothing was written.
        """
        connection = self.connection
        with self._locked():
            try:
                connection.execute("PRAGMA query_only = OFF")
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield connection
                    connection.execute("COMMIT")
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
        return int(row[0])

    def close(self) -> None:
        """Close this thread's connection."""
        held: tuple[int, sqlite3.Connection] | None = getattr(self._local, "held", None)
        if held is not None and held[0] == os.getpid():
            held[1].close()
        self._local.held = None

    def _open(self) -> sqlite3.Connection:
        try:
            if not self._is_ready:
                self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self.path.exists():
                self._migrate()
            connection = self._connect()
            version = int(connection.execute("PRAGMA user_version").fetchone()[0])
            if version < LATEST:
                connection.close()
                self._migrate()
                connection = self._connect()
            elif version > LATEST:
                connection.close()
                raise RegistryTooNew(path=self.path, found=version, known=LATEST)
        except sqlite3.Error as fault:
            raise self._unavailable(fault) from fault
        except OSError as fault:
            raise RegistryUnavailable(path=self.path, why=fault.strerror) from fault
        self._is_ready = True
        connection.execute("PRAGMA query_only = ON")
        return connection

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
        from ouro_cli.store.migrate import migrate  # noqa: PLC0415, once in a registry's life

        # Making the file and turning WAL on ignore the busy handler, so first runs queue here.
        with self._locked():
            mask = os.umask(0o077)
            try:
                connection = self._connect()
                try:
                    connection.execute("PRAGMA journal_mode = WAL")
                    migrate(connection)
                finally:
                    connection.close()
            finally:
                os.umask(mask)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
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
            connection.execute("PRAGMA busy_timeout = 0")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")

    def _unavailable(self, fault: sqlite3.Error) -> RegistryUnavailable:
        return RegistryUnavailable(path=self.path, why=str(fault))


def _lock(descriptor: int, path: Path) -> None:
    deadline = time.monotonic() + BUSY_SECONDS
    pause = 0.0002
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                why = f"another process has held it for {BUSY_SECONDS:.0f} seconds"
                raise RegistryUnavailable(path=path, why=why) from None
        # Uneven pauses: those who wait must not all come back at the same moment.
        time.sleep(pause * (0.5 + time.monotonic_ns() % 1000 / 1000))
        pause = min(pause * 2, 0.01)
