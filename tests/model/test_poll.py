"""How often a result is asked for."""

import pytest

from ouro_cli.model.poll import Poll, PollPlan, read_path, usual_interval
from tests.builders import ACTION_ID, NOW

PLAN = PollPlan("http://api.test/j", "a test", interval=10)


def test_the_first_question_comes_soon_and_the_others_ever_later() -> None:
    poll = Poll(ACTION_ID, PLAN, NOW)
    waits = []
    for _ in range(7):
        waits.append(poll.wait(None, 0))
        poll = poll.heard("running", 0)

    assert waits == [0.5, 1, 2, 4, 8, 10, 10]


def test_what_the_api_asks_for_wins() -> None:
    poll = Poll(ACTION_ID, PLAN, NOW)

    assert poll.wait(120, 0) == 120
    assert poll.wait(0, 1) == 0
    assert poll.wait(10**9, 0) == 3600


def test_jitter_only_makes_it_later() -> None:
    assert Poll(ACTION_ID, PLAN, NOW).wait(100, 1) == pytest.approx(110)


def test_after_misses_it_backs_off_and_after_a_word_it_is_as_before() -> None:
    poll = Poll(ACTION_ID, PLAN, NOW)
    waits = []
    for _ in range(7):
        poll = poll.missed()
        waits.append(poll.wait(None, 0))

    assert waits == [1, 2, 4, 8, 16, 30, 30]
    assert poll.heard("running", 0).misses == 0


@pytest.mark.parametrize(
    ("completions", "seconds"),
    [([], 10), ([10_000.0, 20_000.0], 3), ([1.0], 1), ([3_600_000.0], 30)],
)
def test_the_interval_comes_from_how_long_runs_took(
    completions: list[float], seconds: float
) -> None:
    assert usual_interval(completions) == seconds


def test_a_plan_is_read_as_it_was_kept() -> None:
    plan = PollPlan("http://x.test", "x", done=("a",), result="$.y", is_guess=True)
    assert PollPlan.of_json(plan.as_json()) == plan


def test_a_path_is_read_step_by_step() -> None:
    assert read_path("$.a['b c'][\"d\"][0][-1].e-f") == ["a", "b c", "d", 0, -1, "e-f"]
