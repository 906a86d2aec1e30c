"""How a service's OAuth 2 tokens are to be had: by its document, and by what a person says."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from ouro_cli.errors import CredentialRefused, OuroError, RefusedAsUnsafe, UsageFault
from ouro_cli.model.grant import Flow, Grant
from ouro_cli.model.service import Service
from ouro_cli.openapi.servers import is_inward
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.obtain_token import bounded
from ouro_cli.usecases.view_credential import scopes_in_use
from ouro_cli.wire import oauth
from ouro_cli.wire.credentials import document_address, is_same_origin, token_address
from ouro_cli.wire.outcome import NoAnswer
from ouro_cli.wire.request import UpstreamRequest


@dataclass(frozen=True, slots=True)
class GrantWords:
    """What a person says of a grant; None and empty leave it to the document.

    `is_remote` is true where the browser is likely to be on another machine.
    """

    client_id: str
    has_secret: bool = False
    flow: str | None = None
    scopes: tuple[str, ...] = ()
    token_url: str | None = None
    authorization_url: str | None = None
    is_remote: bool = False


def plan_grant(
    rt: Runtime,
    service: Service,
    scheme_name: str,
    words: GrantWords,
    tell: Callable[[str], None] = lambda _: None,
) -> Grant:
    """The grant for a scheme; discovery documents are fetched where they are needed.

    Raises UsageFault and CredentialRefused where no flow can be taken, RefusedAsUnsafe where a
    document would send the client's secret where it does not belong.
    """
    scheme = service.security_schemes.get(scheme_name, {})
    found = _endpoints(rt, service, scheme, words)
    flow = _flow(scheme_name, found, words)
    if flow is Flow.CODE and found.flows and "authorizationCode" not in found.flows:
        tell(f"{scheme_name} says {found.flows[0]}; the code flow is used instead, which is safe")
    typed = {words.token_url, words.authorization_url}
    for address in (found.token_url, found.authorization_url, found.device_url):
        if address:
            _check_address(address, service, is_typed=address in typed)
    return Grant(
        flow=flow,
        client_id=words.client_id,
        token_url=found.token_url,
        authorization_url=found.authorization_url,
        device_url=found.device_url,
        scopes=words.scopes or _asked_scopes(rt, service, scheme_name),
        stated_url=token_address(service, scheme_name),
    )


def _endpoints(
    rt: Runtime, service: Service, scheme: dict[str, Any], words: GrantWords
) -> oauth.Endpoints:
    """What a person says, else the document, else the server itself, of where tokens are had."""
    stated = oauth.endpoints_of(scheme, document_address(service))
    found = replace(
        stated,
        token_url=words.token_url or stated.token_url,
        authorization_url=words.authorization_url or stated.authorization_url,
    )
    if found.discovery_url and not _has_enough(found, words):
        found = found.completed(_discover(rt, service, found.discovery_url))
    for address in () if _has_enough(found, words) else oauth.well_known(found):
        with contextlib.suppress(CredentialRefused, RefusedAsUnsafe):
            discovered = _discover(rt, service, address)
            # RFC 8414 section 3.3: a server speaks for itself alone.
            if is_same_origin(discovered.issuer, address):
                found = found.completed(discovered)
                break
    return found


def _has_enough(found: oauth.Endpoints, words: GrantWords) -> bool:
    """Whether nothing need be asked of the server to take the flow that is meant."""
    if words.flow in tuple(Flow):
        return found.supports(Flow(words.flow))
    if not found.flows or found.flows == ("implicit",):
        return found.supports(Flow.CODE)
    return True


def _flow(scheme_name: str, found: oauth.Endpoints, words: GrantWords) -> Flow:
    if words.flow is not None:
        try:
            flow = Flow(words.flow)
        except ValueError:
            raise UsageFault(
                why=f"--flow: '{words.flow}' is none of {', '.join(Flow)}",
                hint=_no_password(words.flow),
            ) from None
        if not found.supports(flow):
            raise CredentialRefused(
                why=f"{scheme_name} names no address for the {flow} flow",
                hint="Say where: --token-url URL, and for the code flow --authorization-url URL.",
            )
        return flow
    for flow in _in_order(words):
        if found.supports(flow) and _is_offered(flow, found):
            return flow
    if found.supports(Flow.CODE):
        return Flow.CODE
    raise _impossible(scheme_name, found)


def _in_order(words: GrantWords) -> tuple[Flow, ...]:
    """The flows to try: who gives a client's secret means the client to act in its own name."""
    by_person = (Flow.DEVICE, Flow.CODE) if words.is_remote else (Flow.CODE, Flow.DEVICE)
    return (Flow.CLIENT_CREDENTIALS, *by_person) if words.has_secret else by_person


