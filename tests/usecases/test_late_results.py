"""What comes after the end is kept and told; only a person makes it the result."""

from typing import Any

import pytest

from ouro_cli.errors import NothingLate
from ouro_cli.model.action import ActionStatus, Body, Source
from ouro_cli.usecases.accept_late import accept_late
from ouro_cli.usecases.accept_webhook import accept_webhook
from ouro_cli.usecases.settle_action import settle_action
from ouro_cli.usecases.work import look_after, work_on
from ouro_cli.wire.outcome import Failed, Finished, json_body
from tests.usecases.conftest import reply


def _callback(response: Any, status: str = "completed") -> Body:
    return json_body({"status": status, "response": response})


def _given_up(bench: Any, clock: Any) -> str:
    action = work_on(bench.rt, bench.start("ada/async-post").id)
    clock.move(46 * 60)
    look_after(bench.rt, [action.id])
    assert bench.get(action.id).status is ActionStatus.TIMED_OUT
    return str(action.id)


def _late(bench: Any, action_id: str) -> list[Any]:
    return [each for each in bench.rt.store.receipts.of_action(action_id) if each.verdict == "late"]


def _story(bench: Any, action_id: str) -> list[str]:
    return [each.message for each in bench.rt.store.events.after([action_id], 0)]


def test_a_late_callback_says_how_late_it_was(make_bench: Any, clock: Any) -> None:
    bench = make_bench(lambda _: reply(202))
    action_id = _given_up(bench, clock)
    clock.move(12 * 60 + 5)
    accept_webhook(bench.rt, action_id, bench.token, _callback({"n": 1}))
    assert _story(bench, action_id)[-1].startswith("a result came 12 minutes after the end")


@pytest.mark.parametrize("source", [Source.RESPONSE, Source.WEBHOOK])
def test_a_late_answer_is_kept_as_it_came(make_bench: Any, clock: Any, source: Source) -> None:
    bench = make_bench(lambda _: reply(202))
    action_id = _given_up(bench, clock)
    for _ in range(2):
        settle_action(bench.rt, action_id, Finished(Body(b"\x00raw", "image/x")), source)
    (kept,) = _late(bench, action_id)
    assert (kept.body, kept.source) == (Body(b"\x00raw", "image/x"), source)
    assert bench.get(action_id).status is ActionStatus.TIMED_OUT


def test_a_large_late_answer_is_kept_whole(make_bench: Any, clock: Any) -> None:
    bench = make_bench(lambda _: reply(202))
    action_id = _given_up(bench, clock)
    data = b"0123456789" * 200_000
    kept = bench.rt.store.files.keep_bytes(data)
    body = Body(data[:1000], "text/plain", bench.rt.store.files.beside(kept.sha256), is_head=True)
    settle_action(bench.rt, action_id, Finished(body), Source.RESPONSE)
    assert [each.body.data for each in _late(bench, action_id)] == [data]


def test_an_answer_that_loses_the_race_is_kept_too(make_bench: Any) -> None:
    def eager(request: Any) -> Any:
        token = dict(request.secret_headers)["ouro-webhook-token"]
        accept_webhook(
            bench.rt, dict(request.headers)["ouro-action-id"], token, _callback({"n": 1})
        )
        return reply(200, b'{"n": 2}')

    bench = make_bench(eager)
    action = work_on(bench.rt, bench.start().id)
    assert action.response is not None
    assert action.response.value == {"n": 1}
    assert [each.body.value for each in _late(bench, action.id)] == [{"n": 2}]


def test_silence_that_comes_second_leaves_no_trace(make_bench: Any) -> None:
    bench = make_bench(lambda _: reply(200))
    action = work_on(bench.rt, bench.start().id)
    settle_action(bench.rt, action.id, Failed(json_body({})), Source.UNKNOWN)
    assert _late(bench, action.id) == []


@pytest.mark.parametrize(
    ("word", "status"), [("completed", ActionStatus.SUCCESS), ("failed", ActionStatus.ERROR)]
)
def test_a_person_may_accept_it(
    make_bench: Any, clock: Any, word: str, status: ActionStatus
) -> None:
    bench = make_bench(lambda _: reply(202))
    action_id = _given_up(bench, clock)
    accept_webhook(bench.rt, action_id, bench.token, _callback({"message": "m"}, word))

    accepted = accept_late(bench.rt, action_id)

    assert (accepted.status, accepted.ended_by) == (status, Source.LATE)
    assert accepted.response is not None
    assert accepted.response.value["message"] == "m"
    assert _late(bench, action_id)[0].accepted_at is not None
    with pytest.raises(NothingLate):
        accept_late(bench.rt, action_id)


def test_the_first_of_several_late_words_counts(make_bench: Any, clock: Any) -> None:
    bench = make_bench(lambda _: reply(202))
    action_id = _given_up(bench, clock)
    for number in (1, 2):
        accept_webhook(bench.rt, action_id, bench.token, _callback({"n": number}))
    accept_late(bench.rt, action_id)
    assert bench.get(action_id).response.value == {"n": 1}


def test_what_an_api_said_itself_cannot_be_unsaid(make_bench: Any) -> None:
    bench = make_bench(lambda _: reply(500))
    action = work_on(bench.rt, bench.start().id)
    accept_webhook(bench.rt, action.id, bench.token, _callback({"n": 1}))
    with pytest.raises(NothingLate, match="by a word of the API"):
        accept_late(bench.rt, action.id)
    assert bench.get(action.id).status is ActionStatus.ERROR


def test_where_nothing_came_nothing_can_be_accepted(make_bench: Any, clock: Any) -> None:
    bench = make_bench(lambda _: reply(202))
    with pytest.raises(NothingLate, match="no result came"):
        accept_late(bench.rt, _given_up(bench, clock))
