"""`ouro action assert` and `route run --expect`: what must hold of a result, kept or just made."""

from pathlib import Path

import pytest

from tests.support.program import Program
from tests.support.upstream import Call, Reply, serving, write_document


@pytest.fixture
def ran(lab: Program) -> Program:
    """A run that succeeded."""
    assert lab("route", "run", "ada/predict-post", "composition=Fe2Ni").exit_code == 0
    return lab


def test_what_holds_is_ticked(ran: Program) -> None:
    done = ran("action", "assert", "@last", "$.composition == 'Fe2Ni'", ".composition | length > 1")
    assert (done.exit_code, done.err) == (0, "")
    assert done.out.splitlines() == ["✓ $.composition == 'Fe2Ni'", "✓ .composition | length > 1"]


def test_what_does_not_hold_says_what_was_found(ran: Program) -> None:
    done = ran("action", "assert", "@last", "$.composition", "$.composition == 'NaCl'", "$.x")
    assert done.exit_code == 1
    assert done.out.splitlines() == [
        "✓ $.composition",
        "✗ $.composition == 'NaCl': found \"Fe2Ni\"",
        "✗ $.x: found nothing",
    ]


def test_as_json(ran: Program) -> None:
    told = ran("action", "assert", "@last", "$.composition == 'NaCl'", "--json").json
    assert (told["holds"], told["status"], told["on"]) == (False, "success", "result")
    assert told["expectations"] == [
        {
            "expression": "$.composition == 'NaCl'",
            "holds": False,
            "found": "Fe2Ni",
            "message": 'found "Fe2Ni"',
        }
    ]


@pytest.mark.parametrize(
    ("on", "expression"),
    [
        ("request", "$.body.composition == 'Fe2Ni'"),
        ("response", "$.composition == 'Fe2Ni'"),
        ("action", "$.upstream_status_code == 200"),
    ],
)
def test_it_can_look_elsewhere(ran: Program, on: str, expression: str) -> None:
    assert ran("action", "assert", "@last", expression, "--on", on).exit_code == 0


def test_of_an_action_that_failed_no_result_holds(lab: Program) -> None:
    lab("route", "run", "ada/explode-post")
    done = lab("action", "assert", "@last", "$.error")
    assert done.exit_code == 1
    assert done.out.splitlines() == ["✗ the action ended in error", "✓ $.error"]
    assert lab("action", "assert", "@last", "$.error", "--on", "response").exit_code == 0


@pytest.mark.parametrize(
    "words",
    [
        ["@last", "$["],
        ["@last", "$.a", ".a =="],
        ["@last", ""],
        ["@last"],
        ["ffffffff", "$.a"],
        ["@last", "$.a", "--on", "nothing"],
    ],
)
def test_what_cannot_be_read_is_told_in_one_line(ran: Program, words: list[str]) -> None:
    done = ran("action", "assert", *words)
    assert (done.exit_code, done.out) == (2, "")
    assert done.err.startswith("ouro: ")
    assert len(done.err.splitlines()) == 1


def test_a_run_that_is_not_as_expected_ends_with_1(lab: Program) -> None:
    call = ("route", "run", "ada/predict-post", "composition=Fe2Ni")
    done = lab(*call, "--expect", "$.composition", "--expect", "$.composition == 'NaCl'")
    assert done.exit_code == 1
    assert "  ✓ $.composition\n  ✗ $.composition == 'NaCl': found \"Fe2Ni\"" in done.err
    assert lab("action", "show", "@last", "--json").json["status"] == "success"
    kept = lab(*call, "--expect", "$.composition == 'Fe2Ni'", "--json")
    assert kept.exit_code == 0
    assert [each["holds"] for each in kept.json["expectations"]] == [True]


def test_a_run_that_fails_is_not_as_expected(lab: Program) -> None:
    done = lab("route", "run", "ada/explode-post", "--expect", "$.error")
    assert done.exit_code == 1
    assert "✗ the action ended in error" in done.err


def test_expressions_are_read_before_anything_is_sent(lab: Program) -> None:
    call = ("route", "run", "ada/predict-post", "composition=Fe2Ni")
    for extra in (["--expect", "$["], ["--expect", "$.a", "--no-wait"]):
        done = lab(*call, *extra)
        assert (done.exit_code, done.out) == (2, "")
    assert lab("action", "list", "--json").json["actions"] == []


def test_remote_text_hurts_no_terminal(ouro: Program, tmp_path: Path) -> None:
    def answer(_: Call) -> Reply:
        return Reply(200, {"name": "\x1b[2J\u202e\x9b31m"})

    with serving(answer) as upstream:
        document = write_document(tmp_path, {"method": "get", "path": "/x", "summary": "X"})
        ouro("service", "import", document, "--base-url", upstream.url)
        run = ouro("route", "run", "ada/x-get", "--expect", "$.name == 1")
        told = ouro("action", "assert", "@last", "$.name == 1", '.name == "\x1b"')
    assert (run.exit_code, told.exit_code) == (1, 1)
    for printed in (run.err, told.out):
        assert not {"\x1b", "\u202e", "\x9b"} & set(printed)
