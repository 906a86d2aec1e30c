"""Answers that stream in: seen while they come, kept whole, and never lost when one leaves."""

import json
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.program import Program
from tests.support.streaming import Stream, streaming
from tests.support.upstream import json_body, write_document

Send = Callable[[bytes], None]

CHAT = {
    "method": "post",
    "path": "/chat",
    "summary": "Chat",
    "requestBody": json_body(),
    "responses": {"200": {"content": {"text/event-stream": {}}}},
}


class Taps:
    """A stream of events `n: 0`, `n: 1` ... that a test lets go on."""

    def __init__(self, first: int, then: int) -> None:
        self._counts = (first, then)
        self.is_waiting = threading.Event()
        self.go_on = threading.Event()

    def __call__(self, send: Send) -> None:
        first, then = self._counts
        for number in range(first):
            send(event({"n": number}))
        self.is_waiting.set()
        self.go_on.wait(60)
        for number in range(first, first + then):
            send(event({"n": number}))
        send(b"data: [DONE]\n\n")


def event(value: Any) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\n\n"


def imported(ouro: Program, folder: Path, url: str) -> None:
    done = ouro("service", "import", write_document(folder, CHAT), "--base-url", url)
    assert done.exit_code == 0, done.err


def logs_of(ouro: Program) -> list[str]:
    shown = ouro("action", "show", "@last", "--json").json
    return [each["message"] for each in shown["events"] if each["event_type"] == "log"]


