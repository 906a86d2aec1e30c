"""Many writes in one durable commit: a disk that syncs once for all of them serves them sooner."""

import sqlite3
from collections.abc import Callable, Sequence
from typing import TypeVar

from ouro_cli.errors import RegistryUnavailable
from ouro_cli.store.registry import Nouns, Store

T = TypeVar("T")

Work = Callable[[Nouns], T]
"""What is to be written, in a transaction that others share. It may be called twice."""


def write_together(store: Store, works: Sequence[Work[T]]) -> list[T | Exception]:
    """Do all of this in one transaction; what each returned, in their order, once it is on disk.

    Where one of them fails, nothing of the shared transaction is kept, and each is done once more
    in a transaction of its own, so that the fault is told to the one alone whose it is. Where the
    disk or the registry fails, all of them are told so, and nothing was written.
    """
    # No savepoint for each: at every one, the search index would write out what it has gathered.
    try:
        with store.transaction() as tx:
            return [work(tx) for work in works]
    except Exception as fault:
        if len(works) == 1 or _is_of_the_disk(fault):
            return [fault] * len(works)
    return [write_together(store, [work])[0] for work in works]


def _is_of_the_disk(fault: Exception) -> bool:
    """Whether the registry itself failed: full, locked, unreadable; not a row that it refuses."""
    if not isinstance(fault, RegistryUnavailable):
        return False
    return not isinstance(fault.__cause__, sqlite3.IntegrityError | sqlite3.DataError)
