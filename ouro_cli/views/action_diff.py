"""Two actions beside each other, as a JSON-ready dict."""

from typing import TYPE_CHECKING, Any

from ouro_cli.model.text_diff import line_diff
from ouro_cli.views.words import moment_text

if TYPE_CHECKING:
    from ouro_cli.model.action import Action
    from ouro_cli.model.action_diff import ActionDiff, OutputDiff, RowsDiff
    from ouro_cli.model.asset import Asset
    from ouro_cli.model.json_change import JsonChange


def action_diff_view(diff: "ActionDiff") -> dict[str, Any]:
    """What is otherwise in `after` than in `before`; a part that was not looked at is null."""
    return {
        "before": _action(diff.before),
        "after": _action(diff.after),
        "is_equal": diff.is_equal,
        "notes": list(diff.notes),
        "request": None if diff.request is None else [_change(each) for each in diff.request],
        "response": None if diff.response is None else [_change(each) for each in diff.response],
        "outputs": None if diff.outputs is None else [_output(each) for each in diff.outputs],
        "timing": diff.timing
        and {name: {"before": old, "after": new} for name, (old, new) in diff.timing.items()},
    }


def _action(action: "Action") -> dict[str, Any]:
    return {
        "id": action.id,
        "route": action.route.reference,
        "status": action.status.value,
        "created_at": moment_text(action.created_at),
    }


def _change(change: "JsonChange") -> dict[str, Any]:
    old, new = change.before, change.after
    lines = None
    if isinstance(old, str) and isinstance(new, str) and ("\n" in old or "\n" in new):
        lines = line_diff(old, new)
    return {
        "path": change.path,
        "change": change.kind.value,
        "before": old,
        "after": new,
        "lines": None if lines is None else list(lines),
    }


def _output(output: "OutputDiff") -> dict[str, Any]:
    return {
        "name": output.name,
        "change": None if output.kind is None else output.kind.value,
        "before": _asset(output.before),
        "after": _asset(output.after),
        "rows": None if output.rows is None else _rows(output.rows),
        "lines": None if output.lines is None else list(output.lines),
    }


def _asset(asset: "Asset | None") -> dict[str, Any] | None:
    if asset is None:
        return None
    return {
        "id": asset.id,
        "asset_type": asset.asset_type.value,
        "name": asset.name,
        "size": asset.size,
        "sha256": asset.sha256,
    }


def _rows(rows: "RowsDiff") -> dict[str, Any]:
    return {
        "key": rows.key,
        "before": rows.before,
        "after": rows.after,
        "columns_added": list(rows.columns_added),
        "columns_removed": list(rows.columns_removed),
        "added": rows.added,
        "removed": rows.removed,
        "changed": rows.changed,
        "rows": [
            {
                "change": each.kind.value,
                "before": each.before,
                "after": each.after,
                "times": each.times,
            }
            for each in rows.rows
        ],
    }