def until(look: Callable[[], Any], seconds: float = 30) -> Any:
    """What the look finds, once it finds something."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)
    return found


def ended(ouro: Program) -> Any:
    shown = ouro("action", "show", "@last", "--json").json
    return shown if shown["status"] not in ("queued", "in-progress") else None


def test_events_are_seen_and_the_whole_is_kept(predictions: str, ouro: Program) -> None:
    ouro("service", "import", f"{predictions}/openapi.json", "--base-url", predictions)

    done = ouro("route", "run", "predictions/chat", "prompt=to be or not", "--json")

    assert done.exit_code == 0, done.err
    events = [{"delta": word} for word in ("to", "be", "or", "not")]
    assert done.json["final_data"] == {"_raw": events}
    assert (
        done.json["response"]
        == "".join(f"data: {json.dumps(each)}\n\n" for each in events) + "data: [DONE]\n\n"
    )
    assert [json.loads(each) for each in logs_of(ouro)] == events
    assert '{"delta": "not"}' in done.err
    assert "[DONE]" not in done.err


def test_lines_of_json_are_seen_too(predictions: str, ouro: Program) -> None:
    ouro("service", "import", f"{predictions}/openapi.json", "--base-url", predictions)

    done = ouro("route", "run", "predictions/train", "epochs:=3", "--json")
    logs = logs_of(ouro)
    short = ouro("route", "run", "predictions/train", "epochs:=1", "--json")

    assert done.exit_code == 0, done.err
    assert short.json["response"] == '{"epoch": 1, "loss": 1.0}\n'
    assert short.json["final_data"] == {"_raw": [{"epoch": 1, "loss": 1.0}]}
    assert [each["epoch"] for each in done.json["final_data"]["_raw"]] == [1, 2, 3]
    assert len(logs) == 3


def test_a_line_is_in_the_registry_a_second_after_it_came(ouro: Program, tmp_path: Path) -> None:
    taps = Taps(3, 0)
    with streaming(taps) as url:
        imported(ouro, tmp_path, url)
        run = ouro.start("route", "run", "ada/chat-post")
        assert taps.is_waiting.wait(30)
        seen = until(lambda: len(found := logs_of(ouro)) == 3 and found, seconds=5)
        run.kill()
        run.communicate()
        kept = logs_of(ouro)

    assert kept == seen == ['{"n": 0}', '{"n": 1}', '{"n": 2}']


def test_many_events_are_few_commits(ouro: Program, tmp_path: Path) -> None:
    taps = Taps(3_000, 0)
    taps.go_on.set()
    began = time.monotonic()
    with streaming(taps) as url:
        imported(ouro, tmp_path, url)
        done = ouro("route", "run", "ada/chat-post", "-q")
        took = time.monotonic() - began
    shown = ouro("action", "show", "@last", "--json").json

    assert done.exit_code == 0, done.err
    commits = {each["created_at"] for each in shown["events"] if each["event_type"] == "log"}
    assert len(logs_of(ouro)) == 3_000
    assert len(commits) <= 3 + took


def test_a_story_has_an_end_and_the_response_has_all(ouro: Program, tmp_path: Path) -> None:
    taps = Taps(12_000, 0)
    taps.go_on.set()
    with streaming(taps) as url:
        imported(ouro, tmp_path, url)
        done = ouro("route", "run", "ada/chat-post", "-q")
        shown = ouro("action", "show", "@last", "--json").json
        logs = logs_of(ouro)

    assert done.exit_code == 0, done.err
    assert len(shown["final_data"]["_raw"]) == 12_000
    assert len(logs) == 10_000
    assert any("the response holds all" in each for each in logs)


@pytest.mark.parametrize("how", ["ctrl-c", "timeout"])
def test_who_leaves_in_the_middle_loses_nothing(ouro: Program, tmp_path: Path, how: str) -> None:
    taps = Taps(5, 5)
    limit = ("--timeout", "2s") if how == "timeout" else ()
    with streaming(taps) as url:
        imported(ouro, tmp_path, url)
        run = ouro.start("route", "run", "ada/chat-post", *limit)
        assert taps.is_waiting.wait(30)
        if how == "ctrl-c":
            until(lambda: len(logs_of(ouro)) == 5)
            run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=30)
        taps.go_on.set()
        shown = until(lambda: ended(ouro))
        logs = logs_of(ouro)

    assert run.returncode == (130 if how == "ctrl-c" else 124), (out, err)
    assert shown["status"] == "success"
    assert [json.loads(each)["n"] for each in logs] == list(range(10))
    assert [each["n"] for each in shown["final_data"]["_raw"]] == list(range(10))


def test_who_leaves_while_events_rain_down_loses_nothing(ouro: Program, tmp_path: Path) -> None:
    halfway = threading.Event()

    def stream(send: Send) -> None:
        for number in range(4_000):
            send(event({"n": number}))
            if number == 1_000:
                halfway.set()

    with streaming(stream) as url:
        imported(ouro, tmp_path, url)
        run = ouro.start("route", "run", "ada/chat-post", "-q")
        assert halfway.wait(30)
        run.send_signal(signal.SIGTERM)
        run.communicate(timeout=30)
        until(lambda: ended(ouro))
        logs = logs_of(ouro)

    assert run.returncode in (0, 143)
    assert [json.loads(each)["n"] for each in logs] == list(range(4_000))


def broken(send: Send) -> bool:
    send(event({"n": 1}))
    send(event({"n": 2}))
    return False


def failing(send: Send) -> None:
    send(event({"n": 1}))
    send(b'event: error\ndata: {"message": "the model fell over"}\n\n')


def failing_as_openai_does(send: Send) -> None:
    send(event({"n": 1}))
    send(event({"error": {"message": "the model fell over", "code": "x"}}))


@pytest.mark.parametrize(
    ("stream", "message", "events"),
    [
        (broken, "the stream broke off after 2 events", 2),
        (failing, "the model fell over", 2),
        (failing_as_openai_does, "the model fell over", 2),
    ],
)
def test_a_stream_that_fails_is_an_error_with_what_came(
    ouro: Program, tmp_path: Path, stream: Stream, message: str, events: int
) -> None:
    with streaming(stream) as url:
        imported(ouro, tmp_path, url)
        done = ouro("route", "run", "ada/chat-post", "--json")

    assert (done.exit_code, done.json["status"]) == (1, "error")
    error = done.json["response"]["error"]
    assert error["message"].startswith(message)
    assert len(error["body"]) == events
    assert error["body"][0] == {"n": 1}


def test_the_last_object_holds_the_outputs(ouro: Program, tmp_path: Path) -> None:
    def stream(send: Send) -> None:
        send(event({"progress": 0.5}))
        send(event({"report": {"name": "r", "filename": "r.txt", "base64": "aGk="}}))
        send(b"data: [DONE]\n\n")

    declared = {"x-ouro-output-assets": {"report": {"asset_type": "file"}}}
    with streaming(stream) as url:
        path = write_document(tmp_path, {**CHAT, **declared})
        ouro("service", "import", path, "--base-url", url)
        done = ouro("route", "run", "ada/chat-post", "--json")

    assert done.exit_code == 0, done.err
    assert [each["name"] for each in done.json["output_assets"]] == ["report"]
