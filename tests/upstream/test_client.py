"""One request, one answer, within bounds: whatever a server does, the call ends and says how."""

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from ouro_cli.settings import Settings
from ouro_cli.upstream.client import send
from ouro_cli.wire.forms import FileBytes, Multipart, Part
from ouro_cli.wire.outcome import NoAnswer, UpstreamResponse
from ouro_cli.wire.request import UpstreamRequest
from tests.support.upstream import Call, Reply, serving

SETTINGS = Settings(home=Path("/nowhere"), user="ada", call_seconds=2, largest_response=100_000)


def _get(url: str, **settings: float) -> UpstreamResponse | NoAnswer:
    return send(UpstreamRequest("GET", url, ()), replace(SETTINGS, **settings))  # type: ignore[arg-type]


@contextmanager
def _speaking(speak: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that reads a request's head, and then speaks as it likes."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            try:
                connection, _ = server.accept()
                with connection:
                    connection.recv(65536)
                    speak(connection)
            except OSError:
                pass

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        server.close()
        thread.join(timeout=10)


def _drip(prefix: bytes, piece: bytes) -> Callable[[socket.socket], None]:
    def speak(connection: socket.socket) -> None:
        connection.sendall(prefix)
        for _ in range(60):
            time.sleep(0.1)
            connection.sendall(piece)

    return speak


OK = b"HTTP/1.1 200 OK\r\n"


def test_an_answer_is_read_whole_and_as_it_is() -> None:
    data = b'{"a": 1}\x00\xff'
    with serving(lambda _: Reply(201, data, {"x-a": "1"})) as upstream:
        answer = _get(f"{upstream.url}/x")
    assert isinstance(answer, UpstreamResponse)
    assert (answer.status, answer.data, answer.header("x-a")) == (201, data, "1")


def test_gzip_is_unpacked_and_nothing_else_is_asked_for() -> None:
    packed = gzip.compress(b"hello" * 100)
    with serving(lambda _: Reply(200, packed, {"content-encoding": "gzip"})) as upstream:
        answer = _get(upstream.url)
        asked = upstream.calls[0].headers["accept-encoding"]
    assert isinstance(answer, UpstreamResponse)
    assert answer.data == b"hello" * 100
    assert asked == "gzip, identity"


@pytest.mark.parametrize(
    ("data", "headers"),
    [
        pytest.param(b"x" * 100_001, {}, id="plain"),
        pytest.param(gzip.compress(b"\0" * 50_000_000), {"content-encoding": "gzip"}, id="bomb"),
    ],
)
def test_what_is_too_large_is_given_up(data: bytes, headers: dict[str, str]) -> None:
    with serving(lambda _: Reply(200, data, headers)) as upstream:
        answer = _get(upstream.url)
    assert answer == NoAnswer("read", "the answer is larger than 100000 bytes", was_sent=True)


@pytest.mark.parametrize(
    "speak",
    [
        pytest.param(_drip(OK, b"x"), id="header by byte"),
        pytest.param(_drip(OK + b"content-length: 1000\r\n\r\n", b"x"), id="body by byte"),
        pytest.param(_drip(OK + b"transfer-encoding: chunked\r\n\r\n", b"1\r\nx\r\n"), id="chunks"),
        pytest.param(_drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), id="endless continue"),
        pytest.param(lambda _: time.sleep(6), id="nothing at all"),
    ],
)
def test_a_call_ends_in_time_however_it_drips(speak: Callable[[socket.socket], None]) -> None:
    with _speaking(speak) as url:
        began = time.monotonic()
        answer = _get(url, call_seconds=0.5)
        took = time.monotonic() - began
    assert isinstance(answer, NoAnswer)
    assert "timed out" in answer.why
    assert answer.was_sent
    assert took < 5


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(OK + b"content-length: 100\r\n\r\nshort", id="length"),
        pytest.param(OK + b"transfer-encoding: chunked\r\n\r\n5\r\nab", id="chunked"),
        pytest.param(
            OK
            + b"content-encoding: gzip\r\nconnection: close\r\n\r\n"
            + gzip.compress(b"x" * 99)[:20],
            id="gzip",
        ),
        pytest.param(b"garbage\r\n\r\n", id="no HTTP"),
        pytest.param(b"", id="nothing"),
        pytest.param(OK + b"a: b\r\n" * 300 + b"content-length: 0\r\n\r\n", id="300 headers"),
    ],
)
def test_half_an_answer_is_none(said: bytes) -> None:
    with _speaking(lambda connection: connection.sendall(said)) as url:
        answer = _get(url)
    assert isinstance(answer, NoAnswer)
    assert answer.was_sent


