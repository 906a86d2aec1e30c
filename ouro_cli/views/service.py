"""A service as JSON-ready dicts, and what was found in its document."""

from typing import TYPE_CHECKING, Any

from ouro_cli.views.words import asset_facts, moment_text

if TYPE_CHECKING:
    # A view reads what it is given; to show an action, no other noun need be loaded.
    from ouro_cli.model.service import Finding, Service


def service_view(service: "Service", routes: int | None = None) -> dict[str, Any]:
    """A service as the contract's asset (sections 2.1 and 9.3), with its name for the terminal."""
    view: dict[str, Any] = {
        **asset_facts("service", service.id, service.user_id),
        "name": service.name,
        "title": service.title,
        "description": {"text": service.description, "json": None},
        "visibility": "public",
        "created_at": moment_text(service.created_at),
        "last_updated": moment_text(service.updated_at),
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


def finding_view(finding: "Finding") -> dict[str, str]:
    """Something in a document that could not be read."""
    return {"pointer": finding.pointer, "message": finding.message}


def _source_key(source: str) -> str:
    return "spec_url" if source.startswith(("http://", "https://")) else "spec_path"
