"""Whether a request goes out again, and when: where it is safe, for a while, and not for ever."""

from datetime import UTC, datetime
from typing import Any

import pytest

from ouro_cli.wire.outcome import NoAnswer, UpstreamResponse
from ouro_cli.wire.retry import next_wait

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def _answer(status: int, wait: str | None = None) -> UpstreamResponse:
    return UpstreamResponse(status, () if wait is None else (("Retry-After", wait),), b"")


def _wait(answer: UpstreamResponse | NoAnswer, **words: Any) -> float | None:
    usual: dict[str, Any] = {
        "tries": 1,
        "most_tries": 3,
        "is_repeatable": True,
        "now": NOW,
        "left": 600.0,
        "chance": lambda: 0.5,
    }
    return next_wait(answer, **usual | words)


@pytest.mark.parametrize("status", [408, 429, 502, 503, 504])
def test_an_answer_that_will_pass_is_asked_for_again_where_that_is_safe(status: int) -> None:
    assert _wait(_answer(status)) == 0.5
    assert _wait(_answer(status), is_repeatable=False) is None


@pytest.mark.parametrize("status", [200, 202, 302, 400, 401, 404, 409, 422, 500, 501])
def test_any_other_answer_is_the_answer(status: int) -> None:
    assert _wait(_answer(status)) is None


LOST = NoAnswer("read", "connection reset", was_sent=True)
UNSENT = NoAnswer("connect", "connection refused", was_sent=False)


@pytest.mark.parametrize(
    ("no_answer", "is_repeatable", "again"),
    [
        (LOST, True, True),
        (LOST, False, False),
        (UNSENT, True, True),
        (UNSENT, False, True),
        (NoAnswer("tls", "not trusted", was_sent=False, is_lasting=True), True, False),
    ],
)
def test_no_answer(no_answer: NoAnswer, is_repeatable: bool, again: bool) -> None:
    assert (_wait(no_answer, is_repeatable=is_repeatable) is not None) is again


def test_the_waits_double_and_differ_by_chance() -> None:
    assert [_wait(LOST, tries=tries) for tries in (1, 2, 3)] == [0.5, 1.0, None]
    assert _wait(LOST, chance=lambda: 0.0) == 0.25
    assert _wait(LOST, chance=lambda: 1.0) == 0.75


def test_nothing_is_waited_for_beyond_the_calls_own_time() -> None:
    assert _wait(_answer(503, "30"), left=29.0) is None
    assert _wait(_answer(503, "30"), left=31.0) == 30.0
