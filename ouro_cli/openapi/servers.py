"""Where a document says that its API lies, and how it says that callers prove who they are."""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from ouro_cli.errors import RefusedAsUnsafe
from ouro_cli.openapi import refs


def first_server(document: dict[str, Any]) -> str | None:
    """The first server's address, its variables set to their defaults; None where none is named."""
    servers = document.get("servers")
    first = servers[0] if isinstance(servers, list) and servers else None
    if not isinstance(first, dict) or not isinstance(first.get("url"), str):
        return None
    address: str = first["url"]
    variables = first.get("variables")
    if isinstance(variables, dict):
        for name, variable in variables.items():
            default = variable.get("default") if isinstance(variable, dict) else None
            if default is not None:
                address = address.replace("{" + name + "}", str(default))
    return address


def security_schemes(document: dict[str, Any]) -> dict[str, Any]:
    """The document's security schemes, references followed."""
    components = document.get("components")
    schemes = components.get("securitySchemes") if isinstance(components, dict) else None
    if not isinstance(schemes, dict):
        return {}
    read = {}
    for name, scheme in schemes.items():
        try:
            scheme = refs.follow(document, scheme)
        except refs.Unresolvable:
            continue
        if isinstance(scheme, dict):
            read[name] = scheme
    return read


def default_security(document: dict[str, Any]) -> list[dict[str, list[str]]] | None:
    """What operations require that do not say so themselves."""
    security = document.get("security")
    return security if isinstance(security, list) else None


def refuse_inward(address: str, source: str) -> None:
    """Refuse an address on this machine or its network that only a document from elsewhere names.

    Where the document itself lies there, the user has typed such an address already.
    """
    if is_inward(address) and not is_inward(source):
        host = urlsplit(address).hostname
        raise RefusedAsUnsafe(
            why=f"a document from elsewhere sends the calls to {host}",
            hint="If that is meant, say so: --base-url " + address,
        )


def is_inward(address: str) -> bool:
    """Whether an address is one of this machine or its network, by what it says."""
    host = (urlsplit(address).hostname or "").rstrip(".").lower()
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return _is_number(host)
    mapped = getattr(found, "ipv4_mapped", None)
    return not (mapped or found).is_global


def _is_number(host: str) -> bool:
    # 127.1, 2130706433 and 0x7f.1 are addresses to every resolver, and to no reader.
    parts = host.split(".")
    return all(part.isdigit() or part.startswith("0x") for part in parts if part) and bool(host)
