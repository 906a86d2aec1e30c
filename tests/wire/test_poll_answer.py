"""What an answer to a question for a result means."""

import json
from typing import Any

import pytest

from ouro_cli.model.poll import PollPlan
from ouro_cli.wire.outcome import Failed, Finished, NoAnswer, UpstreamResponse
from ouro_cli.wire.poll_answer import Elsewhere, Missed, StillRunning, read_answer
from ouro_cli.wire.status_words import Progress, meaning

URL = "http://api.test/jobs/7"


def said(body: Any, code: int = 200, url: str = URL, **plan: Any) -> Any:
    """What this answer to `URL` means, under a plan of these facts."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    outputs = plan.pop("outputs", ())
    is_result = plan.pop("is_result", False)
    answer = UpstreamResponse(code, (("content-type", "application/json"),), data, url)
    given = PollPlan(URL, "a test", **plan)
    return read_answer(answer, given, "http://api.test", outputs, is_result=is_result)


@pytest.mark.parametrize(
    "body",
    [
        {"status": "NotStarted"},
        {"status": "processing"},
        {"state": "IN_QUEUE"},
        {"properties": {"provisioningState": "Updating"}},
        {"status": {"state": "working"}},
        {"state": "JOB_STATE_RUNNING"},
        {"done": False, "name": "operations/1"},
        {"data": {"status": "pending"}},
    ],
)
def test_words_of_work_mean_not_yet(body: Any) -> None:
    answer = said(body)
    assert isinstance(answer, StillRunning)
    assert answer.is_known


def test_202_means_not_yet_whatever_it_says() -> None:
    assert said(b"", 202) == StillRunning("accepted", True)


def test_a_word_that_nobody_knows_means_not_yet() -> None:
    assert said({"status": "frobbing"}) == StillRunning("frobbing", False)


@pytest.mark.parametrize(
    "body",
    [
        {"status": "succeeded", "output": [1]},
        {"status": "Succeeded", "result": {"n": 1}},
        {"status": "COMPLETED"},
        {"anything": "else"},
        [1, 2],
        7,
        {"status": 200},
        {"status": "", "n": 1},
    ],
)
def test_the_end_or_no_word_at_all_means_the_whole_answer(body: Any) -> None:
    answer = said(body)
    assert isinstance(answer, Finished)
    assert answer.body.value == body


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"status": "failed", "error": "out of memory"}, "out of memory"),
        ({"status": "Failed", "error": {"code": "X", "message": "too long"}}, "too long"),
        ({"status": "incomplete", "incomplete_details": {"message": "cut"}}, "cut"),
        ({"status": "canceled"}, "the API says: canceled"),
        ({"done": True, "error": {"message": "no"}}, "no"),
        ({"properties": {"provisioningState": "Failed", "message": "quota"}}, "quota"),
    ],
)
def test_failure_carries_the_apis_own_message(body: Any, message: str) -> None:
    answer = said(body)
    assert isinstance(answer, Failed)
    assert answer.body.value["error"]["message"] == message
    assert answer.body.value["error"]["body"] == body


def test_what_the_plan_says_comes_before_what_is_usual() -> None:
    plan: dict[str, Any] = {"status": "$.job.phase", "done": ("fini",), "failed": ("succeeded",)}

    assert isinstance(said({"job": {"phase": "FINI"}}, **plan), Finished)
    assert isinstance(said({"job": {"phase": "succeeded"}}, **plan), Failed)
    assert isinstance(said({"job": {"phase": "running"}}, **plan), StillRunning)


def test_a_boolean_can_be_the_status_where_the_plan_says_so() -> None:
    plan: dict[str, Any] = {"status": "$.ready", "done": ("true",), "failed": ()}

    assert isinstance(said({"ready": False}, **plan), StillRunning)
    assert isinstance(said({"ready": True}, **plan), Finished)


def test_the_result_is_what_the_plan_names() -> None:
    answer = said({"status": "ok", "out": [{"n": 1}]}, result="$.out[0]")
    assert isinstance(answer, Finished)
    assert answer.body.value == {"n": 1}


def test_the_result_is_where_the_routes_outputs_are() -> None:
    body = {"status": "succeeded", "output": {"relaxed": {"base64": "eA=="}}}
    answer = said(body, outputs=("relaxed",))
    assert isinstance(answer, Finished)
    assert answer.body.value == body["output"]


def test_google_puts_the_result_under_response() -> None:
    answer = said({"done": True, "response": {"n": 1}})
    assert isinstance(answer, Finished)
    assert answer.body.value == {"n": 1}


@pytest.mark.parametrize(
    ("body", "plan"),
    [
        ({"status": "COMPLETED", "response_url": "/r"}, {"result_url": "$.response_url"}),
        ({"status": "COMPLETED"}, {"result_url": "http://api.test/r"}),
        ({"status": "Succeeded", "resourceLocation": "http://api.test/r"}, {}),
    ],
)
def test_the_result_may_lie_elsewhere(body: Any, plan: Any) -> None:
    assert said(body, **plan) == Elsewhere("http://api.test/r")


def test_where_the_result_lies_any_word_in_it_is_its_own() -> None:
    answer = said({"status": "running", "n": 1}, is_result=True)
    assert isinstance(answer, Finished)


def test_after_a_redirect_a_strange_word_is_the_results_own() -> None:
    answer = said({"status": "married"}, url="http://api.test/people/7")
    assert isinstance(answer, Finished)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_what_passes_is_no_word_on_the_action(status: int) -> None:
    answer = said({"error": "later"}, status)
    assert isinstance(answer, Missed)
    assert answer.refused is None


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 302])
def test_a_refusal_is_kept_in_case_it_lasts(status: int) -> None:
    answer = said({"error": {"message": "gone"}}, status)
    assert isinstance(answer, Missed)
    assert answer.refused is not None
    assert answer.refused.body.value["error"]["upstreamStatus"] == status


def test_where_the_result_lies_a_refusal_is_the_result() -> None:
    assert isinstance(said({"detail": "bad picture"}, 422, is_result=True), Failed)
    assert isinstance(said({"detail": "not yet"}, 404, is_result=True), Missed)


def test_no_answer_is_no_word_on_the_action() -> None:
    answer = read_answer(NoAnswer("read", "reset", True), PollPlan(URL, ""), "http://api.test")
    assert answer == Missed("read: reset")


def test_the_log_in_an_answer_is_read_line_by_line() -> None:
    unfinished = said({"status": "processing", "logs": "a\nb\nc is not yet who"})
    listed = said({"status": "IN_PROGRESS", "logs": [{"message": "a"}, "b", 7, {"x": 1}]})

    assert unfinished.log == ("a", "b")
    assert listed.log == ("a", "b")


@pytest.mark.parametrize("word", ["Cancelled", "CANCELED", "timed_out", "TASK_STATE_FAILED"])
def test_words_are_compared_by_their_letters(word: str) -> None:
    assert meaning(word) is Progress.FAILED
