"""Whether a call may take the way that lies before it: no credential in the clear to a proxy."""

from ouro_cli.errors import RefusedAsUnsafe
from ouro_cli.model.service import Service
from ouro_cli.wire.credentials import Placed
from ouro_cli.wire.manner import Manner


def check_way(service: Service, placed: Placed, manner: Manner) -> None:
    """Raise RefusedAsUnsafe where a proxy could read a credential that the call carries."""
    # Only what reads the environment; nothing of HTTP is loaded.
    from ouro_cli.upstream import proxies  # noqa: PLC0415

    has_secret = placed.headers or placed.query or placed.cookies or placed.digest
    proxy = proxies.proxy_for(service.base_url) if has_secret else None
    if proxy is None or manner.allow_proxy or service.base_url.lower().startswith("https:"):
        return
    raise RefusedAsUnsafe(
        why=f"{service.base_url} is not encrypted, and the proxy {proxies.shown(proxy)} could read"
        " the credential",
        hint="Nothing was sent. Use https, or NO_PROXY; to let it: --allow-proxy",
    )