def test_nobody_there_was_certainly_not_sent() -> None:
    answer = _get("http://127.0.0.1:9/")
    assert isinstance(answer, NoAnswer)
    assert (answer.step, answer.was_sent) == ("connect", False)
    assert "refused" in answer.why


@pytest.mark.parametrize(
    ("status", "method", "body"),
    [
        (301, "GET", b""),
        (302, "GET", b""),
        (303, "GET", b""),
        (307, "POST", b"1"),
        (308, "POST", b"1"),
    ],
)
def test_a_redirect_within_the_origin_is_followed(status: int, method: str, body: bytes) -> None:
    def answer(call: Call) -> Reply:
        if call.path == "/there":
            return Reply(200, {"arrived": True})
        return Reply(status, None, {"location": "/there"})

    with serving(answer) as upstream:
        request = UpstreamRequest("POST", f"{upstream.url}/here", (("content-type", "x/y"),), b"1")
        arrived = send(request, SETTINGS)
        second = upstream.calls[1]
    assert isinstance(arrived, UpstreamResponse)
    assert arrived.status == 200
    assert (second.method, second.body) == (method, body)
    assert ("content-type" in second.headers) is bool(body)


def test_redirects_without_end_are_given_up() -> None:
    with serving(lambda _: Reply(307, None, {"location": "/again"})) as upstream:
        answer = _get(upstream.url)
        assert len(upstream.calls) == 6
    assert answer == NoAnswer("read", "more than 5 redirects", was_sent=True)


def test_a_redirect_to_another_origin_is_an_answer_and_is_not_followed() -> None:
    with serving(lambda _: Reply(200)) as other:
        where = {"location": f"{other.url}/stolen"}
        with serving(lambda _: Reply(302, None, where)) as upstream:
            answer = _get(upstream.url)
        assert isinstance(answer, UpstreamResponse)
        assert answer.status == 302
        assert other.calls == []


def test_what_cannot_be_an_address_is_not_sent() -> None:
    for url in ("http://127.0.0.1:99999/", "http://[::1/", "http:///x"):
        answer = _get(url)
        assert isinstance(answer, NoAnswer), url
        assert not answer.was_sent


def test_an_error_never_shows_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HTTP_PROXY", raising=False)
    request = UpstreamRequest("GET", "http://127.0.0.1:9/x", (), secret_query=(("k", "canary"),))
    answer = send(request, SETTINGS)
    assert "canary" not in repr(answer)
    assert "canary" not in repr(request)


def test_loopback_is_never_proxied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with serving(lambda _: Reply(200, {})) as upstream:
        assert isinstance(_get(upstream.url), UpstreamResponse)


def _form(path: Path, size: int) -> Multipart:
    return Multipart("b", (Part("f", FileBytes(str(path), size, "a.bin"), "a/b"),))


def test_a_body_of_parts_goes_out_with_its_length_and_again_after_a_redirect(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.bin").write_bytes(b"\x00\xff" * 300_000)

    def answer(call: Call) -> Reply:
        return Reply(307, headers={"location": "/b"}) if call.path == "/a" else Reply(200, {})

    with serving(answer) as upstream:
        request = UpstreamRequest(
            "POST", f"{upstream.url}/a", (), _form(tmp_path / "a.bin", 600_000)
        )
        answered = send(request, SETTINGS)

    assert isinstance(answered, UpstreamResponse)
    first, second = upstream.calls
    assert first.body == second.body
    assert first.body.count(b"\x00\xff") == 300_000
    assert int(first.headers["content-length"]) == len(first.body)
    assert "transfer-encoding" not in first.headers


@pytest.mark.parametrize("size", [5, 7])
def test_a_file_that_is_not_what_it_was_is_not_sent(tmp_path: Path, size: int) -> None:
    (tmp_path / "a.bin").write_bytes(b"123456")
    with serving(lambda _: Reply(200, {})) as upstream:
        for path in (tmp_path / "a.bin", tmp_path / "gone"):
            request = UpstreamRequest("POST", upstream.url, (), _form(path, size))
            answered = send(request, SETTINGS)
            assert answered == NoAnswer("send", "a file of the request is no longer kept", False)
    assert upstream.calls == []
