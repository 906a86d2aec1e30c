"""Where a result can be asked for, as an answer and its document say it."""

import json
from typing import Any

import pytest

from ouro_cli.model.poll import PollPlan, read_poll
from ouro_cli.wire.expressions import Call
from ouro_cli.wire.inputs import Input
from ouro_cli.wire.outcome import UpstreamResponse
from ouro_cli.wire.polling import find_poll, told_place
from tests.builders import an_operation

BASE = "http://api.test/v1"
GETS = (
    ("getJob", "/jobs/{job_id}"),
    ("getStep", "/teams/{team}/jobs/{job_id}"),
    ("list", "/jobs"),
    ("getPet", "/pets/{pet_id}"),
)


def a_call(status: int = 202, body: Any = None, **facts: Any) -> Call:
    """A POST to /jobs that was answered so; `sent` is its body, `headers` are of the answer."""
    headers = tuple(facts.pop("headers", {}).items())
    values = Input(path=facts.pop("where", {}), body=facts.pop("sent", {"n": 1}), has_body=True)
    operation = an_operation(facts.pop("method", "POST"), facts.pop("path", "/jobs"), **facts)
    data = b"" if body is None else json.dumps(body).encode()
    answer = UpstreamResponse(status, headers, data, BASE + operation.path)
    return Call(operation, values, BASE, answer)


def plan_of(call: Call) -> PollPlan | None:
    return find_poll(call, lambda: GETS)


def address_of(call: Call) -> str | None:
    plan = plan_of(call)
    return None if plan is None else plan.url


@pytest.mark.parametrize(
    ("headers", "url"),
    [
        ({"Location": "/jobs/7"}, "http://api.test/jobs/7"),
        ({"location": "jobs/7"}, "http://api.test/v1/jobs/7"),
        ({"Location": "http://other.test/j#x"}, "http://other.test/j"),
        ({"Location": "/a", "Operation-Location": "/b"}, "http://api.test/b"),
        ({"Azure-AsyncOperation": "/b?v=1"}, "http://api.test/b?v=1"),
        ({"Content-Location": "/b"}, "http://api.test/b"),
        ({"Operation-Location": "javascript:x", "Location": "/a"}, "http://api.test/a"),
        ({"Location": "http://[broken"}, None),
        ({"Location": "http://x.test:port/"}, None),
        ({"Location": "file:///etc/passwd"}, None),
        ({"Location": "http://ada:secret@x.test/"}, None),
        ({}, None),
    ],
)
def test_a_header_of_a_202_says_where(headers: dict[str, str], url: str | None) -> None:
    assert address_of(a_call(headers=headers)) == url


@pytest.mark.parametrize(
    ("body", "url"),
    [
        ({"urls": {"get": "http://api.test/p/1"}}, "http://api.test/p/1"),
        ({"status_url": "/s", "response_url": "/r"}, "http://api.test/s"),
        ({"_links": {"self": {"href": "/x"}}}, "http://api.test/x"),
        (
            {"links": [{"rel": "up", "href": "/u"}, {"rel": "self", "href": "/x"}]},
            "http://api.test/x",
        ),
        ({"id": 7}, f"{BASE}/jobs/7"),
        ({"job_id": "a/../b"}, f"{BASE}/jobs/a%2F..%2Fb"),
        ({"id": ".."}, f"{BASE}/jobs/%2E%2E"),
        ({"data": {"id": "x"}}, f"{BASE}/jobs/x"),
        ({"id": True}, None),
        ({"id": {"a": 1}}, None),
        (["id"], None),
        (None, None),
    ],
)
def test_the_body_of_a_202_says_where(body: Any, url: str | None) -> None:
    assert address_of(a_call(body=body)) == url


def test_an_id_goes_into_the_one_get_below_the_path_that_was_called() -> None:
    call = a_call(path="/teams/{team}/jobs", where={"team": "blue"}, body={"id": "j1"})

    plan = plan_of(call)

    assert plan is not None
    assert (plan.url, plan.is_guess) == (f"{BASE}/teams/blue/jobs/j1", True)


@pytest.mark.parametrize("word", ["starting", "IN_QUEUE", "in-progress", "Running", "NotStarted"])
def test_a_201_that_says_it_is_at_work_is_not_finished(word: str) -> None:
    assert address_of(a_call(201, {"id": "j1", "status": word})) == f"{BASE}/jobs/j1"


@pytest.mark.parametrize("word", ["succeeded", "pending", "open", "active", "available", "", None])
def test_a_201_whose_word_may_be_anything_is_finished(word: str | None) -> None:
    assert plan_of(a_call(201, {"id": "j1", "status": word})) is None


def test_what_the_caller_set_himself_is_no_news() -> None:
    call = a_call(201, {"id": "j1", "status": "running"}, sent={"status": "running"})
    assert plan_of(call) is None


def test_a_question_for_a_state_is_answered_by_it() -> None:
    assert plan_of(a_call(200, {"id": "j1", "status": "running"}, method="GET")) is None


def test_without_a_way_to_ask_nothing_is_guessed() -> None:
    assert plan_of(a_call(201, {"id": "j1", "status": "running"}, path="/orders")) is None


def test_where_the_state_has_an_address_the_answer_is_not_the_end() -> None:
    plan = plan_of(a_call(200, {"status_url": "/s", "response_url": "/r"}))

    assert plan is not None
    assert (plan.url, plan.result_url) == ("http://api.test/s", "http://api.test/r")


