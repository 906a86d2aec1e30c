"""A trace: what an asset came from and what was made of it, run by run, as a bounded tree."""

from dataclasses import dataclass, field

from ouro_cli.model.action import Action
from ouro_cli.model.asset import Asset

DEEPEST = 10
"""How many runs a trace goes back, and forth."""

WIDEST = 20
"""How many runs of an asset, and assets of a run, a trace tells one by one."""


MOST_ASSETS = 500
"""How many assets a trace tells in each direction."""


@dataclass(frozen=True, slots=True)
class TracedAsset:
    """An asset in a trace, under the name that the run above it gives it.

    `runs` lead on from it. `is_told_above` where the trace has it already, and says what leads on
    from it there; `is_cut` where more leads on than a trace goes; `more` counts further runs.
    """

    asset: Asset
    name: str = ""
    runs: list["TracedRun"] = field(default_factory=list)
    more: int = 0
    is_told_above: bool = False
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class TracedRun:
    """A run in a trace, with the assets that it took or made; `more` counts further ones.

    `action` is None where an asset belongs to another without a run between them.
    """

    action: Action | None
    assets: list[TracedAsset]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Trace:
    """An asset's place among all: where it came from (`up`), and what was made of it (`down`).

    `sources` are what it is a version, a result or a part of, nearest first, up to the root of
    its family; `derived` the whole family of a root, else what comes directly from the asset.
    """

    asset: Asset
    up: TracedAsset
    down: TracedAsset
    sources: list[Asset]
    derived: list[Asset]
    is_truncated: bool = False
