"""Fetching results: which addresses are reached at all, and how much is read of an answer."""

import gzip
import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from ouro_cli.errors import FetchFailed
from ouro_cli.settings import Settings
from ouro_cli.upstream.downloads import download
from ouro_cli.upstream.reach import reachable_ip
from tests.support.upstream import Reply, serving

OUTSIDE = "http://93.184.216.34"
HERE = "http://127.0.0.1:9000"
NETWORK = "http://10.1.2.3"


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.1", "0x7f.1", "2130706433", "0177.0.0.1", "localhost", "[::1]"),
        *("[::ffff:127.0.0.1]", "10.0.0.1", "192.168.1.1", "172.16.0.1", "100.64.0.1"),
        *("169.254.169.254", "[fe80::1]", "[fc00::1]", "0.0.0.0", "[::]", "224.0.0.1"),
        *("[2002:7f00:1::]", "localhost.", "255.255.255.255"),
    ],
)
def test_a_service_elsewhere_leads_nowhere_inward(host: str) -> None:
    with pytest.raises(FetchFailed):
        reachable_ip(f"http://{host}/secret", OUTSIDE)


@pytest.mark.parametrize(
    ("url", "service", "is_reached"),
    [
        ("http://127.0.0.1:1/x", HERE, True),
        ("http://10.0.0.1/x", HERE, True),
        ("http://169.254.169.254/x", HERE, False),
        ("http://10.9.9.9/x", NETWORK, True),
        ("http://127.0.0.1/x", NETWORK, False),
        ("http://93.184.216.35/x", OUTSIDE, True),
        ("http://93.184.216.35/x", HERE, True),
        ("http://user:pass@93.184.216.35/x", OUTSIDE, False),
        ("http:///x", OUTSIDE, False),
        ("http://[x/", OUTSIDE, False),
        ("http://x:99999/", OUTSIDE, False),
    ],
)
def test_a_neighbour_is_reached_and_no_other(url: str, service: str, is_reached: bool) -> None:
    try:
        assert reachable_ip(url, service) in url
        reached = True
    except FetchFailed:
        reached = False
    assert reached is is_reached


def test_a_refusal_shows_neither_query_nor_password() -> None:
    with pytest.raises(FetchFailed) as caught:
        reachable_ip("http://u:canary@127.0.0.1/x?key=canary", OUTSIDE)
    assert "canary" not in str(caught.value)


def _settings(**words: Any) -> Settings:
    return Settings(home=Path("/nowhere"), user="ada", **words)


def test_compressed_bytes_are_unpacked_and_counted() -> None:
    packed = gzip.compress(bytes(10_000_000))
    with serving(lambda _: Reply(200, packed, {"content-encoding": "gzip"})) as upstream:
        with download(upstream.url, upstream.url, _settings()) as found:
            assert sum(map(len, found.parts)) == 10_000_000
        with pytest.raises(FetchFailed, match="larger than 1000000 bytes"):  # noqa: SIM117
            with download(upstream.url, upstream.url, _settings(largest_file=10**6)) as found:
                list(found.parts)


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nshort", b"x\r\n"]
)
def test_an_answer_that_ends_too_early_is_none(answer: bytes) -> None:
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(1000)
            connection.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    with pytest.raises(FetchFailed), download(url, url, _settings()) as found:
        list(found.parts)
    thread.join()
    listening.close()


def test_a_drip_ends_at_the_deadline() -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def serve() -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(1000)
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n")
            while not stop.wait(0.05):
                try:
                    connection.sendall(b"x")
                except OSError:
                    return

    thread = threading.Thread(target=serve)
    thread.start()
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    began = time.monotonic()
    with (
        pytest.raises(FetchFailed, match=r"longer than 0\.5 seconds"),
        download(url, url, _settings(fetch_seconds=0.5)) as found,
    ):
        list(found.parts)
    assert time.monotonic() - began < 20
    stop.set()
    thread.join()
    listening.close()