def _impossible(scheme_name: str, found: oauth.Endpoints) -> OuroError:
    if "clientCredentials" in found.flows:
        return UsageFault(
            why=f"the client of {scheme_name} needs its secret",
            hint="Use --from-env NAME, --from-file PATH or --from-stdin.",
        )
    if "password" in found.flows:
        return CredentialRefused(
            why=f"{scheme_name} wants the user's own password, which ouro does not pass on",
            hint="Give a token instead: --from-stdin, without --client-id.",
        )
    said = "says implicit, which is not safe, and " if "implicit" in found.flows else ""
    return CredentialRefused(
        why=f"{scheme_name} {said}does not say where tokens are to be had",
        hint="Say it: --token-url URL --authorization-url URL; or give a token: --from-stdin.",
    )


def _is_offered(flow: Flow, found: oauth.Endpoints) -> bool:
    if not found.flows:
        return True
    names = {
        Flow.CODE: ("authorizationCode", "implicit"),
        Flow.DEVICE: ("deviceAuthorization",),
        Flow.CLIENT_CREDENTIALS: ("clientCredentials",),
    }
    return any(each in found.flows for each in names[flow])


def _no_password(flow: str) -> str:
    if flow == "password":
        return "Passwords of people are not passed on; give a token: --from-stdin."
    if flow == "implicit":
        return "Where it says implicit, --flow code does the same, safely."
    return ""


def _asked_scopes(rt: Runtime, service: Service, scheme_name: str) -> tuple[str, ...]:
    """The scopes that routes ask for; to ask for all that there are would ask for too much."""
    asked = scopes_in_use(rt, service, scheme_name)
    is_openid = service.security_schemes[scheme_name].get("type") == "openIdConnect"
    return ("openid", *(each for each in asked if each != "openid")) if is_openid else asked


def _check_address(address: str, service: Service, *, is_typed: bool) -> None:
    try:
        parts = urlsplit(address)
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good or parts.username or parts.password:
        raise RefusedAsUnsafe(why=f"'{address}' is no address for tokens")
    if parts.scheme == "http" and not is_inward(address):
        raise RefusedAsUnsafe(
            why=f"{parts.hostname} would get the secret without encryption",
            hint="Its address has to begin with https://.",
        )
    is_from_elsewhere = service.source.startswith("http") and not is_inward(service.base_url)
    if is_from_elsewhere and not is_typed and is_inward(address):
        raise RefusedAsUnsafe(
            why=f"a document from elsewhere has the secret sent to {parts.hostname}",
            hint=f"If that is meant, say so: --token-url {address}",
        )


def _discover(rt: Runtime, service: Service, address: str) -> oauth.Endpoints:
    _check_address(address, service, is_typed=False)
    headers = (("Accept", "application/json"), ("User-Agent", "ouro"))
    answer = rt.send(UpstreamRequest("GET", address, headers), bounded(rt.settings))
    if isinstance(answer, NoAnswer):
        raise CredentialRefused(why=f"cannot read {address}: {answer.step}: {answer.why}")
    if answer.status != 200:
        raise CredentialRefused(why=f"cannot read {address}: it answered {answer.status}")
    return oauth.read_discovery(answer.data)
