"""A route as JSON-ready dicts: whole, as a row, as what an import changed of it."""

from typing import TYPE_CHECKING, Any

from ouro_cli.model.declaration import legacy_columns
from ouro_cli.views.words import asset_facts, moment_text

if TYPE_CHECKING:
    # A view reads what it is given; to show an action, no other noun need be loaded.
    from ouro_cli.model.compatibility import FoundRoute
    from ouro_cli.model.difference import Difference
    from ouro_cli.model.route import Route
    from ouro_cli.model.service import Service
    from ouro_cli.model.timings import Timings


def route_view(
    route: "Route", service: "Service", timings: "Timings | None" = None
) -> dict[str, Any]:
    """A route as the contract's asset with its nested `route` object (sections 1, 2.3 and 9.2)."""
    operation = route.operation
    return {
        **asset_facts("route", route.id, route.user_id),
        "name": route.name,
        "reference": route.reference,
        "slug": f"/routes/{route.creator}/{route.slug}",
        "name_url_slug": route.slug,
        "description": {"text": operation.description or operation.summary, "json": None},
        **_price_columns(operation.pricing),
        "parent_id": route.service_id,
        "created_at": moment_text(route.created_at),
        "last_updated": moment_text(route.updated_at),
        "archived_at": moment_text(route.archived_at),
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
        "last_used_at": moment_text(found.last_used_at),
    }


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
