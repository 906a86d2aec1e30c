"""The table whose rows are to be run: a file, a kept dataset, or the files of a folder."""

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ouro_cli.errors import FileUnreadable, UsageFault
from ouro_cli.model.asset import AssetType
from ouro_cli.model.declaration import normal_extension
from ouro_cli.model.identity import is_uuid_prefix
from ouro_cli.runtime import Runtime
from ouro_cli.store.files import open_regular
from ouro_cli.store.row_sources import DATASET, FILE_COLUMN, FOLDER, RowSource
from ouro_cli.store.tables import FORMATS, looks_like
from ouro_cli.usecases.find_reference import find_asset

_HEAD = 64 * 2**10


@dataclass(frozen=True, slots=True)
class Table:
    """A table that was found; `said` is how a person named it, `sha256` that of its bytes.

    `folder` is where the files of a folder lie. What `is_kept` need not be kept once more.
    """

    source: RowSource
    said: str
    sha256: str
    folder: str = ""
    is_kept: bool = False


@contextlib.contextmanager
def found_table(rt: Runtime, said: str) -> Iterator[Table]:
    """The table that a person named, while the block lasts.

    A path that is there is a file or a folder; anything else an asset. Raises FileUnreadable,
    AssetNotFound, and UsageFault for what is no table.
    """
    path = Path(said).expanduser()
    if path.is_dir():
        with _listed(path) as listing:
            folder = str(path.absolute())
            yield Table(RowSource(listing, FOLDER), said, _digest(listing), folder)
        return
    if not path.exists() and (said == "@last" or is_uuid_prefix(said.lower())):
        asset = find_asset(rt, said)
        if asset.asset_type is not AssetType.DATASET:
            raise UsageFault(why=f"{said} is a {asset.asset_type}, and no dataset")
        kept = rt.store.files.path_of(asset.sha256)
        yield Table(RowSource(kept, DATASET), said, asset.sha256, is_kept=True)
        return
    with open_regular(path) as file:
        head = file.read(_HEAD)
    if not head.strip():
        raise FileUnreadable(path=said, why="it is empty", hint="")
    extension = normal_extension(path.suffix) or ""
    form = looks_like(head) if extension in ("", "json") else ""
    form = form or FORMATS.get(extension) or looks_like(head) or "csv"
    yield Table(RowSource(path, form), said, _digest(path))


@contextlib.contextmanager
def _listed(folder: Path) -> Iterator[Path]:
    """The regular files of a folder as lines of JSON, by their names."""
    try:
        with os.scandir(folder) as entries:
            names = sorted(
                each.name
                for each in entries
                if each.is_file(follow_symlinks=False) and not each.name.startswith(".")
            )
    except OSError as fault:
        raise FileUnreadable(path=folder, why=(fault.strerror or "").lower()) from None
    with tempfile.TemporaryDirectory(prefix="ouro-") as scratch:
        listing = Path(scratch) / "files"
        with listing.open("w", encoding="utf-8", errors="surrogateescape") as lines:
            for name in names:
                digest = _digest(folder / name)
                lines.write(json.dumps({FILE_COLUMN: name, "sha256": digest}) + "\n")
        yield listing


def _digest(path: Path) -> str:
    with open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
