"""Have an access token: the one that is kept while it is fresh, else a new one, asked for once."""

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

from ouro_cli.errors import CredentialRefused
from ouro_cli.model.grant import Flow, Grant, Tokens
from ouro_cli.model.service import Service
from ouro_cli.process import undisturbed
from ouro_cli.runtime import Runtime
from ouro_cli.safety import remember_secret, safe_line
from ouro_cli.settings import Settings
from ouro_cli.store.credentials import Credential

if TYPE_CHECKING:
    from ouro_cli.wire.request import UpstreamRequest

TOKEN_SECONDS = 30.0
"""How long a token endpoint may take."""

LARGEST_ANSWER = 2**20
"""How many bytes an authorization server may answer."""

# What this process was given: a run checks its credentials before it sends, and sends once.
_given: dict[tuple[str, str], Tokens] = {}


def access_tokens(rt: Runtime, service: Service, credential: Credential) -> Tokens:
    """Tokens whose access token may be sent now.

    Of many processes one asks for them, and the others wait and read what it was given. Raises
    CredentialRefused where none are to be had; then nothing was sent to the service.
    """
    given = _given.get(_key(credential))
    if given is not None and given.is_alive(rt.now()):
        return given
    held = kept_tokens(rt, credential)
    if held is not None and held.is_fresh(rt.now()):
        return held
    with rt.store.vault.held(credential):
        held = kept_tokens(rt, credential)
        if held is not None and held.is_fresh(rt.now()):
            return held
        with _uninterrupted(held):
            tokens = _ask(rt, service, credential, held)
            # A refresh token may serve once: the new one is kept before its access token is used.
            rt.store.vault.write_tokens(credential, tokens)
    _given[_key(credential)] = tokens
    return tokens


def kept_tokens(rt: Runtime, credential: Credential) -> Tokens | None:
    """The tokens that are kept, fresh or not; from now on they are redacted everywhere."""
    tokens = rt.store.vault.read_tokens(credential)
    return None if tokens is None else remembered(tokens)


def note_refusal(rt: Runtime, credential: Credential, refused: str) -> bool:
    """Have this access token, which a service refused, not be sent again; nothing is resent now.

    False where no other is to be had without a person: then it stays, for what it may be worth.
    """
    given = _given.get(_key(credential))
    if given is not None and given.access_token == refused:
        del _given[_key(credential)]
    assert credential.grant is not None
    with rt.store.vault.held(credential):
        held = kept_tokens(rt, credential)
        if not credential.grant.can_renew(held):
            return False
        # Another process may have been given a newer one meanwhile.
        if held is not None and held.access_token == refused:
            rt.store.vault.write_tokens(credential, held.as_stale(rt.now()))
    return True


def remembered(tokens: Tokens) -> Tokens:
    """The tokens, which from now on are redacted everywhere."""
    for secret in (tokens.access_token, tokens.refresh_token):
        remember_secret(secret)
    return tokens


def bounded(settings: Settings) -> Settings:
    """The settings with the bounds of what an authorization server may take."""
    return replace(
        settings,
        call_seconds=min(settings.call_seconds, TOKEN_SECONDS),
        largest_response=min(settings.largest_response, LARGEST_ANSWER),
    )


def ask_for_tokens(
    rt: Runtime, grant: Grant, secret: str | None, request: "UpstreamRequest"
) -> Tokens:
    """Send a token request and read its answer; oauth.Refused where there is no token in it."""
    # oauthlib is worth its import only where tokens are asked for.
    from ouro_cli.wire import oauth  # noqa: PLC0415

    for _, value in request.secret_headers:
        remember_secret(value.partition(" ")[2])
    settings = bounded(rt.settings)
    try:
        tokens = oauth.read_tokens(rt.send(request, settings), rt.now())
    except oauth.Refused as refused:
        if refused.code != "invalid_client" or secret is None:
            raise
        # RFC 6749 wants Basic; some servers take the secret in the body alone.
        other = oauth.in_body(request, grant, secret)
        tokens = oauth.read_tokens(rt.send(other, settings), rt.now())
    return remembered(tokens)


def _ask(rt: Runtime, service: Service, credential: Credential, held: Tokens | None) -> Tokens:
    from ouro_cli.wire import oauth  # noqa: PLC0415

    grant, secret = credential.grant, rt.store.vault.read(credential)
    assert grant is not None
    if secret is not None:
        remember_secret(secret)
    if grant.flow is Flow.CLIENT_CREDENTIALS:
        if secret is None:
            raise _again(service, credential, f"{credential.place} does not hold its secret")
        request = oauth.client_credentials_request(grant, secret)
    elif held is not None and held.refresh_token:
        request = oauth.refresh_request(grant, secret, held.refresh_token)
    else:
        raise _again(service, credential, "it has expired, and cannot be refreshed")
    try:
        tokens = ask_for_tokens(rt, grant, secret, request)
    except oauth.Refused as refused:
        if refused.may_pass and held is not None and held.is_alive(rt.now()):
            return held
        if refused.code == "invalid_grant" and held is not None:
            # It will not be taken the next time either.
            rt.store.vault.write_tokens(credential, replace(held, refresh_token=""))
        why = f"{grant.token_url} says {safe_line(str(refused))}"
        raise _again(service, credential, why, may_pass=refused.may_pass) from None
    if not tokens.scopes:
        # Silence means that all was granted that was asked for (RFC 6749 section 5.1).
        tokens = replace(tokens, scopes=held.scopes if held is not None else grant.scopes)
    if not tokens.refresh_token and held is not None:
        # Where no new refresh token comes, the old one goes on serving (RFC 6749 section 6).
        tokens = replace(tokens, refresh_token=held.refresh_token)
    return tokens


def _uninterrupted(held: Tokens | None) -> contextlib.AbstractContextManager[None]:
    # Once a refresh token has been sent, it may be worth nothing: the new one must not be lost.
    has_refresh = held is not None and held.refresh_token
    return undisturbed() if has_refresh else contextlib.nullcontext()


def _key(credential: Credential) -> tuple[str, str]:
    return (credential.service_id, credential.scheme)


def _again(
    service: Service, credential: Credential, why: str, *, may_pass: bool = False
) -> CredentialRefused:
    words = f"ouro auth set {service.name} --scheme {credential.scheme}"
    if credential.grant is not None:
        words += f" --client-id {credential.grant.client_id}"
    hint = "Try again." if may_pass else f"Set it again: {words}"
    return CredentialRefused(
        why=f"no access token for {credential.scheme} of service '{service.name}': {why}",
        hint=f"Nothing was sent. {hint}",
    )
