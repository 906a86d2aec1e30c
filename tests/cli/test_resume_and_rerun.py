"""What a killed run left behind comes to its true end; what ended is run again on a word."""

import json
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.support.program import SCRIPT, Program
from tests.support.upstream import Call, Reply, Upstream, json_body, later, serving, write_document
from tests.upstream.servers import saying, speaking

ROUTES: list[dict[str, Any]] = [
    {"method": "post", "path": "/work", "summary": "Work", "requestBody": json_body()},
    {"method": "get", "path": "/ask", "summary": "Ask"},
    {
        "method": "post",
        "path": "/later",
        "summary": "Later",
        "requestBody": json_body(),
        "x-ouro-execution-mode": "async",
    },
]


def _answer(call: Call) -> Reply:
    if call.path == "/later":
        later(0.5, lambda: call.call_back({"status": "success", "response": {"n": 1}}))
        return Reply(202)
    return Reply(200, {"n": 1})


@pytest.fixture
def service() -> Iterator[Upstream]:
    """Answers at once, or accepts and calls back."""
    with serving(_answer) as upstream:
        yield upstream


@pytest.fixture
def imported(ouro: Program, service: Upstream, tmp_path: Path) -> Program:
    """The program, with the service's three routes."""
    document = write_document(tmp_path, *ROUTES)
    assert ouro("service", "import", document, "--base-url", service.url).exit_code == 0
    return ouro


def _dying(ouro: Program, point: str, *arguments: str) -> int:
    """Run the program, which dies at this point; the number it ends with."""
    dying = Program(ouro.home, **(ouro.environment | {"OURO_CRASH_AT": point}))
    return dying(*arguments).exit_code


def test_all_that_is_open_comes_to_its_end(imported: Program, service: Upstream) -> None:
    """Each point at which a run can die is tried in `tests/crash/test_matrix.py`."""
    assert _dying(imported, "R5", "route", "run", "ada/ask-get") == -signal.SIGKILL
    resumed = imported("action", "resume", "--all", "--timeout", "30s", "--json")
    (ended,) = imported("action", "list", "--json").json["actions"]
    assert (resumed.exit_code, ended["status"], len(service.calls)) == (0, "success", 2)
    # The background listener may have been there first.
    assert [each["id"] for each in resumed.json["actions"]] in ([], [ended["id"]])
    again = imported("action", "resume", "--all", "--json")
    assert (again.exit_code, again.json) == (0, {"actions": [], "has_more": False})


def test_what_died_before_it_was_written_down_never_was(
    imported: Program, service: Upstream
) -> None:
    assert _dying(imported, "R1", "route", "run", "ada/work-post") == -signal.SIGKILL
    assert imported("action", "list", "--json").json["actions"] == []
    assert service.calls == []


def test_a_dead_sender_is_found_by_the_next_listing(imported: Program, service: Upstream) -> None:
    _dying(imported, "R6", "route", "run", "ada/work-post")
    listed = imported("action", "list", "--json").json["actions"]
    assert [each["status"] for each in listed] == ["error"]
    shown = imported("action", "show", "@last")
    assert "its sender died before an answer came" in shown.out
    assert "unknown" in shown.out
    assert f"POST {service.url}/work was sent at" in shown.out
    assert f"ouro action rerun {listed[0]['id']}" in shown.out


def test_a_restart_keeps_to_the_wait_of_a_retry(ouro: Program, tmp_path: Path) -> None:
    times: list[float] = []

    def answer(_: Call) -> Reply:
        times.append(time.time())
        return Reply(503, {}, {"retry-after": "4"}) if len(times) == 1 else Reply(200, {})

    with serving(answer) as upstream:
        ouro("service", "import", write_document(tmp_path, *ROUTES), "--base-url", upstream.url)
        assert _dying(ouro, "R15", "route", "run", "ada/ask-get") == -signal.SIGKILL
        waiting = ouro("action", "show", "@last", "--json").json
        assert waiting["status"] == "in-progress"
        assert waiting["next_attempt_at"] is not None
        resumed = ouro("action", "resume", waiting["id"], "--json").json
    assert resumed["status"] == "success"
    assert len(times) == 2
    assert times[1] - times[0] >= 4


