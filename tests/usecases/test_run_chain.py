"""Chains run to their ends: what a step is given, what follows its end, what may be at once."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ouro_cli.errors import ChainInHand
from ouro_cli.model.chain_run import ChainStatus
from ouro_cli.usecases.run_chain import run_chain
from tests.conftest import MakeRuntime
from tests.support.upstream import Call, Reply, later, serving
from tests.usecases.chains import Workshop, reached, step

DONE = [{"condition": "$response.body#/state == 'done'"}]


@pytest.fixture
def shop(make_runtime: MakeRuntime, tmp_path: Path) -> Iterator[Workshop]:
    with serving(lambda _: Reply(200)) as upstream:
        yield Workshop(make_runtime(), tmp_path, upstream)


def test_what_a_step_made_is_what_the_next_one_is_given(shop: Workshop) -> None:
    shop.answers["/a"] = lambda _: Reply(200, {"n": 7, "deep": {"x": [1, 2]}})
    chain = shop.run(
        step("one", "do-a", body={"begin": "$inputs.x"}, outputs={"n": "n", "d": "deep"}),
        step("two", "do-b", body={"n": "$steps.one.outputs.n", "d": "$steps.one.outputs.d"}),
        outputs={"last": "$steps.two.outputs.body"},
        given={"x": True},
    )
    assert chain.status is ChainStatus.SUCCESS
    assert [each.json for each in shop.upstream.calls] == [
        {"begin": True},
        {"n": 7, "d": {"x": [1, 2]}},
    ]
    assert chain.outputs == {"last": None}


def test_each_step_is_an_action_that_knows_its_chain(shop: Workshop) -> None:
    chain = shop.run(step("one", "do-a"), step("two", "get-b"))
    ids = shop.rt.store.chains.action_ids(chain.id)
    told = [shop.rt.store.actions.get(each).chain for each in ids]
    assert told == [(chain.id, "one"), (chain.id, "two")]


def test_a_failure_that_nothing_takes_up_ends_the_chain_and_names_its_step(shop: Workshop) -> None:
    shop.answers["/b"] = lambda _: Reply(500, {"detail": "broken"})
    chain = shop.run(step("one", "do-a"), step("two", "do-b"), step("three", "do-c"))
    assert chain.status is ChainStatus.ERROR
    assert chain.error is not None and chain.error["message"].startswith("step two: broken")
    assert reached(chain) == ["one 1 success", "two 1 error"]


def test_polling_by_retry_really_polls_until_done(shop: Workshop) -> None:
    def answer(_: Call) -> Reply:
        return Reply(200, {"state": "done" if len(shop.upstream.calls) > 4 else "running"})

    shop.answers["/a"] = answer
    again = {"name": "poll", "type": "retry", "retryAfter": 0.05, "retryLimit": 10}
    chain = shop.run(
        step("ask", "get-a", successCriteria=DONE, onFailure=[again]), step("then", "do-b")
    )
    assert chain.status is ChainStatus.SUCCESS
    assert len(shop.upstream.calls) == 6
    assert reached(chain)[4:] == ["ask 5 success", "then 1 success"]
    waited = [
        each.started_at - before.finished_at  # type: ignore[operator]
        for before, each in zip(chain.steps[:4], chain.steps[1:5], strict=True)
    ]
    assert min(waited).total_seconds() >= 0.05


def test_a_limit_of_repetitions_is_kept(shop: Workshop) -> None:
    shop.answers["/a"] = lambda _: Reply(200, {"state": "running"})
    again = {"name": "poll", "type": "retry", "retryLimit": 2}
    chain = shop.run(step("ask", "get-a", successCriteria=DONE, onFailure=[again]))
    assert len(shop.upstream.calls) == 3
    assert chain.error is not None and "after 2 repetitions" in chain.error["message"]


def test_a_retry_runs_its_other_step_first_and_comes_back(shop: Workshop) -> None:
    shop.answers["/a"] = lambda _: Reply(200 if "POST /b" in shop.paths else 500, {})
    again = {"name": "fresh", "type": "retry", "stepId": "login"}
    chain = shop.run(
        step("call", "do-a", onFailure=[again], onSuccess=[{"name": "e", "type": "end"}]),
        step("login", "do-b"),
    )
    assert chain.status is ChainStatus.SUCCESS
    assert shop.paths == ["POST /a", "POST /b", "POST /a"]


def test_goto_leads_on_and_passes_over(shop: Workshop) -> None:
    chain = shop.run(
        step("one", "do-a", onSuccess=[{"name": "j", "type": "goto", "stepId": "three"}]),
        step("two", "do-b"),
        step("three", "do-c"),
    )
    assert reached(chain) == ["one 1 success", "three 1 success"]


def test_a_loop_by_goto_ends_where_its_criterion_does(shop: Workshop) -> None:
    shop.answers["/b"] = lambda _: Reply(200, {"n": len(shop.upstream.calls)})
    back = {
        "name": "back", "type": "goto", "stepId": "one",
        "criteria": [{"condition": "$response.body#/n < 6"}],
    }  # fmt: skip
    chain = shop.run(step("one", "do-a"), step("two", "do-b", onSuccess=[back]))
    assert chain.status is ChainStatus.SUCCESS
    assert [each.visit for each in chain.steps if each.step == "two"] == [1, 2, 3]


def test_end_ends_a_chain_well_and_a_failed_one_badly(shop: Workshop) -> None:
    end = [{"name": "stop", "type": "end"}]
    well = shop.run(step("one", "do-a", onSuccess=end), step("two", "do-b"))
    shop.answers["/a"] = lambda _: Reply(404, {})
    badly = shop.run(step("one", "do-a", onFailure=end), step("two", "do-b"))
    assert (well.status, badly.status) == (ChainStatus.SUCCESS, ChainStatus.ERROR)
    assert len(well.steps) == len(badly.steps) == 1


def test_an_answer_is_what_its_criteria_make_of_it(shop: Workshop) -> None:
    shop.answers["/a"] = lambda _: Reply(404, {"detail": "none"})
    wanted = [{"condition": "$statusCode == 404"}]
    chain = shop.run(step("gone", "get-a", successCriteria=wanted))
    assert chain.status is ChainStatus.SUCCESS


def test_neighbours_that_only_read_run_side_by_side(shop: Workshop) -> None:
    both = threading.Barrier(2, timeout=10)

    def answer(_: Call) -> Reply:
        both.wait()
        return Reply(200, {})

    shop.answers |= {"/a": answer, "/b": answer}
    chain = shop.run(step("one", "get-a"), step("two", "get-b"), step("three", "do-c"))
    assert chain.status is ChainStatus.SUCCESS
    assert shop.paths[-1] == "POST /c"


def test_steps_that_write_keep_their_order(shop: Workshop) -> None:
    inside: list[int] = [0]
    most: list[int] = [0]

    def answer(_: Call) -> Reply:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        time.sleep(0.02)
        inside[0] -= 1
        return Reply(200, {})

    shop.answers |= {"/a": answer, "/b": answer}
    shop.run(step("one", "do-a"), step("two", "do-b"))
    assert most == [1]


def test_what_waits_for_nothing_begins_at_once_and_the_join_waits_for_all(shop: Workshop) -> None:
    both = threading.Barrier(2, timeout=10)

    def answer(_: Call) -> Reply:
        both.wait()
        return Reply(200, {})

    shop.answers |= {"/a": answer, "/b": answer}
    chain = shop.run(
        step("one", "do-a", dependsOn=[]),
        step("two", "do-b", dependsOn=[]),
        step("join", "do-c", dependsOn=["one", "two"]),
    )
    assert chain.status is ChainStatus.SUCCESS
    assert shop.paths[-1] == "POST /c"


def test_a_result_that_comes_later_is_waited_for(shop: Workshop) -> None:
    def answer(call: Call) -> Reply:
        later(0.1, lambda: _until_taken(call, {"v": 3}))
        return Reply(202, {})

    shop.answers["/late"] = answer
    chain = shop.run(
        step("slow", "do-late", outputs={"v": "v"}),
        step("next", "do-a", body={"v": "$steps.slow.outputs.v"}),
    )
    assert chain.status is ChainStatus.SUCCESS
    assert shop.upstream.calls[-1].json == {"v": 3}


def test_what_is_received_later_lets_the_sender_go_on(shop: Workshop) -> None:
    def answer(call: Call) -> Reply:
        # Only once the step in between has run.
        threading.Thread(target=lambda: _after_b(call), daemon=True).start()
        return Reply(202, {})

    def _after_b(call: Call) -> None:
        while "POST /b" not in shop.paths:
            time.sleep(0.01)
        _until_taken(call, {"v": 9})

    shop.answers["/late"] = answer
    receive = {
        "stepId": "got",
        "channelPath": "{$sourceDescriptions.w.url}#/c",
        "action": "receive",
        "dependsOn": ["send", "between"],
        "correlationId": "$steps.send.outputs.id",
        "outputs": {"v": "$response.body#/v"},
    }
    chain = shop.run(
        step("send", "do-late"),
        step("between", "do-b"),
        receive,
        step("end", "do-c", body={"v": "$steps.got.outputs.v"}),
    )
    assert chain.status is ChainStatus.SUCCESS, chain.error
    assert shop.upstream.calls[-1].json == {"v": 9}
    assert chain.steps[0].action_id == chain.steps[2].action_id


def test_a_step_that_takes_too_long_fails_and_its_action_goes_on(shop: Workshop) -> None:
    shop.answers["/late"] = lambda _: Reply(202, {})
    chain = shop.run(step("slow", "do-late", timeout=200))
    assert chain.error is not None and "timed out after 0.2 s" in chain.error["message"]
    assert chain.steps[0].action_id is not None
    assert not shop.rt.store.actions.is_final(chain.steps[0].action_id)


def test_a_workflow_is_a_step(shop: Workshop) -> None:
    inner = {
        "workflowId": "inner",
        "inputs": {"type": "object", "properties": {"x": {"type": "integer"}}},
        "steps": [step("in", "do-b", body={"x": "$inputs.x"}, outputs={"r": "body"})],
        "outputs": {"r": "$steps.in.outputs.r"},
    }
    chain = shop.run(
        {
            "stepId": "sub",
            "workflowId": "inner",
            "parameters": [{"name": "x", "value": 5}],
            "outputs": {"r": "$outputs.r"},
        },
        step("after", "do-c", body={"got": "$steps.sub.outputs.r"}),
        others=[inner],
    )
    assert chain.status is ChainStatus.SUCCESS, chain.error
    assert shop.upstream.calls[-1].json == {"got": {"x": 5}}
    child = shop.rt.store.chains.get(chain.steps[0].child_id or "")
    assert child.parent_id == chain.id
    assert len(shop.rt.store.chains.action_ids(chain.id)) == 2
    assert [each.id for each in shop.rt.store.chains.newest()] == [chain.id]


def test_workflows_that_it_depends_on_run_first(shop: Workshop) -> None:
    before = {
        "workflowId": "before", "steps": [step("p", "do-a", outputs={"path": "path"})],
        "outputs": {"path": "$steps.p.outputs.path"},
    }  # fmt: skip
    chain = shop.run(
        step("one", "do-b", body={"p": "$workflows.before.outputs.path"}),
        dependsOn=["before"],
        others=[before],
    )
    assert chain.status is ChainStatus.SUCCESS, chain.error
    assert shop.paths == ["POST /a", "POST /b"]
    assert shop.upstream.calls[-1].json == {"p": "/a"}


def test_a_workflow_that_leads_to_itself_is_bounded(shop: Workshop) -> None:
    chain = shop.run({"stepId": "again", "workflowId": "w"})
    assert chain.error is not None and "50 deep" in chain.error["message"]


def test_a_header_of_an_answer_is_an_output(shop: Workshop) -> None:
    shop.answers["/a"] = lambda _: Reply(200, {}, {"X-Page": "7", "X-Other": "no"})
    chain = shop.run(
        step("one", "do-a", outputs={"page": "$response.header.X-Page"}),
        outputs={"page": "$steps.one.outputs.page"},
    )
    assert chain.outputs == {"page": "7"}
    (attempt,) = shop.rt.store.attempts.of_action(chain.steps[0].action_id or "")
    assert attempt.facts["headers"] == {"x-page": "7"}


def test_a_field_that_is_not_there_is_named_with_what_is(shop: Workshop) -> None:
    shop.answers["/a"] = lambda _: Reply(200, {"id": 1, "url": "u"})
    chain = shop.run(
        step("one", "do-a", outputs={"b": "a/b"}),
        step("two", "do-b", body={"b": "$steps.one.outputs.b"}),
    )
    assert chain.error is not None
    message = chain.error["message"]
    assert message.startswith("step two: ")
    assert "b" in message and "id, url" in message
    assert shop.paths == ["POST /a"]


def test_a_text_that_begins_with_an_at_stays_a_text(shop: Workshop) -> None:
    shop.answers["/a"] = lambda _: Reply(200, {"v": "@/etc/passwd"})
    chain = shop.run(
        step("one", "do-a", outputs={"v": "v"}),
        step("two", "do-b", body={"v": "$steps.one.outputs.v"}),
        step(
            "three",
            "get-c",
            parameters=[{"name": "q", "in": "query", "value": "$steps.one.outputs.v"}],
        ),
    )
    assert chain.status is ChainStatus.SUCCESS
    assert shop.upstream.calls[1].json == {"v": "@/etc/passwd"}
    assert shop.upstream.calls[2].path == "/c?q=%40%2Fetc%2Fpasswd"


def test_bytes_that_a_service_names_are_never_sent(shop: Workshop) -> None:
    kept = shop.rt.store.files.keep(iter([b"secret"]))
    stand_in = {"$file": {"sha256": kept.sha256, "size": kept.size}}
    shop.answers["/a"] = lambda _: Reply(200, {"v": stand_in})
    chain = shop.run(
        step("one", "do-a", outputs={"v": "v"}),
        step("two", "do-b", body={"v": "$steps.one.outputs.v"}),
    )
    assert chain.error is not None and "kept file" in chain.error["message"]
    assert shop.paths == ["POST /a"]


@pytest.mark.full
def test_a_chain_of_a_thousand_steps_comes_to_its_end(shop: Workshop) -> None:
    chain = shop.run(*(step(f"s{n}", "get-a") for n in range(1_000)))
    assert chain.status is ChainStatus.SUCCESS
    assert len(shop.upstream.calls) == 1_000


def test_who_is_at_a_chain_is_told_to_who_comes_second(shop: Workshop) -> None:
    began, go = threading.Event(), threading.Event()

    def answer(_: Call) -> Reply:
        began.set()
        assert go.wait(10)
        return Reply(200, {})

    shop.answers["/a"] = answer
    chain = shop.start(step("one", "do-a"))

    def work() -> None:
        run_chain(shop.rt, chain.id, threading.Event())
        shop.rt.store.close()

    thread = threading.Thread(target=work)
    thread.start()
    assert began.wait(10)
    with pytest.raises(ChainInHand):
        run_chain(shop.rt, chain.id, threading.Event())
    go.set()
    thread.join()
    assert len(shop.upstream.calls) == 1


def test_one_that_is_asked_to_stop_goes_on_later(shop: Workshop) -> None:
    stopping = threading.Event()

    def answer(_: Call) -> Reply:
        stopping.set()
        return Reply(200, {})

    shop.answers["/a"] = answer
    chain = shop.start(step("one", "do-a"), step("two", "do-b"))
    stopped = run_chain(shop.rt, chain.id, stopping)
    assert not stopped.is_final
    assert stopped.owner is None
    assert shop.go_on(chain).status is ChainStatus.SUCCESS
    assert shop.paths == ["POST /a", "POST /b"]


def test_one_within_another_is_stopped_with_it(shop: Workshop) -> None:
    stopping = threading.Event()

    def answer(_: Call) -> Reply:
        stopping.set()
        return Reply(200, {})

    shop.answers["/a"] = answer
    inner = {"workflowId": "in", "steps": [step("x", "do-a"), step("y", "do-b")]}
    chain = shop.start({"stepId": "sub", "workflowId": "in"}, others=[inner])
    assert not run_chain(shop.rt, chain.id, stopping).is_final
    assert shop.go_on(chain).status is ChainStatus.SUCCESS
    assert shop.paths == ["POST /a", "POST /b"]


def _until_taken(call: Call, response: object) -> None:
    for _ in range(100):
        if call.call_back({"status": "completed", "response": response}) == 200:
            return
        time.sleep(0.05)
