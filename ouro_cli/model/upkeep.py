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
