"""What comes next in a chain, from the visits of its steps alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from ouro_cli.model.chain import (
    FollowUp,
    FollowUpKind,
    OperationTarget,
    Parameter,
    ParameterPlace,
    Step,
    Workflow,
)
from ouro_cli.model.chain_flow import (
    MOST_JUMPS,
    Situation,
    decision_after,
    situation,
    waits_of,
)
from ouro_cli.model.chain_run import ChainStatus, ReachedBy, StepRun, StepStatus
from tests.builders import NOW

NEXT: dict[str, Any] = {"kind": "next"}
FAIL: dict[str, Any] = {"kind": "fail"}


def _step(name: str, **facts: Any) -> Step:
    return Step(name, OperationTarget(operation_id=name), **facts)


def _workflow(*names: str, **facts: Any) -> Workflow:
    return Workflow("w", tuple(map(_step, names)), **facts)


def _visits(*told: tuple[str, dict[str, Any] | None], **facts: Any) -> list[StepRun]:
    """Visits by step and decision; one without is still open."""
    visits: list[StepRun] = []
    for seq, (name, decision) in enumerate(told, 1):
        status = StepStatus.IN_PROGRESS
        if decision is not None:
            is_bad = decision["kind"] in ("fail", "retry")
            status = StepStatus.ERROR if is_bad else StepStatus.SUCCESS
        number = 1 + sum(each.step == name for each in visits)
        visit = StepRun(
            seq, "c", name, number, status, ReachedBy.ORDER, decision=decision, finished_at=NOW
        )
        visits.append(replace(visit, **facts))
    return visits


def _by(visits: list[StepRun], index: int, reached_by: ReachedBy, **facts: Any) -> None:
    visits[index] = replace(visits[index], reached_by=reached_by, **facts)


def _next(workflow: Workflow, visits: Sequence[StepRun]) -> Situation:
    return situation(workflow, visits, waits_of(workflow, frozenset()))


def _names(told: Situation) -> list[str]:
    return [each.step for each in told.turns]


def test_steps_come_in_their_order_and_then_the_end() -> None:
    workflow = _workflow("a", "b")
    assert _names(_next(workflow, [])) == ["a"]
    assert _next(workflow, _visits(("a", None))) == Situation()
    assert _names(_next(workflow, _visits(("a", NEXT)))) == ["b"]
    assert _next(workflow, _visits(("a", NEXT), ("b", NEXT))).end is ChainStatus.SUCCESS


def test_a_step_is_never_begun_twice_however_often_it_is_asked() -> None:
    workflow = _workflow("a", "b", "c")
    visits = _visits(("a", NEXT), ("b", None))
    assert _next(workflow, visits) == _next(workflow, visits) == Situation()


def test_readers_that_are_neighbours_wait_for_the_same() -> None:
    user = _step("d", parameters=(Parameter("x", ParameterPlace.QUERY, "$steps.c.outputs.y"),))
    workflow = Workflow("w", (*map(_step, "abc"), user))
    waits = waits_of(workflow, frozenset("bcd"))
    assert waits == {"a": set(), "b": {"a"}, "c": {"a"}, "d": {"b", "c"}}


def test_a_reader_that_leads_elsewhere_waits_for_its_turn() -> None:
    again = FollowUp("r", FollowUpKind.RETRY)
    workflow = Workflow("w", (_step("a"), _step("b", on_failure=(again,)), _step("c")))
    assert waits_of(workflow, frozenset("abc")) == {"a": set(), "b": {"a"}, "c": {"b"}}


def test_who_says_what_it_waits_for_waits_for_that_alone() -> None:
    workflow = Workflow(
        "w",
        (_step("a"), _step("b", depends_on=()), _step("c", depends_on=("b",)), _step("d")),
    )
    assert _names(_next(workflow, [])) == ["a", "b"]
    visits = _visits(("b", NEXT), ("a", None))
    assert _names(_next(workflow, visits)) == ["c"]
    done = _visits(("b", NEXT), ("a", NEXT), ("c", None))
    assert _next(workflow, done) == Situation()


def test_steps_that_wait_for_each_other_are_told() -> None:
    workflow = Workflow("w", (_step("a", depends_on=("b",)), _step("b", depends_on=("a",))))
    told = _next(workflow, [])
    assert (told.end, "circle" in told.why) == (ChainStatus.ERROR, True)


def test_a_failure_waits_for_what_still_runs() -> None:
    workflow = Workflow("w", (_step("a", depends_on=()), _step("b", depends_on=())))
    assert _next(workflow, _visits(("a", FAIL), ("b", None))) == Situation()
    assert _next(workflow, _visits(("a", FAIL), ("b", NEXT))).end is ChainStatus.ERROR


def test_a_retry_is_due_after_its_time_and_used_up_by_its_visit() -> None:
    workflow = _workflow("a", "b")
    visits = _visits(("a", {"kind": "retry", "after": 5.0}))
    (turn,) = _next(workflow, visits).turns
    assert turn.reached_by is ReachedBy.RETRY
    assert turn.not_before == NOW + timedelta(seconds=5)
    visits = _visits(("a", {"kind": "retry", "after": 5.0}), ("a", None))
    _by(visits, 1, ReachedBy.RETRY)
    assert _next(workflow, visits) == Situation()


def test_repetitions_in_a_row_are_counted_against_the_limit() -> None:
    chosen = FollowUp("again", FollowUpKind.RETRY, retry_limit=2)
    visits = _visits(*[("a", {"kind": "retry", "after": 0.0})] * 2, ("a", None))
    _by(visits, 1, ReachedBy.RETRY)
    assert decision_after(chosen, visits[:2], visits[1], succeeded=False)["kind"] == "retry"
    _by(visits, 2, ReachedBy.RETRY)
    told = decision_after(chosen, visits, visits[2], succeeded=False)
    assert told == {"kind": "fail", "repeated": 2, "by": "again"}


def test_a_loop_without_end_is_ended() -> None:
    back = {"kind": "goto", "to": "a"}
    workflow = _workflow("a", "b")
    told: list[tuple[str, dict[str, Any] | None]] = [("a", back)]
    visits = _visits(*told * (MOST_JUMPS + 1))
    for index in range(1, MOST_JUMPS + 1):
        _by(visits, index, ReachedBy.GOTO)
    told_now = _next(workflow, visits)
    assert told_now.end is ChainStatus.ERROR
    assert "1,000 times" in told_now.why
    assert _names(_next(workflow, visits[:-1])) == ["a"]


def test_a_jump_back_has_all_behind_it_run_again() -> None:
    visits = _visits(("a", NEXT), ("b", NEXT), ("c", {"kind": "goto", "to": "a"}), ("a", NEXT))
    _by(visits, 3, ReachedBy.GOTO)
    assert _names(_next(_workflow("a", "b", "c"), visits)) == ["b"]


def test_what_is_resumed_has_its_failure_forgotten_and_keeps_what_was_done() -> None:
    workflow = Workflow(
        "w", (_step("a"), _step("b"), _step("c", depends_on=()), _step("d", depends_on=("b", "c")))
    )
    visits = _visits(("a", NEXT), ("c", NEXT), ("b", FAIL), ("b", None))
    _by(visits, 3, ReachedBy.RESUME, not_before=NOW)
    assert _next(workflow, visits) == Situation()
    _by(visits, 3, ReachedBy.RESUME, decision=NEXT, status=StepStatus.SUCCESS)
    assert _names(_next(workflow, visits)) == ["d"]


def test_resumed_from_an_earlier_step_all_that_waits_for_it_is_run_again() -> None:
    visits = _visits(("a", NEXT), ("b", NEXT), ("c", NEXT), ("b", NEXT))
    _by(visits, 3, ReachedBy.RESUME, not_before=NOW)
    assert _names(_next(_workflow("a", "b", "c"), visits)) == ["c"]


def test_two_that_are_resumed_together_forget_one_failure_together() -> None:
    workflow = Workflow("w", (_step("a", depends_on=()), _step("b", depends_on=())))
    visits = _visits(("a", FAIL), ("b", FAIL), ("a", FAIL), ("b", None))
    _by(visits, 2, ReachedBy.RESUME, not_before=NOW)
    _by(visits, 3, ReachedBy.RESUME, not_before=NOW)
    assert _next(workflow, visits) == Situation()
    _by(visits, 3, ReachedBy.RESUME, decision=NEXT, status=StepStatus.SUCCESS)
    assert _next(workflow, visits).end is ChainStatus.ERROR


def test_a_thousand_steps_are_looked_at_in_no_time() -> None:
    names = [f"s{number}" for number in range(1_000)]
    workflow = _workflow(*names)
    waits = waits_of(workflow, frozenset())
    assert sum(map(len, waits.values())) == 999
    visits = _visits(*((name, NEXT) for name in names[:-1]))
    assert _names(situation(workflow, visits, waits)) == ["s999"]
