"""Bodies of any size: whole, or said to be cut, with what came of them; never more than a little
in memory."""

import gzip
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ouro_cli.settings import Settings
from ouro_cli.upstream.answer_body import HEAD, MOST_IN_MEMORY
from ouro_cli.upstream.client import send
from ouro_cli.wire.outcome import NoAnswer, UpstreamResponse
from ouro_cli.wire.request import UpstreamRequest
from tests.support.bombs import BOMBS
from tests.upstream.servers import saying, speaking

SETTINGS = Settings(home=Path("/nowhere"), user="ada", call_seconds=20)
OK = b"HTTP/1.1 200 OK\r\n"


def _get(port: int, draft: Path, method: str = "GET", **settings: Any) -> Any:
    request = UpstreamRequest(method, f"http://127.0.0.1:{port}/", (), draft=str(draft))
    return send(request, replace(SETTINGS, **settings))


def _head(*headers: bytes) -> bytes:
    return OK + b"".join(each + b"\r\n" for each in headers) + b"\r\n"


BODY = b'{"rows": [' + b"1, " * 300 + b"1]}"
PACKED = gzip.compress(bytes(range(256)) * 20)
WAYS = {
    "length": _head(b"content-length: %d" % len(BODY)) + BODY,
    "chunked": _head(b"transfer-encoding: chunked")
    + b"".join(b"%x\r\n%b\r\n" % (len(BODY[at : at + 97]), BODY[at : at + 97]) for at in range(0, len(BODY), 97))  # noqa: E501
    + b"0\r\n\r\n",
    "gzip": _head(b"content-encoding: gzip", b"connection: close") + PACKED,
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_a_whole_answer_is_whole(way: str, tmp_path: Path) -> None:
    with speaking(saying(WAYS[way])) as server:
        answer = _get(server.port, tmp_path / "draft")
    assert isinstance(answer, UpstreamResponse)
    assert answer.data in (BODY, bytes(range(256)) * 20)
    assert answer.draft is None


@pytest.mark.parametrize("cut", range(20))
@pytest.mark.parametrize("way", WAYS)
def test_an_answer_that_is_cut_anywhere_is_never_a_success_and_what_came_is_kept(
    way: str, cut: int, tmp_path: Path
) -> None:
    whole = WAYS[way]
    start = whole.index(b"\r\n\r\n") + 4
    at = start + (len(whole) - start) * cut // 20
    with speaking(saying(whole[:at])) as server:
        answer = _get(server.port, tmp_path / "draft")
    assert isinstance(answer, NoAnswer)
    assert (answer.step, answer.status, answer.was_sent) == ("read", 200, True)
    if answer.partial is not None:
        came = (tmp_path / "draft").read_bytes()
        assert answer.partial.size == len(came) > 0
        assert (BODY if way != "gzip" else bytes(range(256)) * 20).startswith(came)
    else:
        assert cut <= 1


def test_a_large_answer_lies_in_the_draft_byte_for_byte(tmp_path: Path) -> None:
    body = bytes(range(256)) * 20_000
    said = _head(b"content-length: %d" % len(body), b"content-type: a/b") + body
    with speaking(saying(said)) as server:
        answer = _get(server.port, tmp_path / "draft")
    assert (tmp_path / "draft").read_bytes() == body
    assert (answer.draft.size, answer.draft.media_type) == (len(body), "a/b")
    assert answer.data == answer.draft.head == body[:HEAD]


def test_a_small_answer_makes_no_file(tmp_path: Path) -> None:
    body = b"x" * MOST_IN_MEMORY
    with speaking(saying(_head(b"content-length: %d" % len(body)) + body)) as server:
        answer = _get(server.port, tmp_path / "draft")
    assert answer.data == body
    assert list(tmp_path.iterdir()) == []


def test_what_is_too_large_is_given_up_and_what_came_is_kept(tmp_path: Path) -> None:
    body = b"x" * 3_000_000
    with speaking(saying(_head(b"content-length: %d" % len(body)) + body)) as server:
        answer = _get(server.port, tmp_path / "draft", largest_response=2_000_000)
    assert answer == NoAnswer("read", "the answer is larger than 2000000 bytes", was_sent=True)
    assert answer.is_lasting
    assert (tmp_path / "draft").stat().st_size == answer.partial.size == 2_000_000


def test_a_draft_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    body = b"x" * 3_000_000
    with speaking(saying(_head(b"content-length: %d" % len(body)) + body)) as server:
        answer = _get(server.port, tmp_path / "nowhere" / "draft")
    assert isinstance(answer, NoAnswer)
    assert answer.why == "the answer cannot be written (no such file or directory)"


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_given_up(bomb: str, tmp_path: Path) -> None:
    encoding, data = BOMBS[bomb]()
    head = _head(b"content-encoding: " + encoding, b"content-length: %d" % len(data))
    with speaking(saying(head + data)) as server:
        answer = _get(server.port, tmp_path / "draft", largest_response=2**24)
    assert isinstance(answer, NoAnswer)
    assert answer.why == f"the answer is larger than {2**24} bytes"


@pytest.mark.parametrize("encoding", [b"gzip, gzip", b"x-gzip,identity, gzip", b"GZIP, GZIP"])
def test_what_is_packed_twice_is_unpacked_twice(encoding: bytes, tmp_path: Path) -> None:
    data = gzip.compress(gzip.compress(b"hello"))
    head = _head(b"content-encoding: " + encoding, b"content-length: %d" % len(data))
    with speaking(saying(head + data)) as server:
        assert _get(server.port, tmp_path / "draft").data == b"hello"


@pytest.mark.parametrize("encoding", [b"br", b"zstd", b"deflate", b"gzip, br"])
def test_what_was_not_asked_for_stays_as_it_came(encoding: bytes, tmp_path: Path) -> None:
    head = _head(b"content-encoding: " + encoding, b"content-length: 4")
    with speaking(saying(head + b"\x00\x01\x02\x03")) as server:
        answer = _get(server.port, tmp_path / "draft")
    assert answer.data == b"\x00\x01\x02\x03"


def test_what_has_no_body_needs_no_end(tmp_path: Path) -> None:
    head = _head(b"content-encoding: gzip", b"content-length: 99")
    with speaking(saying(head)) as server:
        assert _get(server.port, tmp_path / "draft", "HEAD").data == b""


def _flood(connection: socket.socket) -> None:
    connection.sendall(OK)
    while True:
        connection.sendall(b"a: " + b"b" * 1000 + b"\r\n")


FLOODS = {
    "endless": _flood,
    "one endless header": saying(OK + b"a: " + b"b" * 2_000_000 + b"\r\n\r\n"),
    "a thousand": saying(OK + b"a: b\r\n" * 1000 + b"content-length: 0\r\n\r\n"),
}


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_of_headers_is_no_answer(name: str, tmp_path: Path) -> None:
    with speaking(FLOODS[name]) as server:
        answer = _get(server.port, tmp_path / "draft")
    assert isinstance(answer, NoAnswer)
    assert answer.was_sent
