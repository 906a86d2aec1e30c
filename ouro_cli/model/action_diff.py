"""What is otherwise in one action than in another: request, response, what it made, and timing."""

from dataclasses import dataclass
from typing import Any

from ouro_cli.model.action import Action
from ouro_cli.model.asset import Asset
from ouro_cli.model.json_change import ChangeKind, JsonChange


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row that came, went or changed, `times` over where rows have no key."""

    kind: ChangeKind
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    times: int = 1


@dataclass(frozen=True, slots=True)
class RowsDiff:
    """Two tables beside each other, by the columns that both have.

    `added`, `removed` and `changed` count rows; `rows` are the first of them, or all. Without a
    `key` a row is what it holds, and none is changed.
    """

    key: str | None
    before: int
    after: int
    columns_added: tuple[str, ...]
    columns_removed: tuple[str, ...]
    added: int
    removed: int
    changed: int
    rows: tuple[RowChange, ...]

    @property
    def is_equal(self) -> bool:
        """Whether both hold the same."""
        columns = self.columns_added or self.columns_removed
        return not (columns or self.added or self.removed or self.changed)


@dataclass(frozen=True, slots=True)
class OutputDiff:
    """An output of one or both actions; `kind` is None where both are the same.

    `rows` is there for datasets, `lines` for texts that are short enough: those of a unified diff.
    """

    name: str
    kind: ChangeKind | None
    before: Asset | None
    after: Asset | None
    rows: RowsDiff | None = None
    lines: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class ActionDiff:
    """Two actions beside each other; a part is None where it was not looked at.

    `timing` maps what was measured to its seconds or counts, before and after; it tells, and never
    makes two actions different. `notes` say what a reader should know before all else.
    """

    before: Action
    after: Action
    request: tuple[JsonChange, ...] | None
    response: tuple[JsonChange, ...] | None
    outputs: tuple[OutputDiff, ...] | None
    timing: dict[str, tuple[float | None, float | None]] | None
    notes: tuple[str, ...]

    @property
    def is_equal(self) -> bool:
        """Whether nothing that was looked at is otherwise."""
        outputs = [each for each in self.outputs or () if each.kind is not None]
        return not (self.request or self.response or outputs)
