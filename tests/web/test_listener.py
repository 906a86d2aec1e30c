"""The listener, as a process on a real socket: what it takes, and what it refuses."""

import http.client
import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support.program import Program
from tests.support.upstream import Call, Reply, json_body, post, serving, write_document

DONE = {"status": "completed", "response": {"n": 1}}


@pytest.fixture
def waiting(home: Path, tmp_path: Path) -> Iterator[tuple[Program, Call]]:
    """An action that was accepted and waits for its callback, and the call that started it."""
    ouro = Program(home, OURO_LARGEST_CALLBACK="100000", OURO_CALLBACK_TIMEOUT="1s")
    operation = {"method": "post", "path": "/x", "summary": "X", "requestBody": json_body()}
    with serving(lambda _: Reply(202)) as upstream:
        path = write_document(tmp_path, operation)
        ouro("service", "import", path, "--base-url", upstream.url)
        assert ouro("route", "run", "ada/x-post", "--no-wait").exit_code == 0
        call = upstream.calls[0]
        yield ouro, call
        call.call_back(DONE)
        assert ouro("action", "wait", "@last", "--timeout", "10s").exit_code in (0, 1)


def _status(ouro: Program) -> str:
    status: str = ouro("action", "show", "@last", "--json").json["status"]
    return status


def test_the_right_token_settles_the_action(waiting: tuple[Program, Call]) -> None:
    ouro, call = waiting
    assert call.call_back(DONE) == 200
    assert _status(ouro) == "success"


@pytest.mark.parametrize(
    ("payload", "status"),
    [
        ({"status": "success", "response": {}}, "success"),
        ({"status": "COMPLETED", "response": None}, "success"),
        ({"status": "failed", "response": {"error": {"message": "no"}}}, "error"),
        ({"status": "error", "error": "Traceback: no"}, "error"),
        ({"status": "error", "response": {"status": "error", "error": "no"}}, "error"),
    ],
)
def test_both_vocabularies_are_understood(
    waiting: tuple[Program, Call], payload: dict[str, Any], status: str
) -> None:
    ouro, call = waiting
    assert call.call_back(payload) == 200
    assert _status(ouro) == status


def test_duplicates_and_late_words_are_kept_and_change_nothing(
    waiting: tuple[Program, Call],
) -> None:
    ouro, call = waiting
    answers = [call.call_back(DONE), call.call_back(DONE)]
    answers.append(call.call_back({"status": "failed", "response": {"error": "too late"}}))
    shown = ouro("action", "show", "@last", "--json").json

    assert answers == [200, 200, 200]
    assert shown["status"] == "success"
    assert [each["verdict"] for each in shown["receipts"]] == ["settled", "duplicate", "late"]


def test_a_wrong_token_and_an_unknown_action_get_the_same_answer(
    waiting: tuple[Program, Call],
) -> None:
    ouro, call = waiting
    url = call.headers["ouro-webhook-url"]
    unknown = url.replace(call.headers["ouro-action-id"], "0" * 36)
    answers = {
        _raw(url, DONE, {"ouro-webhook-token": "wrong"}),
        _raw(url, DONE, {}),
        _raw(unknown, DONE, {"ouro-webhook-token": call.headers["ouro-webhook-token"]}),
    }
    assert len(answers) == 1
    assert answers.pop()[0] == 401
    assert _status(ouro) == "in-progress"


def test_W12_a_wrong_token_is_refused_before_the_body_is_read(
    waiting: tuple[Program, Call],
) -> None:
    _, call = waiting
    parts = urlsplit(call.headers["ouro-webhook-url"])
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as connection:
        connection.sendall(
            f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: 90000\r\n"
            "ouro-webhook-token: wrong\r\n\r\n".encode()
        )
        assert b" 401 " in connection.recv(100)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{broken", 400),
        (b"[1]", 400),
        (b'{"status": "perhaps"}', 400),
        (b"", 400),
        (b'"' + b"x" * 100_001 + b'"', 413),
        (b"[" * 50_000, 400),
    ],
    ids=["broken", "list", "unknown word", "empty", "large", "deep"],
)
def test_what_says_nothing_is_refused_and_the_action_stays_open(
    waiting: tuple[Program, Call], body: bytes, status: int
) -> None:
    ouro, call = waiting
    assert call.post(call.headers["ouro-webhook-url"], body) == status
    assert _status(ouro) == "in-progress"


def test_a_chunked_body_is_counted_while_it_is_read(waiting: tuple[Program, Call]) -> None:
    _, call = waiting
    parts = urlsplit(call.headers["ouro-webhook-url"])
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    chunks = (b"x" * 10_000 for _ in range(50))
    headers = {"ouro-webhook-token": call.headers["ouro-webhook-token"]}
    try:
        connection.request("POST", parts.path, chunks, headers, encode_chunked=True)
        assert connection.getresponse().status == 413
    except (BrokenPipeError, ConnectionResetError):
        pass
    connection.close()


