"""HTTP digest authentication: the answer to a server's challenge (RFC 7616), computed by httpx."""

from dataclasses import replace

import httpx

from ouro_cli.wire.outcome import UpstreamResponse
from ouro_cli.wire.request import UpstreamRequest


def answer_challenge(
    request: UpstreamRequest, response: UpstreamResponse
) -> UpstreamRequest | None:
    """The request with the answer to the challenge in a 401; None where there is none to answer.

    A call that was answered with a challenge has not been run: to send it again is no second call.
    """
    if request.digest is None or response.status != 401:
        return None
    flow = httpx.DigestAuth(*request.digest).sync_auth_flow(
        httpx.Request(request.method, request.full_url)
    )
    asked = next(flow)
    try:
        answered = flow.send(httpx.Response(401, headers=list(response.headers), request=asked))
    except (StopIteration, httpx.ProtocolError):
        return None
    header = ("Authorization", answered.headers["authorization"])
    return replace(request, digest=None, secret_headers=(*request.secret_headers, header))
