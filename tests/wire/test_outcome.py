"""What an answer means for its action."""

import json
from typing import Any

import pytest

from ouro_cli.wire.message import message_in
from ouro_cli.wire.outcome import (
    Accepted,
    Failed,
    Finished,
    NoAnswer,
    UpstreamResponse,
    external_error,
    read_outcome,
)

BASE = "http://api.test"


def answer(
    status: int, data: bytes = b"", media_type: str = "application/json", **headers: str
) -> UpstreamResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    pairs = tuple({"Content-Type": media_type, **named}.items())
    return UpstreamResponse(status, pairs, data, f"{BASE}/v1/predict?q=1")


def error_of(response: UpstreamResponse | NoAnswer) -> Any:
    outcome = read_outcome(response, BASE)
    assert isinstance(outcome, Failed)
    return outcome.body.value


@pytest.mark.parametrize(
    ("status", "data", "media_type", "value"),
    [
        (
            200,
            b'{"item_id": "abc", "q": "find"}',
            "application/json",
            {"item_id": "abc", "q": "find"},
        ),
        (201, b'{"id": 1}', "application/json", {"id": 1}),
        (200, b"null", "application/json", None),
        (204, b"", "", None),
        (200, b"<p>hi", "text/html", "<p>hi"),
        (203, b"{", "application/json", "{"),
        (206, b"[1]", "", [1]),
    ],
)
def test_any_success_finishes_with_what_was_sent(
    status: int, data: bytes, media_type: str, value: Any
) -> None:
    outcome = read_outcome(answer(status, data, media_type), BASE)
    assert isinstance(outcome, Finished)
    assert (outcome.body.value, outcome.body.data, outcome.status) == (value, data, status)


def test_202_accepts() -> None:
    assert read_outcome(answer(202, b'{"status": "accepted"}'), BASE) == Accepted(202)


def test_a_failure_is_kept_in_the_contracts_envelope() -> None:
    assert error_of(answer(500, b'{"detail": "mock service exploded"}')) == {
        "statusCode": 500,
        "error": {
            "type": "external_service_error",
            "code": "external_service_error",
            "message": "mock service exploded",
            "status": 500,
            "serviceUrl": BASE,
            "retryable": True,
            "upstreamStatus": 500,
            "body": {"detail": "mock service exploded"},
        },
    }


def test_fastapis_list_of_faults_is_folded_into_a_message_and_kept() -> None:
    detail = [
        {"loc": ["body", "structure"], "msg": "Field required", "type": "missing"},
        {"loc": ["query", "n", 0], "msg": "Input should be a number"},
    ]
    error = error_of(answer(422, json.dumps({"detail": detail}).encode()))["error"]
    assert error["message"] == (
        "body.structure: Field required; query.n.0: Input should be a number"
    )
    assert (error["details"], error["retryable"]) == (detail, False)


@pytest.mark.parametrize(
    ("status", "retryable"),
    [(400, False), (401, False), (404, False), (408, True), (429, True), (501, False), (503, True)],
)
def test_only_some_failures_are_worth_another_try(status: int, retryable: bool) -> None:
    error = error_of(answer(status))["error"]
    assert (error["retryable"], error["message"]) == (retryable, f"the API answered {status}")


@pytest.mark.parametrize("status", [301, 304, 400, 599])
def test_whatever_is_no_success_failed(status: int) -> None:
    outcome = read_outcome(answer(status), BASE)
    assert isinstance(outcome, Failed) and outcome.status == status


def test_an_html_page_is_no_message() -> None:
    error = error_of(answer(502, b"<html><h1>Bad gateway", "text/html"))["error"]
    assert error["message"] == "the API answered 502"
    assert error["body"] == "<html><h1>Bad gateway"


@pytest.mark.parametrize(
    ("response", "status", "code", "message"),
    [
        pytest.param(
            NoAnswer("connect", "refused", was_sent=False),
            502,
            "external_service_error",
            "cannot reach api.test: refused",
            id="never sent",
        ),
        pytest.param(
            NoAnswer("connect", "timed out", was_sent=False),
            504,
            "external_service_error",
            "cannot reach api.test: timed out",
            id="never connected in time",
        ),
        pytest.param(
            NoAnswer("read", "timed out after 600 seconds", was_sent=True),
            504,
            "outcome_unknown",
            "the request was sent, and no answer came (read: timed out after 600 seconds); "
            "the API may have run it",
            id="no answer in time",
        ),
        pytest.param(
            NoAnswer("read", "reset", was_sent=True),
            502,
            "outcome_unknown",
            "the request was sent, and no answer came (read: reset); the API may have run it",
            id="broke off",
        ),
    ],
)
def test_no_answer_says_whether_the_api_may_have_run_it(
    response: NoAnswer, status: int, code: str, message: str
) -> None:
    envelope = error_of(response)
    assert envelope["statusCode"] == status
    assert (envelope["error"]["code"], envelope["error"]["message"]) == (code, message)
    assert envelope["error"]["type"] == "external_service_error"
    assert "upstreamStatus" not in envelope["error"]


def test_an_error_may_come_without_details() -> None:
    assert set(external_error("no", 500, BASE).value["error"]) == {
        "type",
        "code",
        "message",
        "status",
        "serviceUrl",
        "retryable",
    }


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"message": "a", "detail": "b"}, "a"),
        ({"detail": " b "}, "b"),
        ({"error": "c"}, "c"),
        ({"error": {"message": "d"}}, "d"),
        ({"error": {"detail": [{"loc": ["body", "x"], "msg": "e"}]}}, "body.x: e"),
        ({"detail": [{"msg": "f"}, {"message": "g"}]}, "f; g"),
        ({"detail": [{"loc": "x", "detail": "h"}, {}]}, "h; is invalid"),
        ({"detail": [{"loc": ["body"], "msg": 5}]}, "body: is invalid"),
        ({"errors": ["i", 1]}, "i; 1"),
        ({"errors": [{"title": "j"}]}, "j"),
        ({"title": "Not found", "status": 404}, "Not found"),
        ({"message": "", "error": {}, "detail": []}, ""),
        ("  k ", "k"),
        ("<!doctype html>", ""),
        ({"message": "half \ud800 a pair"}, "half ? a pair"),
        ("x" * 5_000, "x" * 1_000),
        ({}, ""),
        ([], ""),
        (None, ""),
        (5, ""),
    ],
)  # fmt: skip
def test_a_message_is_found_in_any_common_shape(value: Any, message: str) -> None:
    assert message_in(value) == message


def test_a_message_is_not_sought_for_ever() -> None:
    value: Any = {"message": "at the end"}
    for _ in range(500):
        value = {"error": value}
    assert message_in(value) == ""


def test_an_answer_nested_too_deep_is_kept_as_text() -> None:
    deep = b'{"error": ' * 900 + b"1" + b"}" * 900
    assert error_of(answer(500, deep))["error"]["body"] == deep.decode()


def test_a_header_is_found_whatever_its_case() -> None:
    response = answer(200, X_Thing="1")
    assert response.header("x-THING") == "1"
    assert response.header("x-other") is None
