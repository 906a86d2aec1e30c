"""What was done to a registry as a whole: written away, put back, tidied, mended."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class BackedUp:
    """A backup: its bytes, how many files of assets are in it, how much of what its registry holds.

    `missing` names what the registry itself had lost.
    """

    path: Path
    size: int
    files: int
    counts: dict[str, int]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Restored:
    """What a registry holds now, and where the one lies that was there before.

    `version` is that of the backup, before it was brought up to date.
    """

    counts: dict[str, int]
    version: int
    aside: Path | None
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exported:
    """Actions that were written into a file, with how many files of assets."""

    path: Path
    size: int
    action_ids: tuple[str, ...]
    files: int
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """The ids of actions that a file brought: new ones, ones that went on, ones we knew."""

    new: tuple[str, ...]
    went_on: tuple[str, ...]
    unchanged: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was removed, or would be: actions, assets, files with their bytes, bytes of rows.

    `copies` are earlier states of the registry, which still hold all of it.
    """

    action_ids: tuple[str, ...]
    assets: int
    files: int
    file_bytes: int
    row_bytes: int
    is_done: bool
    copies: tuple[Path, ...]
