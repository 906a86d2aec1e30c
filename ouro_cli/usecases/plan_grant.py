"""How a service's OAuth 2 tokens are to be had: by its document, and by what a person says."""

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from ouro_cli.errors import CredentialRefused, RefusedAsUnsafe, UsageFault
from ouro_cli.model.grant import Flow, Grant
from ouro_cli.model.service import Service
from ouro_cli.openapi.servers import is_inward
from ouro_cli.runtime import Runtime
from ouro_cli.wire import oauth
from ouro_cli.wire.credentials import document_address, token_address
from ouro_cli.wire.outcome import NoAnswer
from ouro_cli.wire.request import UpstreamRequest


@dataclass(frozen=True, slots=True)
class GrantWords:
    """What a person says of a grant; None and empty leave it to the document."""

    client_id: str
    has_secret: bool = False
    flow: str | None = None
    scopes: tuple[str, ...] = ()
    token_url: str | None = None
    authorization_url: str | None = None


def plan_grant(rt: Runtime, service: Service, scheme_name: str, words: GrantWords) -> Grant:
    """The grant for a scheme; discovery documents are fetched where the scheme names one.

    Raises UsageFault and CredentialRefused where no flow can be taken, RefusedAsUnsafe where a
    document would send the client's secret where it does not belong.
    """
    scheme = service.security_schemes.get(scheme_name, {})
    found = oauth.endpoints_of(scheme, document_address(service))
    if found.discovery_url:
        discovered = _discover(rt, service, found.discovery_url)
        found = replace(
            found,
            token_url=found.token_url or discovered.token_url,
            authorization_url=found.authorization_url or discovered.authorization_url,
            device_url=found.device_url or discovered.device_url,
        )
    found = replace(
        found,
        token_url=words.token_url or found.token_url,
        authorization_url=words.authorization_url or found.authorization_url,
    )
    flow = _flow(scheme_name, found, words)
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
        scopes=words.scopes or _asked_scopes(found, scheme),
        stated_url=token_address(service, scheme_name),
    )


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
    for flow in (Flow.CODE, Flow.DEVICE, Flow.CLIENT_CREDENTIALS):
        is_meant = flow is not Flow.CLIENT_CREDENTIALS or words.has_secret
        if found.supports(flow) and is_meant and _is_offered(flow, found):
            return flow
    if found.supports(Flow.CLIENT_CREDENTIALS) and words.has_secret:
        return Flow.CLIENT_CREDENTIALS
    if found.supports(Flow.CODE):
        return Flow.CODE
    if found.flows == ("clientCredentials",):
        raise UsageFault(
            why=f"the client of {scheme_name} needs its secret",
            hint="Use --from-env NAME, --from-file PATH or --from-stdin.",
        )
    if found.flows == ("password",):
        raise CredentialRefused(
            why=f"{scheme_name} wants the user's own password, which ouro does not pass on",
            hint="Give a token instead: --from-stdin, without --client-id.",
        )
    raise CredentialRefused(
        why=f"{scheme_name} does not say where tokens are to be had",
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


def _asked_scopes(found: oauth.Endpoints, scheme: dict[str, object]) -> tuple[str, ...]:
    return ("openid",) if scheme.get("type") == "openIdConnect" else found.scopes


def _check_address(address: str, service: Service, *, is_typed: bool) -> None:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
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
    answer = rt.send(UpstreamRequest("GET", address, headers), rt.settings)
    if isinstance(answer, NoAnswer):
        raise CredentialRefused(why=f"cannot read {address}: {answer.step}: {answer.why}")
    if answer.status != 200:
        raise CredentialRefused(why=f"cannot read {address}: it answered {answer.status}")
    return oauth.read_discovery(answer.data)
