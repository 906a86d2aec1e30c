"""No secret and no body ever reaches a second origin, however a server redirects."""

import socket
import ssl
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trustme

from ouro_cli.settings import Settings
from ouro_cli.upstream.client import send
from ouro_cli.upstream.redirects import target_of, why_refused
from ouro_cli.wire.outcome import UpstreamResponse
from ouro_cli.wire.request import UpstreamRequest
from tests.upstream.servers import Speak, saying, speaking

SETTINGS = Settings(home=Path("/nowhere"), user="ada", call_seconds=20)
CANARY = "canary0123456789"
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"

STATUSES = (301, 302, 303, 307, 308)
PLACES: dict[str, dict[str, Any]] = {
    "header key": {"secret_headers": (("X-API-Key", CANARY),)},
    "bearer": {"secret_headers": (("Authorization", f"Bearer {CANARY}"),)},
    "basic": {"secret_headers": (("Authorization", f"Basic {CANARY}"),)},
    "cookie": {"secret_headers": (("Cookie", f"session={CANARY}"),)},
    "query key": {"secret_query": (("api_key", CANARY),)},
    "body key": {"body": f'{{"key": "{CANARY}"}}'.encode()},
}
ORIGINS = {
    "host": ("http://api.test", "http://other.test"),
    "port": ("http://api.test", "http://api.test"),
    "scheme": ("https://api.test", "http://api.test"),
    "userinfo": ("http://api.test", "http://ada:pw@api.test"),
    "subdomain": ("http://api.test", "http://sub.api.test"),
    "localhost": ("http://127.0.0.1", "http://localhost"),
}


@pytest.fixture(autouse=True)
def every_name_is_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A resolver that knows every name: nothing but our own rule holds a request back."""
    really = socket.getaddrinfo

    def resolve(_host: Any, *arguments: Any, **words: Any) -> Any:
        return really("127.0.0.1", *arguments, **words)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, str]:
    """What a server at https://api.test speaks with, and the file that makes it trusted."""
    authority = trustme.CA()
    trusted = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(trusted)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("api.test").configure_cert(context)
    return context, str(trusted)


def _request(url: str, place: str) -> UpstreamRequest:
    plain = UpstreamRequest("POST", url, (("Content-Type", "application/json"),), b'{"a": 1}')
    return replace(plain, **PLACES[place])


def _redirecting(status: int, where: str) -> Speak:
    head = f"HTTP/1.1 {status} Moved\r\nlocation: {where}\r\ncontent-length: 0\r\n\r\n"
    return saying(head.encode())


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("origin", ORIGINS)
def test_nothing_reaches_the_second_origin(
    origin: str,
    status: int,
    place: str,
    secured: tuple[ssl.SSLContext, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here, there = ORIGINS[origin]
    monkeypatch.setenv("SSL_CERT_FILE", secured[1])
    tls = secured[0] if here.startswith("https") else None
    with (
        speaking(saying(OK)) as second,
        speaking(_redirecting(status, f"{there}:{second.port}/b"), tls) as first,
    ):
        answer = send(_request(f"{here}:{first.port}/a", place), SETTINGS)
        assert CANARY.encode() in first.received
        assert (first.connections, second.connections, second.received) == (1, 0, b"")
    assert isinstance(answer, UpstreamResponse)
    assert answer.status == status
    refusal = why_refused(target_of(answer) or "", answer.url)
    assert refusal
    assert "pw" not in refusal
    assert CANARY not in refusal


@pytest.mark.parametrize("place", [each for each in PLACES if each != "body key"])
def test_within_the_origin_a_redirect_is_followed_with_its_secret(place: str) -> None:
    # So that the cells above do not hold for want of redirects.
    with speaking(_redirecting(307, "/b")) as server:
        really = server.speak
        server.speak = lambda connection: (saying(OK) if b"POST /b" in server.received else really)(
            connection
        )
        answer = send(_request(f"http://api.test:{server.port}/a", place), SETTINGS)
        assert server.received.count(CANARY.encode()) == 2
    assert isinstance(answer, UpstreamResponse)
    assert (answer.status, answer.facts["redirects"]) == (200, 1)


@pytest.mark.parametrize(
    ("where", "refused"),
    [
        ("http://ada:pw@api.test:80/b", "with a password of its own"),
        ("//evil.test/b", "another origin, http://evil.test/b"),
        ("http://api.test@evil.test/", "a password of its own"),
        ("http://api.test.evil.test/", "another origin"),
        ("http://evil.test\\@api.test/", "a password of its own"),
        ("https://api.test/b", "another origin"),
        ("ftp://api.test/b", "another origin"),
        ("javascript:alert(1)", "another origin"),
        ("http://[::1", "no address"),
        ("http://API.test:80/b?key=1", ""),
        ("/b", ""),
        ("?b", ""),
    ],
)
def test_where_a_redirect_may_lead(where: str, refused: str) -> None:
    found = UpstreamResponse(302, (("location", where),), b"", "http://api.test/a")
    target = target_of(found)
    said = why_refused(target, "http://api.test/a") if target else "it is no address"
    assert refused in said
    assert bool(said) is bool(refused)
