"""The address under which services are to reach us: whether it can be, and what is odd about it."""

import ipaddress
from urllib.parse import urlsplit

_LONGEST = 500


def fault_in(url: str) -> str:
    """Why no service can call back at this address; empty where one can."""
    if len(url) > _LONGEST:
        return f"it is longer than {_LONGEST} characters"
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return "it holds characters that no address does"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "its host or port is none"
    if parts.scheme not in ("http", "https"):
        return "it has to begin with http:// or https://"
    if "@" in parts.netloc:
        return "it holds a name or a password, and everybody whom we call would learn it"
    if not parts.hostname or port == 0:
        return "its host or port is none"
    if parts.query or parts.fragment or "?" in url or "#" in url:
        return "paths are put behind it, so it can have no ? and no #"
    return _fault_in_host(parts.hostname)


def notes_on(url: str) -> list[str]:
    """What a person should know of an address that can be called."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    notes = []
    address = _address(host)
    if host == "localhost" or host.endswith(".localhost") or (address and address.is_loopback):
        notes.append(f"{host} is this machine: services elsewhere cannot reach it")
    elif address is not None and not address.is_global:
        notes.append(f"{host} is an address of a private network: services outside cannot reach it")
    elif parts.scheme == "http":
        notes.append("without https, whoever is on the way can read results, and forge them")
    return notes


def _fault_in_host(host: str) -> str:
    address = _address(host)
    if address is None:
        labels = host.rstrip(".").split(".")
        is_name = all(
            each and len(each) <= 63 and each.replace("-", "").replace("_", "").isalnum()
            for each in labels
        )
        # What ends in a number is meant as an IPv4 address, and every reader takes another.
        is_number = labels[-1].isdigit() or labels[-1].startswith("0x")
        return "" if is_name and not is_number else f"{host} is no host"
    if address.is_loopback:
        return ""
    inner = getattr(address, "ipv4_mapped", None) or address
    if inner.is_unspecified or inner.is_multicast or inner.is_link_local or inner.is_reserved:
        return f"{host} is no address at which anybody can be reached"
    return ""


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
