"""The same request once more: as it was, with a word where it may do what was not meant."""

from typing import Any

import pytest

from ouro_cli.errors import RerunRefused
from ouro_cli.model.action import Source
from ouro_cli.usecases.edit_route import RouteEdits, remove_route, update_route
from ouro_cli.usecases.find_reference import find_route
from ouro_cli.usecases.rerun_action import danger_of_rerun, rerun_action
from ouro_cli.usecases.settle_action import settle_action
from ouro_cli.usecases.start_action import RouteCall, start_action
from ouro_cli.usecases.work import work_on
from ouro_cli.wire.inputs import Arguments, Field
from ouro_cli.wire.manner import Manner
from ouro_cli.wire.outcome import NoAnswer, TimedOut, json_body
from tests.usecases.conftest import reply
from tests.usecases.lab import Lab

UNSENT = NoAnswer("tls", "not trusted", was_sent=False, is_lasting=True)
LOST = NoAnswer("read", "reset", was_sent=True)


def test_it_is_a_new_action_with_the_same_request(make_bench: Any) -> None:
    bench = make_bench(lambda _: reply(200))
    call = RouteCall("ada/work-post", Arguments(fields=(Field("a", "1", True),)))
    first = work_on(bench.rt, start_action(bench.rt, call).id)
    again = work_on(bench.rt, rerun_action(bench.rt, first).id)
    assert again.id != first.id
    assert (again.request, again.rerun_of) == (first.request, first.id)
    assert bench.rt.store.attempts.repeated_by(first.id) == [again.id]
    assert bench.requests[0].body == bench.requests[1].body
    keys = {dict(each.headers)["Idempotency-Key"] for each in bench.requests}
    assert keys == {first.id, again.id}


@pytest.mark.parametrize(
    ("route", "answer", "danger"),
    [
        ("ada/work-post", reply(200), "is not safe to repeat, and the earlier run succeeded"),
        ("ada/work-post", LOST, "may have been done"),
        ("ada/work-post", reply(400), ""),
        ("ada/work-post", UNSENT, ""),
        ("ada/async-post", reply(202), "is still open"),
        ("ada/ask-get", reply(200), ""),
        ("ada/ask-get", reply(404), ""),
    ],
)
def test_a_word_is_needed_where_the_earlier_run_may_have_worked(
    make_bench: Any, route: str, answer: Any, danger: str
) -> None:
    bench = make_bench(lambda _: answer)
    action = work_on(bench.rt, bench.start(route).id)
    said = danger_of_rerun(bench.rt, action)
    assert danger in said
    assert bool(said) is bool(danger)


def test_a_call_that_timed_out_may_have_been_done(make_bench: Any) -> None:
    bench = make_bench(lambda _: reply(202))
    action = work_on(bench.rt, bench.start("ada/async-post").id)
    ended = settle_action(bench.rt, action.id, TimedOut(json_body({})), Source.SILENCE)
    assert "may have been done" in danger_of_rerun(bench.rt, ended)


def test_a_question_that_costs_money_needs_a_word_too(make_bench: Any) -> None:
    bench = make_bench(lambda _: reply(200))
    route = find_route(bench.rt, "ada/ask-get")
    price = {"model": "per_call", "unit_cost": 1, "currency": "usd"}
    update_route(bench.rt, route, RouteEdits(fields={"pricing": price}))
    action = work_on(bench.rt, bench.start("ada/ask-get").id)
    assert "costs money" in danger_of_rerun(bench.rt, action)


def test_what_was_allowed_once_is_not_allowed_again(make_bench: Any) -> None:
    bench = make_bench(lambda _: reply(200))
    call = RouteCall("ada/ask-get", Arguments(), manner=Manner(no_retry=True, insecure=True))
    first = work_on(bench.rt, start_action(bench.rt, call).id)
    work_on(bench.rt, rerun_action(bench.rt, first).id)
    assert [each.verify for each in bench.requests] == [False, True]
    assert first.request["insecure"] is True


def test_a_route_that_is_gone_is_not_run(make_bench: Any) -> None:
    bench = make_bench(lambda _: reply(200))
    action = work_on(bench.rt, bench.start("ada/ask-get").id)
    remove_route(bench.rt, find_route(bench.rt, "ada/ask-get"))
    with pytest.raises(RerunRefused, match="the route ada/ask-get is there no more"):
        rerun_action(bench.rt, action)


def test_an_input_that_is_gone_is_said(lab: Lab) -> None:
    takes = {"a": {"asset_type": "file"}}
    lab.routes({"path": "/fit", "summary": "Fit", "x-ouro-input-assets": takes})
    asset = lab.file("a.cif")
    action = start_action(lab.rt, RouteCall("ada/fit-post", Arguments(), inputs=(f"a={asset.id}",)))
    again = rerun_action(lab.rt, action)
    assert [each.asset.id for each in again.inputs] == [asset.id]
    lab.rt.store.files.remove(asset.sha256)
    with pytest.raises(RerunRefused, match=r"its input a, a\.cif .* are missing"):
        rerun_action(lab.rt, action)
