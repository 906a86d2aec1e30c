"""Save what a run made into a folder: under harmless names, and never over what is there."""

import csv
import io
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from ouro_cli.errors import AssetDamaged, FileUnreadable
from ouro_cli.model.action import Action
from ouro_cli.model.asset import Asset, AssetType
from ouro_cli.model.filename import harmless_name
from ouro_cli.runtime import Runtime

_CHUNK = 2**20
_MOST_TRIES = 1000
# What a spreadsheet would take for a formula (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def check_folder(folder: Path) -> None:
    """Raise FileUnreadable where outputs could not be saved: what is there is no folder."""
    if folder.exists() and not folder.is_dir():
        raise FileUnreadable(path=folder, why="it is no folder", hint="Nothing was sent.")


def save_outputs(rt: Runtime, action: Action, folder: Path) -> list[tuple[str, Path]]:
    """Write every output of an action into the folder, which is made: (name, path) of each.

    A name that is taken gets a number. Raises FileUnreadable where the folder cannot be written,
    AssetDamaged where the bytes are gone.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return [(link.name, _save(rt, link.asset, folder)) for link in action.outputs]
    except OSError as fault:
        why = (fault.strerror or "it cannot be written").lower()
        raise FileUnreadable(path=folder, why=why) from None


def _save(rt: Runtime, asset: Asset, folder: Path) -> Path:
    problem = rt.store.files.problem(asset.sha256, asset.size)
    if problem:
        raise AssetDamaged(name=f"{asset.id} ({asset.name})", why=problem)
    extension = "csv" if asset.asset_type is AssetType.DATASET else asset.extension
    name = harmless_name(asset.filename or asset.name, extension)
    descriptor, path = _create(folder, name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            for part in _content(rt, asset):
                file.write(part)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def _create(folder: Path, name: str) -> tuple[int, Path]:
    """A new file of this name, or of one like it with a number."""
    stem, suffix = Path(name).stem, Path(name).suffix
    for number in range(1, _MOST_TRIES):
        path = folder / (name if number == 1 else f"{stem}-{number}{suffix}")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            return os.open(path, flags, 0o666), path
        except FileExistsError:
            continue
    raise FileUnreadable(path=folder / name, why="it is there, and so are all names like it")


def _content(rt: Runtime, asset: Asset) -> Iterator[bytes]:
    if asset.asset_type is AssetType.DATASET:
        yield from _csv(rt, asset)
        return
    with rt.store.files.open(asset.sha256) as file:
        yield from iter(lambda: file.read(_CHUNK), b"")


def _csv(rt: Runtime, asset: Asset) -> Iterator[bytes]:
    # Only a dataset needs it.
    from ouro_cli.store.datasets import read_rows  # noqa: PLC0415

    names = [each["name"] for each in asset.facts.get("columns", [])]
    yield _line(names)
    for row in read_rows(rt.store.files.path_of(asset.sha256)):
        yield _line(_plain(row.get(name)) for name in names)


def _line(cells: Iterable[object]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue().encode("utf-8", "replace")


def _plain(value: object) -> object:
    is_formula = isinstance(value, str) and value.startswith(_FORMULA)
    return f"'{value}" if is_formula else value
