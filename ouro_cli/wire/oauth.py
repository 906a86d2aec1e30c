"""OAuth 2 as it goes over the wire: what a document offers, token requests, and their answers."""

import json
import re
from base64 import b64encode
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus, urljoin

from oauthlib.common import add_params_to_uri
from oauthlib.oauth2 import (
    BackendApplicationClient,
    MissingTokenError,
    OAuth2Error,
    WebApplicationClient,
)

from ouro_cli.model.grant import Flow, Grant, Tokens
from ouro_cli.wire.outcome import RETRYABLE, NoAnswer, UpstreamResponse
from ouro_cli.wire.request import UpstreamRequest

_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_FORM = "application/x-www-form-urlencoded"
_LONGEST = 300
_SENDABLE = re.compile(r"[\x21-\x7e]{1,65536}")
_WELL_KNOWN = (
    "/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration",
)
_PROOFS = frozenset({"dpop", "mac", "pop"})
"""Kinds of tokens that are worth nothing without a proof beside them."""

_FLOWS = ("authorizationCode", "clientCredentials", "deviceAuthorization", "implicit", "password")


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where a scheme's tokens are to be had; empty where it does not say."""

    token_url: str = ""
    authorization_url: str = ""
    device_url: str = ""
    discovery_url: str = ""
    issuer: str = ""
    flows: tuple[str, ...] = ()

    def completed(self, other: "Endpoints") -> "Endpoints":
        """These endpoints, and of those that they lack the other's."""
        return replace(
            self,
            token_url=self.token_url or other.token_url,
            authorization_url=self.authorization_url or other.authorization_url,
            device_url=self.device_url or other.device_url,
        )

    def supports(self, flow: Flow) -> bool:
        """Whether everything that the flow needs is known."""
        needed = {
            Flow.CODE: self.authorization_url,
            Flow.DEVICE: self.device_url,
            Flow.CLIENT_CREDENTIALS: self.token_url,
        }
        return bool(self.token_url and needed[flow])


class Refused(Exception):
    """No token was given: an error code of RFC 6749 section 5.2, or what went wrong; and why.

    `may_pass` is true where the same request may well be answered later.
    """

    def __init__(self, code: str, why: str = "", *, may_pass: bool = False) -> None:
        self.code = code
        self.may_pass = may_pass
        super().__init__(f"{code}: {why}" if why else code)


def endpoints_of(scheme: dict[str, Any], base: str) -> Endpoints:
    """What an `oauth2` or `openIdConnect` security scheme names; relative addresses from `base`."""
    if scheme.get("type") == "openIdConnect":
        return Endpoints(discovery_url=_absolute(base, scheme.get("openIdConnectUrl")))
    flows = scheme.get("flows")
    stated = {
        name: flows[name]
        for name in _FLOWS
        if isinstance(flows, dict) and isinstance(flows.get(name), dict)
    }
    found = {
        key: next((_absolute(base, each[key]) for each in stated.values() if key in each), "")
        for key in ("tokenUrl", "authorizationUrl", "deviceAuthorizationUrl")
    }
    return Endpoints(
        token_url=found["tokenUrl"],
        authorization_url=found["authorizationUrl"],
        device_url=found["deviceAuthorizationUrl"],
        discovery_url=_absolute(base, scheme.get("oauth2MetadataUrl")),
        flows=tuple(stated),
    )


def read_discovery(data: bytes) -> Endpoints:
    """The endpoints that a discovery document names (OpenID Connect Discovery 1.0, RFC 8414)."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        value = None
    stated = value if isinstance(value, dict) else {}
    return Endpoints(
        token_url=_text(stated.get("token_endpoint")),
        authorization_url=_text(stated.get("authorization_endpoint")),
        device_url=_text(stated.get("device_authorization_endpoint")),
        issuer=_text(stated.get("issuer")),
    )


def well_known(endpoints: Endpoints) -> tuple[str, ...]:
    """Where the server of these endpoints says the others (RFC 8414 section 3.1), if it does."""
    stated = endpoints.authorization_url or endpoints.token_url or endpoints.device_url
    return tuple(urljoin(stated, path) for path in _WELL_KNOWN) if stated else ()


def authorization_address(grant: Grant, *, redirect: str, state: str, challenge: str) -> str:
    """Where a person says yes (RFC 6749 section 4.1.1, with PKCE: RFC 7636 section 4.3)."""
    words = [
        ("response_type", "code"),
        ("client_id", grant.client_id),
        ("redirect_uri", redirect),
        ("state", state),
        ("code_challenge", challenge),
        ("code_challenge_method", "S256"),
    ]
    if grant.scopes:
        words.append(("scope", " ".join(grant.scopes)))
    return str(add_params_to_uri(grant.authorization_url, words))


def new_verifier() -> tuple[str, str]:
    """A code verifier, which is secret, and its S256 challenge (RFC 7636 section 4)."""
    client = WebApplicationClient("")
    verifier = client.create_code_verifier(64)
    return str(verifier), str(client.create_code_challenge(verifier, "S256"))


def code_request(
    grant: Grant, secret: str | None, *, code: str, redirect: str, verifier: str
) -> UpstreamRequest:
    """Ask for tokens for a code."""
    body = WebApplicationClient(grant.client_id).prepare_request_body(
        code=code, redirect_uri=redirect, code_verifier=verifier, include_client_id=True
    )
    return _token_request(grant, secret, body)


def client_credentials_request(grant: Grant, secret: str | None) -> UpstreamRequest:
    """Ask for a token in the client's own name."""
    body = BackendApplicationClient(grant.client_id).prepare_request_body(
        scope=list(grant.scopes) or None, include_client_id=False
    )
    return _token_request(grant, secret, body)


