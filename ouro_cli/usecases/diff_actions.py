"""Compare two actions: what was sent, what came back, what was made of it, and how long it took."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ouro_cli.model.action import Action
from ouro_cli.model.action_diff import ActionDiff, OutputDiff, RowsDiff
from ouro_cli.model.asset import Asset, AssetType
from ouro_cli.model.json_change import ChangeKind, JsonChange, json_changes, lies_in
from ouro_cli.model.text_diff import MOST_TEXT, line_diff
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.read_asset import asset_path

PARTS = ("request", "response", "outputs", "timing")
"""What of two actions can be compared."""

_TEXTS = ("json", "xml", "yaml", "csv", "javascript")


@dataclass(frozen=True, slots=True)
class DiffOptions:
    """Which parts to compare, by which column rows are told apart, and what not to look at.

    `ignored` are places as `read_path` reads them: `response.created_at`, `outputs.table.column`.
    `most` bounds the rows that are given out of each dataset.
    """

    parts: Sequence[str] = PARTS
    key: str | None = None
    ignored: Sequence[tuple[str, ...]] = ()
    most: int | None = None


def diff_actions(rt: Runtime, before: Action, after: Action, options: DiffOptions) -> ActionDiff:
    """Two actions beside each other. Raises UsageFault for a key that tells no rows apart."""

    def told(part: str, changes: Iterator[JsonChange]) -> tuple[JsonChange, ...] | None:
        if part not in options.parts:
            return None
        return tuple(each for each in changes if not _is_ignored(each.steps, options))

    has_outputs, has_timing = "outputs" in options.parts, "timing" in options.parts
    return ActionDiff(
        before,
        after,
        told("request", json_changes(before.request, after.request, ("request",))),
        told("response", _response_changes(before, after)),
        tuple(_outputs(rt, before, after, options)) if has_outputs else None,
        _timing(rt, before, after) if has_timing else None,
        tuple(_notes(before, after)),
    )


def _is_ignored(steps: tuple[str, ...], options: DiffOptions) -> bool:
    return any(lies_in(steps, each) for each in options.ignored)


def _notes(before: Action, after: Action) -> Iterator[str]:
    if before.id == after.id:
        yield "it is compared with itself"
        return
    if before.route.id != after.route.id:
        yield f"they ran different routes: {before.route.reference} and {after.route.reference}"
    for each in (before, after):
        if not each.is_final:
            yield f"{each.id} has not ended; what it has so far is compared"


def _response_changes(before: Action, after: Action) -> Iterator[JsonChange]:
    yield from json_changes(before.status.value, after.status.value, ("status",))
    codes = (before.upstream_status_code, after.upstream_status_code)
    yield from json_changes(*codes, ("upstream_status_code",))
    yield from json_changes(_response(before), _response(after), ("response",))


def _response(action: Action) -> Any:
    """The response without what became outputs; of one too large for a value, its bytes' hash."""
    body = action.response
    if body is None:
        return None
    if body.is_cut and body.beside is not None:
        return {"sha256": body.beside.sha256, "size": body.beside.size}
    value = body.value if body.events is None else body.events
    if not isinstance(value, dict):
        return value
    made = {each.name for each in action.outputs}
    return {name: each for name, each in value.items() if name not in made}


def _outputs(
    rt: Runtime, before: Action, after: Action, options: DiffOptions
) -> Iterator[OutputDiff]:
    old = {each.name: each.asset for each in before.outputs}
    new = {each.name: each.asset for each in after.outputs}
    for name in {**old, **new}:
        if not _is_ignored(("outputs", name), options):
            yield _output(rt, name, old.get(name), new.get(name), options)


def _output(
    rt: Runtime, name: str, old: Asset | None, new: Asset | None, options: DiffOptions
) -> OutputDiff:
    if old is None or new is None:
        kind = ChangeKind.ADDED if old is None else ChangeKind.REMOVED
        return OutputDiff(name, kind, old, new)
    if old.asset_type is not new.asset_type:
        return OutputDiff(name, ChangeKind.CHANGED, old, new)
    if old.sha256 == new.sha256:
        return OutputDiff(name, None, old, new)
    if old.removed_at is not None or new.removed_at is not None:
        # Of what was removed, the hash is left.
        return OutputDiff(name, ChangeKind.CHANGED, old, new)
    if old.asset_type is AssetType.DATASET:
        rows = _rows(rt, name, old, new, options)
        return OutputDiff(name, None if rows.is_equal else ChangeKind.CHANGED, old, new, rows)
    texts = (_text(rt, old), _text(rt, new))
    lines = None
    if texts[0] is not None and texts[1] is not None:
        lines = line_diff(texts[0], texts[1])
    return OutputDiff(name, ChangeKind.CHANGED, old, new, None, lines)


def _rows(rt: Runtime, name: str, old: Asset, new: Asset, options: DiffOptions) -> RowsDiff:
    # Only a dataset needs it.
    from ouro_cli.store.dataset_diff import diff_datasets  # noqa: PLC0415

    ignored = {
        each[2] for each in options.ignored if len(each) == 3 and each[:2] == ("outputs", name)
    }
    paths = (asset_path(rt, old), asset_path(rt, new))
    return diff_datasets(*paths, key=options.key, ignored=ignored, most=options.most)


def _text(rt: Runtime, asset: Asset) -> str | None:
    """What a text asset holds; None where it is none, or too long to be laid beside another."""
    kind = asset.media_type.partition(";")[0].strip().lower()
    is_text = asset.asset_type is AssetType.POST or kind.startswith("text/")
    if asset.size > MOST_TEXT or not (is_text or kind.endswith(_TEXTS) or not kind):
        return None
    try:
        return asset_path(rt, asset).read_bytes().decode()
    except UnicodeDecodeError:
        return None


def _timing(
    rt: Runtime, before: Action, after: Action
) -> dict[str, tuple[float | None, float | None]]:
    pair = (before, after)

    def both(measure: Any) -> tuple[float | None, float | None]:
        return measure(pair[0]), measure(pair[1])

    return {
        "waited": both(lambda each: _between(each.created_at, each.started_at)),
        "acknowledged": both(lambda each: _between(each.started_at, each.ack_at)),
        "duration": both(lambda each: _between(each.started_at, each.finished_at)),
        "attempts": both(lambda each: len(rt.store.attempts.of_action(each.id))),
    }


def _between(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else round((end - start).total_seconds(), 6)
