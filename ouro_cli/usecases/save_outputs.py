"""Save what a run made into a folder: under harmless names, and never over what is there."""

import os
from pathlib import Path

from ouro_cli.errors import FileUnreadable
from ouro_cli.model.action import Action
from ouro_cli.model.asset import Asset
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.read_asset import asset_format, asset_parts
from ouro_cli.usecases.save_asset import saved_name

_MOST_TRIES = 1000


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
    form = asset_format(asset, None)
    parts = asset_parts(rt, asset, form)
    name = saved_name(asset, form)
    descriptor, path = _create(folder, name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            for part in parts:
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
