"""Written before it is sent, settled once: whatever comes back, and in whatever order."""

import os
import platform
import socket
from typing import Any

import pytest

from ouro_cli.errors import MissingCredential, WrongToken
from ouro_cli.model.action import ActionStatus, Body, Source
from ouro_cli.process import _start_of, this_process
from ouro_cli.usecases import dispatch_action
from ouro_cli.usecases.accept_webhook import Verdict, accept_webhook, append_log
from ouro_cli.usecases.place_credentials import place_credentials
from ouro_cli.usecases.settle_action import settle_action
from ouro_cli.usecases.start_action import RouteCall, start_action
from ouro_cli.usecases.work import look_after, work_on
from ouro_cli.wire.inputs import Arguments
from ouro_cli.wire.outcome import Accepted, Failed, Finished, NoAnswer, Outcome, json_body
from ouro_cli.wire.request import UpstreamRequest
from tests.usecases.conftest import reply

DONE = Body(b'{"status": "completed", "response": {"by": "webhook"}}')


def _token(request: UpstreamRequest) -> str:
    return dict(request.secret_headers)["ouro-webhook-token"]


def _id(request: UpstreamRequest) -> str:
    return dict(request.headers)["ouro-action-id"]


def test_the_action_is_on_disk_as_in_progress_before_anything_is_sent(make_bench: Any) -> None:
    seen: list[tuple[ActionStatus, bool, bool]] = []

    def answer(request: UpstreamRequest) -> Any:
        action = bench.get(_id(request))
        seen.append((action.status, action.token_hash is not None, action.callback_url is not None))
        return reply(200)

    bench = make_bench(answer)
    work_on(bench.rt, bench.start().id)
    assert seen == [(ActionStatus.IN_PROGRESS, True, True)]


def test_a_webhook_that_beats_the_202_wins(make_bench: Any) -> None:
    def eager(request: UpstreamRequest) -> Any:
        accept_webhook(bench.rt, _id(request), _token(request), DONE)
        return reply(202)

    bench = make_bench(eager)
    action = work_on(bench.rt, bench.start().id)
    assert (action.status, action.ended_by) == (ActionStatus.SUCCESS, Source.WEBHOOK)
    assert action.response is not None
    assert action.response.value == {"by": "webhook"}
    assert bench.kinds(action.id).count("finished") == 1


def test_a_webhook_that_beats_an_inline_answer_wins_too(make_bench: Any) -> None:
    def eager(request: UpstreamRequest) -> Any:
        accept_webhook(bench.rt, _id(request), _token(request), DONE)
        return reply(500)

    bench = make_bench(eager)
    assert work_on(bench.rt, bench.start().id).status is ActionStatus.SUCCESS


def test_an_action_is_sent_by_one_alone(make_bench: Any) -> None:
    bench = make_bench(lambda _: reply(200))
    action_id = bench.start().id
    for _ in range(3):
        work_on(bench.rt, action_id)
    assert len(bench.requests) == 1


def test_a_wrong_token_changes_nothing(make_bench: Any) -> None:
    bench = make_bench(lambda _: reply(202))
    action = work_on(bench.rt, bench.start().id)
    with pytest.raises(WrongToken):
        accept_webhook(bench.rt, action.id, "wrong", DONE)
    assert bench.get(action.id).status is ActionStatus.IN_PROGRESS
    assert bench.rt.store.receipts.of_action(action.id) == []


def test_a_late_result_is_kept_and_changes_no_status(make_bench: Any, clock: Any) -> None:
    bench = make_bench(lambda _: reply(202))
    action = work_on(bench.rt, bench.start("ada/async-post").id)
    clock.move(46 * 60)
    look_after(bench.rt, [action.id])

    verdict = accept_webhook(bench.rt, action.id, bench.token, DONE)

    ended = bench.get(action.id)
    assert verdict is Verdict.LATE
    assert (ended.status, ended.ended_by) == (ActionStatus.TIMED_OUT, Source.SILENCE)
    assert bench.rt.store.receipts.of_action(action.id)[0].body == DONE
    assert bench.kinds(action.id)[-1] == "late"


@pytest.mark.parametrize(("minutes", "status"), [(44, "in-progress"), (46, "timed-out")])
def test_silence_has_an_end(make_bench: Any, clock: Any, minutes: int, status: str) -> None:
    bench = make_bench(lambda _: reply(202))
    action = work_on(bench.rt, bench.start("ada/async-post").id)
    clock.move(minutes * 60)
    look_after(bench.rt, [action.id])
    assert bench.get(action.id).status == status


def test_an_action_may_have_a_patience_of_its_own(make_bench: Any, clock: Any) -> None:
    bench = make_bench(lambda _: reply(202))
    call = RouteCall("ada/async-post", Arguments(), silence_seconds=7200)
    action = work_on(bench.rt, start_action(bench.rt, call).id)
    clock.move(119 * 60)
    look_after(bench.rt, [action.id])
    assert bench.get(action.id).status is ActionStatus.IN_PROGRESS
    clock.move(2 * 60)
    look_after(bench.rt, [action.id])
    assert bench.get(action.id).status is ActionStatus.TIMED_OUT


def test_a_log_line_is_a_sign_of_life(make_bench: Any, clock: Any) -> None:
    bench = make_bench(lambda _: reply(202))
    action = work_on(bench.rt, bench.start("ada/async-post").id)
    for _ in range(3):
        clock.move(40 * 60)
        append_log(bench.rt, action.id, bench.token, b'{"message": "still here"}')
        look_after(bench.rt, [action.id])
    assert bench.get(action.id).status is ActionStatus.IN_PROGRESS


