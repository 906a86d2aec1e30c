"""Nouns as JSON-ready dicts: the one public shape, for `--json` and every other door."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ouro_cli.model.declaration import legacy_columns
from ouro_cli.model.identity import NOBODY, derived_id

if TYPE_CHECKING:
    # A view reads what it is given; to show an action, no other noun need be loaded.
    from collections.abc import Sequence

    from ouro_cli.model.action import Action, Body, Event, Receipt
    from ouro_cli.model.asset import Asset, AssetLink, Property
    from ouro_cli.model.attempt import Attempt
    from ouro_cli.model.compatibility import FoundRoute
    from ouro_cli.model.difference import Difference
    from ouro_cli.model.route import Route
    from ouro_cli.model.service import Finding, Service
    from ouro_cli.model.timings import Timings
    from ouro_cli.model.trace import Trace, TracedAsset
    from ouro_cli.model.upkeep import BackedUp, Exported, Imported, Pruned, Restored


_HEAD = 1_000
"""How many characters of a response that is too large for one value are shown."""


def service_view(service: "Service", routes: int | None = None) -> dict[str, Any]:
    """A service as the contract's asset (sections 2.1 and 9.3), with its name for the terminal."""
    view: dict[str, Any] = {
        **_asset("service", service.id, service.user_id),
        "name": service.name,
        "title": service.title,
        "description": {"text": service.description, "json": None},
        "visibility": "public",
        "created_at": _time(service.created_at),
        "last_updated": _time(service.updated_at),
        "metadata": {
            "base_url": service.base_url,
            "authentication": service.authentication.value,
            "version": service.version,
            "openapi": service.openapi,
            _source_key(service.source): service.source,
        },
        "servers": list(service.servers),
        "webhooks": list(service.webhooks),
        "warnings": [finding_view(each) for each in service.warnings],
    }
    if routes is not None:
        view["route_count"] = routes
    return view


def route_view(
    route: "Route", service: "Service", timings: "Timings | None" = None
) -> dict[str, Any]:
    """A route as the contract's asset with its nested `route` object (sections 1, 2.3 and 9.2)."""
    operation = route.operation
    return {
        **_asset("route", route.id, route.user_id),
        "name": route.name,
        "reference": route.reference,
        "slug": f"/routes/{route.creator}/{route.slug}",
        "name_url_slug": route.slug,
        "description": {"text": operation.description or operation.summary, "json": None},
        **_price_columns(operation.pricing),
        "parent_id": route.service_id,
        "created_at": _time(route.created_at),
        "last_updated": _time(route.updated_at),
        "archived_at": _time(route.archived_at),
        "service": service.name,
        "route": {
            "method": operation.method,
            "path": operation.path,
            "summary": operation.summary,
            "description": operation.description,
            "operation_id": operation.operation_id,
            "parameters": list(operation.parameters) or None,
            "request_body": operation.request_body,
            "responses": operation.responses,
            "security": None,
            "execution_mode": operation.execution_mode,
            "servers": list(operation.servers),
            "callbacks": list(operation.callbacks),
            "poll": operation.poll,
            "deprecated": operation.deprecated,
            "idempotent": operation.is_repeatable,
            "input_assets": operation.input_assets,
            "output_assets": operation.output_assets,
            **legacy_columns(operation.input_assets, operation.output_assets),
            "properties": list(operation.fills_properties) or None,
            "response_charts": list(operation.response_charts) or None,
        },
        "edits": sorted(route.edits),
        "is_by_hand": route.is_by_hand,
        "metrics": None if timings is None else timings.as_metrics(),
    }


def route_row_view(row: Any) -> dict[str, Any]:
    """A route as one line of a list."""
    return {
        "id": row["id"],
        "reference": f"{row['creator']}/{row['slug']}",
        "name": row["name"],
        "method": row["method"],
        "path": row["path"],
        "service": row["service"],
    }


def difference_view(difference: "Difference") -> dict[str, Any]:
    """Something that a document says otherwise than it did."""
    return {
        "where": difference.where,
        "field": difference.field,
        "before": difference.before,
        "after": difference.after,
        "is_breaking": difference.is_breaking,
        "message": str(difference),
    }


def asset_view(asset: "Asset") -> dict[str, Any]:
    """An asset as the contract's object (sections 9.3 to 9.6), with where it came from."""
    return {
        **asset_reference_view(asset),
        "source": "api",
        "state": "success",
        "license_id": asset.license,
        "last_updated": _time(asset.last_updated),
        "removed_at": _time(asset.removed_at),
        "metadata": _asset_metadata(asset),
        "action_id": asset.lineage.action_id,
        "lineage_role": asset.lineage.role.value,
        "source_id": asset.lineage.source_id,
        "family_id": asset.lineage.family_id,
    }


