"""Another file in the place of the registry: in one step, and what was there is kept."""

import contextlib
import fcntl
import os
import shutil
import sqlite3
from pathlib import Path

from ouro_cli.crash import crash_point
from ouro_cli.errors import RegistryInUse
from ouro_cli.store.copies import sync_file

_PATIENCE_SECONDS = 1.0
_ATTACHED = ("-wal", "-journal")


# Where a connection holds its shared lock for as long as it is open in WAL mode; see
# "File Locking And Concurrency", sqlite.org/src/file/src/os.h.
_SHARED_FIRST, _SHARED_SIZE = 0x40000002, 510


def check_unused(path: Path) -> None:
    """Raise RegistryInUse where another process has this registry open; nothing is changed.

    To be called where this process has no connection of its own: it would lose its locks.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, _SHARED_SIZE, _SHARED_FIRST)
    except OSError:
        raise RegistryInUse(path=path, why="another process has it open") from None
    finally:
        os.close(descriptor)


def gather(path: Path) -> bool:
    """Write a registry's log back into its one file; whether it was whole enough for that.

    Called while the registry is locked. To leave WAL mode is what SQLite allows only to who is
    alone (sqlite.org/wal.html); ours turn it on again when they open it. Raises RegistryInUse
    where one is not alone.
    """
    check_unused(path)
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=_PATIENCE_SECONDS)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as fault:
        if fault.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise RegistryInUse(path=path, why="another process has it open") from None
        return False
    except sqlite3.DatabaseError:
        return False
    return True


def swap_in(new: Path, path: Path, aside: Path) -> bool:
    """Put `new` in the place of the registry; whether there was one, which is kept as `aside`.

    Called while the registry is locked and nobody uses it. Whoever is killed in here leaves the
    old one or the new one, whole.
    """
    was_there = path.is_file()
    if was_there:
        _keep(path, aside)
        for ending in _ATTACHED:
            if Path(f"{path}{ending}").exists():
                _keep(Path(f"{path}{ending}"), Path(f"{aside}{ending}"))
    # What is left of another file's log would be played into the new one.
    for ending in (*_ATTACHED, "-shm"):
        Path(f"{path}{ending}").unlink(missing_ok=True)
    sync_file(path.parent)
    crash_point("S3")
    new.replace(path)
    sync_file(path.parent)
    return was_there


def _keep(path: Path, aside: Path) -> None:
    try:
        os.link(path, aside)
    except FileExistsError:
        raise
    except OSError:
        shutil.copyfile(path, aside)
        aside.chmod(0o600)
        sync_file(aside)