@pytest.mark.parametrize("way", ["signal", "timeout"])
def test_the_wait_for_a_retry_can_be_left_as_a_call_can(
    ouro: Program, tmp_path: Path, way: str
) -> None:
    calls: list[Call] = []

    def answer(call: Call) -> Reply:
        calls.append(call)
        return Reply(503, {}, {"retry-after": "6"}) if len(calls) == 1 else Reply(200, {})

    with serving(answer) as upstream:
        ouro("service", "import", write_document(tmp_path, *ROUTES), "--base-url", upstream.url)
        words = ["route", "run", "ada/ask-get", "--json"]
        if way == "timeout":
            left = ouro(*words, "--timeout", "3s")
            exit_code, err = left.exit_code, left.err
        else:
            run = ouro.start(*words)
            while not calls:
                time.sleep(0.05)
            time.sleep(1)
            run.send_signal(signal.SIGINT)
            _, err = run.communicate(timeout=20)
            exit_code = run.returncode
        assert exit_code == {"timeout": 124, "signal": 130}[way]
        assert "ouro action watch" in err
        waited = ouro("action", "wait", "@last", "--json").json
    assert waited["status"] == "success"
    assert len(calls) == 2
    attempts = ouro("action", "show", "@last", "--json").json["attempts"]
    assert [each["status_code"] for each in attempts] == [503, 200]


def test_two_at_once_see_the_same_end_and_one_of_them_sends(
    imported: Program, service: Upstream
) -> None:
    for _ in range(5):
        _dying(imported, "R2", "route", "run", "ada/work-post")
    runs = [imported.start("action", "resume", "--all", "--json") for _ in range(3)]
    ended = [json.loads(run.communicate(timeout=60)[0]) for run in runs]
    statuses = {each["id"]: each["status"] for one in ended for each in one["actions"]}
    assert len(service.calls) == 5
    assert len({call.headers["idempotency-key"] for call in service.calls}) == 5
    assert set(statuses.values()) == {"success"}


@pytest.mark.parametrize("arguments", [[], ["--all", "@last"]])
def test_it_must_be_said_what_to_resume(imported: Program, arguments: list[str]) -> None:
    done = imported("action", "resume", *arguments)
    assert done.exit_code == 2
    assert done.err.count("\n") == 1


def test_rerun_asks_first_where_it_may_do_its_work_twice(
    imported: Program, service: Upstream
) -> None:
    first = imported("route", "run", "ada/work-post", "--body", '{"a": 1}', "-q").out.strip()
    refused = imported("action", "rerun", first)
    assert (refused.exit_code, refused.out) == (2, "")
    assert "--yes" in refused.err
    assert len(service.calls) == 1
    again = imported("action", "rerun", first, "--yes", "--json").json
    assert (again["status"], again["rerun_of"]) == ("success", first)
    assert service.calls[1].body == service.calls[0].body
    shown = imported("action", "show", first)
    assert again["id"] in shown.out
    assert imported("action", "show", first, "--json").json["reruns"] == [again["id"]]


def test_rerun_of_a_question_asks_nothing(imported: Program, service: Upstream) -> None:
    imported("route", "run", "ada/ask-get", "-q")
    again = imported("action", "rerun", "@last")
    assert again.exit_code == 0
    assert json.loads(again.out) == {"n": 1}
    assert len(service.calls) == 2


def test_no_retry_sends_once_and_each_retry_is_a_line(ouro: Program, tmp_path: Path) -> None:
    with serving(lambda _: Reply(503, {}, {"retry-after": "0"})) as upstream:
        ouro("service", "import", write_document(tmp_path, *ROUTES), "--base-url", upstream.url)
        once = ouro("route", "run", "ada/ask-get", "--no-retry", "--json").json
        assert len(upstream.calls) == 1
        thrice = ouro("route", "run", "ada/ask-get", "--json").json
        assert len(upstream.calls) == 4
    assert once["metadata"]["no_retry"] is True
    shown = ouro("action", "show", thrice["id"])
    for line in (
        "attempt 1 of 3: the API answered 503",
        "sent again",
        "attempt 3 of 3",
        "Attempts",
    ):
        assert line in shown.out
    assert ouro("route", "run", "ada/ask-get", "--dry-run", "--no-retry").exit_code == 0


def test_a_route_can_be_said_to_be_repeatable(ouro: Program, tmp_path: Path) -> None:
    with serving(lambda _: Reply(503, {}, {"retry-after": "0"})) as upstream:
        ouro("service", "import", write_document(tmp_path, *ROUTES), "--base-url", upstream.url)
        ouro("route", "run", "ada/work-post")
        assert len(upstream.calls) == 1
        updated = ouro("route", "update", "ada/work-post", "--idempotent", "--json").json
        assert updated["route"]["idempotent"] is True
        ouro("route", "run", "ada/work-post")
        assert len(upstream.calls) == 4
        assert len({call.headers["idempotency-key"] for call in upstream.calls}) == 2


