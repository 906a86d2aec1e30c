"""Digest authentication: a challenge is met once, with the same call, and within the same time."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from ouro_cli.settings import Settings
from ouro_cli.upstream.client import send
from ouro_cli.wire.outcome import NoAnswer, UpstreamResponse
from ouro_cli.wire.request import UpstreamRequest
from tests.support.digest_server import PASSWORD, USER, DigestServer
from tests.support.upstream import Call, Reply, serving

SETTINGS = Settings(home=Path("/nowhere"), user="ada", call_seconds=10)


def _request(url: str, password: str = PASSWORD) -> UpstreamRequest:
    headers = (("Content-Type", "text/plain"),)
    return UpstreamRequest("POST", f"{url}/x?a=1", headers, b"the body", digest=(USER, password))


@pytest.mark.parametrize(
    "server",
    [
        pytest.param(DigestServer("MD5"), id="MD5"),
        pytest.param(DigestServer("SHA-256"), id="SHA-256"),
        pytest.param(DigestServer("MD5-sess"), id="a session of MD5"),
        pytest.param(DigestServer("SHA-512-256", "SHA-256"), id="the first that is known"),
        pytest.param(DigestServer("MD5", qop=None), id="as RFC 2069 had it"),
        pytest.param(DigestServer("MD5", qop="auth,auth-int"), id="two qualities"),
    ],
)
def test_a_challenge_is_met_with_the_same_call(server: DigestServer) -> None:
    with serving(server) as upstream:
        answer = send(_request(upstream.url), SETTINGS)
    assert isinstance(answer, UpstreamResponse)
    assert answer.status == 200
    first, second = upstream.calls
    assert "authorization" not in first.headers
    assert (first.body, second.body) == (b"the body", b"the body")
    assert not [call for call in upstream.calls if PASSWORD in str(call.headers)]


def test_a_wrong_password_is_tried_once() -> None:
    with serving(DigestServer()) as upstream:
        answer = send(_request(upstream.url, "wrong"), SETTINGS)
    assert isinstance(answer, UpstreamResponse)
    assert (answer.status, len(upstream.calls)) == (401, 2)


@pytest.mark.parametrize(
    ("server", "why"),
    [
        (DigestServer("SHA-512-256"), "unknown algorithm"),
        (DigestServer(qop="auth-int"), "auth-int alone"),
        (DigestServer(qop="none"), "unknown quality"),
        (lambda _: Reply(401, {}, {"www-authenticate": "Digest realm"}), "malformed"),
        (lambda _: Reply(401, {}, {"www-authenticate": 'Digest realm="x"'}), "malformed"),
    ],
)
def test_a_challenge_that_cannot_be_met_says_that_nothing_ran(server: object, why: str) -> None:
    with serving(server) as upstream:  # type: ignore[arg-type]
        answer = send(_request(upstream.url), SETTINGS)
    assert isinstance(answer, NoAnswer)
    assert (answer.step, answer.was_sent, len(upstream.calls)) == ("digest", False, 1)
    assert why in answer.why


@pytest.mark.parametrize("stated", ['Basic realm="x"', "Bearer"])
def test_another_challenge_is_not_ours_to_meet(stated: str) -> None:
    with serving(lambda _: Reply(401, {}, {"www-authenticate": stated})) as upstream:
        answer = send(_request(upstream.url), SETTINGS)
    assert isinstance(answer, UpstreamResponse)
    assert len(upstream.calls) == 1


def test_what_comes_after_other_challenges_is_found() -> None:
    digest = DigestServer()

    def server(call: Call) -> Reply:
        reply = digest(call)
        if reply.status == 401:
            reply.headers["www-authenticate"] = f"Negotiate, {reply.headers['www-authenticate']}"
        return reply

    with serving(server) as upstream:
        answer = send(_request(upstream.url), SETTINGS)
    assert isinstance(answer, UpstreamResponse)
    assert answer.status == 200


def test_without_a_password_nothing_is_sent_again() -> None:
    with serving(DigestServer()) as upstream:
        send(replace(_request(upstream.url), digest=None), SETTINGS)
    assert len(upstream.calls) == 1


def test_a_redirect_is_challenged_anew() -> None:
    digest = DigestServer()

    def server(call: Call) -> Reply:
        reply = digest(call)
        moves = reply.status == 200 and call.path.startswith("/x")
        return Reply(307, None, {"location": "/y"}) if moves else reply

    with serving(server) as upstream:
        answer = send(_request(upstream.url), SETTINGS)
    assert isinstance(answer, UpstreamResponse)
    assert (answer.status, [call.path for call in upstream.calls]) == (
        200,
        ["/x?a=1", "/x?a=1", "/y", "/y"],
    )


def test_one_deadline_covers_challenge_and_answer() -> None:
    digest = DigestServer()

    def slow(call: Call) -> Reply:
        time.sleep(0.6)
        return digest(call)

    with serving(slow) as upstream:
        answer = send(_request(upstream.url), replace(SETTINGS, call_seconds=1))
    assert isinstance(answer, NoAnswer)
    assert "timed out" in answer.why