def refresh_request(grant: Grant, secret: str | None, refresh_token: str) -> UpstreamRequest:
    """Ask for new tokens for a refresh token (RFC 6749 section 6)."""
    extra = {} if secret else {"client_id": grant.client_id}
    body = WebApplicationClient(grant.client_id).prepare_refresh_body(
        refresh_token=refresh_token, **extra
    )
    return _token_request(grant, secret, body)


def device_request(grant: Grant, secret: str | None) -> UpstreamRequest:
    """Ask for a code that a person types elsewhere (RFC 8628 section 3.1)."""
    words = f"client_id={quote_plus(grant.client_id)}"
    if grant.scopes:
        words += f"&scope={quote_plus(' '.join(grant.scopes))}"
    return _proven(_post(grant.device_url, words), grant, secret)


def device_token_request(grant: Grant, secret: str | None, device_code: str) -> UpstreamRequest:
    """Ask whether the person has said yes (RFC 8628 section 3.4)."""
    words = (
        f"grant_type={quote_plus(_DEVICE_GRANT)}&device_code={quote_plus(device_code)}"
        f"&client_id={quote_plus(grant.client_id)}"
    )
    return _token_request(grant, secret, words)


def read_tokens(answer: UpstreamResponse | NoAnswer, now: datetime) -> Tokens:
    """The tokens in a token endpoint's answer; Refused where there are none that can be sent."""
    if isinstance(answer, NoAnswer):
        raise Refused(f"{answer.step}: {answer.why}", may_pass=True)
    may_pass = answer.status in RETRYABLE
    no_token = Refused(f"it answered {answer.status}, and no token", may_pass=may_pass)
    try:
        read = WebApplicationClient("").parse_request_body_response(
            answer.data.decode("utf-8", "replace")
        )
    except MissingTokenError:
        raise no_token from None
    except OAuth2Error as fault:
        code, why = str(fault.error)[:_LONGEST], str(fault.description or "")[:_LONGEST]
        raise Refused(code, why, may_pass=may_pass) from None
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise no_token from None
    token, refresh, kind = (
        read.get(name) for name in ("access_token", "refresh_token", "token_type")
    )
    if not isinstance(token, str) or not _SENDABLE.fullmatch(token):
        raise Refused("what it gave as a token cannot be sent")
    if isinstance(kind, str) and kind.lower() in _PROOFS:
        raise Refused(f"it gave a token of the kind {kind}, which ouro cannot send")
    seconds = read.get("expires_in")
    is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    scope = read.get("scope")
    return Tokens(
        access_token=token,
        refresh_token=refresh if isinstance(refresh, str) else "",
        expires_at=now + timedelta(seconds=max(0, min(seconds, 10**9))) if is_number else None,
        scopes=tuple(map(str, scope)) if isinstance(scope, list) else (),
    )


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """What to type and where, and how often to ask meanwhile."""

    device_code: str
    user_code: str
    address: str
    expires_in: float
    interval: float


def read_device_code(answer: UpstreamResponse | NoAnswer) -> DeviceCode:
    """The code in a device authorization endpoint's answer (RFC 8628 section 3.2)."""
    if isinstance(answer, NoAnswer):
        raise Refused(f"{answer.step}: {answer.why}", may_pass=True)
    value = answer.body.value
    if not isinstance(value, dict) or not value.get("device_code"):
        said = value.get("error") if isinstance(value, dict) else None
        raise Refused(str(said or f"it answered {answer.status}, and no code"))
    address = value.get("verification_uri_complete") or value.get("verification_uri")
    return DeviceCode(
        device_code=str(value["device_code"]),
        user_code=str(value.get("user_code") or ""),
        address=str(address or ""),
        expires_in=_seconds(value.get("expires_in"), 600),
        interval=_seconds(value.get("interval"), 5),
    )


def _token_request(grant: Grant, secret: str | None, body: str) -> UpstreamRequest:
    return _proven(_post(grant.token_url, body), grant, secret)


def _proven(request: UpstreamRequest, grant: Grant, secret: str | None) -> UpstreamRequest:
    """The request with the client's name and secret, where it has one."""
    if secret is None:
        return request
    # RFC 6749 section 2.3.1: both parts are form-encoded before they become Basic.
    pair = f"{quote_plus(grant.client_id)}:{quote_plus(secret)}"
    header = ("Authorization", f"Basic {b64encode(pair.encode()).decode()}")
    return replace(request, secret_headers=(header,))


def in_body(request: UpstreamRequest, grant: Grant, secret: str) -> UpstreamRequest:
    """The same token request with the client's secret in its body, where Basic is not taken."""
    assert isinstance(request.body, bytes)
    words = request.body.decode()
    if "client_id=" not in words:
        words += f"&client_id={quote_plus(grant.client_id)}"
    return _post(request.url, f"{words}&client_secret={quote_plus(secret)}")


def _post(url: str, words: str) -> UpstreamRequest:
    headers = (("Content-Type", _FORM), ("Accept", "application/json"), ("User-Agent", "ouro"))
    return UpstreamRequest("POST", url, headers, words.encode())


def _absolute(base: str, address: Any) -> str:
    if not isinstance(address, str) or not address:
        return ""
    try:
        return urljoin(base, address)
    except ValueError:
        return ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _seconds(value: Any, otherwise: float) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return min(float(value), 3600.0) if is_number and value > 0 else otherwise