def asset_reference_view(asset: "Asset") -> dict[str, Any]:
    """An asset in short, as an action refers to it: the contract's AssetRef (section 8)."""
    return {
        "id": asset.id,
        "asset_type": asset.asset_type.value,
        "name": asset.name,
        "name_url_slug": asset.slug,
        "slug": f"/{asset.asset_type.value}s/{asset.creator}/{asset.slug}",
        "description": {"text": asset.description, "json": None},
        "user_id": asset.user_id,
        "org_id": NOBODY,
        "team_id": NOBODY,
        "visibility": asset.visibility,
        "created_at": _time(asset.created_at),
    }


def _asset_metadata(asset: "Asset") -> dict[str, Any]:
    kept = {"size": asset.size, "sha256": asset.sha256}
    match asset.asset_type.value:
        case "file":
            bucket = "public-files" if asset.visibility == "public" else "files"
            stored = f"{asset.id}.{asset.extension}" if asset.extension else asset.id
            return {
                **kept,
                "id": asset.id,
                "name": asset.filename,
                "filename": asset.filename,
                "bucket": bucket,
                "path": f"{asset.user_id}/{stored}",
                "type": asset.media_type,
                "mimeType": asset.media_type,
                "extension": asset.extension,
                **asset.facts,
            }
        case "dataset":
            return {**kept, "schema": "datasets", "table_name": _table_name(asset), **asset.facts}
        case _:
            return kept


def _table_name(asset: "Asset") -> str:
    return asset.slug.replace("-", "_") or "dataset"


def _link_view(link: "AssetLink") -> dict[str, Any]:
    return {
        "name": link.name,
        "asset_id": link.asset.id,
        "asset_type": link.asset.asset_type.value,
        "is_primary": link.is_primary,
        "asset": asset_reference_view(link.asset),
    }


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
                        "removed_at": _time(each.asset.removed_at),
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
        "created_at": _time(action.created_at),
        "finished_at": _time(action.finished_at),
    }


def found_route_view(found: "FoundRoute") -> dict[str, Any]:
    """A route that takes an asset, as one line of a list, with how much it is used."""
    operation = found.route.operation
    return {
        "id": found.route.id,
        "reference": found.route.reference,
        "name": found.route.name,
        "method": operation.method,
        "path": operation.path,
        "service": found.service,
        "inputs": list(found.inputs),
        "output_assets": operation.output_assets,
        "pricing": operation.pricing,
        "total_uses": found.total_uses,
        "last_used_at": _time(found.last_used_at),
    }


def property_view(found: "Property") -> dict[str, Any]:
    """What a run found out about an asset (contract section 3.8)."""
    return {
        "id": found.id,
        "asset_id": found.asset_id,
        "action_id": found.action_id,
        "property": found.property,
        "value": found.value,
        "unit": found.unit,
        "uncertainty": found.uncertainty,
        "method": found.method or None,
        "conditions": found.conditions,
        "created_at": _time(found.created_at),
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
        "callback_url": action.callback_url,
        "rerun_of": action.rerun_of,
        "next_attempt_at": None if action.is_final else _time(action.next_attempt_at),
        "pinned_at": _time(action.pinned_at),
        "imported_at": _time(action.imported_at),
        "poll": _poll_view(action),
    }


def _poll_view(action: "Action") -> dict[str, Any] | None:
    """How an action's result is asked for, or was; the address without its query."""
    poll = action.poll
    if poll is None:
        return None
    return {
        "url": poll.plan.shown,
        "found_in": poll.plan.found_in,
        "next_at": None if action.is_final else _time(poll.next_at),
        "polls": poll.polls,
        "status": poll.word or None,
    }


def action_row_view(action: "Action") -> dict[str, Any]:
    """An action as one entry of a list: with the request's body, without the response."""
    return {**_action_facts(action), "request": action.request.get("body")}


def log_view(event: "Event", action: "Action") -> dict[str, Any]:
    """A line that a service wrote, as the contract's ActionLog (section 8)."""
    return {
        "id": derived_id(f"{event.action_id}/{event.seq}"),
        "action_id": event.action_id,
        "user_id": action.user_id,
        "asset_id": action.route.id,
        "event_type": event.kind,
        "level": event.level,
        "message": event.message,
        "origin": "app" if event.kind == "log" else "ouro",
        "created_at": _time(event.at),
    }


def attempt_view(attempt: "Attempt") -> dict[str, Any]:
    """One time that an action's request went out, and what became of it."""
    return {
        "number": attempt.number,
        "started_at": _time(attempt.started_at),
        "ended_at": _time(attempt.ended_at),
        "outcome": None if attempt.outcome is None else attempt.outcome.value,
        "status_code": attempt.status_code,
        "message": attempt.message,
        "facts": attempt.facts,
    }


