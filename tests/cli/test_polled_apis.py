"""APIs whose results have to be asked for work from their document alone."""

import pytest

from tests.support.program import Program


@pytest.fixture
def models(ouro: Program, predictions: str) -> Program:
    """The program, with the sample service of predictions imported."""
    done = ouro("service", "import", f"{predictions}/openapi.json", "--base-url", predictions)
    assert done.exit_code == 0, done.err
    return ouro


def test_a_prediction_is_asked_for_until_it_is_there(models: Program) -> None:
    done = models(
        *("route", "run", "predictions/createPrediction", "--json"),
        *("--body", '{"input": {"prompt": "a red fox", "seconds": 1}}'),
    )

    assert done.exit_code == 0, done.err
    action = done.json
    assert (action["status"], action["ended_by"]) == ("success", "poll")
    assert action["response"]["output"] == ["A", "RED", "FOX"]
    assert action["upstream_status_code"] == 200
    assert "step 1 of 5" in done.err


def test_a_prediction_that_fails_says_why(models: Program) -> None:
    done = models(
        *("route", "run", "predictions/createPrediction"),
        *("--body", '{"input": {"prompt": "a red fox", "seconds": 0.5, "fail": true}}'),
    )

    assert done.exit_code == 1
    assert "the model ran out of memory" in done.err


def test_the_header_operation_location_says_where_to_ask(models: Program) -> None:
    done = models(
        "route", "run", "predictions/analyzeText", "text=to be or not", "seconds:=1", "--json"
    )

    assert done.exit_code == 0, done.err
    assert done.json["response"]["result"] == {"words": 4}


def test_a_queue_names_a_status_and_a_place_for_the_result(models: Program) -> None:
    done = models(
        "route", "run", "predictions/upscale", "picture=http://x.test/1.png", "seconds:=1", "--json"
    )

    assert done.exit_code == 0, done.err
    assert done.json["response"] == {"picture": "http://x.test/1.png", "width": 4096}
