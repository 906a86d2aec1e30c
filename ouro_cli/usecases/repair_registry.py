"""Mend what can be mended without a guess, and say each thing that was done."""

import contextlib
import os
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ouro_cli.errors import OuroError, RegistryTooNew, RegistryUnavailable
from ouro_cli.runtime import Runtime
from ouro_cli.store.contents import counts_of, counts_text, problems_of
from ouro_cli.store.copies import copy_registry
from ouro_cli.store.database import DAMAGE
from ouro_cli.store.recovery import recover
from ouro_cli.store.references import COPIES, named_by_copies, references
from ouro_cli.store.search_index import INDEXES, is_index_whole, rebuild_indexes
from ouro_cli.store.swap import check_unused, swap_in
from ouro_cli.usecases.restore_backup import aside_path

STALE_SECONDS = 3600.0
"""How old bytes are that belong to nobody, and to no run that is about to write a row for them."""


@dataclass(frozen=True, slots=True)
class Repaired:
    """One thing that was mended, or one that could not be."""

    subject: str
    message: str
    is_done: bool = True


def repair_registry(rt: Runtime) -> list[Repaired]:
    """Mend modes, search indexes, misplaced and idle bytes, and a damaged database.

    A damaged file is never written to: what can be read of it goes into a new one, which takes
    its place once it is whole; the damaged one is kept. Rows are changed only after a copy.
    """
    done = [*_modes(rt.settings.home)]
    try:
        done += _database(rt)
        return [*done, *_indexes(rt), *_lost_bytes(rt), *_idle_bytes(rt)]
    except (OuroError, *DAMAGE) as fault:
        why = fault.message if isinstance(fault, OuroError) else str(fault)
        return [*done, Repaired("registry", f"cannot be mended: {why}", is_done=False)]


def _modes(home: Path) -> Iterator[Repaired]:
    for path in loose(home):
        mode = 0o700 if path.is_dir() else 0o600
        try:
            path.chmod(mode, follow_symlinks=False)
        except (OSError, NotImplementedError):
            path.chmod(mode)
        yield Repaired("files", f"{path} can be read by its owner alone")


def loose(home: Path) -> Iterator[Path]:
    """What in a home others than its owner can read or write; links are left out."""
    for path in (home, *sorted(home.rglob("*"))):
        with contextlib.suppress(FileNotFoundError):
            mode = path.lstat().st_mode
            if not stat.S_ISLNK(mode) and stat.S_IMODE(mode) & 0o077:
                yield path


def _database(rt: Runtime) -> Iterator[Repaired]:
    path = rt.store.database.path
    if not path.is_file() or _is_whole(rt):
        return
    rt.store.close()
    with rt.store.database.locked():
        check_unused(path)
        _check_room(path)
        # Not among the assets: their folder may be what is damaged.
        with _room(rt.settings.home) as room:
            new, lost = recover(path, room)
            with contextlib.closing(sqlite3.connect(new)) as connection:
                held = counts_text(counts_of(connection)) or "nothing"
            aside = aside_path(rt, "damaged")
            swap_in(new, path, aside)
    yield Repaired("registry", f"made anew with {held}; the damaged one is kept as {aside}")
    for table, count in lost.items():
        told = f"at least {count} rows of '{table}' could not be read"
        yield Repaired("registry", told, is_done=False)


def _is_whole(rt: Runtime) -> bool:
    try:
        return not any(problems_of(rt.store.database.connection))
    except RegistryTooNew:
        raise
    except RegistryUnavailable as fault:
        if isinstance(fault.__cause__, DAMAGE):
            return False
        raise
    except DAMAGE:
        return False


def _check_room(path: Path) -> None:
    needed = 3 * path.stat().st_size
    if shutil.disk_usage(path.parent).free < needed:
        why = f"to mend it takes {needed:,} free bytes"
        raise RegistryUnavailable(path=path, why=why, hint="Make room; nothing was changed.")


@contextlib.contextmanager
def _room(home: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="repair-", dir=home) as folder:
        yield Path(folder)


def _indexes(rt: Runtime) -> Iterator[Repaired]:
    with rt.store.transaction() as tx:
        connection = tx.database.connection
        broken = [name for name in INDEXES if not is_index_whole(connection, name)]
    if not broken:
        return
    kept = aside_path(rt, "before-repair")
    copy_registry(rt.store.database.connection, kept)
    with rt.store.transaction() as tx:
        rebuild_indexes(tx.database.connection)
    what = ", ".join(INDEXES[name] for name in broken)
    yield Repaired("search", f"the index of {what} was made anew; before it is kept as {kept}")


def _lost_bytes(rt: Runtime) -> Iterator[Repaired]:
    """Bytes that rows name and that lie under another name are put where they belong."""
    files = rt.store.files
    lost = {
        each.sha256: each
        for each in references(rt.store.database.connection)
        if each.is_needed and files.problem(each.sha256, each.size, deeply=True)
    }
    if not lost:
        return
    for path in files.everything():
        with contextlib.suppress(OuroError):
            sha256 = files.sha256_of(path)
            if sha256 in lost:
                files.keep_file(path)
                yield Repaired("asset", f"{lost.pop(sha256).by}: its bytes were found in {path}")
    for each in lost.values():
        yield Repaired("asset", f"{each.by}: its bytes are found nowhere", is_done=False)


def _idle_bytes(rt: Runtime) -> Iterator[Repaired]:
    """What belongs to nobody and has lain for a while goes; never what an earlier state names."""
    files, now = rt.store.files, rt.now().timestamp()
    swept = files.sweep(older_than_seconds=STALE_SECONDS, now=now)
    for pattern in ("repair-*", f"{COPIES}.*"):
        for left in rt.settings.home.glob(pattern):
            if now - left.lstat().st_mtime > STALE_SECONDS:
                shutil.rmtree(left) if left.is_dir() else left.unlink()
                swept += 1
    if swept:
        yield Repaired("assets", f"{swept} drafts that nobody finished were removed")
    try:
        others = named_by_copies(rt.settings.home)
    except DAMAGE:
        told = "idle files were left: an earlier state of the registry that is kept is damaged"
        yield Repaired("assets", told, is_done=False)
        return
    removed = size = 0
    with rt.store.transaction() as tx:
        # In a transaction: whoever writes a row for such bytes would have to wait, and look.
        named = others | {each.sha256 for each in references(tx.database.connection)}
        for sha256, length in files.all():
            path = files.path_of(sha256)
            with contextlib.suppress(FileNotFoundError):
                if sha256 not in named and now - path.lstat().st_mtime > STALE_SECONDS:
                    os.unlink(path)  # noqa: PTH108, a folder of that name stays
                    removed, size = removed + 1, size + length
    if removed:
        yield Repaired(
            "assets", f"{removed} files that belong to nobody were removed: {size:,} bytes"
        )
