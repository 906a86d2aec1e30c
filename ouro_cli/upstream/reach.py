"""Which addresses a result may be fetched from: nothing inward, unless the service is there too."""

import ipaddress
import socket
from urllib.parse import urlsplit

from ouro_cli.errors import FetchFailed
from ouro_cli.upstream.proxies import proxy_for

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def reachable_ip(url: str, service_url: str) -> str:
    """The IP address to connect to for a URL that a service named.

    The name is resolved here, once, and what was found is what is connected to. A service on this
    machine may name what is on this machine or its network, one on a network what is on it; one
    elsewhere neither. Raises FetchFailed for what may not be reached, or has no address.
    """
    host, port = _place(url)
    if proxy_for(url) is not None:
        return host
    service_host, service_port = _place(service_url)
    found = _resolve(url, host, port)
    allowed = {"outside"}
    if any(each.is_private for each in found) or not all(each.is_global for each in found):
        near = _resolve(service_url, service_host, service_port)
        allowed |= _NEIGHBOURS.get(_kind(near[0]), set())
        if host == service_host:
            allowed |= {_kind(each) for each in near}
    for each in found:
        if _kind(each) not in allowed:
            why = f"{host} lies on this machine or its network, and the service does not"
            raise FetchFailed(url=_shown(url), why=why, is_lasting=True)
    return str(found[0])


def addresses_of(host: str) -> str:
    """Where a name leads, in words."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return f"{host} has no address at the moment"
    return f"{host} is {', '.join(dict.fromkeys(str(each[4][0]) for each in found))}"


_NEIGHBOURS = {"this machine": {"this machine", "network"}, "network": {"network"}}


def _kind(address: _Address) -> str:
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None) or address
    if inner.is_loopback:
        return "this machine"
    if inner.is_link_local or inner.is_multicast or inner.is_unspecified or inner.is_reserved:
        # A link's own addresses are where clouds keep their keys.
        return "nowhere"
    return "outside" if inner.is_global else "network"


def _place(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        has_password = parts.username is not None or parts.password is not None
    except ValueError:
        raise FetchFailed(url=_shown(url), why="that is no address", is_lasting=True) from None
    if not parts.hostname or has_password:
        why = "the address holds a password" if has_password else "that is no address"
        raise FetchFailed(url=_shown(url), why=why, is_lasting=True)
    return parts.hostname.rstrip("."), port


def _resolve(url: str, host: str, port: int) -> list[_Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise FetchFailed(url=_shown(url), why=f"{host} has no address") from None
    return [ipaddress.ip_address(str(each[4][0]).partition("%")[0]) for each in found]


def _shown(url: str) -> str:
    """An address without what may be secret in it."""
    return url.partition("?")[0][:200].rpartition("@")[2]
