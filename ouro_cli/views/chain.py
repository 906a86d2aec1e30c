"""A chain as a JSON-ready dict: what was run, step by step, and what came of it."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from ouro_cli.views.words import moment_text, seconds_text

if TYPE_CHECKING:
    from ouro_cli.model.chain_run import ChainRun, StepRun


def chain_view(chain: "ChainRun") -> dict[str, Any]:
    """A chain, whole: each visit of a step in the order in which they were begun."""
    return {
        "id": chain.id,
        "status": chain.status.value,
        "workflow": chain.workflow,
        "source": chain.source or None,
        "inputs": dict(chain.inputs),
        "outputs": None if chain.outputs is None else dict(chain.outputs),
        "error": None if chain.error is None else dict(chain.error),
        "steps": [visit_view(each) for each in chain.steps],
        "edits": list(chain.edits),
        "created_at": moment_text(chain.created_at),
        "finished_at": moment_text(chain.finished_at),
        "duration": _took(chain.created_at, chain.finished_at),
    }


def visit_view(visit: "StepRun") -> dict[str, Any]:
    """One visit of a step."""
    return {
        "step": visit.step,
        "visit": visit.visit,
        "status": visit.status.value,
        "reached_by": visit.reached_by.value,
        "action_id": visit.action_id,
        "chain_id": visit.child_id,
        "outputs": None if visit.outputs is None else dict(visit.outputs),
        "message": visit.message,
        "started_at": moment_text(visit.started_at),
        "finished_at": moment_text(visit.finished_at),
        "duration": _took(visit.started_at, visit.finished_at),
    }


def _took(began: datetime | None, ended: datetime | None) -> str:
    if began is None or ended is None:
        return ""
    return seconds_text((ended - began).total_seconds())
