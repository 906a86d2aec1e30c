"""Actions, routes and their bodies: the rules they keep."""

from typing import Any

import pytest

from ouro_cli.model.action import ActionStatus, Body
from tests.builders import a_parameter, a_route, an_action, an_operation


@pytest.mark.parametrize(
    ("status", "final"),
    [
        (ActionStatus.QUEUED, False),
        (ActionStatus.IN_PROGRESS, False),
        (ActionStatus.SUCCESS, True),
        (ActionStatus.ERROR, True),
        (ActionStatus.TIMED_OUT, True),
    ],
)
def test_three_statuses_are_final(status: ActionStatus, final: bool) -> None:
    assert an_action(status).is_final is final


def test_an_action_is_accepted_once_the_api_has_answered_and_owes_the_result() -> None:
    waiting = an_action(ActionStatus.IN_PROGRESS)
    answered = an_action(ActionStatus.IN_PROGRESS, ack_at=waiting.created_at)
    ended = an_action(ActionStatus.SUCCESS, ack_at=waiting.created_at)
    assert [each.is_accepted for each in (waiting, answered, ended)] == [False, True, False]


def test_an_actions_token_hash_is_not_printed() -> None:
    assert "5ecret" not in repr(an_action(token_hash="5ecret"))


@pytest.mark.parametrize(
    ("data", "media_type", "value"),
    [
        pytest.param(b"", "application/json", None, id="nothing"),
        pytest.param(b'{"a": 1}', "application/json", {"a": 1}, id="json"),
        pytest.param(b'{"a": 1}', "Application/JSON; charset=utf-8", {"a": 1}, id="with charset"),
        pytest.param(b"[1]", "application/problem+json", [1], id="json by another name"),
        pytest.param(b"[1]", "", [1], id="json without a name"),
        pytest.param(b'{"a": 1}', "text/html", '{"a": 1}', id="json called html"),
        pytest.param(b"<p>hi", "text/html", "<p>hi", id="html"),
        pytest.param(b"<p>hi", "application/json", "<p>hi", id="html called json"),
        pytest.param(b'{"a": NaN}', "application/json", '{"a": NaN}', id="NaN"),
        pytest.param(b"[1e999]", "application/json", "[1e999]", id="too large a number"),
        pytest.param(b"[" * 9_999, "application/json", "[" * 9_999, id="too deep"),
        pytest.param(b"\xff\xd8", "image/jpeg", "\ufffd\ufffd", id="binary"),
        pytest.param(b'"\xff"', "application/json", '"\ufffd"', id="no UTF-8"),
        pytest.param(b"null", "application/json", None, id="null"),
    ],
)
def test_a_body_is_json_where_it_can_be_and_else_text(
    data: bytes, media_type: str, value: Any
) -> None:
    assert Body(data, media_type).value == value


def test_a_route_is_named_by_its_summary() -> None:
    operation = an_operation("POST", "/relax", summary=" Relax a structure ")
    assert (operation.name, operation.slug) == ("Relax a structure", "relax-a-structure-post")


def test_a_route_without_a_summary_is_named_by_method_and_path() -> None:
    operation = an_operation("GET", "/items/{item_id}")
    assert (operation.name, operation.slug) == ("GET /items/{item_id}", "items-itemid-get")


@pytest.mark.parametrize(
    ("path", "summary", "expected"),
    [
        pytest.param("/", "", "root-get", id="root path"),
        pytest.param("/weather", "天気", "weather-get", id="no letter of ours in the summary"),
    ],
)
def test_a_route_always_has_a_slug(path: str, summary: str, expected: str) -> None:
    assert an_operation("GET", path, summary=summary).slug == expected


def test_a_name_is_no_longer_than_the_contract_lets_it() -> None:
    assert len(an_operation(summary="x" * 300).name) == 255


def test_a_route_and_an_action_are_referred_to_by_creator_and_slug() -> None:
    assert a_route(summary="Predict").reference == "ada/predict-post"
    assert an_action().route.reference == "ada/predict-post"


def test_parameters_are_found_by_their_place() -> None:
    operation = an_operation(
        parameters=[a_parameter("id", "path"), a_parameter("id", "query"), a_parameter("q")]
    )
    assert list(operation.parameters_in("query")) == ["id", "q"]


@pytest.mark.parametrize(
    ("method", "safe"), [("GET", True), ("HEAD", True), ("QUERY", True), ("PUT", False)]
)
def test_a_safe_method_changes_nothing(method: str, safe: bool) -> None:
    assert an_operation(method).is_safe is safe


def test_a_route_says_that_its_result_comes_later() -> None:
    assert an_operation(execution_mode="async").is_async
    assert not an_operation().is_async
