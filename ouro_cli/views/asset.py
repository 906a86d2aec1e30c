"""An asset as JSON-ready dicts, and what was found out about it."""

from typing import TYPE_CHECKING, Any

from ouro_cli.model.identity import NOBODY
from ouro_cli.views.words import moment_text

if TYPE_CHECKING:
    # A view reads what it is given; to show an action, no other noun need be loaded.
    from ouro_cli.model.asset import Asset, Property


def asset_view(asset: "Asset") -> dict[str, Any]:
    """An asset as the contract's object (sections 9.3 to 9.6), with where it came from."""
    return {
        **asset_reference_view(asset),
        "source": "api",
        "state": "success",
        "license_id": asset.license,
        "last_updated": moment_text(asset.last_updated),
        "removed_at": moment_text(asset.removed_at),
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
        "created_at": moment_text(asset.created_at),
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
        "created_at": moment_text(found.created_at),
    }
