"""Have an access token: the one that is kept while it is fresh, else a new one, asked for once."""

from dataclasses import replace
from typing import TYPE_CHECKING

from ouro_cli.errors import CredentialRefused
from ouro_cli.model.grant import Flow, Grant, Tokens
from ouro_cli.model.service import Service
from ouro_cli.runtime import Runtime
from ouro_cli.safety import remember_secret
from ouro_cli.store.credentials import Credential

if TYPE_CHECKING:
    from ouro_cli.wire.request import UpstreamRequest

TOKEN_SECONDS = 30.0
"""How long a token endpoint may take."""


# What this process was given: a run checks its credentials before it sends, and sends once.
_given: dict[tuple[str, str], Tokens] = {}


def access_token(rt: Runtime, service: Service, credential: Credential) -> str:
    """An access token that may be sent now.

    Of many processes one asks for it, and the others wait and read what it was given. Raises
    CredentialRefused where none is to be had; then nothing was sent to the service.
    """
    key = (credential.service_id, credential.scheme)
    given = _given.get(key)
    if given is not None and (given.expires_at is None or rt.now() < given.expires_at):
        return given.access_token
    held = kept_tokens(rt, credential)
    if held is not None and held.is_fresh(rt.now()):
        return held.access_token
    with rt.store.vault.locked():
        held = kept_tokens(rt, credential)
        if held is not None and held.is_fresh(rt.now()):
            return held.access_token
        tokens = _ask(rt, service, credential, held)
        # A refresh token may serve once: the new one is on disk before its access token is used.
        rt.store.vault.write_tokens(credential, tokens)
    _given[key] = tokens
    return tokens.access_token


def kept_tokens(rt: Runtime, credential: Credential) -> Tokens | None:
    """The tokens that are kept, fresh or not; from now on they are redacted everywhere."""
    tokens = rt.store.vault.read_tokens(credential)
    return None if tokens is None else remembered(tokens)


def note_refusal(rt: Runtime, credential: Credential) -> None:
    """Have the access token that a service refused not be sent again; nothing is resent now."""
    _given.pop((credential.service_id, credential.scheme), None)
    with rt.store.vault.locked():
        held = kept_tokens(rt, credential)
        if held is not None:
            rt.store.vault.write_tokens(credential, held.as_stale(rt.now()))


def remembered(tokens: Tokens) -> Tokens:
    """The tokens, which from now on are redacted everywhere."""
    for secret in (tokens.access_token, tokens.refresh_token):
        remember_secret(secret)
    return tokens


def ask_for_tokens(
    rt: Runtime, grant: Grant, secret: str | None, request: "UpstreamRequest"
) -> Tokens:
    """Send a token request and read its answer; oauth.Refused where there is no token in it."""
    # oauthlib is worth its import only where tokens are asked for.
    from ouro_cli.wire import oauth  # noqa: PLC0415

    settings = replace(rt.settings, call_seconds=min(rt.settings.call_seconds, TOKEN_SECONDS))
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
        raise _again(service, credential, f"{grant.token_url} says {refused}") from None
    if not tokens.refresh_token and held is not None:
        # Where no new refresh token comes, the old one goes on serving (RFC 6749 section 6).
        tokens = replace(tokens, refresh_token=held.refresh_token)
    return tokens


def _again(service: Service, credential: Credential, why: str) -> CredentialRefused:
    return CredentialRefused(
        why=f"no access token for {credential.scheme} of service '{service.name}': {why}",
        hint=f"Nothing was sent. Set it again: ouro auth set {service.name}"
        f" --scheme {credential.scheme}",
    )
