"""What an asset looks like in short, and which runs made and used it."""

import contextlib
import itertools
from typing import Any, BinaryIO

from ouro_cli.errors import AssetDamaged
from ouro_cli.model.archive import entries
from ouro_cli.model.asset import Asset, AssetType
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.inspect_bytes import is_text
from ouro_cli.usecases.read_asset import asset_rows, open_asset
from ouro_cli.views.action import action_row_view

ROWS = 12
"""How many rows a preview shows, as the platform's does (contract section 9.5)."""

_LINES = 20
_ENTRIES = 20
_HEAD = 16 * 2**10
_MOST_RUNS = 20


def preview_asset(rt: Runtime, asset: Asset) -> dict[str, Any] | None:
    """The beginning of what an asset keeps, by its kind; None where there is nothing to see.

    `{"kind": "rows", "rows": [...]}`, `{"kind": "text", "text"}`, `{"kind": "picture", "width",
    "height"}`, `{"kind": "archive", "entries": [{"name", "size"}]}`, or, where the bytes are
    not there, `{"kind": "damaged", "why"}`.
    """
    try:
        return _preview(rt, asset)
    except AssetDamaged as fault:
        return {"kind": "damaged", "why": str(fault.facts["why"])}


def runs_of(rt: Runtime, asset: Asset) -> dict[str, Any]:
    """The runs that made and took an asset, in the contract's words (section 8)."""
    made = rt.store.assets.runs(asset.id, "output")
    used = rt.store.assets.runs(asset.id, "input")[:_MOST_RUNS]
    actions = rt.store.actions
    return {
        "created_by": action_row_view(actions.get(made[0][0])) if made else None,
        "as_input": [action_row_view(actions.get(action_id)) for action_id, _ in used],
    }


def _preview(rt: Runtime, asset: Asset) -> dict[str, Any] | None:
    if asset.asset_type is AssetType.DATASET:
        return {"kind": "rows", "rows": list(asset_rows(rt, asset, limit=ROWS))}
    with open_asset(rt, asset) as file:
        if "archive" in asset.facts:
            return {"kind": "archive", "entries": _entries(file)}
        if "width" in asset.facts:
            facts = asset.facts
            return {"kind": "picture", "width": facts["width"], "height": facts["height"]}
        head = file.read(_HEAD)
    if not head or not is_text(head, is_cut=asset.size > len(head)):
        return None
    lines = head.decode("utf-8", "ignore").splitlines()[:_LINES]
    return {"kind": "text", "text": "\n".join(lines)}


def _entries(file: BinaryIO) -> list[dict[str, Any]]:
    # Bytes that were changed since they were kept can hold anything.
    with contextlib.suppress(ValueError):
        found = itertools.islice(entries(file), _ENTRIES)
        return [{"name": each.name, "size": each.size} for each in found]
    return []
