"""Write the whole registry, and the bytes that it names, into one file, while others go on."""

import contextlib
import hashlib
from functools import partial
from pathlib import Path
from typing import Any

from ouro_cli import __version__
from ouro_cli.errors import FileExists
from ouro_cli.model.upkeep import BackedUp
from ouro_cli.runtime import Runtime
from ouro_cli.store.contents import counts_of, read_only
from ouro_cli.store.database import FILE, LATEST
from ouro_cli.store.files import open_regular
from ouro_cli.store.parcels import Part, write_parcel
from ouro_cli.store.rows import time_text
from ouro_cli.store.snapshots import Snapshot, snapshot

KIND = "ouro-backup"


def back_up(rt: Runtime, path: Path, *, with_assets: bool = True, force: bool = False) -> BackedUp:
    """Write a backup of one moment, readable by its owner alone. No credential is in it.

    Raises FileExists, FileNotWritten; then nothing was written.
    """
    if not force and path.is_file():
        raise FileExists(path=path)
    with snapshot(rt.store, with_bytes=with_assets) as taken:
        parts, missing = _parts(taken)
        facts: dict[str, Any] = {
            "made_by": f"ouro {__version__}",
            "made_at": time_text(rt.now()),
            "registry_version": LATEST,
            "has_assets": with_assets,
            "missing": missing,
        }
        with contextlib.closing(read_only(taken.registry)) as copy:
            counts = counts_of(copy)
        opened = [(part, partial(open_regular, source)) for part, source in parts]
        size = write_parcel(path, KIND, facts, opened, force=force)
    return BackedUp(path, size, len(parts) - 1, counts, tuple(missing))


def asset_name(sha256: str) -> str:
    """Where kept bytes lie in a backup or a bundle."""
    return f"assets/{sha256[:2]}/{sha256}"


def part_of(name: str, path: Path) -> Part:
    """A file as a part of a parcel; it is read to know what is in it."""
    with open_regular(path) as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return Part(name, file.tell(), digest)


def _parts(taken: Snapshot) -> tuple[list[tuple[Part, Path]], list[str]]:
    parts = [(part_of(FILE, taken.registry), taken.registry)]
    missing = [f"{each.by}: {problem}" for each, problem in taken.missing]
    for sha256, reference in taken.held.items():
        path = taken.folder / sha256
        part = part_of(asset_name(sha256), path)
        if part.sha256 == sha256:
            parts.append((part, path))
        elif reference.is_needed:
            missing.append(f"{reference.by}: damaged: they are not what was kept")
    return parts, missing
