"""Another file in the place of the registry: in one step, and what was there is kept."""

import contextlib
import os
import shutil
import sqlite3
from pathlib import Path

from ouro_cli.crash import crash_point
from ouro_cli.errors import RegistryInUse
from ouro_cli.store.copies import sync_file

_PATIENCE_SECONDS = 1.0
_ATTACHED = ("-wal", "-journal")


def make_sure_nobody_uses(path: Path) -> bool:
    """Raise RegistryInUse where another connection is open; whether the file could be asked.

    Called while the registry is locked. Afterwards all of it lies in the one file: to leave WAL
    mode is what SQLite allows only to who is alone (sqlite.org/wal.html), and ours turn it on
    again when they open it. A file that is too damaged to say so is left as it is.
    """
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=_PATIENCE_SECONDS)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as fault:
        if fault.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise RegistryInUse(path=path, why="another ouro has it open") from None
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
        sync_file(aside)
