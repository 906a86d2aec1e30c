"""Put a backup in the place of the registry, once all of it has been found whole."""

import contextlib
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ouro_cli import seat
from ouro_cli.errors import BundleRefused, RegistryInUse, RegistryNotEmpty, RegistryUnavailable
from ouro_cli.model.upkeep import Restored
from ouro_cli.process import is_alive, this_process
from ouro_cli.runtime import Runtime
from ouro_cli.store.adrift import set_adrift
from ouro_cli.store.contents import counts_of, counts_text, problems_of, read_only
from ouro_cli.store.copies import sync_file
from ouro_cli.store.database import FILE, LATEST
from ouro_cli.store.files import write_all
from ouro_cli.store.migrate import migrate, version_of
from ouro_cli.store.parcels import Parcel, Part, open_parcel
from ouro_cli.store.references import is_sha256, references
from ouro_cli.store.rows import time_text
from ouro_cli.store.swap import gather, swap_in
from ouro_cli.usecases.back_up import KIND, asset_name

_ASSET = re.compile(r"assets/([0-9a-f]{2})/(\1[0-9a-f]{62})")


# What speaks of the disk, not of what the backup holds.
_OUR_DISK = frozenset(
    {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}
)


def restore_backup(rt: Runtime, path: Path, *, force: bool = False) -> Restored:
    """Make the registry what a backup says, in one step; an older one is brought up to date.

    What was open in it belongs to nobody, and what was still to be sent is taken to be sent.
    Raises BundleRefused for what is not wholly a backup of ours, RegistryNotEmpty where there is
    something and `force` is not given, RegistryInUse where somebody is at work: then nothing was
    changed.
    """
    database, files = rt.store.database, rt.store.files
    rt.settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open_parcel(path, KIND, _has_place) as parcel, files.workroom() as room:
        parcel.verify()
        new = room / FILE
        version = _extract(rt, parcel, new)
        missing = told_missing(parcel)
        with not_in_use(rt, force=force):
            pass
        # Others may wait for the lock no longer than for a moment: what is large comes before it.
        for name in parcel.parts:
            if name != FILE:
                files.keep(parcel.read(name))
        with not_in_use(rt, force=force):
            aside = aside_path(rt, "before-restore")
            was_there = swap_in(new, database.path, aside)
    counts = rt.store.counts()
    return Restored(counts, version, aside if was_there else None, missing)


def _has_place(part: Part) -> bool:
    return part.name == FILE or is_asset(part)


def is_asset(part: Part) -> bool:
    """Whether a part of a parcel is kept bytes under their own name."""
    match = _ASSET.fullmatch(part.name)
    return match is not None and match[2] == part.sha256


def aside_path(rt: Runtime, label: str) -> Path:
    """Where a registry is kept that another one replaces."""
    stamp = rt.now().strftime("%Y%m%dT%H%M%S")
    plain = rt.settings.home / f"registry-{label}-{stamp}.db"
    return plain if not plain.exists() else plain.with_stem(f"{plain.stem}-{os.urandom(3).hex()}")


@contextmanager
def not_in_use(rt: Runtime, *, force: bool) -> Iterator[None]:
    """Hold the registry, which nobody uses, so that it can be replaced.

    Raises RegistryInUse; and RegistryNotEmpty, where it holds something and `force` is not given.
    """
    store, path = rt.store, rt.store.database.path
    store.close()
    with store.database.locked():
        seated = seat.find_seated(rt.settings.home)
        if seated is not None:
            why = f"a listener takes callbacks at {seated.url} (process {seated.pid})"
            raise RegistryInUse(path=path, why=why, hint="Stop it, and what waits for it.")
        if path.is_file() and path.stat().st_size:
            is_whole = gather(path)
            _check_contents(path, force=force, is_whole=is_whole)
        yield


def _check_contents(path: Path, *, force: bool, is_whole: bool) -> None:
    held, owners = "something that cannot be read", list[str]()
    if is_whole:
        with contextlib.suppress(sqlite3.Error), contextlib.closing(read_only(path)) as connection:
            held = counts_text(counts_of(connection))
            asked = "SELECT owner FROM action WHERE status IN ('queued', 'in-progress')"
            owners = [row[0] for row in connection.execute(asked) if row[0]]
    if any(owner != this_process() and is_alive(owner) for owner in owners):
        raise RegistryInUse(path=path, why="a run is at work", hint="Wait for it: ouro action list")
    if held and not force:
        raise RegistryNotEmpty(path=path, held=held)


def _extract(rt: Runtime, parcel: Parcel, new: Path) -> int:
    """Write the backup's registry out and look it over; its version before it was ours."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    if FILE not in parcel.parts:
        raise BundleRefused(path=parcel.path, why=f"it holds no {FILE}")
    descriptor = os.open(new, flags, 0o600)
    try:
        for piece in parcel.read(FILE):
            write_all(descriptor, piece)
    finally:
        os.close(descriptor)
    try:
        with contextlib.closing(read_only(new)) as connection:
            version = version_of(connection)
            _check_registry(parcel, connection, version)
        _finish(rt, new, str(parcel.manifest.get("made_at"))[:32])
        with contextlib.closing(read_only(new)) as connection:
            _check_bytes(parcel, connection)
    except (sqlite3.Error, ValueError) as fault:
        if getattr(fault, "sqlite_errorcode", 0) & 0xFF in _OUR_DISK:
            raise RegistryUnavailable(path=new, why=str(fault)) from fault
        why = f"its registry is damaged ({fault!s:.80})"
        raise BundleRefused(path=parcel.path, why=why) from None
    return version


def _check_registry(parcel: Parcel, connection: sqlite3.Connection, version: int) -> None:
    if version > LATEST:
        why = f"its registry is version {version}, and this ouro knows {LATEST}"
        raise BundleRefused(path=parcel.path, why=why, hint="Install a newer ouro.")
    if version < 1:
        raise BundleRefused(path=parcel.path, why="its database is no registry")
    for problem in problems_of(connection):
        raise BundleRefused(path=parcel.path, why=f"its registry is damaged ({problem[:100]})")


def _finish(rt: Runtime, new: Path, made_at: str) -> None:
    """Bring the new registry up to date, in the mode in which ours are, as one file on disk."""
    told = f"from a backup of {made_at}; whether it has been sent since then is not known"
    with contextlib.closing(sqlite3.connect(new, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA foreign_keys = ON")
        migrate(connection)
        connection.execute("BEGIN")
        set_adrift(connection, time_text(rt.now()) or "", told)
        connection.execute("COMMIT")
    sync_file(new)


def told_missing(parcel: Parcel) -> tuple[str, ...]:
    """What a parcel says that it lacks, since it was lost before."""
    told = parcel.manifest.get("missing")
    return tuple(str(each)[:200] for each in told) if isinstance(told, list) else ()


def _check_bytes(parcel: Parcel, connection: sqlite3.Connection) -> None:
    """Every asset that the rows name is in it, unless it is told to be missing."""
    named = list(references(connection))
    for each in named:
        # It becomes part of a path.
        if not is_sha256(each.sha256):
            raise BundleRefused(path=parcel.path, why=f"{each.by[:100]} names no sha256")
    if not parcel.manifest.get("has_assets", False):
        return
    lacking = [
        each for each in named if each.is_needed and asset_name(each.sha256) not in parcel.parts
    ]
    if len(lacking) > len(told_missing(parcel)):
        raise BundleRefused(path=parcel.path, why=f"it lacks the bytes of {lacking[0].by[:100]}")