def test_a_body_without_end_is_given_up(waiting: tuple[Program, Call]) -> None:
    _, call = waiting
    parts = urlsplit(call.headers["ouro-webhook-url"])
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as connection:
        connection.sendall(
            f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: 100\r\n"
            f"ouro-webhook-token: {call.headers['ouro-webhook-token']}\r\n\r\n{{".encode()
        )
        assert b" 408 " in connection.recv(100)


def test_log_lines_join_the_story(waiting: tuple[Program, Call]) -> None:
    ouro, call = waiting
    url = call.headers["ouro-webhook-url"].removesuffix("response") + "log"
    answers = [
        call.post(url, {"message": "half way", "level": "warn"}),
        call.post(url, {"level": "info"}),
        call.post(url, {"message": "x"}, token="wrong"),
    ]
    logs = ouro("action", "logs", "@last", "--json").json["logs"]
    assert answers == [200, 400, 401]
    assert [(each["message"], each["level"]) for each in logs] == [("half way", "warning")]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/actions"),
        ("PUT", "/actions/x/response"),
        ("POST", "/actions/x/../y"),
    ],
)
def test_there_is_nothing_else(waiting: tuple[Program, Call], method: str, path: str) -> None:
    _, call = waiting
    base = call.headers["ouro-webhook-url"].partition("/actions")[0]
    assert post(base + path, {}, {}, method=method) in (401, 404)


def test_d12_listening_by_hand_serves_and_says_where(home: Path) -> None:
    ouro = Program(home)
    listener = ouro.start("listen", "--port", "0", "--json")
    assert listener.stdout is not None
    told = "".join(iter(listener.stdout.readline, "}\n")) + "}"
    url = json.loads(told)["url"]

    assert post(f"{url}/actions/{'0' * 36}/response", DONE, {"ouro-webhook-token": "x"}) == 401
    assert url in ouro("doctor").out
    listener.send_signal(signal.SIGINT)
    assert listener.wait(timeout=10) == 0
    listener.communicate()
    findings = {each["subject"]: each for each in ouro("doctor", "--json").json["findings"]}
    assert findings["listener"]["message"].startswith("none is running")


def test_listening_by_hand_shows_what_comes(home: Path, tmp_path: Path) -> None:
    ouro = Program(home)
    listener = ouro.start("listen", "--port", "0")
    assert listener.stdout is not None
    assert listener.stdout.readline().startswith("Listening on ")
    operation = {"method": "post", "path": "/x", "summary": "X", "requestBody": json_body()}

    def answer(call: Call) -> Reply:
        call.log("half way")
        call.call_back(DONE)
        return Reply(202)

    with serving(answer) as upstream:
        path = write_document(tmp_path, operation)
        ouro("service", "import", path, "--base-url", upstream.url)
        assert ouro("route", "run", "ada/x-post").exit_code == 0
    time.sleep(0.6)
    listener.send_signal(signal.SIGTERM)
    _, told = listener.communicate(timeout=60)
    assert "half way" in told
    assert "succeeded" in told


def test_d12_a_port_that_is_taken_is_one_clear_line(ouro: Program) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = ouro("listen", "--port", str(taken.getsockname()[1]))
    assert done.exit_code == 2
    assert "already in use" in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("url", ["ftp://x", "http://", "http://a:b@x", "x"])
def test_d9_a_public_url_that_cannot_be_called_is_refused(ouro: Program, url: str) -> None:
    assert ouro("listen", "--public-url", url).exit_code == 2


def test_the_background_listener_is_replaced_when_it_is_killed(
    waiting: tuple[Program, Call],
) -> None:
    ouro, call = waiting
    pid = _listener_pid(ouro)
    os.kill(pid, signal.SIGKILL)
    watching = ouro.start("action", "watch", "@last")
    deadline = time.monotonic() + 15
    while call.call_back(DONE) != 200:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    out, _ = watching.communicate(timeout=20)
    assert json.loads(out) == {"n": 1}


def _listener_pid(ouro: Program) -> int:
    for finding in ouro("doctor", "--json").json["findings"]:
        if finding["subject"] == "listener":
            return int(finding["message"].split("process ")[1].split(",")[0])
    raise AssertionError("nobody listens")


def _raw(url: str, payload: object, headers: dict[str, str]) -> tuple[int, bytes]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    connection.request("POST", parts.path, json.dumps(payload), headers)
    answer = connection.getresponse()
    said = (answer.status, answer.read())
    connection.close()
    return said