def test_the_result_of_a_put_lies_where_it_was_put() -> None:
    plan = plan_of(a_call(headers={"Operation-Location": "/o"}, method="PUT", path="/jobs/1"))

    assert plan is not None
    assert plan.result_url == f"{BASE}/jobs/1"


def test_the_result_of_a_post_lies_at_its_location() -> None:
    plan = plan_of(a_call(headers={"Operation-Location": "/o", "Location": "/jobs/1"}))

    assert plan is not None
    assert (plan.url, plan.result_url) == ("http://api.test/o", "http://api.test/jobs/1")


@pytest.mark.parametrize(
    ("link", "url"),
    [
        (
            {"operationId": "getPet", "parameters": {"pet_id": "$response.body#/deep/0/id"}},
            f"{BASE}/pets/x",
        ),
        (
            {
                "operationRef": "#/paths/~1pets~1{pet_id}/get",
                "parameters": {"pet_id": "$request.body#/n"},
            },
            f"{BASE}/pets/1",
        ),
        (
            {"operationId": "getPet", "parameters": {"path.pet_id": "$response.header.X-Pet"}},
            f"{BASE}/pets/p9",
        ),
        ({"operationId": "getPet", "parameters": {"pet_id": "constant"}}, f"{BASE}/pets/constant"),
        ({"operationId": "getPet", "parameters": {"pet_id": "$response.body#/nothing"}}, None),
        ({"operationId": "createPet"}, None),
        ({"operationRef": "#/paths/~1pets/post"}, None),
        ("no link", None),
    ],
)
def test_a_link_of_the_document_says_where(link: Any, url: str | None) -> None:
    call = a_call(
        path="/pets",
        body={"deep": [{"id": "x"}]},
        headers={"X-Pet": "p9"},
        responses={"202": {"links": {"next": link}}},
    )
    assert address_of(call) == url


def a_stated(words: Any, body: Any, status: int = 202) -> PollPlan | None:
    call = a_call(status, body, headers={"Location": "/other"}, poll=read_poll(words))
    return plan_of(call)


def test_what_the_route_says_itself_wins() -> None:
    words = {
        "path": "/status/{job}",
        "status": "$.state",
        "done": ["fini"],
        "result": "$.out",
        "interval": "5s",
    }
    plan = a_stated(words, {"job": "7"})

    assert plan is not None
    assert (plan.url, plan.status, plan.result) == (f"{BASE}/status/7", "$.state", "$.out")
    assert plan.done == ("fini",)


@pytest.mark.parametrize(
    ("words", "url"),
    [
        ({"url": "$.where.next"}, "http://api.test/n"),
        ({"url": "http://x.test/{$.where.id}"}, "http://x.test/7"),
        ({"url": "/s?id={$response.body#/where/id}"}, "http://api.test/s?id=7"),
        ({"operation": "getPet"}, None),
        ({"operation": "getJob"}, f"{BASE}/jobs/j"),
        ({"path": "/x/{nothing}"}, None),
        ({"status": "$.state"}, "http://api.test/other"),
    ],
)
def test_the_address_it_says_is_filled_from_the_answer(words: Any, url: str | None) -> None:
    plan = a_stated(words, {"where": {"next": "/n", "id": 7}, "job_id": "j"})
    assert (plan.url if plan else None) == url


def test_false_means_that_nothing_is_asked_for() -> None:
    assert a_stated(False, {"id": "7"}) is None


@pytest.mark.parametrize(
    ("facts", "place"),
    [
        ({"poll": {"path": "/status/{id}"}}, "/status/{id}"),
        ({"responses": {"202": {}}}, "GET /jobs/{job_id}"),
        ({"responses": {"200": {}}}, ""),
        ({"responses": {"200": {"links": {"x": {"operationId": "getPet"}}}}}, "GET /pets/{pet_id}"),
        ({"responses": {"202": {}}, "poll": False}, ""),
    ],
)
def test_a_document_tells_where_before_anything_is_sent(facts: Any, place: str) -> None:
    assert told_place(an_operation("POST", "/jobs", **facts), lambda: GETS) == place


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (True, "neither false nor an object"),
        ("5s", "neither false nor an object"),
        ({"wohin": "/x"}, "'wohin' is no word"),
        ({"url": 7}, "'url' is no text"),
        ({"url": "/a", "path": "/b"}, "takes one of"),
        ({"method": "DELETE"}, "neither GET nor POST"),
        ({"done": 7}, "'done' is no list"),
        ({"result": 7}, "'result' is neither"),
        ({"status": "state"}, "is no path such as"),
        ({"status": "$..state"}, "is no path such as"),
        ({"result": "$.a[?(@.x)]"}, "is no path such as"),
        ({"interval": "soon"}, "no time such as 5s"),
        ({"interval": "1ms"}, "less than 100ms"),
        ({"interval": "2h"}, "more than 1h"),
        ({"interval": True}, "no time such as 5s"),
    ],
)
def test_what_cannot_be_read_is_told(words: Any, why: str) -> None:
    with pytest.raises(ValueError, match=why.replace("[", r"\[")):
        read_poll(words)


@pytest.mark.parametrize("body", [{"id": "j1"}, {"self": "/x"}, {"_links": {"self": "/x"}}])
def test_for_a_route_that_calls_back_nothing_is_guessed(body: Any) -> None:
    assert address_of(a_call(body=body)) is not None
    assert address_of(a_call(body=body, execution_mode="async")) is None
    assert address_of(a_call(body={"status_url": "/x"}, execution_mode="async")) is not None
