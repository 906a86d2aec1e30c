"""An action as JSON-ready dicts: whole, as a row, and its story line by line."""

from typing import TYPE_CHECKING, Any

from ouro_cli.model.identity import derived_id
from ouro_cli.views.asset import asset_reference_view
from ouro_cli.views.words import moment_text, seconds_text

if TYPE_CHECKING:
    # A view reads what it is given; to show an action, no other noun need be loaded.
    from collections.abc import Sequence

    from ouro_cli.model.action import Action, Body, Event, Receipt
    from ouro_cli.model.asset import AssetLink
    from ouro_cli.model.attempt import Attempt


_HEAD = 1_000
"""How many characters of a response that is too large for one value are shown."""

_PLACE = ("id", "row")


def _link_view(link: "AssetLink") -> dict[str, Any]:
    return {
        "name": link.name,
        "asset_id": link.asset.id,
        "asset_type": link.asset.asset_type.value,
        "is_primary": link.is_primary,
        "asset": asset_reference_view(link.asset),
    }


def action_view(action: "Action") -> dict[str, Any]:
    """An action as the contract's object (section 8), plus `final_data`."""
    body = action.response
    # What is too large for one value is shown as a file, and nothing of it as the answer.
    response = None if body is None or body.is_cut else body.value
    return {
        **_action_facts(action),
        "metadata": action.request,
        "response": response,
        "response_file": _file_view(body),
        "final_data": _final_data(action, response),
        "chain": _chain_view(action),
        "callback_url": action.callback_url,
        "rerun_of": action.rerun_of,
        "batch": None if action.batch is None else dict(zip(_PLACE, action.batch, strict=True)),
        "next_attempt_at": None if action.is_final else moment_text(action.next_attempt_at),
        "pinned_at": moment_text(action.pinned_at),
        "imported_at": moment_text(action.imported_at),
        "poll": _poll_view(action),
    }


def _chain_view(action: "Action") -> dict[str, Any] | None:
    """The chain that an action is a step of."""
    if action.chain is None:
        return None
    chain_id, step = action.chain
    return {"id": chain_id, "step": step}


def _poll_view(action: "Action") -> dict[str, Any] | None:
    """How an action's result is asked for, or was; the address without its query."""
    poll = action.poll
    if poll is None:
        return None
    return {
        "url": poll.plan.shown,
        "found_in": poll.plan.found_in,
        "next_at": None if action.is_final else moment_text(poll.next_at),
        "polls": poll.polls,
        "status": poll.word or None,
    }


def action_row_view(action: "Action") -> dict[str, Any]:
    """An action as one entry of a list: with the request's body, without the response."""
    return {**_action_facts(action), "request": action.request.get("body")}


def log_view(event: "Event", action: "Action") -> dict[str, Any]:
    """A line that a service wrote, as the contract's ActionLog (section 8)."""
    return {
        "id": derived_id(event.action_id, event.seq),
        "action_id": event.action_id,
        "user_id": action.user_id,
        "asset_id": action.route.id,
        "event_type": event.kind,
        "level": event.level,
        "message": event.message,
        "origin": "app" if event.kind == "log" else "ouro",
        "created_at": moment_text(event.at),
    }


def attempt_view(attempt: "Attempt") -> dict[str, Any]:
    """One time that an action's request went out, and what became of it."""
    return {
        "number": attempt.number,
        "started_at": moment_text(attempt.started_at),
        "ended_at": moment_text(attempt.ended_at),
        "outcome": None if attempt.outcome is None else attempt.outcome.value,
        "status_code": attempt.status_code,
        "message": attempt.message,
        "facts": attempt.facts,
    }


def receipt_view(receipt: "Receipt") -> dict[str, Any]:
    """A result that arrived, and what became of it."""
    return {
        "id": receipt.id,
        "received_at": moment_text(receipt.received_at),
        "source": receipt.source.value,
        "verdict": receipt.verdict,
        "status": receipt.status,
        "accepted_at": moment_text(receipt.accepted_at),
        "body": receipt.body.value,
    }


def duration_text(action: "Action") -> str:
    """How long an action took, `12s` or `3m05s` (contract section 11); empty while it runs."""
    if action.finished_at is None:
        return ""
    return seconds_text(
        (action.finished_at - (action.started_at or action.created_at)).total_seconds()
    )


def _action_facts(action: "Action") -> dict[str, Any]:
    return {
        "id": action.id,
        "route_id": action.route.id,
        "user_id": action.user_id,
        "status": action.status.value,
        "side_effects": bool(action.outputs),
        **_primary_asset("input", action.inputs),
        **_primary_asset("output", action.outputs),
        "input_assets": [_link_view(each) for each in action.inputs],
        "output_assets": [_link_view(each) for each in action.outputs],
        "created_at": moment_text(action.created_at),
        "started_at": moment_text(action.started_at),
        "ack_at": moment_text(action.ack_at),
        "finished_at": moment_text(action.finished_at),
        "last_updated": moment_text(action.last_updated),
        "upstream_status_code": action.upstream_status_code,
        "ended_by": None if action.ended_by is None else action.ended_by.value,
        "duration": duration_text(action),
        "route": {
            "id": action.route.id,
            "name": action.route.name,
            "slug": f"/routes/{action.route.reference}",
            "reference": action.route.reference,
            "parent_id": action.route.service_id,
            "service": action.route.service,
        },
        "user": {"user_id": action.user_id, "username": action.user_name},
        "usage_record": None,
        "btc_charges": [],
    }


def _file_view(body: "Body | None") -> dict[str, Any] | None:
    """Where the bytes lie that are too many for a row: the response, or what came of one."""
    if body is None or body.beside is None:
        return None
    return {
        "sha256": body.beside.sha256,
        "size": body.beside.size,
        "path": body.beside.path,
        "type": body.media_type if body.is_head else None,
        "head": body.text[:_HEAD] if body.is_cut else None,
    }


def _primary_asset(side: str, links: "Sequence[AssetLink]") -> dict[str, Any]:
    primary = next((each.asset for each in links if each.is_primary), None)
    if primary is None:
        return {f"{side}_asset_id": None, f"{side}_asset": None}
    return {f"{side}_asset_id": primary.id, f"{side}_asset": asset_reference_view(primary)}


def _final_data(action: "Action", response: Any) -> Any:
    """The response, each output's payload replaced by the asset that was made of it."""
    if action.response is None or response is None:
        return None
    events = action.response.events
    if events is not None:
        response = events
    data = dict(response) if isinstance(response, dict) else {"_raw": response}
    return data | {each.name: asset_reference_view(each.asset) for each in action.outputs}