def test_no_credential_passes_a_proxy_in_the_clear(
    ouro: Program, service: Upstream, tmp_path: Path
) -> None:
    scheme = {"key": {"type": "apiKey", "in": "header", "name": "X-API-Key"}}
    document = write_document(
        tmp_path, *ROUTES, components={"securitySchemes": scheme}, security=[{"key": []}]
    )
    ouro("service", "import", document, "--base-url", "http://api.test", "--name", "lab")
    port = service.url.rsplit(":", 1)[1]
    proxied = Program(
        ouro.home,
        **ouro.environment | {"HTTP_PROXY": f"http://u:pw@127.0.0.1:{port}", "KEY": "canary-1234"},
    )
    assert proxied("auth", "set", "lab", "--from-env", "KEY").exit_code == 0
    refused = proxied("route", "run", "ada/ask-get")
    assert (refused.exit_code, refused.out) == (2, "")
    assert f"the proxy 127.0.0.1:{port} could read the credential" in refused.err
    assert "pw" not in refused.err
    assert service.calls == []
    allowed = proxied("route", "run", "ada/ask-get", "--allow-proxy", "--no-retry", "-q")
    assert service.calls[0].headers["x-api-key"] == "canary-1234"
    shown = proxied("action", "show", allowed.out.strip())
    assert f"proxy: 127.0.0.1:{port}" in shown.out
    assert f"127.0.0.1:{port} stands before every http address" in proxied("doctor").out


def test_the_bytes_of_a_response_can_be_had(ouro: Program, tmp_path: Path) -> None:
    data = bytes(range(256)) * 100_000
    large = {"content-type": "text/plain"}
    with serving(lambda _: Reply(200, data, large)) as upstream:
        ouro("service", "import", write_document(tmp_path, *ROUTES), "--base-url", upstream.url)
        run = ouro("route", "run", "ada/ask-get")
        assert run.exit_code == 0
        assert "ouro action show" in run.err
    shown = ouro("action", "show", "@last", "--json").json
    assert (shown["response"], shown["final_data"]) == (None, None)
    assert shown["response_file"]["size"] == len(data)
    assert "26 MB in" in ouro("action", "show", "@last").out
    target = tmp_path / "bytes"
    assert ouro("action", "show", "@last", "-o", str(target)).exit_code == 0
    assert target.read_bytes() == data
    assert ouro("action", "show", "@last", "-o", str(target)).exit_code == 2
    assert ouro("action", "show", "@last", "-o", str(target), "--force").exit_code == 0
    with (tmp_path / "raw").open("wb") as raw:
        words = [SCRIPT, "action", "show", "@last", "--raw"]
        subprocess.run(words, env=ouro.environment, stdout=raw, check=True)
    assert (tmp_path / "raw").read_bytes() == data


def test_insecure_holds_for_one_run_and_the_action_says_so(ouro: Program, tmp_path: Path) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(tls)
    answer = saying(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
    with speaking(answer, tls) as server:
        url = f"https://localhost:{server.port}"
        ouro("service", "import", write_document(tmp_path, *ROUTES), "--base-url", url)
        refused = ouro("route", "run", "ada/ask-get")
        assert refused.exit_code == 1
        assert "tls: the certificate is not trusted" in refused.err
        assert server.received == b""
        forced = ouro("route", "run", "ada/ask-get", "--insecure", "--json").json
        assert forced["metadata"]["insecure"] is True
        shown = ouro("action", "show", forced["id"])
        assert "tls_verify: false" in shown.out
        again = ouro("action", "rerun", forced["id"])
        assert again.exit_code == 1
        assert "tls: the certificate is not trusted" in again.err


def test_a_large_answer_that_is_left_half_way_is_kept_whole(ouro: Program, tmp_path: Path) -> None:
    half = threading.Event()
    go_on = threading.Event()
    data = bytes(range(256)) * 10_000

    def speak(connection: socket.socket) -> None:
        head = f"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: {len(data)}"
        connection.sendall(head.encode() + b"\r\n\r\n" + data[:2_000_000])
        half.set()
        go_on.wait(30)
        connection.sendall(data[2_000_000:])

    with speaking(speak) as server:
        url = f"http://127.0.0.1:{server.port}"
        ouro("service", "import", write_document(tmp_path, *ROUTES), "--base-url", url)
        run = ouro.start("route", "run", "ada/ask-get")
        half.wait(30)
        run.send_signal(signal.SIGINT)
        _, err = run.communicate(timeout=20)
        assert run.returncode == 130, err
        go_on.set()
        waited = ouro("action", "wait", "@last", "--json").json
    assert waited["status"] == "success"
    target = tmp_path / "bytes"
    assert ouro("action", "show", "@last", "-o", str(target)).exit_code == 0
    assert target.read_bytes() == data
    assert list((ouro.home / "assets" / "drafts").iterdir()) == []


@pytest.mark.parametrize("given", ["eleven", "11", "-1", "1.5"])
def test_a_number_of_retries_that_cannot_be_is_said(ouro: Program, given: str) -> None:
    done = Program(ouro.home, **ouro.environment | {"OURO_RETRIES": given})("action", "list")
    assert (done.exit_code, done.out) == (2, "")
    assert "retries: expected a number up to 10" in done.err
