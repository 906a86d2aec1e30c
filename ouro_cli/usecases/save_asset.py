"""Save an asset as a file, under a name that can do no harm."""

import os
from dataclasses import dataclass
from pathlib import Path

from ouro_cli.model.asset import Asset
from ouro_cli.model.filename import harmless_name
from ouro_cli.runtime import Runtime
from ouro_cli.store.saved_files import save, save_into
from ouro_cli.usecases.read_asset import asset_format, asset_parts


@dataclass(frozen=True, slots=True)
class Saved:
    """A file that was written, and how many bytes it has."""

    path: Path
    size: int


def save_asset(
    rt: Runtime, asset: Asset, target: str, form: str | None = None, *, force: bool = False
) -> Saved:
    """Save an asset to a file, or into a folder under its own name, made harmless.

    Raises UsageFault for a format that it cannot have, FileExists for a file that is there and
    may not be replaced, FileNotWritten, AssetDamaged. Whatever is raised, nothing is half-written.
    """
    form = asset_format(asset, form)
    parts = asset_parts(rt, asset, form)
    path = Path(target)
    # A path forgets a slash at its end, and `Path.is_dir` raises for a name that is too long.
    if target.endswith("/") or os.path.isdir(target):  # noqa: PTH112
        return Saved(*save_into(path, saved_name(asset, form), parts, force=force))
    return Saved(path, save(path, parts, force=force))


def saved_name(asset: Asset, form: str) -> str:
    """What an asset is called as a file on this machine."""
    return harmless_name(asset.filename or asset.name, form)
