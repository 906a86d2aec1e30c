"""Where and why a call ended without an answer: each fault has a step and words of its own."""

import datetime
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trustme

from ouro_cli.settings import Settings
from ouro_cli.upstream.client import send
from ouro_cli.wire.outcome import NoAnswer, UpstreamResponse
from ouro_cli.wire.request import UpstreamRequest
from tests.upstream.servers import saying, speaking

SETTINGS = Settings(home=Path("/nowhere"), user="ada", call_seconds=3, connect_seconds=0.5)
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"


def _get(url: str, *, verify: bool = True, **settings: Any) -> UpstreamResponse | NoAnswer:
    request = UpstreamRequest("GET", url, (), verify=verify)
    return send(request, replace(SETTINGS, **settings))


def _failed(url: str, **settings: Any) -> NoAnswer:
    answer = _get(url, **settings)
    assert isinstance(answer, NoAnswer)
    return answer


class Certificates:
    """An authority that is trusted, and what its servers speak with."""

    def __init__(self) -> None:
        self.authority = trustme.CA()

    def context(self, host: str = "localhost", **words: Any) -> ssl.SSLContext:
        """A server's context with a certificate for this host."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert(host, **words).configure_cert(context)
        return context


@pytest.fixture
def certificates(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Certificates:
    """They are what is trusted while the test lasts."""
    made = Certificates()
    made.authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return made


def _tls_1_1() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning):
        context.minimum_version = ssl.TLSVersion.TLSv1_1
    with pytest.warns(DeprecationWarning):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


def test_a_slow_resolver_is_not_waited_for_longer_than_the_call_may_take(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stop = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: stop.wait(30))
    began = time.monotonic()
    failed = _failed("http://api.test/", call_seconds=0.3)
    took = time.monotonic() - began
    stop.set()
    assert (failed.step, failed.was_sent) == ("dns", False)
    assert "timed out" in failed.why
    assert took < 5


def test_four_certificates_and_versions_are_refused_each_in_its_own_words(
    certificates: Certificates,
) -> None:
    past = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    said = []
    for context in (
        Certificates().context(),
        certificates.context(not_before=past, not_after=past + datetime.timedelta(days=9)),
        certificates.context("elsewhere.test"),
        _tls_1_1(),
    ):
        with speaking(saying(OK), context) as server:
            failed = _failed(f"https://localhost:{server.port}/")
            assert server.received == b""
        assert (failed.step, failed.was_sent, failed.is_lasting) == ("tls", False, True)
        said.append(failed.why)
    assert "expired" in said[1]
    assert "elsewhere" not in said[0]
    assert "match" in said[2]
    assert "older than 1.2" in said[3]
    assert len(set(said)) == 4


def test_a_trusted_certificate_is_trusted(certificates: Certificates) -> None:
    with speaking(saying(OK), certificates.context()) as server:
        answer = _get(f"https://localhost:{server.port}/")
    assert isinstance(answer, UpstreamResponse)
    assert "tls_verify" not in answer.facts


def test_insecure_takes_any_certificate_and_says_so() -> None:
    with speaking(saying(OK), Certificates().context("elsewhere.test")) as server:
        answer = _get(f"https://localhost:{server.port}/", verify=False)
    assert isinstance(answer, UpstreamResponse)
    assert answer.facts["tls_verify"] is False


def test_certificates_that_cannot_be_read_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/ca.pem")
    failed = _failed("https://localhost:9/")
    assert (failed.step, failed.was_sent) == ("tls", False)
    assert "no such file" in failed.why


@pytest.fixture
def full_port() -> Iterator[int]:
    """A port whose queue is full: whoever connects waits."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        yield int(server.getsockname()[1])


