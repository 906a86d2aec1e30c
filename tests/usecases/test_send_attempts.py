"""A request that goes out more than once: each time on record first, and only where it is safe."""

import platform
import threading
from datetime import timedelta
from typing import Any

import pytest

from ouro_cli.model.action import ActionStatus, Body
from ouro_cli.model.attempt import AttemptOutcome
from ouro_cli.usecases.accept_webhook import accept_webhook
from ouro_cli.usecases.start_action import RouteCall, start_action
from ouro_cli.usecases.work import look_after, work_on
from ouro_cli.wire.inputs import Arguments
from ouro_cli.wire.manner import Manner
from ouro_cli.wire.outcome import NoAnswer
from ouro_cli.wire.request import UpstreamRequest
from tests.usecases.conftest import reply

LOST = NoAnswer("read", "connection reset", was_sent=True)
UNSENT = NoAnswer("connect", "connection refused", was_sent=False)


def _answering(*answers: Any) -> Any:
    left = list(answers)
    return lambda _: left.pop(0)


def _id(request: UpstreamRequest) -> str:
    return dict(request.headers)["ouro-action-id"]


def _outcomes(bench: Any, action_id: str) -> list[tuple[int, str | None, int | None]]:
    return [
        (each.number, each.outcome, each.status_code)
        for each in bench.rt.store.attempts.of_action(action_id)
    ]


def test_an_attempt_is_on_record_before_a_byte_goes_out_and_ended_with_its_answer(
    make_bench: Any,
) -> None:
    seen = []

    def answer(request: UpstreamRequest) -> Any:
        seen.extend(_outcomes(bench, _id(request)))
        return reply(200)

    bench = make_bench(answer)
    action = work_on(bench.rt, bench.start().id)
    assert seen == [(1, None, None)]
    assert _outcomes(bench, action.id) == [(1, AttemptOutcome.ANSWERED, 200)]


def test_a_safe_call_is_sent_again_with_the_same_key_and_token(make_bench: Any) -> None:
    again = ("retry-after", "0")
    bench = make_bench(_answering(reply(503, b"{}", again), reply(429, b"{}", again), reply(200)))
    action = work_on(bench.rt, bench.start("ada/ask-get").id)
    assert action.status is ActionStatus.SUCCESS
    assert _outcomes(bench, action.id) == [
        (1, "answered", 503),
        (2, "answered", 429),
        (3, "answered", 200),
    ]
    assert bench.requests[0] == bench.requests[1] == bench.requests[2]
    assert bench.kinds(action.id).count("retry") == 2


def test_what_is_not_safe_to_repeat_is_sent_once(make_bench: Any) -> None:
    bench = make_bench(_answering(LOST))
    action: Any = work_on(bench.rt, bench.start("ada/work-post").id)
    assert action.response.value["error"]["code"] == "outcome_unknown"
    assert _outcomes(bench, action.id) == [(1, "unanswered", None)]


def test_what_never_reached_the_api_is_sent_again_whatever_it_does(make_bench: Any) -> None:
    bench = make_bench(_answering(UNSENT, reply(200)))
    action = work_on(bench.rt, bench.start("ada/work-post").id)
    assert action.status is ActionStatus.SUCCESS
    assert _outcomes(bench, action.id) == [(1, "unsent", None), (2, "answered", 200)]


def test_a_call_gives_up_after_its_last_attempt(make_bench: Any) -> None:
    answers = [reply(503, b"{}", ("retry-after", "0"))] * 3
    bench = make_bench(_answering(*answers))
    action = work_on(bench.rt, bench.start("ada/ask-get").id)
    assert (action.status, action.upstream_status_code) == (ActionStatus.ERROR, 503)
    assert len(bench.requests) == 3


@pytest.mark.parametrize("way", ["setting", "option"])
def test_retries_can_be_left_out(make_bench: Any, way: str) -> None:
    settings = {"retries": 0} if way == "setting" else {}
    bench = make_bench(_answering(reply(503, b"{}", ("retry-after", "0"))), **settings)
    call = RouteCall("ada/ask-get", Arguments(), manner=Manner(no_retry=way == "option"))
    action = work_on(bench.rt, start_action(bench.rt, call).id)
    assert action.status is ActionStatus.ERROR
    assert len(bench.requests) == 1


def test_a_callback_in_between_ends_it_and_nothing_more_is_sent(make_bench: Any) -> None:
    done = Body(b'{"status": "completed", "response": {"by": "webhook"}}')

    def answer(request: UpstreamRequest) -> Any:
        thread = threading.Thread(
            target=accept_webhook, args=(bench.rt, _id(request), bench.token, done)
        )
        thread.start()
        thread.join()
        return reply(503, b"{}", ("retry-after", "1"))

    bench = make_bench(answer)
    action: Any = work_on(bench.rt, bench.start("ada/ask-get").id)
    assert action.response.value == {"by": "webhook"}
    assert len(bench.requests) == 1


def test_a_restart_neither_skips_nor_resets_the_wait(make_bench: Any, clock: Any) -> None:
    bench = make_bench(_answering(reply(200)))
    action_id = bench.start("ada/ask-get").id
    with bench.rt.store.transaction() as tx:
        tx.actions.claim(
            action_id,
            owner="gone/boot/1/1",
            token_hash="x",
            callback_url="http://127.0.0.1:9/actions/x/response",
            at=bench.rt.now(),
        )
        tx.actions.own(action_id, f"{_here()}/another-boot/1/1")
        for _ in range(2):
            tx.attempts.begin(action_id, "gone", bench.rt.now())
            tx.attempts.end(action_id, AttemptOutcome.ANSWERED, bench.rt.now(), status_code=503)
        tx.attempts.put_off(action_id, bench.rt.now() + timedelta(seconds=30))

    look_after(bench.rt, [action_id])
    assert bench.requests == []
    assert bench.get(action_id).next_attempt_at == clock.at + timedelta(seconds=30)

    clock.move(31)
    look_after(bench.rt, [action_id])
    assert bench.get(action_id).status is ActionStatus.SUCCESS
    assert [number for number, _, _ in _outcomes(bench, action_id)] == [1, 2, 3]


def _here() -> str:
    return platform.node()


def test_the_wait_is_never_longer_than_the_call_may_take(make_bench: Any) -> None:
    bench = make_bench(_answering(reply(503, b"{}", ("retry-after", "30"))), call_seconds=5)
    action = work_on(bench.rt, bench.start("ada/ask-get").id)
    assert action.status is ActionStatus.ERROR