def _orphan(bench: Any, route: str) -> str:
    """An action whose sender claimed it and died."""
    action = bench.start(route)
    with bench.rt.store.transaction() as tx:
        tx.actions.claim(
            action.id,
            owner=_dead_owner(),
            token_hash="x",
            callback_url=f"http://127.0.0.1:{_free_port()}/actions/x/response",
            at=bench.rt.now(),
        )
    return str(action.id)


def _free_port() -> int:
    # Whoever looks after the action listens where the callback was promised.
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _dead_owner() -> str:
    return f"{platform.node()}/another-boot/1/1"


def test_a_dead_senders_inline_call_ends_as_unknown_and_is_not_sent_again(make_bench: Any) -> None:
    bench = make_bench(lambda _: reply(200))
    action_id = _orphan(bench, "ada/work-post")
    look_after(bench.rt, [action_id])
    ended = bench.get(action_id)
    assert bench.requests == []
    assert ended.status is ActionStatus.ERROR
    assert ended.response.value["error"]["code"] == "outcome_unknown"
    assert action_id in ended.response.value["error"]["message"]


def test_a_dead_senders_asynchronous_call_may_still_be_called_back(
    make_bench: Any, clock: Any
) -> None:
    bench = make_bench(lambda _: reply(202))
    action_id = _orphan(bench, "ada/async-post")
    look_after(bench.rt, [action_id])
    assert bench.get(action_id).status is ActionStatus.IN_PROGRESS
    clock.move(46 * 60)
    look_after(bench.rt, [action_id])
    assert bench.get(action_id).response.value["error"]["code"] == "outcome_unknown"


def test_a_dead_senders_question_is_asked_again(make_bench: Any) -> None:
    bench = make_bench(lambda _: reply(200, b'{"n": 1}'))
    action_id = _orphan(bench, "ada/ask-get")
    look_after(bench.rt, [action_id])
    assert len(bench.requests) == 1
    assert bench.get(action_id).status is ActionStatus.SUCCESS
    assert "resent" in bench.kinds(action_id)


def test_what_a_dead_process_queued_is_sent(make_bench: Any) -> None:
    bench = make_bench(lambda _: reply(200))
    action = bench.start()
    with bench.rt.store.transaction() as tx:
        tx.actions.own(action.id, _dead_owner())
    look_after(bench.rt, [action.id])
    assert bench.get(action.id).status is ActionStatus.SUCCESS


def test_what_a_living_process_has_in_hand_is_left_alone(make_bench: Any) -> None:
    bench = make_bench(lambda _: reply(200))
    action = bench.start()
    parts = this_process().rsplit("/", 2)
    parent = os.getppid()
    with bench.rt.store.transaction() as tx:
        tx.actions.own(action.id, f"{parts[0]}/{parent}/{_start_of(parent)}")
    look_after(bench.rt, [action.id])
    assert bench.get(action.id).status is ActionStatus.QUEUED


@pytest.mark.parametrize(
    ("route", "no_answer", "status", "code"),
    [
        (
            "ada/work-post",
            NoAnswer("connect", "refused", was_sent=False),
            "error",
            "external_service_error",
        ),
        (
            "ada/async-post",
            NoAnswer("connect", "refused", was_sent=False),
            "error",
            "external_service_error",
        ),
        ("ada/work-post", NoAnswer("read", "reset", was_sent=True), "error", "outcome_unknown"),
        ("ada/async-post", NoAnswer("read", "reset", was_sent=True), "in-progress", None),
    ],
)
def test_no_answer(
    make_bench: Any, route: str, no_answer: NoAnswer, status: str, code: str | None
) -> None:
    bench = make_bench(lambda _: no_answer)
    action = work_on(bench.rt, bench.start(route).id)
    assert action.status == status
    if code is not None:
        assert action.response is not None
        assert action.response.value["error"]["code"] == code


def test_the_first_final_word_wins(make_bench: Any) -> None:
    bench = make_bench(lambda _: reply(202))
    action = work_on(bench.rt, bench.start("ada/async-post").id)
    words: list[Outcome] = [
        Finished(json_body({"n": 1}), 200),
        Failed(json_body({"error": "x"})),
        Accepted(202),
        Finished(json_body({"n": 2}), 200),
    ]
    for word in words:
        settle_action(bench.rt, action.id, word, Source.RESPONSE)
    ended = bench.get(action.id)
    assert (ended.status, ended.response.value) == (ActionStatus.SUCCESS, {"n": 1})
    assert bench.kinds(action.id).count("finished") == 1


def test_one_that_lacks_a_credential_keeps_no_other_waiting(
    make_bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = make_bench(lambda _: reply(200))
    lacking, ready = bench.start(), bench.start()
    is_lacking = iter([True])

    def place(*arguments: Any, **words: Any) -> Any:
        if next(is_lacking, False):
            raise MissingCredential(service="lab", scheme="key")
        return place_credentials(*arguments, **words)

    monkeypatch.setattr(dispatch_action, "place_credentials", place)
    with pytest.raises(MissingCredential):
        look_after(bench.rt, [lacking.id, ready.id])
    assert bench.get(lacking.id).status is ActionStatus.QUEUED
    assert bench.get(ready.id).status is ActionStatus.SUCCESS
