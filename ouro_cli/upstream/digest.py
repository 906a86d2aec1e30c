"""Digest authentication (RFC 7616): the proof that a server's challenge asks for."""

import re

import httpx

from ouro_cli.safety import remember_secret
from ouro_cli.wire.outcome import NoAnswer, UpstreamResponse
from ouro_cli.wire.request import UpstreamRequest

_BEGINNING = re.compile(r"(?i)(?:^|,)\s*(?=digest\s)")
_HASH = re.compile(r'\bresponse="([^"]+)"')


def proof_for(request: UpstreamRequest, answer: UpstreamResponse) -> str | NoAnswer | None:
    """The `Authorization` that meets the answer's challenge; None where it makes none.

    NoAnswer where it makes one that cannot be met: the call was asked for, and did not run.
    """
    challenges = _challenges(answer)
    if request.digest is None or answer.status != 401 or not challenges:
        return None
    why = ""
    for challenge in challenges:
        try:
            proof = _proof(request, challenge)
        except (httpx.ProtocolError, NotImplementedError, KeyError, ValueError) as fault:
            # Several may be offered, one for each algorithm; httpx does not know them all.
            why = why or _reason(fault)
            continue
        if match := _HASH.search(proof):
            remember_secret(match.group(1))
        return proof
    return NoAnswer("digest", f"the challenge cannot be met ({why})", was_sent=False)


def _challenges(answer: UpstreamResponse) -> list[str]:
    stated = [value for name, value in answer.headers if name.lower() == "www-authenticate"]
    # One header may list several challenges, of several schemes (RFC 9110 section 11.6.1).
    parts = [part for value in stated for part in _BEGINNING.split(value)]
    return [part for part in parts if part[:7].lower() == "digest "]


def _proof(request: UpstreamRequest, challenge: str) -> str:
    assert request.digest is not None
    flow = httpx.DigestAuth(*request.digest).auth_flow(
        httpx.Request(request.method, request.full_url)
    )
    asked = next(flow)
    proven = flow.send(httpx.Response(401, headers={"www-authenticate": challenge}, request=asked))
    return str(proven.headers["authorization"])


def _reason(fault: Exception) -> str:
    match fault:
        case KeyError():
            return f"unknown algorithm {fault}"
        case NotImplementedError():
            return "it asks for auth-int alone"
        case httpx.ProtocolError():
            return "it is malformed, or asks for an unknown quality of protection"
        case _:
            return "it is malformed"
