"""APIs whose results have to be asked for work from their document alone."""

import json
from pathlib import Path

import pytest

from tests.support.program import Program
from tests.support.upstream import Call, Reply, json_body, serving, write_document

CANARY = "canary-canary-canary"
KEYED = {
    "method": "post",
    "path": "/jobs",
    "summary": "Job",
    "requestBody": json_body(),
    "security": [{"bearer": []}, {"query": []}],
}
SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "query": {"type": "apiKey", "in": "query", "name": "k"},
}


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


def test_show_says_where_it_will_ask(models: Program) -> None:
    shown = models("route", "show", "predictions/analyzeText")
    told = models("route", "show", "predictions/createPrediction", "--json").json

    assert shown.exit_code == 0
    assert told["asks_at"] is None
    assert told["route"]["poll"] is None


def test_an_accepted_run_is_shown_with_where_and_how_often(models: Program) -> None:
    run = models(
        *("route", "run", "predictions/createPrediction", "--no-wait", "--json"),
        *("--body", '{"input": {"prompt": "a", "seconds": 60}}'),
    )
    shown = models("action", "show", run.json["id"])

    assert run.json["status"] == "in-progress"
    assert "/predictions/" in run.json["poll"]["url"]
    assert run.json["poll"]["found_in"] == "the answer's urls.get"
    assert "asked at" in shown.out


@pytest.mark.parametrize("scheme", ["bearer", "query"])
def test_a_credential_goes_to_its_own_origin_and_nowhere_else(
    ouro: Program, tmp_path: Path, scheme: str
) -> None:
    def elsewhere(call: Call) -> Reply:
        return Reply(200, {"told": [call.path, call.headers]})

    with serving(elsewhere) as other:

        def answer(call: Call) -> Reply:
            if call.method == "POST":
                return Reply(202, {}, {"Location": "/jobs/1"})
            return Reply(200, {"status": "done", "result": 1, "resourceLocation": other.url})

        with serving(answer) as upstream:
            document = write_document(tmp_path, KEYED, components={"securitySchemes": SCHEMES})
            ouro("service", "import", document, "--base-url", upstream.url)
            ouro(
                *("auth", "set", "test", "--scheme", scheme, "--from-stdin", "--store", "file"),
                stdin=CANARY,
            )
            done = ouro("route", "run", "ada/job-post", "--json")

    assert done.exit_code == 0, done.err
    for call in upstream.calls:
        assert CANARY in f"{call.path}{call.headers}"
    assert len(other.calls) == 1
    assert CANARY not in f"{other.calls[0].path}{other.calls[0].headers}"
    assert not [name for name in other.calls[0].headers if name.startswith("ouro-")]
    registry = b"".join(each.read_bytes() for each in ouro.home.glob("registry.db*"))
    assert CANARY.encode() not in registry


def test_a_key_that_is_echoed_in_the_address_is_not_kept(ouro: Program, tmp_path: Path) -> None:
    def answer(call: Call) -> Reply:
        if call.method == "POST":
            return Reply(202, {}, {"Location": f"/jobs/1?v=2&k={CANARY}"})
        return Reply(200, {"status": "done"})

    with serving(answer) as upstream:
        document = write_document(tmp_path, KEYED, components={"securitySchemes": SCHEMES})
        ouro("service", "import", document, "--base-url", upstream.url)
        ouro(
            *("auth", "set", "test", "--scheme", "query", "--from-stdin", "--store", "file"),
            stdin=CANARY,
        )
        done = ouro("route", "run", "ada/job-post", "--json")

    assert done.exit_code == 0, done.err
    assert upstream.calls[1].path == f"/jobs/1?v=2&k={CANARY}"
    assert CANARY.encode() not in (ouro.home / "registry.db").read_bytes()


def test_a_person_says_where_to_ask_and_what_the_words_mean(ouro: Program, tmp_path: Path) -> None:
    states = [{"fase": "laufend"}, {"fase": "fertig", "ergebnis": {"n": 7}}]

    def answer(call: Call) -> Reply:
        if call.method == "POST":
            return Reply(200, {"auftrag": "a/1", "fase": "processing"})
        return Reply(200, states.pop(0))

    poll = {
        "path": "/auftraege/{auftrag}",
        "status": "$.fase",
        "done": ["fertig"],
        "result": "$.ergebnis",
        "interval": "200ms",
    }
    with serving(answer) as upstream:
        operation = {**KEYED, "security": []}
        document = write_document(tmp_path, operation)
        ouro("service", "import", document, "--base-url", upstream.url)
        before = ouro("route", "run", "ada/job-post", "--json").json
        said = ouro("route", "update", "ada/job-post", "--poll", json.dumps(poll))
        shown = ouro("route", "show", "ada/job-post")
        after = ouro("route", "run", "ada/job-post", "--json").json

    assert before["response"] == {"auftrag": "a/1", "fase": "processing"}
    assert said.exit_code == 0, said.err
    assert "asked for at /auftraege/{auftrag}" in shown.out
    assert after["response"] == {"n": 7}
    assert upstream.calls[2].path == "/auftraege/a%2F1"


def test_a_document_says_it_in_an_extension_or_switches_it_off(
    ouro: Program, tmp_path: Path
) -> None:
    def answer(call: Call) -> Reply:
        if call.method == "POST":
            return Reply(201, {"id": "7", "status": "processing"})
        return Reply(200, {"id": "7", "status": "succeeded"})

    get = {"method": "get", "path": "/jobs/{id}", "summary": "Get"}
    with serving(answer) as upstream:
        plain = {**KEYED, "security": []}
        for words in ({}, {"x-ouro-poll": False}):
            document = write_document(tmp_path, {**plain, **words}, get)
            ouro("service", "import", document, "--base-url", upstream.url)
            ouro("route", "run", "ada/job-post", "--json")
        ran = ouro("action", "list", "--json").json["actions"]

    assert [each["ended_by"] for each in reversed(ran)] == ["poll", "response"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("{}{", "--poll"),
        ('{"interval": "soon"}', "no time such as 5s"),
        ('{"status": "state"}', "no path such as"),
        ("[]", "neither false nor an object"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(models: Program, words: str, why: str) -> None:
    done = models("route", "update", "predictions/analyzeText", "--poll", words)

    assert done.exit_code == 2
    assert why in done.err
    assert models("route", "show", "predictions/analyzeText", "--json").json["edits"] == []
