"""Put the credentials that a call needs into their places; refuse the call where one is missing."""

from collections.abc import Iterator
from dataclasses import replace

from ouro_cli import safety
from ouro_cli.errors import CredentialRefused, MissingCredential
from ouro_cli.model.route import Operation
from ouro_cli.model.service import Service
from ouro_cli.runtime import Runtime
from ouro_cli.store.credentials import Credential
from ouro_cli.usecases.judge_credential import State, bound_elsewhere, state_of
from ouro_cli.usecases.obtain_token import access_tokens, kept_tokens, note_refusal
from ouro_cli.wire import credentials
from ouro_cli.wire.credentials import Placed


def place_credentials(
    rt: Runtime, service: Service, operation: Operation, *, is_preview: bool = False
) -> Placed:
    """The credentials that a call to this operation needs, in their places.

    An access token that has expired is asked for anew, unless this is a preview. Raises
    MissingCredential where one is needed and not set, or is set for another origin;
    CredentialRefused where no access token is to be had, or where a certificate is asked for.
    """
    held = {each.scheme: each for each in rt.store.credentials.all(service.id)}
    ready = {
        scheme
        for scheme, credential in held.items()
        if state_of(rt, service, credential) is State.READY
    }
    names, missing = credentials.needed(service, operation, ready)
    if missing is not None:
        raise _missing(rt, service, missing, held.get(missing))
    placed = Placed()
    for name in names:
        placed += _placed(rt, service, operation, held[name], is_preview=is_preview)
    return placed


def note_refusals(rt: Runtime, service: Service, placed: Placed) -> bool:
    """After a refusal: have the access tokens that were sent not be sent again.

    True where the next call asks for others.
    """
    held = {each.scheme: each for each in rt.store.credentials.all(service.id)}
    will_renew = True
    for name, token in placed.tokens:
        if name in held:
            will_renew = note_refusal(rt, held[name], token) and will_renew
    return will_renew


def read_credentials(rt: Runtime, service_id: str) -> Iterator[tuple[Credential, str]]:
    """A service's credentials and their secrets, which from now on are redacted everywhere."""
    service = rt.store.services.get(service_id)
    for credential in rt.store.credentials.all(service_id):
        if credential.grant is not None:
            kept_tokens(rt, credential)
        secret = rt.store.vault.read(credential)
        if secret is not None:
            _remember(service, credential.scheme, secret)
            yield credential, secret


def _placed(
    rt: Runtime, service: Service, operation: Operation, credential: Credential, *, is_preview: bool
) -> Placed:
    name = credential.scheme
    if credential.grant is None:
        secret = rt.store.vault.read(credential) or ""
        _remember(service, name, secret)
        return credentials.place(service, name, secret)
    if is_preview:
        tokens = kept_tokens(rt, credential)
        token = "made-when-it-is-sent" if tokens is None else tokens.access_token
        return credentials.place(service, name, token)
    tokens = access_tokens(rt, service, credential)
    placed = credentials.place(service, name, tokens.access_token)
    lacking = credentials.scopes_asked(service, operation, name).difference(tokens.scopes)
    note = f"the token for {name} lacks {', '.join(sorted(lacking))}"
    return replace(
        placed,
        tokens=((name, tokens.access_token),),
        notes=(note,) if lacking and tokens.scopes else (),
    )


def _remember(service: Service, scheme: str, secret: str) -> None:
    for each in credentials.secrets_in(service, scheme, secret):
        safety.remember_secret(each)


def _missing(
    rt: Runtime, service: Service, scheme: str, other: Credential | None
) -> MissingCredential | CredentialRefused:
    if not credentials.can_be_sent(service, scheme):
        return CredentialRefused(
            why=f"service '{service.name}' asks for a client certificate"
            f" ({scheme}, mutualTLS), which ouro cannot send yet",
            hint="Nothing was sent.",
        )
    if other is None:
        return MissingCredential(service=service.name, scheme=scheme)
    again = f"Set it again: ouro auth set {service.name} --scheme {scheme}"
    why = bound_elsewhere(service, other)
    if not why:
        where = other.place or other.token_place
        is_expired = state_of(rt, service, other) is State.EXPIRED
        why = "The one that is set has expired" if is_expired else f"{where} does not hold it now"
    return MissingCredential(
        service=service.name, scheme=scheme, hint=f"Nothing was sent. {why}. {again}"
    )
