"""Whether a response is a file by itself, and what it is called (contract section 5.3)."""

from ouro_cli.model.action import Body
from ouro_cli.model.asset import Asset
from ouro_cli.model.declaration import Declaration
from ouro_cli.model.filename import harmless_name
from ouro_cli.wire.disposition import filename_in, is_attachment
from ouro_cli.wire.media import is_json
from ouro_cli.wire.outputs import Payload, Raw, extension_of

NAME = "file"
"""Under which name a file is kept that no declaration speaks of."""

_FAMILIES = ("image/", "audio/", "video/", "model/", "font/")
_KINDS = frozenset(
    {
        *("application/octet-stream", "application/pdf", "application/zip", "application/gzip"),
        *("application/x-zip-compressed", "application/x-gzip", "application/x-tar"),
        *("application/x-7z-compressed", "application/vnd.apache.parquet"),
        *("application/x-hdf5", "application/vnd.sqlite3"),
    }
)
_OFFICE = "application/vnd.openxmlformats-officedocument."


def file_payload(
    body: Body, disposition: str, declarations: dict[str, Declaration], route_slug: str
) -> Payload | None:
    """The file that a response is, as an output; None where it is something to be read.

    It has the name of the one file that the route declares, else `NAME`. JSON of a route that
    declares outputs holds them, whatever its Content-Disposition says.
    """
    kind = body.media_type.partition(";")[0].strip().lower()
    is_file = kind in _KINDS or kind.startswith((*_FAMILIES, _OFFICE)) or is_attachment(disposition)
    if not body.data or not is_file or (declarations and kind and is_json(kind)):
        return None
    files = [name for name, each in declarations.items() if each["asset_type"] == "file"]
    name = files[0] if len(files) == 1 else NAME
    given = filename_in(disposition)
    filename = harmless_name(given) if given else f"{route_slug}.{extension_of(kind)}"
    return Payload(
        name=name,
        declaration=declarations.get(name, {"asset_type": "file"}),
        content=Raw(body.data, body.beside if body.is_head else None),
        title=filename,
        filename=filename,
        media_type="" if kind == "application/octet-stream" else kind,
    )


def reference_to(asset: Asset) -> dict[str, object]:
    """What stands in the response instead of the file's bytes."""
    return {
        "id": asset.id,
        "asset_type": asset.asset_type.value,
        "name": asset.name,
        "filename": asset.filename,
        "type": asset.media_type,
        "extension": asset.extension,
        "size": asset.size,
    }
