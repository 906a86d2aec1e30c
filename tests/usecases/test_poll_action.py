"""Asking for a result: on a real registry and real sockets, with a clock that stands."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ouro_cli.errors import RegistryUnavailable
from ouro_cli.model.action import Action, ActionStatus, Source
from ouro_cli.runtime import Runtime
from ouro_cli.seat import take_seat
from ouro_cli.usecases import poll_action
from ouro_cli.usecases.import_service import ImportOptions, import_service
from ouro_cli.usecases.start_action import RouteCall, start_action
from ouro_cli.usecases.work import ask_for_results, look_after, work_on
from ouro_cli.wire.inputs import Arguments
from tests.support.upstream import Call, Reply, Upstream, json_body, serving, write_document

Answer = Callable[[Call], Reply]


class Polled:
    """A route `ada/job-post` whose answers name an address; and a clock that is moved by hand."""

    def __init__(self, rt: Runtime, clock: Any, upstream: Upstream, folder: Path) -> None:
        self.rt = rt
        self.upstream = upstream
        self._clock = clock
        self._folder = folder

    def run(self, **words: Any) -> str:
        """A run of the route, as far as its first answer; its id."""
        operation = {"method": "post", "path": "/jobs", "summary": "Job", **words}
        path = write_document(self._folder, {"requestBody": json_body(), **operation})
        import_service(self.rt, path, ImportOptions(base_url=self.upstream.url))
        action = start_action(self.rt, RouteCall("ada/job-post", Arguments()))
        return work_on(self.rt, action.id).id

    def ask(self, seconds: float = 3600) -> None:
        """Let time pass, and ask for what is due."""
        self._clock.move(seconds)
        ask_for_results(self.rt)

    def execute(self, statement: str) -> None:
        """Have the registry do what only a test would."""
        with self.rt.store.transaction() as tx:
            tx.database.connection.execute(statement)

    def get(self, action_id: str) -> Action:
        return self.rt.store.actions.get(action_id)

    def story(self, action_id: str, kind: str = "poll") -> list[str]:
        events = self.rt.store.events.after([action_id], 0)
        return [each.message for each in events if each.kind == kind]


@pytest.fixture
def polled(make_runtime: Any, clock: Any, tmp_path: Path) -> Iterator[Callable[..., Polled]]:
    """Makes a registry whose one service answers so; nobody in the background asks beside us."""
    with contextlib.ExitStack() as stack:

        def make(answer: Answer, **settings: Any) -> Polled:
            rt = make_runtime(**{"silence_seconds": 10**9, **settings})
            held = take_seat(rt.settings.home, host="127.0.0.1", port=0, public_url=None)
            assert held is not None
            stack.callback(held.close)
            return Polled(rt, clock, stack.enter_context(serving(answer)), tmp_path)

        yield make


def accepting(*answers: Reply, headers: dict[str, str] | None = None) -> Answer:
    """Accept a job, and answer questions so in turn, the last one again and again."""
    left = list(answers)

    def answer(call: Call) -> Reply:
        if call.method == "POST":
            return Reply(202, {}, headers or {"Location": "/jobs/1"})
        return left.pop(0) if len(left) > 1 else left[0]

    return answer


RUNNING = Reply(200, {"status": "processing"})
DONE = Reply(200, {"status": "succeeded", "n": 1})


def test_an_accepted_action_knows_where_and_when_to_ask(
    polled: Callable[..., Polled], clock: Any
) -> None:
    lab = polled(accepting(DONE, headers={"Location": "/jobs/1", "Retry-After": "7"}))

    action = lab.get(lab.run())

    assert action.is_accepted
    assert action.poll is not None
    assert action.poll.plan.url == f"{lab.upstream.url}/jobs/1"
    assert 7 <= (action.poll.next_at - clock()).total_seconds() <= 7.7
    assert len(lab.upstream.calls) == 1


def test_nobody_asks_before_it_is_time(polled: Callable[..., Polled]) -> None:
    lab = polled(accepting(DONE, headers={"Location": "/jobs/1", "Retry-After": "60"}))
    action_id = lab.run()

    lab.ask(59)
    early = lab.get(action_id)
    lab.ask(8)

    assert (early.is_final, early.poll.polls if early.poll else None) == (False, 0)
    assert lab.get(action_id).status is ActionStatus.SUCCESS
    assert lab.get(action_id).ended_by is Source.POLL


def test_the_story_tells_each_new_word_once(polled: Callable[..., Polled]) -> None:
    other = Reply(200, {"status": "frobbing"})
    lab = polled(accepting(RUNNING, RUNNING, other, other, DONE))
    action_id = lab.run()

    for _ in range(5):
        lab.ask()

    assert lab.story(action_id)[1:] == [
        "the API says: processing",
        "the API says: frobbing; that is no word ouro knows, so it asks on",
    ]


def test_new_lines_of_its_log_join_the_story_once(polled: Callable[..., Polled]) -> None:
    logs = [
        Reply(200, {"status": "processing", "logs": text}) for text in ("a\n", "a\nb\n", "a\nb\n")
    ]
    lab = polled(accepting(*logs, DONE))
    action_id = lab.run()

    for _ in range(4):
        lab.ask()

    assert lab.story(action_id, "log") == ["a", "b"]


def test_a_word_of_work_is_a_sign_of_life(polled: Callable[..., Polled]) -> None:
    lab = polled(accepting(RUNNING), silence_seconds=60)
    action_id = lab.run()

    for _ in range(5):
        lab.ask(50)

    assert not lab.get(action_id).is_final


def test_silence_ends_it_only_once_it_was_asked_in_vain(polled: Callable[..., Polled]) -> None:
    lab = polled(accepting(Reply(503), RUNNING, Reply(503)), silence_seconds=60)
    action_id = lab.run()
    lab.ask(30)
    look_after(lab.rt, [action_id], asks=False)
    lab.ask(300)
    after_sleep = lab.get(action_id)

    lab.ask(30)
    lab.ask(61)

    assert not after_sleep.is_final
    assert lab.get(action_id).status is ActionStatus.TIMED_OUT


def test_a_job_that_is_not_known_yet_is_asked_for_again(polled: Callable[..., Polled]) -> None:
    missing = Reply(404, {"detail": "no such job"})
    lab = polled(accepting(missing, missing, DONE))
    action_id = lab.run()

    for _ in range(3):
        lab.ask()

    assert lab.get(action_id).status is ActionStatus.SUCCESS
    assert len(lab.story(action_id)) == 1


@pytest.mark.parametrize(("status", "times"), [(401, 20), (404, 5), (410, 5)])
def test_a_refusal_that_lasts_ends_it(
    polled: Callable[..., Polled], status: int, times: int
) -> None:
    lab = polled(accepting(RUNNING, Reply(status, {"detail": "not for you"})))
    action_id = lab.run()

    for _ in range(times):
        lab.ask()
    before = lab.get(action_id)
    lab.ask()

    action = lab.get(action_id)
    assert not before.is_final
    assert (action.status, action.upstream_status_code) == (ActionStatus.ERROR, status)
    assert action.response is not None
    assert action.response.value["error"]["message"] == "not for you"


def test_a_route_that_calls_back_waits_on_where_it_may_not_ask(
    polled: Callable[..., Polled],
) -> None:
    lab = polled(accepting(Reply(404)))
    action_id = lab.run(**{"x-ouro-execution-mode": "async"})

    for _ in range(20):
        lab.ask()

    action = lab.get(action_id)
    assert not action.is_final
    assert action.poll is None
    assert len(lab.upstream.calls) == 1 + 8
    assert "only come as a callback" in lab.story(action_id)[-1]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_passes_never_ends_it(polled: Callable[..., Polled], status: int) -> None:
    lab = polled(accepting(Reply(status)))
    action_id = lab.run()

    for _ in range(20):
        lab.ask()

    assert not lab.get(action_id).is_final
    assert len(lab.story(action_id)) == 2


def test_a_redirect_leads_to_the_result(polled: Callable[..., Polled]) -> None:
    def answer(call: Call) -> Reply:
        if call.method == "POST":
            return Reply(202, {}, {"Location": "/jobs/1"})
        if call.path == "/jobs/1":
            return Reply(303, None, {"Location": "/people/7"})
        return Reply(200, {"status": "married"})

    lab = polled(answer)
    action_id = lab.run()

    lab.ask()

    response = lab.get(action_id).response
    assert response is not None
    assert response.value == {"status": "married"}


def test_a_result_elsewhere_is_fetched_where_the_status_says_done(
    polled: Callable[..., Polled],
) -> None:
    def answer(call: Call) -> Reply:
        if call.method == "POST":
            return Reply(200, {"status_url": "/status", "response_url": "/result"})
        return Reply(200, {"n": 7} if call.path == "/result" else {"status": "COMPLETED"})

    lab = polled(answer)
    action_id = lab.run()

    lab.ask()

    response = lab.get(action_id).response
    assert response is not None
    assert response.value == {"n": 7}


def test_a_redirect_out_of_the_origin_is_followed_barely(polled: Callable[..., Polled]) -> None:
    with serving(lambda _: Reply(200, {"n": 1})) as other:

        def answer(call: Call) -> Reply:
            if call.method == "POST":
                return Reply(202, {}, {"Location": "/jobs/1"})
            return Reply(303, None, {"Location": f"{other.url}/bucket/1?sig=x"})

        lab = polled(answer)
        action_id = lab.run()
        lab.ask()

        assert lab.get(action_id).status is ActionStatus.SUCCESS
        assert not [name for name in other.calls[0].headers if name.startswith("ouro-")]
        assert other.calls[0].path == "/bucket/1?sig=x"


def test_two_that_ask_at_once_ask_once(polled: Callable[..., Polled]) -> None:
    lab = polled(accepting(DONE))
    action_id = lab.run()
    [poll] = lab.rt.store.polls.pending()

    with lab.rt.store.transaction() as tx:
        first = tx.polls.take(poll, "somebody")
        second = tx.polls.take(poll, "somebody else")

    assert (first, second) == (True, False)
    # Its owner is dead: whoever comes next takes it on.
    lab.ask()
    assert lab.get(action_id).status is ActionStatus.SUCCESS


def test_the_interval_follows_the_routes_own_history(polled: Callable[..., Polled]) -> None:
    lab = polled(accepting(DONE))
    first = lab.run()
    lab.ask(20)
    again = start_action(lab.rt, RouteCall("ada/job-post", Arguments()))

    second = work_on(lab.rt, again.id)

    assert lab.get(first).status is ActionStatus.SUCCESS
    assert second.poll is not None
    assert second.poll.plan.interval == 4


def test_a_clock_that_was_set_back_delays_nothing(polled: Callable[..., Polled]) -> None:
    lab = polled(accepting(DONE))
    action_id = lab.run()

    lab.ask(-5 * 3600)

    assert lab.get(action_id).status is ActionStatus.SUCCESS


def test_where_the_api_moves_the_address_the_next_question_goes_there(
    polled: Callable[..., Polled],
) -> None:
    lab = polled(accepting(Reply(202, {}, {"Location": "/elsewhere"}), DONE))
    action_id = lab.run()

    lab.ask()
    lab.ask()

    assert [call.path for call in lab.upstream.calls] == ["/jobs", "/jobs/1", "/elsewhere"]
    assert lab.get(action_id).status is ActionStatus.SUCCESS


def test_a_failure_of_our_own_is_not_taken_for_work_in_hand(
    polled: Callable[..., Polled], monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = polled(accepting(DONE))
    action_id = lab.run()
    monkeypatch.setattr(poll_action, "_REST_SECONDS", 0.0)
    lab.execute(
        "CREATE TRIGGER full BEFORE UPDATE OF status ON action BEGIN"
        " SELECT raise(ABORT, 'disk is full'); END"
    )

    with pytest.raises(RegistryUnavailable):
        lab.ask()
    lab.execute("DROP TRIGGER full")
    lab.ask()

    assert lab.get(action_id).status is ActionStatus.SUCCESS


def test_an_api_that_cannot_be_reached_is_not_asked_again_at_once(
    polled: Callable[..., Polled], clock: Any
) -> None:
    lab = polled(accepting(DONE, headers={"Location": "http://127.0.0.1:1/x"}))
    action_id = lab.run()
    clock.move(3600)

    ask_for_results(lab.rt, patience=5)

    poll = lab.get(action_id).poll
    assert poll is not None
    assert (poll.misses, poll.next_at > clock()) == (1, True)
