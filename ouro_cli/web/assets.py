"""The address at which a service fetches an input: its token is all the proof that it needs."""

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from ouro_cli.errors import LinkUnknown
from ouro_cli.model.asset import Asset, AssetType
from ouro_cli.runtime import Runtime
from ouro_cli.wire.webhook import token_hash

# Everything else could do something in a browser that opens it.
_SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "text/plain", "text/csv"})
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}


def routes(rt: Runtime) -> list[Route]:
    """`GET` and `HEAD /assets/{token}/{filename}`, whole or in ranges; the name says nothing."""

    def fetch(request: Request) -> Response:
        asset = _find(rt, request.path_params["token"])
        kind = asset.media_type if asset.media_type in _SHOWN else "application/octet-stream"
        return FileResponse(
            rt.store.files.path_of(asset.sha256),
            media_type=kind,
            filename=asset.filename or asset.name,
            content_disposition_type="attachment",
            headers=_HEADERS,
        )

    return [Route("/assets/{token}/{filename:path}", fetch, methods=["GET"])]


def _find(rt: Runtime, token: str) -> Asset:
    """The file behind a token; one that never was, one that expired and lost bytes look alike."""
    asset_id = rt.store.links.find(token_hash(token), rt.now())
    asset = rt.store.assets.find(asset_id) if asset_id is not None else None
    if asset is None or asset.removed_at is not None or asset.asset_type is not AssetType.FILE:
        raise LinkUnknown
    if rt.store.files.problem(asset.sha256, asset.size):
        raise LinkUnknown
    return asset
