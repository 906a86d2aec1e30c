"""A batch as a JSON-ready dict: how far it is, and how its rows ended."""

from typing import TYPE_CHECKING, Any

from ouro_cli.views.words import moment_text

if TYPE_CHECKING:
    from ouro_cli.model.batch import Batch, Counts


def batch_view(batch: "Batch", counts: "Counts") -> dict[str, Any]:
    """A batch; `into` is the dataset of its results, `counts` those of its rows by status."""
    into = None
    if batch.into_name:
        into = {"id": batch.into_id, "name": batch.into_name}
    return {
        "id": batch.id,
        "status": batch.status.value,
        "source": batch.source,
        "route_id": batch.route_id,
        "total": batch.total,
        "started": batch.taken,
        "counts": counts_view(batch, counts),
        "into": into,
        "created_at": moment_text(batch.created_at),
        "finished_at": moment_text(batch.finished_at),
    }


def counts_view(batch: "Batch", counts: "Counts") -> dict[str, int]:
    """How many rows stand how; `outcome_unknown` are some of those in error."""
    return {
        "success": counts.success,
        "error": counts.error + counts.refused,
        "timed-out": counts.timed_out,
        "in-progress": counts.waiting,
        "not-started": max(batch.total - batch.taken, 0),
        "outcome_unknown": counts.unknown,
    }
