"""Which of the servers that a document names a call goes to."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from ouro_cli.errors import RefusedAsUnsafe
from ouro_cli.model.identity import near
from ouro_cli.model.route import Operation
from ouro_cli.model.service import Service
from ouro_cli.openapi.servers import refuse_inward
from ouro_cli.wire.faults import Fault

_VARIABLE = re.compile(r"([^=/:?#\s]+)=(.*)", re.DOTALL)
_TEMPLATE = re.compile(r"\{([^{}]+)\}")
_WHERE = "--server"

Server = dict[str, Any]
"""A server object as OpenAPI writes it."""


@dataclass(frozen=True, slots=True)
class ChosenServer:
    """The address to call; empty where it is the service's own. `faults` say why there is none."""

    url: str = ""
    faults: tuple[Fault, ...] = ()


def choose_server(
    service: Service, operation: Operation, wanted: tuple[str, ...] = ()
) -> ChosenServer:
    """The server that `wanted` names by number, address or a part of its description.

    `name=value` sets one of its variables. Where nothing is wanted, the operation's own first
    server is taken; but a base URL that a person gave the service stands above every document.
    """
    matches = [match for each in wanted if (match := _VARIABLE.fullmatch(each))]
    variables: dict[str, str] = {match[1]: match[2] for match in matches}
    names = [each for each in wanted if not _VARIABLE.fullmatch(each)]
    servers = [*(operation.servers or service.servers)]
    if not wanted and (not operation.servers or _is_given_by_hand(service)):
        return ChosenServer()
    if not servers:
        return _fault("the document names no servers", names)
    if len(names) > 1:
        return _fault(f"names {len(names)} servers; say one", [])
    found = _named(servers, names[0], service) if names else servers[:1]
    if len(found) != 1:
        why = "no server is like that" if not found else f"{len(found)} servers are like that"
        return _fault(f"{why}: {_list_of(found or servers)}", names)
    is_typed = any("://" in name for name in names)
    return _addressed(service, found[0], variables, is_typed)


def words_for(service: Service, operation: Operation, address: str) -> tuple[str, ...]:
    """The words that choose the server of this address; the address itself where none has it."""
    if not address:
        return ()
    for number, server in enumerate(operation.servers or service.servers, 1):
        template = _absolute(str(server.get("url") or ""), service) or ""
        names = _TEMPLATE.findall(template)
        pattern = _TEMPLATE.sub(
            "(.+?)", re.escape(template).replace(r"\{", "{").replace(r"\}", "}")
        )
        match = re.fullmatch(pattern, address) if template else None
        if match is not None:
            return (str(number), *(f"{n}={v}" for n, v in zip(names, match.groups(), strict=True)))
    return (address,)


def _addressed(
    service: Service, server: Server, variables: dict[str, str], is_typed: bool
) -> ChosenServer:
    """The server's address with its variables filled in, if it can be called at all."""
    template, faults = _filled(server, variables)
    if faults:
        return ChosenServer(faults=tuple(faults))
    address = _absolute(template, service)
    if address is None:
        return _fault(f"the address '{template}' cannot be called", [])
    try:
        if "://" in service.source and not is_typed:
            refuse_inward(address, service.source)
    except RefusedAsUnsafe as fault:
        why = f"{fault.facts['why']}; import the service again with --base-url if that is meant"
        return _fault(why, [])
    return ChosenServer("" if address == service.base_url else address)


def _filled(server: Server, values: dict[str, str]) -> tuple[str, list[Fault]]:
    """The address with its variables set: to what was given, else to their defaults."""
    stated = server.get("variables")
    stated = stated if isinstance(stated, dict) else {}
    template = str(server.get("url") or "")
    names = _TEMPLATE.findall(template)
    faults = []
    for name in values:
        if name not in names:
            close = near(name, names, 1)
            known = f"did you mean '{close[0]}'?" if close else f"it has {_or_none(names)}"
            faults.append(Fault(_WHERE, f"the server has no variable '{name}'; {known}"))
    for name in names:
        said = stated.get(name)
        variable: dict[str, Any] = said if isinstance(said, dict) else {}
        value = values.get(name, variable.get("default"))
        choices = variable.get("enum") if isinstance(variable.get("enum"), list) else None
        if value is None:
            faults.append(Fault(_WHERE, f"the variable '{name}' is required: {name}=VALUE"))
        elif name in values and choices and value not in map(str, choices):
            options = ", ".join(map(str, choices[:12]))
            faults.append(Fault(_WHERE, f"'{value}' is no {name}; it is one of {options}"))
        elif name in values and re.search(r"[?#@\\\s\x00-\x1f\x7f]", str(value)) and not choices:
            faults.append(Fault(_WHERE, f"'{value}' cannot stand in an address"))
        else:
            template = template.replace("{" + name + "}", str(value))
    return template, faults


def _named(servers: list[Server], name: str, service: Service) -> list[Server]:
    """The servers of this number (from 1), this address, or with this in their description."""
    if name.isdigit():
        return servers[int(name) - 1 : int(name)] if int(name) else []
    same = [each for each in servers if name.rstrip("/") in _addresses(each, service)]
    wanted = name.casefold()
    alike = [each for each in servers if wanted in str(each.get("description") or "").casefold()]
    inside = [each for each in servers if wanted in str(each.get("url") or "").casefold()]
    return same[:1] or alike or inside


def _addresses(server: Server, service: Service) -> set[str]:
    """Every way to write a server's address: as the document does, and filled in."""
    template = str(server.get("url") or "")
    filled, faults = _filled(server, {})
    whole = None if faults else _absolute(filled, service)
    return {each.rstrip("/") for each in (template, filled, whole or "") if each}


def _absolute(address: str, service: Service) -> str | None:
    """The address as a whole one: a relative one is meant against where the document lies."""
    try:
        base = service.source if "://" in service.source else f"{service.base_url}/"
        whole = urljoin(base, address)
        parts = urlsplit(whole)
        _ = parts.port
    except ValueError:
        return None
    is_plain = not (parts.username or parts.password or parts.query or parts.fragment)
    is_good = parts.scheme in ("http", "https") and parts.hostname and is_plain
    return whole.rstrip("/") if is_good else None


def _is_given_by_hand(service: Service) -> bool:
    """Whether the service's base URL is none that its document names."""
    if not service.servers:
        return service.base_url != urljoin(service.source, "/").rstrip("/")
    return service.base_url not in _addresses(service.servers[0], service)


def _list_of(servers: list[Server]) -> str:
    shown = [
        f"{number} {server.get('url')}"
        + (f" ({server['description']})" if server.get("description") else "")
        for number, server in enumerate(servers[:10], 1)
    ]
    return "; ".join(shown)


def _or_none(names: list[str]) -> str:
    return ", ".join(names) if names else "none"


def _fault(why: str, names: list[str]) -> ChosenServer:
    said = f"{_WHERE} {' '.join(names)}".strip()
    return ChosenServer(faults=(Fault(said, why),))
