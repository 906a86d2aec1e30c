"""`ouro action ...`: every run is kept, found again, and shown whole."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.program import Program


@pytest.fixture
def ran(lab: Program) -> Program:
    """Three runs: two that succeeded, one that did not."""
    lab("route", "run", "ada/predict-post", "composition=Fe2Ni")
    lab("route", "run", "ada/predict-post", "composition=NaCl")
    lab("route", "run", "ada/explode-post")
    return lab


def _references(result: dict[str, Any]) -> list[str]:
    return [each["route"]["reference"] for each in result["actions"]]


@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        ([], 3),
        (["--status", "success"], 2),
        (["--status", "success,error"], 3),
        (["--running"], 0),
        (["--route", "ada/explode-post"], 1),
        (["--service", "materials"], 3),
        (["--service", "library"], 0),
        (["--since", "1h"], 3),
        (["--since", (datetime.now(UTC) + timedelta(days=1)).date().isoformat()], 0),
        (["--search", "Fe2Ni"], 1),
        (["--search", "fe2"], 1),
        (["--search", "furnace exploded"], 1),
        (["--search", "nowhere"], 0),
        (["--search", '"*) OR'], 0),
        (["--search", "composition", "--status", "success"], 2),
        (["--search", "composition", "--since", "1h"], 2),
        (["--search", "composition", "--running"], 0),
        (["--all"], 3),
        (["--limit", "2"], 2),
        (["--offset", "2"], 1),
    ],
)
def test_the_filters_of_list(ran: Program, arguments: list[str], count: int) -> None:
    listed = ran("action", "list", "--json", *arguments).json
    assert len(listed["actions"]) == count
    assert listed["has_more"] is ("--limit" in arguments)


def test_open_actions_are_searched_too(lab: Program) -> None:
    structure = "1\nrare\nFe 0 0 0"
    started = lab(
        "route", "run", "ada/relax-structure-post", f"structure={structure}", "duration=2",
        "--no-wait", "-q",
    )  # fmt: skip
    found = lab("action", "list", "--running", "--search", "rare", "--json").json["actions"]
    other = lab("action", "list", "--running", "--search", "common", "--json").json["actions"]
    assert [each["id"] for each in found] == [started.out.strip()]
    assert other == []
    lab("action", "wait", started.out.strip())


def test_list_shows_the_newest_first(ran: Program) -> None:
    listed = ran("action", "list", "--json").json
    assert _references(listed) == ["ada/explode-post", "ada/predict-post", "ada/predict-post"]


def test_somebody_elses_actions_are_listed_with_all_alone(ran: Program) -> None:
    other = Program(ran.home, OURO_USER="grace")
    other("route", "run", "ada/explode-post")

    assert len(other("action", "list", "--json").json["actions"]) == 1
    assert len(other("action", "list", "--all", "--json").json["actions"]) == 4
    assert len(ran("action", "list", "--json").json["actions"]) == 3


def test_show_has_everything(ran: Program) -> None:
    shown = ran("action", "show", "@last", "--json")
    view = shown.json

    assert shown.exit_code == 0
    assert view["status"] == "error"
    assert view["upstream_status_code"] == 500
    assert view["final_data"] == view["response"]
    assert view["response"]["error"]["code"] == "external_service_error"
    assert [each["event_type"] for each in view["events"]] == ["queued", "sent", "finished"]
    assert "the furnace exploded" in ran("action", "show", "@last").out


def test_get_is_show(ran: Program) -> None:
    assert (
        ran("action", "get", "@last", "--json").json
        == ran("action", "show", "@last", "--json").json
    )


def test_watch_of_an_action_that_has_ended_prints_its_result(ran: Program) -> None:
    succeeded = ran("action", "list", "--status", "success", "--json").json["actions"][0]["id"]
    watched = ran("action", "watch", succeeded)
    assert watched.exit_code == 0
    assert watched.json["composition"] == "NaCl"


def test_wait_takes_many_and_fails_if_one_failed(ran: Program) -> None:
    ids = [each["id"] for each in ran("action", "list", "--json").json["actions"]]
    waited = ran("action", "wait", *ids, "--json")
    assert waited.exit_code == 1
    assert [each["id"] for each in waited.json["actions"]] == ids


def test_logs_are_what_the_service_wrote(lab: Program) -> None:
    structure = "1\nalone\nFe 0 0 0"
    lab(
        "route", "run", "ada/relax-structure-post", f"structure={structure}", "duration=0.2",
        "steps=2", "-q",
    )  # fmt: skip
    logs = lab("action", "logs", "@last", "--json").json["logs"]
    assert [each["message"].split(":")[0] for each in logs] == ["step 1 of 2", "step 2 of 2"]
    assert lab("action", "logs", "@last", "--level", "error", "--json").json["logs"] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "@last"], "No route has been run yet"),
        (["show", "0123abcd"], "No action is called"),
        (["show", "x"], "No action is called"),
        (["watch", "nothing"], "No action is called"),
        (["list", "--status", "odd"], "is no status"),
        (["list", "--since", "yesterday"], "is no time"),
        (["list", "--limit", "0"], "--limit"),
        (["list", "--limit", "ten"], "--limit"),
        (["wait"], "Missing argument"),
        (["logs", "@last", "--level", "loud"], "--level"),
        (["dance"], "No such command"),
    ],
)
def test_bad_input_gets_one_line_and_2(lab: Program, arguments: list[str], said: str) -> None:
    done = lab("action", *arguments)
    assert (done.exit_code, done.out) == (2, "")
    assert said in done.err
    assert done.err.count("\n") == 1


def test_the_beginning_of_an_id_is_enough_where_it_is_the_only_one(ran: Program) -> None:
    action_id = ran("action", "show", "@last", "--json").json["id"]
    assert ran("action", "show", action_id[:30], "--json").json["id"] == action_id
    ambiguous = ran("action", "show", action_id[:8])
    assert ambiguous.exit_code == 2
    assert action_id in ambiguous.err
