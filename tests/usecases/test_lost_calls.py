"""Calls whose sender died: found at once, told honestly, sent again only where that is safe."""

import os
import platform
import time
from pathlib import Path
from typing import Any

import pytest

from ouro_cli.model.action import ActionStatus
from ouro_cli.process import this_process
from ouro_cli.usecases.import_service import ImportOptions, import_service
from ouro_cli.usecases.lost_calls import MOST_LIVES
from ouro_cli.usecases.notice_deaths import notice_deaths
from ouro_cli.usecases.work import look_after
from tests.support.upstream import json_body, write_document
from tests.usecases.conftest import reply

DEAD = f"{platform.node()}/another-boot/1/1"


def _claimed(bench: Any, route: str, owner: str = DEAD) -> str:
    """An action whose request is out, sent by this owner."""
    action_id: str = bench.start(route).id
    with bench.rt.store.transaction() as tx:
        tx.actions.claim(
            action_id,
            owner=owner,
            token_hash="x",
            callback_url="http://127.0.0.1:9/actions/x/response",
            at=bench.rt.now(),
        )
        tx.attempts.begin(action_id, owner, bench.rt.now())
    return action_id


def _last_outcome(bench: Any, action_id: str) -> str | None:
    outcome: str | None = bench.rt.store.attempts.of_action(action_id)[-1].outcome
    return outcome


@pytest.mark.parametrize(
    ("route", "status"),
    [("ada/work-post", "error"), ("ada/async-post", "in-progress"), ("ada/ask-get", "in-progress")],
)
def test_to_look_marks_what_a_dead_process_was_sending_and_sends_nothing(
    make_bench: Any, route: str, status: str
) -> None:
    bench = make_bench(lambda _: reply(200))
    action_id = _claimed(bench, route)
    notice_deaths(bench.rt)
    notice_deaths(bench.rt)
    assert bench.requests == []
    assert bench.get(action_id).status == status
    assert _last_outcome(bench, action_id) == "unknown"
    assert bench.kinds(action_id).count("interrupted") == 1


def test_a_hundred_dead_senders_are_found_by_one_look(make_bench: Any) -> None:
    bench = make_bench(lambda _: reply(200))
    ids = [_claimed(bench, "ada/work-post") for _ in range(100)]
    began = time.process_time()
    notice_deaths(bench.rt)
    took = time.process_time() - began
    assert {bench.get(each).status for each in ids} == {ActionStatus.ERROR}
    assert took < 2


def test_to_see_it_through_sends_again_what_is_safe(make_bench: Any) -> None:
    bench = make_bench(lambda _: reply(200))
    action_id = _claimed(bench, "ada/ask-get")
    look_after(bench.rt, [action_id])
    attempts = bench.rt.store.attempts.of_action(action_id)
    assert [each.outcome for each in attempts] == ["unknown", "answered"]
    assert bench.get(action_id).status is ActionStatus.SUCCESS


def test_a_request_whose_senders_die_one_after_the_other_is_given_up(make_bench: Any) -> None:
    bench = make_bench(lambda _: reply(200))
    action_id = _claimed(bench, "ada/ask-get")
    with bench.rt.store.transaction() as tx:
        for _ in range(MOST_LIVES - 1):
            tx.attempts.begin(action_id, DEAD, bench.rt.now())
    look_after(bench.rt, [action_id])
    assert bench.requests == []
    assert bench.get(action_id).response.value["error"]["code"] == "outcome_unknown"


def test_nothing_that_lives_is_taken_for_dead_and_looking_is_cheap(make_bench: Any) -> None:
    bench = make_bench(lambda _: reply(200))
    living = [_claimed(bench, "ada/work-post", this_process()) for _ in range(25)]
    parent = this_process().rsplit("/", 2)[0]
    start = _start_of(os.getppid())
    living += [
        _claimed(bench, "ada/work-post", f"{parent}/{os.getppid()}/{start}") for _ in range(25)
    ]
    elsewhere = _claimed(bench, "ada/work-post", "another-host/boot/1/1")
    began = time.process_time()
    notice_deaths(bench.rt)
    took = time.process_time() - began
    assert took < 0.2
    for each in (*living, elsewhere):
        assert bench.get(each).status is ActionStatus.IN_PROGRESS
        assert _last_outcome(bench, each) is None


def _start_of(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19]


def test_an_unknown_outcome_says_what_was_sent_when_and_how_to_find_out(
    make_bench: Any, tmp_path: Any
) -> None:
    bench = make_bench(lambda _: reply(200))
    linked = {
        "description": "made",
        "links": {"Read": {"operationId": "readJob"}, "Drop": {"operationId": "dropJob"}},
    }
    jobs: list[dict[str, Any]] = [
        {"method": "post", "path": "/jobs", "summary": "Make job", "requestBody": json_body(),
         "responses": {"201": linked}},
        {"method": "get", "path": "/jobs/{id}", "summary": "Read job", "operationId": "readJob"},
        {"method": "delete", "path": "/jobs/{id}", "summary": "Drop job", "operationId": "dropJob"},
    ]  # fmt: skip
    path = write_document(tmp_path, *jobs)
    import_service(bench.rt, path, ImportOptions(name="jobs", base_url="http://127.0.0.1:9/v1"))
    action_id = _claimed(bench, "ada/make-job-post")

    look_after(bench.rt, [action_id])

    error = bench.get(action_id).response.value["error"]
    assert error["code"] == "outcome_unknown"
    assert error["sent"] == {
        "method": "POST",
        "url": "http://127.0.0.1:9/v1/jobs",
        "at": "2026-01-31T12:00:00.000000+00:00",
        "attempts": 1,
        "idempotencyKey": action_id,
        "findOut": ["ada/read-job-get"],
    }
    for said in ("POST http://127.0.0.1:9/v1/jobs", "2026-01-31 12:00:00 UTC", "may have run it",
                 "ada/read-job-get", f"ouro action rerun {action_id}"):  # fmt: skip
        assert said in error["message"]


@pytest.mark.parametrize(
    ("operation", "is_sent_again"),
    [
        pytest.param({}, False, id="nothing said"),
        pytest.param({"x-ouro-idempotent": True}, True, id="x-ouro-idempotent"),
        pytest.param(
            {
                "parameters": [
                    {"name": "idempotency-key", "in": "header", "schema": {"type": "string"}}
                ]
            },
            True,
            id="header parameter",
        ),
    ],
)
def test_a_post_that_declares_itself_repeatable_is_sent_again(
    make_bench: Any, tmp_path: Any, operation: dict[str, Any], is_sent_again: bool
) -> None:
    bench = make_bench(lambda _: reply(200))
    stated = {"method": "post", "path": "/pay", "summary": "Pay", "requestBody": json_body()}
    path = write_document(tmp_path, {**stated, **operation})
    import_service(bench.rt, path, ImportOptions(name="pay", base_url="http://127.0.0.1:9"))
    action_id = _claimed(bench, "ada/pay-post")
    look_after(bench.rt, [action_id])
    assert bool(bench.requests) is is_sent_again
    if is_sent_again:
        assert dict(bench.requests[0].headers)["Idempotency-Key"] == action_id


def test_a_callback_to_the_first_of_two_senders_is_still_right(make_bench: Any) -> None:
    bench = make_bench(lambda _: reply(202))
    action_id = _claimed(bench, "ada/ask-get")
    look_after(bench.rt, [action_id])
    hashes = bench.get(action_id).token_hash.split()
    assert hashes[0] == "x"
    assert len(hashes) == 2
