"""The redirect that ends a log-in: the right one is taken, and nothing else holds it up."""

import socket
import threading
import time
from urllib.parse import urlsplit

import httpx
import pytest

from ouro_cli.errors import PortTaken
from ouro_cli.upstream.redirect_server import Redirect

STATE = "the-state"


def _waiting(redirect: Redirect, patience: float = 20) -> "list[dict[str, str] | None]":
    answers: list[dict[str, str] | None] = []
    thread = threading.Thread(target=lambda: answers.append(redirect.wait(patience)))
    thread.start()
    redirect.thread = thread  # type: ignore[attr-defined]
    return answers


def _end(redirect: Redirect) -> None:
    redirect.thread.join(timeout=30)  # type: ignore[attr-defined]


def test_the_answer_with_our_state_is_taken() -> None:
    with Redirect(STATE) as redirect:
        answers = _waiting(redirect)
        page = httpx.get(f"{redirect.address}?code=c&state={STATE}")
        _end(redirect)
    assert answers == [{"code": "c", "state": STATE}]
    assert "You can close this page" in page.text
    assert page.headers["cache-control"] == "no-store"
    assert "script" not in page.text


@pytest.mark.parametrize(
    "path", ["?code=c", "?code=c&state=other", "?state=", "/deeper?code=c&state=the-state", "//["]
)
def test_any_other_request_is_turned_away(path: str) -> None:
    with Redirect(STATE) as redirect:
        answers = _waiting(redirect)
        assert httpx.get(redirect.address + path).status_code == 404
        httpx.get(f"{redirect.address}?error=access_denied&state={STATE}")
        _end(redirect)
    assert answers == [{"error": "access_denied", "state": STATE}]


def test_connections_that_say_nothing_or_hang_up_do_not_hold_it_up(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with Redirect(STATE) as redirect:
        port = urlsplit(redirect.address).port
        answers = _waiting(redirect)
        silent = socket.create_connection(("127.0.0.1", port))
        with socket.create_connection(("127.0.0.1", port)) as gone:
            gone.sendall(b"GET /")
        httpx.get(f"{redirect.address}?code=c&state={STATE}", timeout=15)
        silent.close()
        _end(redirect)
    assert answers == [{"code": "c", "state": STATE}]
    assert capfd.readouterr() == ("", "")


def test_nobody_is_waited_for_for_ever() -> None:
    began = time.monotonic()
    with Redirect(STATE) as redirect:
        assert redirect.wait(0.2) is None
    assert time.monotonic() - began < 20


def test_it_listens_on_loopback_alone_and_says_so_where_a_port_is_taken() -> None:
    with Redirect(STATE) as redirect:
        port = urlsplit(redirect.address).port or 0
        assert redirect.address == f"http://127.0.0.1:{port}/callback"
        with pytest.raises(PortTaken) as refused:
            Redirect(STATE, port)
    assert "--redirect-port" in refused.value.advice
