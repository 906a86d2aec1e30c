"""The address at which a service fetches an input: its token is all the proof that it needs."""

from starlette.responses import FileResponse

from ouro_cli.errors import LinkUnknown
from ouro_cli.model.asset import Asset, AssetType
from ouro_cli.runtime import Runtime
from ouro_cli.web.answers import Receive, Scope, Send, refuse
from ouro_cli.wire.webhook import token_hash

# Everything else could do something in a browser that opens it.
_SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "text/plain", "text/csv"})


class Assets:
    """`GET` and `HEAD /assets/{token}/{filename}`, whole or in ranges; the name says nothing."""

    def __init__(self, rt: Runtime) -> None:
        self._rt = rt

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """Answer if this is such an address; False where it is not."""
        _, _, rest = scope["path"].partition("/assets/")
        token, slash, _ = rest.partition("/")
        is_ours = scope["path"].startswith("/assets/") and slash
        if not is_ours or scope["method"] not in ("GET", "HEAD"):
            return False
        try:
            response = self._response(token)
        except Exception as fault:
            await refuse(send, fault)
            return True
        await response(scope, receive, send)
        return True

    def _response(self, token: str) -> FileResponse:
        asset = self._find(token)
        kind = asset.media_type if asset.media_type in _SHOWN else "application/octet-stream"
        return FileResponse(
            self._rt.store.files.path_of(asset.sha256),
            media_type=kind,
            filename=asset.filename or asset.name,
            content_disposition_type="attachment",
        )

    def _find(self, token: str) -> Asset:
        """The file behind a token; one that never was and one that expired look alike."""
        store = self._rt.store
        asset_id = store.links.find(token_hash(token), self._rt.now())
        asset = store.assets.find(asset_id) if asset_id is not None else None
        if asset is None or asset.removed_at is not None or asset.asset_type is not AssetType.FILE:
            raise LinkUnknown
        if store.files.problem(asset.sha256, asset.size):
            raise LinkUnknown
        return asset
