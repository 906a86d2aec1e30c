"""An asset as a service finds it in a request's body (contract section 4.3)."""

from collections.abc import Iterable
from pathlib import PurePath
from typing import Any

from ouro_cli.model.asset import Asset
from ouro_cli.model.identity import NOBODY
from ouro_cli.views.asset import asset_view
from ouro_cli.wire.tiptap import tiptap_of


def file_object(asset: Asset, url: str) -> dict[str, Any]:
    """A file: what is known of it, and where its bytes can be fetched without credentials."""
    filename = asset.filename or asset.name
    if asset.extension and not PurePath(filename).suffix:
        # Services look for the extension in the file's name.
        filename = f"{filename}.{asset.extension}"
    return {
        **_common(asset),
        "url": url,
        "filename": filename,
        "type": asset.media_type,
        "extension": asset.extension,
        "size": asset.size,
    }


def dataset_object(asset: Asset, rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """A dataset: its rows as a list of flat objects."""
    return {**_common(asset), "data": list(rows)}


def post_object(asset: Asset, markdown: str) -> dict[str, Any]:
    """A post: its Markdown, and the same as a TipTap document."""
    return {**_common(asset), "content": {"text": markdown, "json": tiptap_of(markdown)}}


def _common(asset: Asset) -> dict[str, Any]:
    return {
        "id": asset.id,
        "asset_type": asset.asset_type.value,
        "name": asset.name,
        # Services declare it as text: an object would be refused.
        "description": asset.description or None,
        "org_id": NOBODY,
        "team_id": NOBODY,
        "visibility": asset.visibility,
        "metadata": asset_view(asset)["metadata"],
    }
