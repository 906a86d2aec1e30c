"""Get OAuth 2 tokens with the help of a person: in the browser, or on another device."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ouro_cli.errors import CredentialRefused
from ouro_cli.model.grant import Flow, Grant, Tokens
from ouro_cli.runtime import Runtime
from ouro_cli.safety import remember_secret, safe_line
from ouro_cli.upstream.redirect_server import Redirect
from ouro_cli.usecases.obtain_token import ask_for_tokens, bounded
from ouro_cli.wire import oauth

PATIENCE = 300.0
"""How many seconds a person has to say yes."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be told where to say yes; `show` gets an address, and a code to type.

    `terminal` is the descriptor on which an address can be typed back, where the browser cannot
    reach this machine; `port` the one that the client's redirect is registered for, 0 for any.
    """

    show: Callable[[str, str], None]
    patience: float = PATIENCE
    terminal: int | None = None
    port: int = 0
    sleep: Callable[[float], None] = field(default=time.sleep)


def authorize(rt: Runtime, grant: Grant, secret: str | None, person: Person) -> Tokens:
    """The tokens that the grant's flow gives; CredentialRefused says why there are none."""
    try:
        match grant.flow:
            case Flow.CODE:
                return _by_code(rt, grant, secret, person)
            case Flow.DEVICE:
                return _by_device(rt, grant, secret, person)
            case Flow.CLIENT_CREDENTIALS:
                request = oauth.client_credentials_request(grant, secret)
                # A token that costs nothing to ask for again needs none to be renewed with.
                given = ask_for_tokens(rt, grant, secret, request)
                return replace(given, refresh_token="")
    except oauth.Refused as refused:
        raise CredentialRefused(
            why=f"{grant.token_url} gave no token: {safe_line(str(refused))}",
            hint="Nothing was set.",
        ) from None


def _by_code(rt: Runtime, grant: Grant, secret: str | None, person: Person) -> Tokens:
    """The authorization code flow, with PKCE and a loopback redirect (RFC 8252 section 7.3)."""
    verifier, challenge = oauth.new_verifier()
    remember_secret(verifier)
    state = secrets.token_urlsafe(24)
    with Redirect(state, person.port) as redirect:
        address = oauth.authorization_address(
            grant, redirect=redirect.address, state=state, challenge=challenge
        )
        person.show(address, "")
        answer = redirect.wait(person.patience, person.terminal)
    if answer is None:
        raise oauth.Refused("nobody said yes in time")
    if "code" not in answer:
        raise oauth.Refused(
            answer.get("error", "no code came"), answer.get("error_description", "")
        )
    code = answer["code"]
    remember_secret(code)
    request = oauth.code_request(
        grant, secret, code=code, redirect=redirect.address, verifier=verifier
    )
    return ask_for_tokens(rt, grant, secret, request)


def _by_device(rt: Runtime, grant: Grant, secret: str | None, person: Person) -> Tokens:
    """The device authorization flow (RFC 8628)."""
    given = oauth.read_device_code(
        rt.send(oauth.device_request(grant, secret), bounded(rt.settings))
    )
    remember_secret(given.device_code)
    person.show(given.address, given.user_code)
    deadline = time.monotonic() + min(given.expires_in, person.patience)
    interval = given.interval
    while time.monotonic() < deadline:
        person.sleep(interval)
        try:
            request = oauth.device_token_request(grant, secret, given.device_code)
            return ask_for_tokens(rt, grant, secret, request)
        except oauth.Refused as refused:
            if refused.code == "slow_down" or refused.may_pass:
                # RFC 8628 section 3.5: less often, also where it does not answer at all.
                interval += 5
            elif refused.code != "authorization_pending":
                raise
    raise oauth.Refused("nobody said yes in time")
