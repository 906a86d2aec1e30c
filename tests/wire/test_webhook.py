"""What a callback says."""

import json
from typing import Any

import pytest

from ouro_cli.errors import BodyUnreadable
from ouro_cli.wire.outcome import Failed, Finished
from ouro_cli.wire.webhook import is_token, new_token, read_log, read_webhook, token_hash


def callback(status: Any, **rest: Any) -> bytes:
    return json.dumps({"status": status, **rest}).encode()


@pytest.mark.parametrize("word", ["completed", "success"])
def test_two_words_mean_success(word: str) -> None:
    outcome = read_webhook(callback(word, response={"n": 1}))
    assert isinstance(outcome, Finished)
    assert outcome.body.value == {"n": 1}


@pytest.mark.parametrize("word", ["failed", "error"])
def test_two_words_mean_failure(word: str) -> None:
    outcome = read_webhook(callback(word, response={"error": {"message": "no"}}))
    assert isinstance(outcome, Failed)
    assert outcome.body.value == {"error": {"message": "no"}}


def test_a_webhook_status_may_be_written_in_capitals() -> None:
    assert isinstance(read_webhook(callback(" SUCCESS ", response=1)), Finished)
    assert isinstance(read_webhook(callback("Failed")), Failed)


@pytest.mark.parametrize("response", [{"a": [1, 2.5, None]}, [1], "text", 0, False, "", {}])
def test_whatever_was_sent_as_the_response_is_the_result(response: Any) -> None:
    outcome = read_webhook(callback("success", response=response))
    assert isinstance(outcome, Finished)
    assert outcome.body.value == response


@pytest.mark.parametrize("rest", [{}, {"response": None}])
def test_success_needs_no_response(rest: dict[str, Any]) -> None:
    outcome = read_webhook(callback("success", **rest))
    assert isinstance(outcome, Finished)
    assert (outcome.body.data, outcome.body.value) == (b"", None)


def test_ids_in_a_callback_are_optional_and_say_nothing_more() -> None:
    with_ids = callback("success", response=1, ouro_action_id="a", ouro_route_id="b")
    assert read_webhook(with_ids) == read_webhook(callback("success", response=1))


@pytest.mark.parametrize(
    ("rest", "kept"),
    [
        pytest.param(
            {"response": {"error": {"message": "no", "code": 7}}},
            {"error": {"message": "no", "code": 7}},
            id="an object: as it is",
        ),
        pytest.param(
            {"response": {"status": "error", "error": "Traceback ..."}},
            {"status": "error", "error": {"message": "Traceback ..."}},
            id="text, as the templates send it",
        ),
        pytest.param({"response": "it broke"}, {"error": {"message": "it broke"}}, id="bare text"),
        pytest.param(
            {"response": {"detail": "it broke"}},
            {"detail": "it broke", "error": {"message": "it broke"}},
            id="detail",
        ),
        pytest.param(
            {"response": {"message": "it broke"}}, {"message": "it broke"}, id="message: as it is"
        ),
        pytest.param(
            {"response": {"error": {"code": 7}}},
            {"error": {"code": 7, "message": "the API said that it failed"}},
            id="an object without a message",
        ),
        pytest.param(
            {"error": {"message": "no"}}, {"error": {"message": "no"}}, id="beside, as an object"
        ),
        pytest.param({"error": "no"}, {"error": {"message": "no"}}, id="beside, as text"),
        pytest.param(
            {"error": "no", "response": {"n": 1}},
            {"n": 1, "error": {"message": "no"}},
            id="beside a response",
        ),
        pytest.param(
            {"error": "no", "response": [1]},
            {"error": {"message": "no"}, "response": [1]},
            id="beside a response that is a list",
        ),
        pytest.param(
            {}, {"error": {"message": "the API said that it failed"}}, id="nothing at all"
        ),
        pytest.param(
            {"response": {"error": ""}},
            {"error": {"message": "the API said that it failed"}},
            id="an empty text",
        ),
    ],
)
def test_a_failures_message_stands_where_every_reader_looks(
    rest: dict[str, Any], kept: dict[str, Any]
) -> None:
    outcome = read_webhook(callback("failed", **rest))
    assert isinstance(outcome, Failed)
    assert outcome.body.value == kept


