"""Get OAuth 2 tokens with the help of a person: in the browser, or on another device."""

import http.server
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from ouro_cli.errors import CredentialRefused
from ouro_cli.model.grant import Flow, Grant, Tokens
from ouro_cli.runtime import Runtime
from ouro_cli.safety import remember_secret, safe_line
from ouro_cli.usecases.obtain_token import ask_for_tokens
from ouro_cli.wire import oauth

PATIENCE = 300.0
"""How many seconds a person has to say yes."""

_PAGE = (
    b"<!doctype html><meta charset=utf-8><title>ouro</title>"
    b"<p style='font:18px sans-serif;margin:4em'>%s You can close this page.</p>"
)
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be told where to say yes; `show` gets an address, and a code to type."""

    show: Callable[[str, str], None]
    patience: float = PATIENCE
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
                return ask_for_tokens(rt, grant, secret, request)
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
    with _Redirect(state) as redirect:
        address = oauth.authorization_address(
            grant, redirect=redirect.address, state=state, challenge=challenge
        )
        person.show(address, "")
        code = redirect.wait(person.patience)
    remember_secret(code)
    request = oauth.code_request(
        grant, secret, code=code, redirect=redirect.address, verifier=verifier
    )
    return ask_for_tokens(rt, grant, secret, request)


def _by_device(rt: Runtime, grant: Grant, secret: str | None, person: Person) -> Tokens:
    """The device authorization flow (RFC 8628)."""
    given = oauth.read_device_code(rt.send(oauth.device_request(grant), rt.settings))
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
            if refused.code == "slow_down":
                interval += 5
            elif refused.code != "authorization_pending":
                raise
    raise oauth.Refused("nobody said yes in time")


class _Redirect:
    """A server on this machine that takes one redirect: the answer to what was asked."""

    def __init__(self, state: str) -> None:
        self._answer: dict[str, str] = {}
        answer = self._answer

        class Handler(http.server.BaseHTTPRequestHandler):
            timeout = 10

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
                is_ours = parts.path == "/callback" and secrets.compare_digest(
                    asked.get("state", "").encode(), state.encode()
                )
                if not is_ours:
                    self._say(404, b"There is nothing here.")
                    return
                answer.update(asked)
                said = b"Done." if "code" in asked else b"It was refused."
                self._say(200, said)

            def _say(self, status: int, words: bytes) -> None:
                self.send_response(status)
                for name, value in _HEADERS.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(_PAGE % words)

            def log_message(self, format: str, *args: object) -> None:
                """Keep quiet: the address holds the code."""

        self._server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}/callback"

    def __enter__(self) -> "_Redirect":
        return self

    def __exit__(self, *_: object) -> None:
        self._server.server_close()

    def wait(self, patience: float) -> str:
        """The code that the redirect brought; oauth.Refused where it brought none."""
        deadline = time.monotonic() + patience
        while not self._answer:
            left = deadline - time.monotonic()
            if left <= 0:
                raise oauth.Refused("nobody said yes in time")
            self._server.timeout = left
            self._server.handle_request()
        if "code" not in self._answer:
            why = self._answer.get("error_description", "")
            raise oauth.Refused(self._answer.get("error", "no code came"), why)
        return self._answer["code"]
