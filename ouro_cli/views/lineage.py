"""Where an asset came from and what was made of it, as one JSON-ready tree."""

from typing import TYPE_CHECKING, Any

from ouro_cli.views.asset import asset_reference_view, asset_view
from ouro_cli.views.words import moment_text

if TYPE_CHECKING:
    # A view reads what it is given; to show an action, no other noun need be loaded.
    from ouro_cli.model.action import Action
    from ouro_cli.model.trace import Trace, TracedAsset


def lineage_view(trace: "Trace") -> dict[str, Any]:
    """An asset's lineage: the contract's object, with `came_from` and `made` as trees of runs.

    A run without an `action` says that an asset belongs to another with no run between them.
    """
    lineage = trace.asset.lineage
    return {
        "asset": {
            **asset_reference_view(trace.asset),
            "lineage_role": lineage.role.value,
            "source_id": lineage.source_id,
            "family_id": lineage.family_id,
            "action_id": lineage.action_id,
        },
        "sources": [asset_view(each) for each in trace.sources],
        "derived": [asset_view(each) for each in trace.derived],
        "truncated": trace.is_truncated,
        "came_from": _runs_view(trace.up),
        "made": _runs_view(trace.down),
    }


def _runs_view(traced: "TracedAsset") -> dict[str, Any]:
    return {
        "runs": [
            {
                "action": None if run.action is None else _brief_action(run.action),
                "assets": [
                    {
                        "name": each.name or None,
                        "asset": asset_reference_view(each.asset),
                        "removed_at": moment_text(each.asset.removed_at),
                        "is_told_above": each.is_told_above,
                        **_runs_view(each),
                    }
                    for each in run.assets
                ],
                "more": run.more,
            }
            for run in traced.runs
        ],
        "more": traced.more,
        "is_cut": traced.is_cut,
    }


def _brief_action(action: "Action") -> dict[str, Any]:
    return {
        "id": action.id,
        "status": action.status.value,
        "route": action.route.reference,
        "created_at": moment_text(action.created_at),
        "finished_at": moment_text(action.finished_at),
    }
