"""A connection within its bounds, byte by byte: lengths, deadlines, sizes, and who must go."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ouro_cli import seat
from ouro_cli.web.lobby import MOST_CONNECTIONS
from tests.support.listening import Desk, Waiting, call_back, end_listener, listening, talk
from tests.support.program import Program

DONE = b'{"status": "completed", "response": 1}'


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, int]]:
    """A listener that gives a request two seconds, and the registry that it serves."""
    folder = tmp_path_factory.mktemp("connection")
    home = folder / "ouro"
    desk = Desk(home, folder)
    with listening(Program(home, OURO_CALLBACK_TIMEOUT="2s")) as port:
        yield desk, port
        desk.rt.store.close()
    end_listener(home)


@pytest.fixture
def action(place: tuple[Desk, int]) -> Waiting:
    (made,) = place[0].waiting(1, f"http://127.0.0.1:{place[1]}")
    return made


def _head(port: int, action: Waiting, *lines: str) -> bytes:
    first = f"POST /actions/{action.id}/response HTTP/1.1"
    said = [first, f"Host: 127.0.0.1:{port}", f"ouro-webhook-token: {action.token}", *lines]
    return "\r\n".join([*said, "", ""]).encode()


def _status(said: bytes) -> int:
    return int(said.split(b" ", 2)[1]) if said else 0


LENGTH = f"Content-Length: {len(DONE)}"


@pytest.mark.parametrize(
    "lines",
    [
        (LENGTH, LENGTH),
        (LENGTH, "Content-Length: 5"),
        ("Content-Length: -1",),
        ("Content-Length: +5",),
        ("Content-Length: 5, 5",),
        ("Content-Length: 0x10",),
        ("Content-Length: 5 5",),
        (LENGTH, "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked", LENGTH),
        ("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked, identity",),
        ("Transfer-Encoding: gzip, chunked",),
        ("Transfer-Encoding: xchunked",),
        ("Transfer-Encoding:\x0bchunked",),
        ("X: a\r\n b", LENGTH),
        ("X : a", LENGTH),
        ("X\x00: a", LENGTH),
        ("Host: evil.example", LENGTH),
    ],
)
def test_d7_a_request_that_could_be_cut_in_two_ways_is_refused(
    place: tuple[Desk, int], action: Waiting, lines: tuple[str, ...]
) -> None:
    desk, port = place
    said = talk(port, _head(port, action, *lines) + DONE + b"0\r\n\r\n")
    assert _status(said) in (400, 421), said
    assert b"HTTP/1.1 200" not in said
    assert desk.status(action) == "in-progress"


@pytest.mark.parametrize(
    "chunks",
    [
        b"zz\r\n{}\r\n0\r\n\r\n",
        b"-1\r\n{}\r\n0\r\n\r\n",
        b"fffffffffffffffff\r\n{}\r\n0\r\n\r\n",
        b"2\n{}\n0\n\n",
        b"2\r\n{}xx\r\n0\r\n\r\n",
    ],
)
def test_d7_chunks_that_are_none_are_refused(
    place: tuple[Desk, int], action: Waiting, chunks: bytes
) -> None:
    desk, port = place
    said = talk(port, _head(port, action, "Transfer-Encoding: chunked") + chunks)
    assert _status(said) == 400, said
    assert desk.status(action) == "in-progress"


def test_a_second_request_hidden_in_the_first_ones_body_is_not_heard(
    place: tuple[Desk, int], action: Waiting
) -> None:
    desk, port = place
    (victim,) = desk.waiting(1)
    hidden = _head(port, victim, LENGTH) + DONE
    said = talk(port, _head(port, action, f"Content-Length: {len(hidden)}") + hidden)
    assert (_status(said), said.count(b"HTTP/1.1 ")) == (400, 1)
    assert desk.status(victim) == "in-progress"


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * 101 + b"\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: aaaa\r\n" * 20_000,
        b"GET / HTTP/1.1\r\nX: " + b"a" * 500_000,
    ],
    ids=["address", "header", "count", "endless headers", "endless header"],
)
def test_d7_a_head_that_is_too_large_is_refused(place: tuple[Desk, int], sent: bytes) -> None:
    assert _status(talk(place[1], sent)) == 431


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"\x00" * 100,
    ],
    ids=["TLS", "no address", "version", "HTTP/2", "proxy", "tunnel", "nothing"],
)
def test_what_is_no_request_of_ours_is_refused(place: tuple[Desk, int], sent: bytes) -> None:
    assert _status(talk(place[1], sent)) in (400, 421)


@pytest.mark.parametrize("part", [b"GET / HT", b"GET / HTTP/1.1\r\nX: a\r\n"])
def test_d7_a_head_that_does_not_end_is_given_up(place: tuple[Desk, int], part: bytes) -> None:
    began = time.monotonic()
    assert _status(talk(place[1], part)) == 408
    assert 1.5 < time.monotonic() - began < 6


def test_d7_a_connection_that_says_nothing_is_closed(place: tuple[Desk, int]) -> None:
    began = time.monotonic()
    assert talk(place[1], b"") == b""
    assert time.monotonic() - began < 6


@pytest.mark.parametrize("kind", ["Content-Length: 1000", "Transfer-Encoding: chunked"])
def test_d7_a_body_that_drips_is_given_up_after_its_time(
    place: tuple[Desk, int], action: Waiting, kind: str
) -> None:
    desk, port = place
    drip = b"1\r\n \r\n" if "chunked" in kind else b" "
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(_head(port, action, kind))
        connection.settimeout(0.1)
        said = b""
        while not said and time.monotonic() - began < 8:
            try:
                connection.sendall(drip)
                said = connection.recv(1000)
            except TimeoutError:
                continue
    assert _status(said) == 408
    assert time.monotonic() - began < 4
    assert desk.verdicts(action) == []


def test_an_expected_continue_is_given_to_the_right_token_alone(
    place: tuple[Desk, int], action: Waiting
) -> None:
    _, port = place
    head = _head(port, action, LENGTH, "Expect: 100-continue")
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head)
        assert connection.recv(1000).startswith(b"HTTP/1.1 100 Continue\r\n\r\n")
        connection.sendall(DONE)
        assert _status(connection.recv(1000)) == 200
    wrong = head.replace(action.token.encode(), b"wrong")
    assert _status(talk(port, wrong)) == 401


def test_an_offer_of_http_2_is_declined_and_the_callback_taken(
    place: tuple[Desk, int], action: Waiting
) -> None:
    # As Java's client sends it where it was not told otherwise.
    _, port = place
    offer = ("Connection: Upgrade, HTTP2-Settings, close", "Upgrade: h2c", "HTTP2-Settings: AAEA")
    assert _status(talk(port, _head(port, action, *offer, LENGTH) + DONE)) == 200


def test_requests_in_a_row_on_one_connection_are_answered_in_their_order(
    place: tuple[Desk, int],
) -> None:
    desk, port = place
    actions = desk.waiting(5)
    rows = b"".join(_head(port, each, LENGTH) + DONE for each in actions)
    bad = f"GET /nothing HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
    said = talk(port, rows + bad)
    statuses = [int(each[:3]) for each in said.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [200] * 5 + [404]


def test_bodies_beyond_a_mebibyte_are_taken_and_leave_nothing_behind(
    place: tuple[Desk, int], action: Waiting
) -> None:
    desk, port = place
    text = "x" * (5 * 2**20)
    payload = b'{"status": "completed", "response": "' + text.encode() + b'"}'
    assert call_back(port, action, payload) == 200
    response = desk.rt.store.actions.get(action.id).response
    assert response is not None
    assert response.value == text
    assert list((desk.home / "assets" / "drafts").iterdir()) == []
    assert (desk.home / "assets").stat().st_mode & 0o077 == 0


def test_d7_memory_stays_bounded_while_many_large_bodies_hang(home: Path, tmp_path: Path) -> None:
    desk = Desk(home, tmp_path)
    ouro = Program(home)
    with listening(ouro) as port:
        (action,) = desk.waiting(1)
        head = _head(port, action, f"Content-Length: {50 * 2**20}")
        held = []
        for _ in range(100):
            connection = socket.create_connection(("127.0.0.1", port), timeout=10)
            connection.sendall(head + b"x" * 1_000_000)
            held.append(connection)
        other, *_ = desk.waiting(1)
        assert call_back(port, other, DONE) == 200
        seated = seat.find_seated(home)
        assert seated is not None
        lines = Path(f"/proc/{seated.pid}/status").read_text().splitlines()
        peak = int(next(each for each in lines if each.startswith("VmHWM")).split()[1]) / 1024
        for connection in held:
            connection.close()
        desk.rt.store.close()
    # A hundred megabytes are on their way.
    assert peak < 130


def test_d7_the_oldest_idle_connection_makes_room(tmp_path: Path) -> None:
    home = tmp_path / "ouro"
    desk = Desk(home, tmp_path)
    with listening(Program(home)) as port:
        (action,) = desk.waiting(1)
        ask = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
        # Answered with a refusal that closes; so idle ones are those that called back.
        idle = socket.create_connection(("127.0.0.1", port), timeout=10)
        idle.sendall(_head(port, action, LENGTH) + DONE)
        assert _status(idle.recv(1000)) == 200
        held = [
            socket.create_connection(("127.0.0.1", port), timeout=10)
            for _ in range(MOST_CONNECTIONS)
        ]
        held[-1].sendall(ask)
        assert _status(held[-1].recv(1000)) == 404
        idle.settimeout(5)
        with pytest.raises(ConnectionResetError):
            idle.recv(1)
            raise ConnectionResetError
        for each in held:
            each.close()
        idle.close()
        desk.rt.store.close()


@pytest.mark.full
def test_d7_a_connection_that_calls_no_more_is_closed_after_half_a_minute(
    place: tuple[Desk, int], action: Waiting
) -> None:
    with socket.create_connection(("127.0.0.1", place[1]), timeout=60) as connection:
        connection.sendall(_head(place[1], action, LENGTH) + DONE)
        assert _status(connection.recv(1000)) == 200
        began = time.monotonic()
        assert connection.recv(1) == b""
    assert 25 < time.monotonic() - began < 40


def test_a_sender_that_leaves_in_the_middle_leaves_nothing(
    place: tuple[Desk, int], action: Waiting
) -> None:
    desk, port = place
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(_head(port, action, LENGTH) + DONE[:10])
    assert call_back(port, action, DONE) == 200
    assert desk.verdicts(action) == ["settled"]


@pytest.mark.parametrize(("token", "length", "status"), [("wrong", 3 * 2**20, 401), ("", 0, 413)])
def test_who_is_refused_while_it_still_sends_reads_why(
    place: tuple[Desk, int], action: Waiting, token: str, length: int, status: int
) -> None:
    _, port = place
    head = _head(port, action, f"Content-Length: {length or 65 * 2**20}")
    if token:
        head = head.replace(action.token.encode(), token.encode())
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head)
        for _ in range(3):
            connection.sendall(b"x" * 2**20)
        assert _status(connection.recv(1000)) == status


def test_slow_senders_do_not_hold_each_other_up(place: tuple[Desk, int]) -> None:
    desk, port = place
    actions = desk.waiting(30)
    answers: list[int] = []

    def slowly(action: Waiting) -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(_head(port, action, LENGTH))
            for index in range(0, len(DONE), 10):
                time.sleep(0.1)
                connection.sendall(DONE[index : index + 10])
            answers.append(_status(connection.recv(1000)))

    began = time.monotonic()
    threads = [threading.Thread(target=slowly, args=(each,)) for each in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 30
    assert time.monotonic() - began < 5
