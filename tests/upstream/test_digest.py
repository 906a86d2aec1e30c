"""HTTP digest authentication, against a server that checks what it is told (RFC 7616)."""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from ouro_cli.settings import Settings
from ouro_cli.upstream.client import send
from ouro_cli.wire.outcome import UpstreamResponse
from ouro_cli.wire.request import UpstreamRequest
from tests.support.upstream import Call, Reply, serving

NONCE = "dcd98b7102dd2f0e8b11d0f600bfb0c0"


def guard(algorithm: str, hashed: Callable[[str], str]) -> Callable[[Call], Reply]:
    """A server that lets `ada` with the password `open: sesame` in, and nobody else."""
    challenge = f'Digest realm="lab", qop="auth", nonce="{NONCE}", algorithm={algorithm}'

    def answer(call: Call) -> Reply:
        told = dict(re.findall(r'(\w+)="?([^",]+)"?', call.headers.get("authorization", "")))
        if not told:
            return Reply(401, {"detail": "who?"}, {"www-authenticate": challenge})
        who = hashed("ada:lab:open: sesame")
        what = hashed(f"{call.method}:{told['uri']}")
        middle = f"{NONCE}:{told['nc']}:{told['cnonce']}:auth"
        is_right = told["response"] == hashed(f"{who}:{middle}:{what}")
        return Reply(200 if is_right else 401, {"path": told["uri"]})

    return answer


def sent(url: str, home: Path, digest: tuple[str, str] | None) -> UpstreamResponse:
    request = UpstreamRequest("POST", f"{url}/x?y=1", (), b"body", digest=digest)
    answer = send(request, Settings(home=home, user="ada"))
    assert isinstance(answer, UpstreamResponse)
    return answer


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_a_challenge_is_answered_and_the_body_goes_along(algorithm: str, tmp_path: Path) -> None:
    name = algorithm.replace("-", "").lower()

    def hashed(text: str) -> str:
        return hashlib.new(name, text.encode()).hexdigest()

    with serving(guard(algorithm, hashed)) as upstream:
        answer = sent(upstream.url, tmp_path, ("ada", "open: sesame"))
    assert answer.status == 200
    assert [call.body for call in upstream.calls] == [b"body", b"body"]


def test_a_wrong_password_is_not_tried_for_ever(tmp_path: Path) -> None:
    with serving(guard("MD5", lambda text: hashlib.md5(text.encode()).hexdigest())) as upstream:
        answer = sent(upstream.url, tmp_path, ("ada", "wrong"))
    assert (answer.status, len(upstream.calls)) == (401, 2)


def test_a_challenge_of_another_kind_is_not_answered(tmp_path: Path) -> None:
    basic = {"www-authenticate": 'Basic realm="lab"'}
    with serving(lambda _: Reply(401, {}, basic)) as upstream:
        answer = sent(upstream.url, tmp_path, ("ada", "open: sesame"))
    assert (answer.status, len(upstream.calls)) == (401, 1)


def test_nobody_answers_a_challenge_without_a_credential(tmp_path: Path) -> None:
    with serving(guard("MD5", str)) as upstream:
        assert sent(upstream.url, tmp_path, None).status == 401
    assert len(upstream.calls) == 1