def test_a_traceback_is_kept_whole() -> None:
    outcome = read_webhook(callback("error", response={"error": "x" * 20_000}))
    assert isinstance(outcome, Failed)
    assert len(outcome.body.value["error"]["message"]) == 20_000


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "it is no JSON"),
        (b"{", "it is no JSON"),
        (b"\xff\xfe{", "it is no JSON"),
        (b"[" * 100_000, "it is no JSON"),
        (b"[]", "it is no JSON object"),
        (b'"success"', "it is no JSON object"),
        (b"{}", "status '' is neither completed nor failed"),
        (b'{"status": "done"}', "status 'done' is neither completed nor failed"),
        (b'{"status": null}', "status 'none' is neither"),
        (b'{"status": ["success"]}', "is neither completed nor failed"),
    ],
)
def test_what_says_nothing_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(BodyUnreadable, match="The body cannot be read: ") as caught:
        read_webhook(data)
    assert why in caught.value.message


def test_nan_in_a_result_costs_the_view_and_not_the_result() -> None:
    outcome = read_webhook(b'{"status": "success", "response": {"loss": NaN}}')
    assert isinstance(outcome, Finished)
    assert outcome.body.value == '{"loss": NaN}'


@pytest.mark.parametrize("depth", range(880, 1_000, 5))
def test_no_depth_of_nesting_is_a_fault_of_ours(depth: int) -> None:
    data = b'{"status": "success", "response": ' + b"[" * depth + b"]" * depth + b"}"
    try:
        assert isinstance(read_webhook(data), Finished)
    except BodyUnreadable as fault:
        assert "no JSON" in fault.message or "nested too deep" in fault.message


def test_a_response_with_half_a_surrogate_pair_stays_what_it_was() -> None:
    outcome = read_webhook(rb'{"status": "success", "response": "\ud800"}')
    assert isinstance(outcome, Finished)
    assert outcome.body.value == "\ud800"


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"message": "hello"}, ("hello", "info")),
        ({"message": "hello", "level": "WARN"}, ("hello", "warning")),
        ({"message": "hello", "level": "warning"}, ("hello", "warning")),
        ({"message": "hello", "level": "error"}, ("hello", "error")),
        ({"message": "hello", "level": "debug"}, ("hello", "debug")),
        ({"message": "hello", "level": "shout"}, ("hello", "info")),
        ({"message": "hello", "level": None, "asset_id": "x"}, ("hello", "info")),
        ({"message": "\ud800"}, ("?", "info")),
    ],
)
def test_a_log_line_has_a_message_and_a_level(payload: Any, expected: Any) -> None:
    assert read_log(json.dumps(payload).encode()) == expected


@pytest.mark.parametrize("payload", [{}, {"message": ""}, {"message": 5}, []])
def test_a_log_line_without_a_message_is_refused(payload: Any) -> None:
    with pytest.raises(BodyUnreadable):
        read_log(json.dumps(payload).encode())


def test_a_token_is_long_and_never_the_same() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert min(map(len, tokens)) >= 43


@pytest.mark.parametrize(
    ("token", "kept", "expected"),
    [
        ("right", token_hash("right"), True),
        ("wrong", token_hash("right"), False),
        ("", token_hash("right"), False),
        ("right", None, False),
        ("", None, False),
        ("\udcff", token_hash("right"), False),
        ("é", token_hash("é"), True),
    ],
)
def test_a_token_is_proved_by_its_hash(token: str, kept: str | None, expected: bool) -> None:
    assert is_token(token, kept) is expected


def test_a_hash_does_not_show_its_token() -> None:
    assert "right" not in token_hash("right")
