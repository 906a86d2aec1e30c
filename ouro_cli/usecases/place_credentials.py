"""Put the credentials that a call needs into their places; refuse the call where one is missing."""

from collections.abc import Iterator

from ouro_cli import safety
from ouro_cli.errors import MissingCredential
from ouro_cli.model.grant import Flow
from ouro_cli.model.route import Operation
from ouro_cli.model.service import Service
from ouro_cli.runtime import Runtime
from ouro_cli.store.credentials import Credential
from ouro_cli.usecases.obtain_token import access_token, kept_tokens, note_refusal
from ouro_cli.wire import credentials


def place_credentials(
    rt: Runtime, service: Service, operation: Operation, *, is_preview: bool = False
) -> credentials.Placed:
    """The credentials that a call to this operation needs, in their places.

    An access token that has expired is asked for anew, unless this is a preview. Raises
    MissingCredential where one is needed and not set, or is set for another origin;
    CredentialRefused where no access token is to be had.
    """
    held, elsewhere = _held(rt, service)
    names, missing = credentials.needed(service, operation, set(held))
    if missing is not None:
        raise _missing(service, missing, elsewhere.get(missing))
    placed = credentials.Placed()
    for name in names:
        placed += credentials.place(service, name, _secret(rt, service, held[name], is_preview))
    return placed


def note_refusals(rt: Runtime, service: Service, operation: Operation) -> None:
    """After a 401: have the access tokens that were sent not be sent again."""
    held, _ = _held(rt, service)
    for name in credentials.needed(service, operation, set(held))[0]:
        if held[name].grant is not None:
            note_refusal(rt, held[name])


def read_credentials(rt: Runtime, service_id: str) -> Iterator[tuple[Credential, str]]:
    """A service's credentials and their secrets, which from now on are redacted everywhere."""
    for credential in rt.store.credentials.all(service_id):
        if credential.grant is not None:
            kept_tokens(rt, credential)
        secret = rt.store.vault.read(credential)
        if secret is not None:
            safety.remember_secret(secret)
            yield credential, secret


def state_of(rt: Runtime, service: Service, credential: Credential) -> str:
    """Whether a credential can be used now: ready, expired, missing, or bound elsewhere."""
    if _is_bound_elsewhere(service, credential):
        return "elsewhere"
    secret = rt.store.vault.read(credential)
    if credential.grant is None:
        return "missing" if secret is None else "ready"
    if credential.grant.flow is Flow.CLIENT_CREDENTIALS:
        return "missing" if secret is None else "ready"
    tokens = kept_tokens(rt, credential)
    if tokens is None:
        return "missing"
    return "ready" if tokens.is_fresh(rt.now()) or tokens.refresh_token else "expired"


def _held(rt: Runtime, service: Service) -> tuple[dict[str, Credential], dict[str, Credential]]:
    """The credentials that can be sent to the service, and those that were set for elsewhere."""
    held, elsewhere = {}, {}
    for credential in rt.store.credentials.all(service.id):
        if _is_bound_elsewhere(service, credential):
            elsewhere[credential.scheme] = credential
        elif credential.grant is not None or rt.store.vault.read(credential) is not None:
            held[credential.scheme] = credential
    return held, elsewhere


def _is_bound_elsewhere(service: Service, credential: Credential) -> bool:
    if credential.origin != credentials.origin_of(service.base_url):
        return True
    if credential.grant is None or not credential.grant.stated_url:
        return False
    stated = credentials.token_address(service, credential.scheme)
    # Where a document has moved the token endpoint, the client's secret does not follow.
    return bool(stated) and not credentials.is_same_origin(stated, credential.grant.stated_url)


def _secret(rt: Runtime, service: Service, credential: Credential, is_preview: bool) -> str:
    if credential.grant is None:
        secret = rt.store.vault.read(credential) or ""
    elif is_preview:
        tokens = kept_tokens(rt, credential)
        secret = "made-when-it-is-sent" if tokens is None else tokens.access_token
    else:
        secret = access_token(rt, service, credential)
    safety.remember_secret(secret)
    return secret


def _missing(service: Service, scheme: str, other: Credential | None) -> MissingCredential:
    if other is None:
        return MissingCredential(service=service.name, scheme=scheme)
    where = credentials.origin_of(service.base_url)
    why = f"The one that is set is for {other.origin}, and is not sent to {where}"
    if other.origin == where:
        why = "The document has moved its token endpoint since it was set"
    hint = f"{why}. Set it again: ouro auth set {service.name} --scheme {scheme}"
    return MissingCredential(service=service.name, scheme=scheme, hint=hint)
