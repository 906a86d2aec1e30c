"""The registry as it was at one moment, with the bytes that its rows name."""

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ouro_cli.store.copies import copy_registry
from ouro_cli.store.database import FILE
from ouro_cli.store.references import Reference, references
from ouro_cli.store.registry import Store


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A copy of the database, the bytes held as `folder/SHA256`, and what was named and is lost."""

    registry: Path
    folder: Path
    held: dict[str, Reference]
    missing: tuple[tuple[Reference, str], ...]


@contextlib.contextmanager
def snapshot(store: Store, *, with_bytes: bool) -> Iterator[Snapshot]:
    """One moment of the registry. Others can write meanwhile, but for the time of some links.

    Whoever removes an asset after that moment takes nothing away from the snapshot.
    """
    held: dict[str, Reference] = {}
    missing: list[tuple[Reference, str]] = []
    reading = sqlite3.connect(store.database.path, isolation_level=None)
    with contextlib.closing(reading), store.files.workroom() as folder:
        with store.database.transaction() as connection:
            reading.execute("BEGIN")
            reading.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            for each in references(connection) if with_bytes else ():
                if each.sha256 in held:
                    continue
                problem = store.files.problem(each.sha256, each.size)
                if not problem:
                    store.files.hold(each.sha256, folder)
                    held[each.sha256] = each
                elif each.is_needed:
                    missing.append((each, problem))
        copy_registry(reading, folder / FILE)
        reading.execute("ROLLBACK")
        yield Snapshot(folder / FILE, folder, held, tuple(missing))
