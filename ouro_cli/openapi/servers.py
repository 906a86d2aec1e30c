"""Where a document says that its API lies, and how it says that callers prove who they are."""

import ipaddress
import re
import unicodedata
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin, urlsplit

from ouro_cli.errors import RefusedAsUnsafe
from ouro_cli.openapi import refs

_OWN_NAMES = ("localhost", "ip6-localhost", "ip6-loopback")
_OWN_DOMAINS = (".localhost", ".local", ".internal", ".lan", ".home.arpa")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")


def read_servers(
    stated: Any, where: str, warn: Callable[[str, str], None]
) -> tuple[dict[str, Any], ...]:
    """The servers of a list, as OpenAPI writes them; what nobody can call over HTTP is left out."""
    if not isinstance(stated, list):
        warn(where, "is no list of servers; left out")
        return ()
    read = []
    for index, each in enumerate(stated):
        url = each.get("url") if isinstance(each, dict) else None
        if not isinstance(url, str):
            warn(f"{where}/{index}", "is no server; left out")
        elif not _is_address(url):
            warn(f"{where}/{index}", "the server's url is no address; left out")
        elif scheme := _other_scheme(url):
            warn(f"{where}/{index}", f"the server's scheme '{scheme}' is not called; left out")
        else:
            read.append(each)
    return tuple(read)


def without_inward(stated: tuple[dict[str, Any], ...], source: str) -> tuple[dict[str, Any], ...]:
    """The servers without those that `refuse_inward` would refuse."""
    return tuple(
        each for each in stated if not leads_inward(resolved(address_of(each), source), source)
    )


def first_server(document: dict[str, Any]) -> str | None:
    """The first server's address, its variables set to their defaults; None where none is named.

    The first that HTTP can call, unless there is none such.
    """
    servers = document.get("servers")
    stated = [
        each
        for each in (servers if isinstance(servers, list) else ())
        if isinstance(each, dict) and isinstance(each.get("url"), str)
    ]
    if not stated:
        return None
    return address_of(next((each for each in stated if not _other_scheme(each["url"])), stated[0]))


def resolved(address: str, source: str) -> str:
    """An address as it is meant in the document that lies at `source`; unchanged if it is none."""
    try:
        return urljoin(source, address)
    except ValueError:
        return address


def is_relative(address: str) -> bool:
    """Whether an address needs another, that of its document, to mean something."""
    return "://" not in address and not _SCHEME.match(address)


def address_of(server: dict[str, Any]) -> str:
    """A server's address, its variables set to their defaults."""
    address: str = server["url"]
    variables = server.get("variables")
    for name, variable in variables.items() if isinstance(variables, dict) else ():
        if not isinstance(variable, dict):
            continue
        choices = variable.get("enum")
        first = choices[0] if isinstance(choices, list) and choices else None
        default = variable.get("default", first)
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


def _is_address(url: str) -> bool:
    try:
        _ = urlsplit(url).hostname
    except ValueError:
        return False
    return True


def _other_scheme(url: str) -> str:
    """The scheme of an address that names one, and another than http and https."""
    match = _SCHEME.match(url)
    scheme = match.group(1).lower() if match else ""
    return "" if scheme in ("http", "https") else scheme


def refuse_inward(address: str, source: str) -> None:
    """Refuse an address on this machine or its network that only a document from elsewhere names.

    Where the document itself lies there, the user has typed such an address already.
    """
    if leads_inward(address, source):
        host = urlsplit(address).hostname
        raise RefusedAsUnsafe(
            why=f"a document from elsewhere sends the calls to {host}",
            hint="If that is meant, say so: --base-url " + address,
        )


def leads_inward(address: str, source: str) -> bool:
    """Whether an address is on this machine or its network, and the document naming it is not."""
    return is_inward(address) and not is_inward(source)


def is_inward(address: str) -> bool:
    """Whether an address is one of this machine or its network, by what it says."""
    try:
        stated = urlsplit(address).hostname or ""
    except ValueError:
        return False
    # Wide digits and dots are narrow ones to whatever looks the name up.
    host = unicodedata.normalize("NFKC", stated).replace("\u3002", ".").rstrip(".").lower()
    if host in _OWN_NAMES or host.endswith(_OWN_DOMAINS):
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
