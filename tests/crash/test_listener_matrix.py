"""Rows W1-W12 of the crash matrix: whatever happens to a callback, it is kept once or comes again.

And L1-L6: a process that dies between any two steps of taking, handing over or leaving the seat
at which callbacks arrive.
"""

import contextlib
import json
import random
import signal
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ouro_cli.model.action import Body, Source
from ouro_cli.usecases.accept_webhook import Verdict, accept_webhook, append_log
from ouro_cli.usecases.settle_action import settle_action
from ouro_cli.wire.outcome import Accepted, Failed, TimedOut, json_body
from tests.support.listening import (
    Desk,
    Waiting,
    await_open,
    call_back,
    end_listener,
    free_port,
    listening,
    post,
    start_listener,
)
from tests.support.program import SCRIPT, Program
from tests.support.upstream import Call, Reply, serving, write_document
from tests.support.upstream import json_body as any_json

DONE = {"status": "completed", "response": {"n": 1}}
FAILED = {"status": "failed", "response": {"error": {"message": "no"}}}


@pytest.fixture
def desk(home: Path, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(home, tmp_path)
    yield made
    made.rt.store.close()
    end_listener(home)


def _until_taken(port: int, action: Waiting) -> int:
    """Send as a service does, again and again, while the listener is replaced; how often."""
    for tries in range(1, 200):
        if call_back(port, action, DONE) == 200:
            return tries
        time.sleep(0.05)
    raise AssertionError("it was never taken")


@pytest.mark.parametrize(
    ("point", "kept"), [("W1", []), ("W2", []), ("W3", ["settled"]), ("W4", ["settled"])]
)
def test_W1_W2_W3_W4_a_listener_that_dies_keeps_what_it_acknowledged(
    desk: Desk, home: Path, point: str, kept: list[str]
) -> None:
    # The keeper that takes over dies at the same point, so that nobody is left.
    dying, port = Program(home, OURO_CRASH_AT=point), free_port()
    (action,) = desk.waiting(1, f"http://127.0.0.1:{port}")
    listener = start_listener(dying, port)
    await_open(port)

    first = _in_two_parts(port, action)
    listener.communicate(timeout=30)
    between = desk.verdicts(action)
    assert listener.returncode == -signal.SIGKILL
    assert first == (200 if point == "W4" else 0)
    assert between == kept

    end_listener(home)
    with listening(Program(home)) as port:
        _until_taken(port, action)
        assert desk.status(action) == "success"
        assert Counter(desk.verdicts(action))["settled"] == 1
        assert desk.kinds(action).count("finished") == 1


def _in_two_parts(port: int, action: Waiting) -> int:
    data = json.dumps(DONE).encode()
    head = (
        f"POST /actions/{action.id}/response HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"ouro-webhook-token: {action.token}\r\nContent-Length: {len(data)}\r\n\r\n"
    )
    with (
        socket.create_connection(("127.0.0.1", port), timeout=20) as connection,
        contextlib.suppress(OSError),
    ):
        connection.sendall(head.encode() + data[:10])
        time.sleep(0.2)
        connection.sendall(data[10:])
        said = connection.recv(4096)
        return int(said.split(b" ")[1]) if said else 0
    return 0


def test_W5_receipt_and_state_are_one_commit(desk: Desk) -> None:
    (action,) = desk.waiting(1)
    seen = []
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            with desk.rt.store.transaction() as tx:
                is_final = tx.actions.is_final(action.id)
                seen.append((is_final, len(tx.receipts.of_action(action.id))))
        desk.rt.store.close()

    looking = threading.Thread(target=look)
    looking.start()
    accept_webhook(desk.rt, action.id, action.token, Body(json.dumps(DONE).encode()))
    done.set()
    looking.join()
    assert set(seen) <= {(False, 0), (True, 1)}


def test_W6_duplicates_at_once_have_one_effect(desk: Desk, ouro: Program) -> None:
    actions = desk.waiting(20)

    def elsewhere(action: Waiting) -> int:
        # Another process that takes callbacks: only the registry stands between the two.
        try:
            accept_webhook(desk.rt, action.id, action.token, Body(json.dumps(DONE).encode()))
        finally:
            desk.rt.store.close()
        return 200

    with listening(ouro) as port, ThreadPoolExecutor(12) as pool:
        work = [
            pool.submit(send, each)
            for each in actions
            for send in (lambda each: call_back(port, each, DONE),) * 3 + (elsewhere,)
        ]
        answers = {each.result() for each in work}
    assert answers == {200}
    for each in actions:
        assert Counter(desk.verdicts(each)) == {"settled": 1, "duplicate": 3}
        assert desk.kinds(each).count("finished") == 1


def test_W7_a_202_that_comes_later_does_not_bring_an_ended_action_back(desk: Desk) -> None:
    (action,) = desk.waiting(1)
    accept_webhook(desk.rt, action.id, action.token, Body(json.dumps(DONE).encode()))
    settle_action(desk.rt, action.id, Accepted(202), Source.RESPONSE)
    assert desk.status(action) == "success"


@pytest.mark.parametrize("end", ["timed-out", "error"])
def test_W8_a_result_after_the_end_is_kept_and_answered_and_changes_nothing(
    desk: Desk, ouro: Program, end: str
) -> None:
    (action,) = desk.waiting(1)
    silence = TimedOut(json_body({"error": {"message": "silent"}}))
    outcome = silence if end == "timed-out" else Failed(json_body({"error": {"message": "no"}}))
    settle_action(desk.rt, action.id, outcome, Source.SILENCE)
    with listening(ouro) as port:
        assert call_back(port, action, DONE) == 200
    assert desk.status(action) == end
    assert desk.verdicts(action) == ["late"]
    assert desk.kinds(action)[-1] == "late"


def test_W9_d11_lines_and_results_in_any_order_end_in_the_first_result(desk: Desk) -> None:
    chance = random.Random(11)
    for action in desk.waiting(20):
        words = ["log"] * 50 + ["done", "failed", "done"]
        chance.shuffle(words)
        first = next(each for each in words if each != "log")
        for number, word in enumerate(words):
            if word == "log":
                line = json.dumps({"message": f"line {number}"}).encode()
                append_log(desk.rt, action.id, action.token, line)
            else:
                said = json.dumps(DONE if word == "done" else FAILED).encode()
                accept_webhook(desk.rt, action.id, action.token, Body(said))

        kept = desk.rt.store.actions.get(action.id)
        assert kept.status == ("success" if first == "done" else "error")
        assert desk.kinds(action).count("log") == 50
        assert Counter(desk.verdicts(action))["settled"] == 1
        # A line after the end is kept, and moves nothing of the action.
        assert kept.finished_at == kept.last_updated


def test_W10_a_full_disk_is_503_and_passes_by_itself(desk: Desk, ouro: Program) -> None:
    port = free_port()
    large, *small = desk.waiting(9, f"http://127.0.0.1:{port}")
    # A listener whose files may not grow beyond 700 KiB: for it, the disk is full.
    listener = subprocess.Popen(
        ["bash", "-c", f"ulimit -f 700; exec '{SCRIPT}' listen --port {port}"],
        env=ouro.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    await_open(port)
    huge = {"status": "completed", "response": "x" * 900_000}
    with ThreadPoolExecutor(9) as pool:
        answer = pool.submit(call_back, port, large, huge)
        others = [pool.submit(call_back, port, each, DONE) for each in small]
        refused = answer.result()
        first = [each.result() for each in others]
    again = [call_back(port, each, DONE) for each in small]
    listener.send_signal(signal.SIGINT)
    listener.communicate(timeout=60)

    assert refused == 503
    assert desk.verdicts(large) == []
    assert desk.status(large) == "in-progress"
    # Those that shared its commit were told to come again; nobody was told what is not so.
    assert set(first) <= {200, 503}
    assert again == [200] * 8
    for each, was in zip(small, first, strict=True):
        assert desk.verdicts(each) == ["settled"] + ["duplicate"] * (was == 200)


def test_W11_doctor_lists_who_cannot_be_called_back(desk: Desk, ouro: Program) -> None:
    port = free_port()
    (action,) = desk.waiting(1, f"http://127.0.0.1:{port}")
    nobody = ouro("doctor", "--json").json["findings"]
    with listening(ouro):
        elsewhere = ouro("doctor", "--json").json["findings"]
    end_listener(ouro.home)

    told = [
        [each for each in found if each["subject"] == "action"] for found in (nobody, elsewhere)
    ]
    assert f"{action.id} waits for a callback, and nobody listens" in told[0][0]["message"]
    assert told[0][0]["hint"] == f"ouro action watch {action.id}"
    assert f"was promised http://127.0.0.1:{port}/" in told[1][0]["message"]
    assert f"ouro listen --port {port}" in told[1][0]["hint"]


def test_W11_a_listener_that_died_is_replaced_at_the_port_that_was_promised(
    desk: Desk, ouro: Program
) -> None:
    port = free_port()
    (action,) = desk.waiting(1, f"http://127.0.0.1:{port}")
    waiting = ouro.start("action", "wait", action.id)
    tries = _until_taken(port, action)
    out, _ = waiting.communicate(timeout=30)
    assert tries >= 1
    assert waiting.returncode == 0, out


@pytest.mark.parametrize(
    ("headers", "data", "status"),
    [
        ({"ouro-webhook-token": "wrong"}, b"{}", 401),
        ({}, b"{}", 401),
        ({"ouro-webhook-token": "right", "Content-Length": "-1"}, b"", 400),
        ({"ouro-webhook-token": "right", "Content-Length": "99999999999"}, b"", 413),
        ({"ouro-webhook-token": "right"}, b"{broken", 400),
    ],
    ids=["wrong token", "no token", "negative length", "huge length", "malformed"],
)
def test_W12_what_is_wrong_is_refused_and_changes_nothing(
    desk: Desk, ouro: Program, headers: dict[str, str], data: bytes, status: int
) -> None:
    (action,) = desk.waiting(1)
    if headers.get("ouro-webhook-token") == "right":
        headers = {**headers, "ouro-webhook-token": action.token}
    with listening(ouro) as port:
        answer = post(port, f"/actions/{action.id}/response", data, headers)
    assert answer.status == status
    assert desk.status(action) == "in-progress"
    assert desk.verdicts(action) == (["unreadable"] if data == b"{broken" else [])


def test_d4_no_token_lies_in_the_clear(desk: Desk, ouro: Program) -> None:
    actions = desk.waiting(5)
    with listening(ouro) as port:
        for each in actions:
            echo = {"status": "completed", "response": {"you sent": each.token}}
            assert call_back(port, each, echo) == 200
            path = f"/actions/{each.id}/log"
            line = json.dumps({"message": f"token {each.token}"}).encode()
            assert post(port, path, line, {"ouro-webhook-token": each.token}).status == 200
    desk.rt.store.close()
    kept = b"".join(path.read_bytes() for path in ouro.home.rglob("*") if path.is_file())
    assert len(kept) > 10_000
    assert not any(each.token.encode() in kept for each in actions)


@pytest.mark.parametrize("point", ["L1", "L2", "L3", "L4", "L5", "L6"])
def test_a_death_between_any_two_steps_of_the_seat_loses_no_result(
    home: Path, tmp_path: Path, point: str
) -> None:
    def answer(call: Call) -> Reply:
        if point == "L6":
            return Reply(200, {"n": 1})

        def call_until_taken() -> None:
            while call.call_back(DONE) != 200 and not done.is_set():
                time.sleep(0.1)

        threading.Thread(target=call_until_taken).start()
        return Reply(202)

    ouro, dying, done = Program(home), Program(home, OURO_CRASH_AT=point), threading.Event()
    with serving(answer) as upstream:
        operation = {"method": "post", "path": "/x", "summary": "X", "requestBody": any_json()}
        operation["x-ouro-execution-mode"] = "sync" if point == "L6" else "async"
        path = write_document(tmp_path, operation)
        ouro("service", "import", path, "--base-url", upstream.url)
        first = dying("route", "run", "ada/x-post", "--no-wait")
        ended = ouro("action", "wait", "@last", "--timeout", "30s")
        shown = ouro("action", "show", "@last", "--json").json
        done.set()
        calls = len(upstream.calls)
    end_listener(home)

    assert first.exit_code in (0, -signal.SIGKILL)
    assert ended.exit_code == 0, ended.err
    assert (shown["status"], shown["response"]) == ("success", {"n": 1})
    assert [each["event_type"] for each in shown["events"]].count("finished") == 1
    assert calls == 1


def test_every_verdict_is_an_answer() -> None:
    assert {each.value for each in Verdict} == {
        "settled", "duplicate", "late", "unreadable", "noted",
    }  # fmt: skip