def _unknown_host(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def resolve(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(code, f"no address ({code})")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")


def test_every_fault_has_a_step_and_words_of_its_own(
    monkeypatch: pytest.MonkeyPatch, full_port: int
) -> None:
    failures: dict[str, NoAnswer] = {}
    for code, name in ((-2, "no such name"), (-3, "no resolver")):
        with monkeypatch.context() as patch:
            _unknown_host(patch, code)
            failures[name] = _failed("http://api.test/")
    failures["refused"] = _failed("http://127.0.0.1:9/")
    failures["no room"] = _failed(f"http://127.0.0.1:{full_port}/")
    with speaking(saying(b"plain words\r\n\r\n")) as server:
        failures["no TLS"] = _failed(f"https://127.0.0.1:{server.port}/")
    with speaking(_reset) as server:
        failures["reset"] = _failed(f"http://127.0.0.1:{server.port}/")
    with speaking(saying(b"")) as server:
        failures["closed"] = _failed(f"http://127.0.0.1:{server.port}/")
    with speaking(saying(b"garbage\r\n\r\n")) as server:
        failures["no HTTP"] = _failed(f"http://127.0.0.1:{server.port}/")
    with speaking(lambda _: time.sleep(1)) as server:
        failures["silent"] = _failed(f"http://127.0.0.1:{server.port}/", call_seconds=0.4)
    with monkeypatch.context() as patch:
        patch.setenv("HTTP_PROXY", "http://ada:canary@127.0.0.1:9")
        failures["proxy"] = _failed("http://api.test/")

    said = {name: f"{each.step}: {each.why}" for name, each in failures.items()}
    assert len(set(said.values())) == len(said) == 10, said
    assert {name for name, each in failures.items() if each.was_sent} == {
        "reset", "closed", "no HTTP", "silent",
    }  # fmt: skip
    assert [failures[name].step for name in ("no such name", "refused", "no TLS", "proxy")] == [
        "dns", "connect", "tls", "proxy",
    ]  # fmt: skip
    assert failures["proxy"].facts == {"proxy": "127.0.0.1:9"}
    assert "canary" not in repr(failures)


DRIPS: dict[str, Callable[[socket.socket], None]] = {}


def _drip(name: str, prefix: bytes, piece: bytes) -> None:
    def speak(connection: socket.socket) -> None:
        connection.sendall(prefix)
        while True:
            time.sleep(0.05)
            connection.sendall(piece)

    DRIPS[name] = speak


HEAD = b"HTTP/1.1 200 OK\r\n"
_drip("status line by byte", b"HTTP/1.1 200 ", b"O")
_drip("header by byte", HEAD, b"x")
_drip("header by header", HEAD, b"a: b\r\n")
_drip("body by byte", HEAD + b"content-length: 100000\r\n\r\n", b"x")
_drip("body without length", HEAD + b"\r\n", b"x")
_drip("chunk by chunk", HEAD + b"transfer-encoding: chunked\r\n\r\n", b"1\r\nx\r\n")
_drip("endless continue", b"", b"HTTP/1.1 100 Continue\r\n\r\n")


def _redirect_slowly(connection: socket.socket) -> None:
    time.sleep(0.2)
    connection.sendall(b"HTTP/1.1 307 X\r\nlocation: /\r\ncontent-length: 0\r\n\r\n")


DRIPS["redirect without end"] = _redirect_slowly


@pytest.mark.parametrize("name", DRIPS)
def test_no_drip_outlasts_the_call(name: str) -> None:
    with speaking(DRIPS[name]) as server:
        began = time.monotonic()
        failed = _failed(f"http://127.0.0.1:{server.port}/", call_seconds=0.5)
        took = time.monotonic() - began
    assert took < 5
    assert "timed out" in failed.why
    assert failed.was_sent


def test_no_drip_outlasts_the_call_in_another_thread_either() -> None:
    found: list[NoAnswer] = []
    with speaking(DRIPS["header by byte"]) as server:
        url = f"http://127.0.0.1:{server.port}/"
        thread = threading.Thread(target=lambda: found.append(_failed(url, call_seconds=0.5)))
        began = time.monotonic()
        thread.start()
        thread.join()
        took = time.monotonic() - began
    assert took < 5
    assert "timed out" in found[0].why


@pytest.mark.parametrize(
    ("url", "proxied"),
    [
        ("http://api.test/", True),
        ("http://8.8.8.8/", True),
        ("http://localhost/", False),
        ("http://api.localhost/", False),
        ("http://127.0.0.1/", False),
        ("http://10.1.2.3/", False),
        ("http://192.168.0.1/", False),
        ("http://[::1]/", False),
        ("http://[fd00::1]/", False),
        ("http://169.254.169.254/", False),
        ("http://excepted.test/", False),
        ("ftp://api.test/", False),
        ("http://[::1", False),
    ],
)
def test_what_lies_inward_is_never_proxied(
    monkeypatch: pytest.MonkeyPatch, url: str, proxied: bool
) -> None:
    from ouro_cli.upstream.proxies import proxy_for, shown  # noqa: PLC0415

    monkeypatch.setenv("http_proxy", "ada:canary@proxy.test:3128")
    monkeypatch.setenv("no_proxy", "excepted.test")
    proxy = proxy_for(url)
    assert (proxy is not None) is proxied
    if proxy is not None:
        assert shown(proxy) == "proxy.test:3128"


def test_what_passes_a_proxy_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with speaking(saying(OK)) as server:
        monkeypatch.setenv("HTTP_PROXY", f"http://ada:pw@127.0.0.1:{server.port}")
        answer = _get("http://api.test/x")
        assert server.received.startswith(b"GET http://api.test/x HTTP/1.1\r\n")
    assert isinstance(answer, UpstreamResponse)
    assert answer.facts == {"proxy": f"127.0.0.1:{server.port}"}
