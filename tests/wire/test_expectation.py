"""Expressions that must hold: read once, judged of any value, and what was found instead."""

import sys
from typing import Any

import pytest

from ouro_cli.errors import UsageFault
from ouro_cli.wire.expectation import read_expectation

RESULT = {
    "energy": -3,
    "name": "a",
    "none": None,
    "items": [{"energy": -2}, {"energy": 1}],
}


@pytest.mark.parametrize(
    "text",
    [
        "$",
        "$.energy",
        "$.none",
        "$..energy",
        "$.energy == -3",
        "$.energy<0",
        "$.name == 'a'",
        '$["name"] == "a"',
        "$.items[?@.energy < -1]",
        "$.items[?@.energy < $.items[1].energy]",
        "$.energy && !$.nowhere",
        "$.nowhere || $.energy == -3",
        "$ && count($.items[*]) == 2",
        "$ && match($.name, '[ab]')",
        " $.energy ",
        ".energy",
        ".energy < 0",
        ".items | length == 2",
        ".items | all(.energy < 5)",
        "false, 0",
        ".none == null",
    ],
)
def test_it_holds(text: str) -> None:
    verdict = read_expectation(text).judge(RESULT)
    assert (verdict.holds, verdict.message) == (True, "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("$.nowhere", "found nothing"),
        ("$.energy < -10", "found -3"),
        ("$.energy == '-3'", "found -3"),
        ("$.items[?@.energy < -9]", "found nothing"),
        ("$.energy == $.items[0].energy", "found -3, -2"),
        ("$.energy == 1 || $.name == 'b'", 'found -3, "a"'),
        (".energy < -10", "found -3"),
        ('.name == "b"', 'found "a"'),
        (".none", "found null"),
        (".items | length > 5", "found 2"),
        (".items | all(.energy < 0)", "found false"),
        (".energy > 0 or .name == null", "found false"),
        ("empty", "found nothing"),
        ("true, null", "found null"),
        (".energy.x", 'Cannot index number with string ("x")'),
    ],
)
def test_it_does_not_hold_and_says_what_was_found(text: str, message: str) -> None:
    verdict = read_expectation(text).judge(RESULT)
    assert (verdict.holds, verdict.message) == (False, message)


def test_what_was_found_is_a_value_too() -> None:
    assert read_expectation("$.items[0] == 1").judge(RESULT).found == {"energy": -2}
    assert read_expectation(".name == 1").judge(RESULT).found == "a"


def test_what_is_long_is_cut() -> None:
    assert len(read_expectation("$.a == 1").judge({"a": "x" * 10_000}).message) < 250


@pytest.mark.parametrize("value", [None, 3, "text", [], "\ud800", True])
def test_any_value_can_be_judged(value: Any) -> None:
    assert read_expectation("$").judge(value).holds
    assert not read_expectation("$.a").judge(value).holds
    assert read_expectation(".|type|. != 1").judge(value).holds


def test_what_is_nested_without_end_does_not_hold() -> None:
    value: Any = {}
    for _ in range(200):
        value = {"a": value}
    verdict = read_expectation("$..b").judge(value)
    assert not verdict.holds
    assert "recursion" in verdict.message


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("$.", "JSONPath"),
        ("$[", "JSONPath"),
        ("$.a ==", "JSONPath"),
        ("$.items[*].energy == 1", "not comparable"),
        ("$.a], $[?1 == 1", "JSONPath"),
        ("$.a], [?$.b", "JSONPath"),
        ("$ && nothing($.a)", "nothing"),
        ("$" + "[?@" * 2000, "JSONPath"),
        ("", "it is empty"),
        ("   ", "it is empty"),
        (".a ==", "syntax error, unexpected end of file"),
        ("foo(.)", "foo/1 is not defined"),
    ],
)
def test_what_cannot_be_read_is_said_before_anything_is_judged(text: str, why: str) -> None:
    with pytest.raises(UsageFault, match="cannot be read as") as refused:
        read_expectation(text)
    assert why in refused.value.message
    assert "line 1" not in refused.value.message


def test_without_jq_a_json_path_is_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jq", None)
    assert read_expectation("$.a").judge({"a": 1}).holds
    with pytest.raises(UsageFault, match="needs the 'jq' package"):
        read_expectation(".a")