def receipt_view(receipt: "Receipt") -> dict[str, Any]:
    """A result that arrived, and what became of it."""
    return {
        "id": receipt.id,
        "received_at": _time(receipt.received_at),
        "source": receipt.source.value,
        "verdict": receipt.verdict,
        "status": receipt.status,
        "accepted_at": _time(receipt.accepted_at),
        "body": receipt.body.value,
    }


def backup_view(done: "BackedUp") -> dict[str, Any]:
    """A backup that was written."""
    return {
        "path": str(done.path.absolute()),
        "size": done.size,
        "files": done.files,
        "counts": done.counts,
        "missing": list(done.missing),
    }


def restored_view(done: "Restored") -> dict[str, Any]:
    """A registry that was put in the place of another."""
    return {
        "counts": done.counts,
        "registry_version": done.version,
        "kept_aside": None if done.aside is None else str(done.aside),
        "missing": list(done.missing),
    }


def exported_view(done: "Exported") -> dict[str, Any]:
    """Actions that were handed on."""
    return {
        "path": str(done.path.absolute()),
        "size": done.size,
        "actions": list(done.action_ids),
        "files": done.files,
        "missing": list(done.missing),
    }


def imported_view(done: "Imported") -> dict[str, Any]:
    """Actions that were taken in."""
    return {
        "new": list(done.new),
        "went_on": list(done.went_on),
        "unchanged": list(done.unchanged),
    }


def pruned_view(done: "Pruned") -> dict[str, Any]:
    """What a pruning removed, or would remove."""
    return {
        "actions": list(done.action_ids),
        "assets": done.assets,
        "files": done.files,
        "file_bytes": done.file_bytes,
        "row_bytes": done.row_bytes,
        "is_done": done.is_done,
        "copies": [str(each) for each in done.copies],
    }


def finding_view(finding: "Finding") -> dict[str, str]:
    """Something in a document that could not be read."""
    return {"pointer": finding.pointer, "message": finding.message}


def duration_text(action: "Action") -> str:
    """How long an action took, `12s` or `3m05s` (contract section 11); empty while it runs."""
    if action.finished_at is None:
        return ""
    return seconds_text(
        (action.finished_at - (action.started_at or action.created_at)).total_seconds()
    )


def seconds_text(seconds: float) -> str:
    """Seconds as people write them: `0.4s`, `12s`, `3m05s`, `2h03m`."""
    if 0 <= seconds < 9.95:
        return f"{seconds:.1f}s"
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}s"
    return f"{whole // 3600}h{whole % 3600 // 60:02}m"


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
        "created_at": _time(action.created_at),
        "started_at": _time(action.started_at),
        "ack_at": _time(action.ack_at),
        "finished_at": _time(action.finished_at),
        "last_updated": _time(action.last_updated),
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


def _asset(kind: str, asset_id: str, user_id: str) -> dict[str, Any]:
    return {
        "id": asset_id,
        "asset_type": kind,
        "user_id": user_id,
        "org_id": NOBODY,
        "team_id": NOBODY,
        "source": "api",
        "state": "success",
    }


def _source_key(source: str) -> str:
    return "spec_url" if source.startswith(("http://", "https://")) else "spec_path"


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat(timespec="microseconds")


def _price_columns(pricing: dict[str, Any] | None) -> dict[str, Any]:
    """A route's price as the columns of its asset (contract section 3.7), from its declaration."""
    columns: dict[str, Any] = {
        "visibility": "inherit",
        "pricing": pricing,
        "monetization": "none",
        "cost_accounting": None,
        "cost_unit": None,
        "unit_cost": None,
        "price_currency": None,
        "unit_cost_usd": None,
        "unit_cost_sats": None,
        "max_billable_seconds": None,
    }
    if pricing is None or pricing["model"] == "free":
        return columns
    per_call = pricing["model"] == "per_call"
    unit = "unit_cost_usd" if pricing["currency"] == "usd" else "unit_cost_sats"
    sold: dict[str, Any] = {
        "visibility": "monetized",
        "monetization": "pay-per-use",
        "cost_accounting": "fixed" if per_call else "runtime",
        "cost_unit": "call" if per_call else "seconds",
        "unit_cost": pricing["unit_cost"],
        "price_currency": pricing["currency"],
        unit: pricing["unit_cost"],
        **{key: pricing[key] for key in ("unit_cost_usd", "unit_cost_sats") if key in pricing},
        "max_billable_seconds": pricing.get("max_billable_seconds"),
    }
    return columns | sold
