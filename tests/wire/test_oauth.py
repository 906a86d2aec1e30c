"""OAuth 2 over the wire: what is asked, and what is made of the answers, hostile ones included."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest

from ouro_cli.model.grant import Flow, Grant
from ouro_cli.wire import oauth
from ouro_cli.wire.outcome import NoAnswer, UpstreamResponse

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
GRANT = Grant(Flow.CODE, "it's/me", "https://auth.test/token", scopes=("read", "write"))


def _answer(value: Any, status: int = 200) -> UpstreamResponse:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return UpstreamResponse(status, (("content-type", "application/json"),), data)


def test_tokens_are_read_with_their_end_and_scopes() -> None:
    told = {"access_token": "a", "refresh_token": "r", "expires_in": 60, "scope": "read write"}
    tokens = oauth.read_tokens(_answer(told), NOW)
    assert (tokens.access_token, tokens.refresh_token) == ("a", "r")
    assert tokens.expires_at == NOW + timedelta(seconds=60)
    assert tokens.scopes == ("read", "write")


@pytest.mark.parametrize(
    ("stated", "seconds"),
    [("3600", 3600), (-5, 0), (10**30, 10**9), (None, None), (59.5, 59)],
)
def test_any_lifetime_is_bounded(stated: Any, seconds: int | None) -> None:
    tokens = oauth.read_tokens(_answer({"access_token": "a", "expires_in": stated}), NOW)
    expected = None if seconds is None else NOW + timedelta(seconds=seconds)
    assert tokens.expires_at == expected


@pytest.mark.parametrize(
    ("answer", "why", "may_pass"),
    [
        (NoAnswer("connect", "refused", False), "connect: refused", True),
        (_answer(b"<html>", 502), "it answered 502", True),
        (_answer(b"", 200), "it answered 200", False),
        (_answer({"error": "invalid_client"}, 401), "invalid_client", False),
        (_answer({"error": "temporarily_unavailable"}, 503), "temporarily", True),
        (_answer({"error": {"a": 1}, "error_description": 5}, 400), "a", False),
        (_answer([]), "no token", False),
        (_answer(b"null"), "no token", False),
        (_answer(b"[" * 100_000), "no token", False),
        (_answer({"access_token": "a", "scope": 5}), "no token", False),
        (_answer({"access_token": "a", "expires_in": "soon"}), "no token", False),
        (_answer({"access_token": {"a": 1}}), "cannot be sent", False),
        (_answer({"access_token": "a\r\nX: y"}), "cannot be sent", False),
        (_answer({"access_token": ""}), "cannot be sent|missing", False),
        (_answer({"access_token": "a", "token_type": "DPoP"}), "kind DPoP", False),
    ],
)
def test_what_is_no_token_is_refused(
    answer: UpstreamResponse | NoAnswer, why: str, may_pass: bool
) -> None:
    with pytest.raises(oauth.Refused, match=why) as refused:
        oauth.read_tokens(answer, NOW)
    assert refused.value.may_pass is may_pass


def test_a_secret_goes_as_basic_form_encoded_first() -> None:
    request = oauth.client_credentials_request(GRANT, "s3cret:/+")
    [(name, value)] = request.secret_headers
    # RFC 6749 section 2.3.1: "it's/me" and "s3cret:/+", each form-encoded, joined by a colon.
    assert (name, value) == ("Authorization", "Basic aXQlMjdzJTJGbWU6czNjcmV0JTNBJTJGJTJC")
    assert isinstance(request.body, bytes)
    assert b"s3cret" not in request.body


def test_a_public_client_says_its_name_alone() -> None:
    request = oauth.refresh_request(GRANT, None, "r")
    assert request.secret_headers == ()
    assert isinstance(request.body, bytes)
    assert parse_qs(request.body.decode())["client_id"] == [GRANT.client_id]


def test_a_verifier_is_proven_by_its_challenge() -> None:
    verifier, challenge = oauth.new_verifier()
    assert len(verifier) == 64
    assert len(challenge) == 43
    assert challenge not in verifier


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"{", b"[" * 100_000, b'{"issuer": 5}'])
def test_a_discovery_that_says_nothing_names_nothing(data: bytes) -> None:
    assert oauth.read_discovery(data) == oauth.Endpoints()


def test_a_servers_other_endpoints_are_asked_of_itself() -> None:
    found = oauth.Endpoints(authorization_url="https://auth.test/a/authorize?x=1")
    assert oauth.well_known(found) == (
        "https://auth.test/.well-known/oauth-authorization-server",
        "https://auth.test/.well-known/openid-configuration",
    )
    assert oauth.well_known(oauth.Endpoints()) == ()


@pytest.mark.parametrize("scheme", [{}, {"flows": []}, {"flows": {"implicit": "x"}}, {"flows": 1}])
def test_a_scheme_that_says_nothing_offers_nothing(scheme: dict[str, Any]) -> None:
    assert oauth.endpoints_of({"type": "oauth2", **scheme}, "https://api.test/") == (
        oauth.Endpoints()
    )
