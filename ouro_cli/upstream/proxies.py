"""The proxy that the environment names for an address: used, shown, and never before our own."""

import ipaddress
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass


def proxy_for(url: str) -> str | None:
    """The address of the proxy to go through, its password included; None where there is none.

    Nothing on this machine or in a private network is ever reached through one.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return None
    proxies = getproxies()
    proxy = proxies.get(parts.scheme.lower()) or proxies.get("all")
    if not proxy or is_inward(host) or proxy_bypass(host):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def shown(proxy: str) -> str:
    """A proxy as it may be told: host and port, without name and password."""
    try:
        parts = urlsplit(proxy)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return "an address that cannot be read"
    return f"{parts.hostname}:{port}" if port else str(parts.hostname)


def named() -> dict[str, str]:
    """The proxies that the environment names, as they may be told, by the scheme they are for."""
    return {
        scheme: shown(proxy if "://" in proxy else f"http://{proxy}")
        for scheme, proxy in getproxies().items()
        if scheme in ("http", "https", "all") and proxy
    }


def is_inward(host: str) -> bool:
    """Whether a host is this machine, or in a private network, by its name or address alone."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
