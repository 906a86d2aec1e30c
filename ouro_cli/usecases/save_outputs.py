"""Save what a run made into a folder: under harmless names, and never over what is there."""

import contextlib
from pathlib import Path

from ouro_cli.errors import FileExists, FileNotWritten, FileUnreadable
from ouro_cli.model.action import Action
from ouro_cli.model.asset import Asset
from ouro_cli.runtime import Runtime
from ouro_cli.store.saved_files import save_into
from ouro_cli.usecases.read_asset import asset_format, asset_parts
from ouro_cli.usecases.save_asset import saved_name

_MOST_TRIES = 1000


def check_folder(folder: Path) -> None:
    """Raise FileUnreadable where outputs could not be saved: what is there is no folder."""
    if folder.exists() and not folder.is_dir():
        raise FileUnreadable(path=folder, why="it is no folder", hint="Nothing was sent.")


def save_outputs(rt: Runtime, action: Action, folder: Path) -> list[tuple[str, Path]]:
    """Write every output of an action into the folder, which is made: (name, path) of each.

    A name that is taken gets a number. Raises FileNotWritten where the folder cannot be written,
    AssetDamaged where the bytes are gone.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        why = (fault.strerror or "it cannot be made").lower()
        raise FileNotWritten(path=folder, why=why) from None
    return [(link.name, _save(rt, link.asset, folder)) for link in action.outputs]


def _save(rt: Runtime, asset: Asset, folder: Path) -> Path:
    form = asset_format(asset, None)
    name = saved_name(asset, form)
    for number in range(1, _MOST_TRIES):
        stem, suffix = Path(name).stem, Path(name).suffix
        numbered = name if number == 1 else f"{stem}-{number}{suffix}"
        with contextlib.suppress(FileExists):
            return save_into(folder, numbered, asset_parts(rt, asset, form))[0]
    raise FileNotWritten(path=folder / name, why="it is there, and so are all names like it")
