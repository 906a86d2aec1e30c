"""Copies of the registry's file: made by SQLite, whole and on disk before they have their name."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ouro_cli.crash import crash_point

_PAGES_AT_ONCE = 1_000


def copy_registry(source: sqlite3.Connection, target: Path) -> None:
    """Copy a database as this connection sees it to `target`, which is replaced in one step.

    A connection that reads in a transaction gives the state of that transaction.
    """
    draft = target.with_name(f"{target.name}.{os.getpid()}-{os.urandom(4).hex()}")
    try:
        with new_database(draft) as copy:
            source.backup(copy, pages=_PAGES_AT_ONCE, progress=lambda *_: crash_point("S2"))
        sync_file(draft)
        draft.replace(target)
        sync_file(target.parent)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def new_database(path: Path) -> Iterator[sqlite3.Connection]:
    """A database of our own to be written at once, readable by its owner alone; closed after."""
    os.close(
        os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    )
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        # It has no name yet under which anybody would look for it: a crash leaves a draft.
        connection.execute("PRAGMA journal_mode = OFF")
        yield connection
    finally:
        connection.close()


def sync_file(path: Path) -> None:
    """Have what was written to a file or a folder be on disk when this returns."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
