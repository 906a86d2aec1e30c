"""`ouro action diff`: two runs beside each other, for a person and for a program."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.program import Program
from tests.support.upstream import Call, Reply, json_body, serving, write_document

OUTPUTS = {
    "scores": {"asset_type": "dataset", "optional": True},
    "cell": {"asset_type": "file", "optional": True},
    "report": {"asset_type": "post", "optional": True},
}
ROUTES: list[dict[str, Any]] = [
    {
        "method": "post",
        "path": "/echo",
        "summary": "Echo",
        "requestBody": json_body(),
        "x-ouro-output-assets": OUTPUTS,
    },
    {"method": "post", "path": "/other", "summary": "Other", "requestBody": json_body()},
    {"method": "post", "path": "/text", "summary": "Text", "requestBody": json_body()},
]

Run = Callable[..., str]


def _answer(call: Call) -> Reply:
    """Says back what it was told, or what it was told to say."""
    told = call.json
    if call.path == "/text":
        return Reply(200, told["text"].encode(), {"content-type": "text/plain"})
    return Reply(told.get("code", 200), told.get("answer", told))


@pytest.fixture
def echo(ouro: Program, tmp_path: Path) -> Iterator[Program]:
    """The program, with a service that says back what it was told."""
    with serving(_answer) as upstream:
        path = write_document(tmp_path, *ROUTES)
        assert ouro("service", "import", path, "--base-url", upstream.url).exit_code == 0
        yield ouro


@pytest.fixture
def run(echo: Program) -> Run:
    """Runs a route with a body; the id of the action."""

    def start(body: Any, route: str = "ada/echo-post") -> str:
        done = echo("route", "run", route, "--body", json.dumps(body), "--json")
        return str(done.json["id"])

    return start


def test_the_same_twice_differs_in_nothing(echo: Program, run: Run) -> None:
    pair = [run({"a": 1}) for _ in range(2)]
    done = echo("action", "diff", *pair)
    assert (done.exit_code, done.err) == (0, "")
    assert done.out.splitlines()[-1] == "Nothing differs."
    told = echo("action", "diff", *pair, "--json").json
    assert told["is_equal"] is True
    assert (told["request"], told["response"], told["outputs"]) == ([], [], [])
    assert told["timing"]["attempts"] == {"before": 1, "after": 1}


def test_what_differs_is_told_place_by_place(echo: Program, run: Run) -> None:
    pair = run({"a": 1, "gone": [1]}), run({"a": 2, "new": None})
    done = echo("action", "diff", *pair)
    assert done.exit_code == 1
    lines = done.out.splitlines()
    assert lines[0].startswith("before  success  ada/echo-post  ")
    assert lines[3:7] == [
        "Request",
        "  ~ request.body.a: 1 -> 2",
        "  - request.body.gone: [1]",
        "  + request.body.new: null",
    ]
    assert "  ~ response.a: 1 -> 2" in lines
    assert any(line.startswith("  duration     ") for line in lines)


def test_one_that_failed_is_compared_too(echo: Program, run: Run) -> None:
    told = echo("action", "diff", run({"a": 1}), run({"code": 500}), "--json").json
    paths = {each["path"]: (each["before"], each["after"]) for each in told["response"]}
    assert paths["status"] == ("success", "error")
    assert paths["upstream_status_code"] == (200, 500)


@pytest.mark.parametrize(
    ("options", "parts", "exit_code"),
    [
        (["--only", "request"], {"request"}, 1),
        (["--only", "response,timing"], {"response", "timing"}, 1),
        (["--only", "timing"], {"timing"}, 0),
        (["--only", "outputs"], {"outputs"}, 0),
        (["--ignore", "response.a", "--ignore", "request"], None, 0),
        (["--ignore", "*.a", "--ignore", "request.body.*"], None, 0),
        (["--ignore", "response.b"], None, 1),
    ],
)
def test_it_can_look_at_less(
    echo: Program, run: Run, options: list[str], parts: set[str] | None, exit_code: int
) -> None:
    done = echo("action", "diff", run({"a": 1}), run({"a": 2}), "--json", *options)
    assert done.exit_code == exit_code
    names = {"request", "response", "outputs", "timing"}
    assert {name for name in names if done.json[name] is not None} == (parts or names)


def test_what_is_long_is_cut_and_all_of_it_is_a_word_away(echo: Program, run: Run) -> None:
    pair = run({"a": list(range(50))}), run({"a": list(range(1, 51))})
    short = echo("action", "diff", *pair, "--only", "response")
    assert "  ... and 40 more" in short.out
    assert short.err == "Every difference: --all\n"
    whole = echo("action", "diff", *pair, "--only", "response", "--all")
    assert whole.out.count("~ response.a[") == 50
    told = echo("action", "diff", *pair, "--only", "response", "--json").json
    assert len(told["response"]) == 50


def test_texts_are_compared_line_by_line(echo: Program, run: Run) -> None:
    texts = ("one\ntwo\nthree\n", "one\n2\nthree\n")
    pair = [run({"text": each}, "ada/text-post") for each in texts]
    lines = echo("action", "diff", *pair, "--only", "response").out.splitlines()
    assert [each.strip() for each in lines[4:]] == [
        *("~ response:", "@@ -1,3 +1,3 @@", "one", "-two", "+2", "three"),
    ]


def test_datasets_are_compared_by_row(echo: Program, run: Run) -> None:
    before = [{"id": n, "value": n * 10} for n in range(1, 31)]
    after = [{**each, "value": 0} if each["id"] == 7 else each for each in before[1:]]
    pair = [run({"answer": {"scores": {"name": "S", "data": rows}}}) for rows in (before, after)]
    words = ("action", "diff", *pair, "--only", "outputs")
    whole = echo(*words)
    assert whole.exit_code == 1
    assert "Output scores, a dataset: 1 row came, 2 went; 30 before, 29 after" in whole.out
    keyed = echo(*words, "--key", "id")
    assert "0 rows came, 1 went, 1 changed" in keyed.out
    assert "  ~ id 7: value 70 -> 0" in keyed.out
    told = echo(*words, "--key", "id", "--json").json["outputs"][0]["rows"]
    assert (told["added"], told["removed"], told["changed"]) == (0, 1, 1)
    assert told["rows"][1]["after"] == {"id": 7, "value": 0}
    ignored = echo(*words, "--key", "id", "--ignore", "outputs.scores.value", "--json").json
    assert ignored["outputs"][0]["rows"]["changed"] == 0
    assert echo(*words, "--ignore", "outputs.scores").exit_code == 0
    refused = echo(*words, "--key", "nothing")
    assert (refused.exit_code, refused.out) == (2, "")


def test_files_and_posts_are_compared_by_what_they_hold(echo: Program, run: Run) -> None:
    def answer(text: str) -> dict[str, Any]:
        file = {"filename": "cell.txt", "type": "text/plain", "base64": text}
        return {"answer": {"cell": file, "report": {"name": "R", "content": {"text": "a\nb"}}}}

    pair = run(answer("b25lCnR3bwo=")), run(answer("b25lCjIK"))
    done = echo("action", "diff", *pair)
    assert done.exit_code == 1
    assert "Output cell, a file: 8 B before, 6 B after" in done.out
    assert "  -two\n  +2" in done.out
    assert "Output report" not in done.out
    gone = run({"answer": {"report": {"name": "R", "content": {"text": "a"}}}})
    told = echo("action", "diff", pair[0], gone, "--json").json["outputs"]
    assert [(each["name"], each["change"]) for each in told] == [
        ("cell", "removed"),
        ("report", "changed"),
    ]


def test_what_is_odd_is_told_and_compared_all_the_same(echo: Program, run: Run) -> None:
    first = run({"a": 1})
    itself = echo("action", "diff", first, "@last")
    assert (itself.exit_code, "note: it is compared with itself" in itself.out) == (0, True)
    other = echo("action", "diff", first, run({"a": 1}, "ada/other-post"))
    assert other.exit_code == 0
    assert "note: they ran different routes: ada/echo-post and ada/other-post" in other.out


def test_an_open_action_is_compared_as_far_as_it_is(lab: Program) -> None:
    lab("route", "run", "ada/predict-post", "composition=Fe2Ni")
    first = lab("action", "show", "@last", "--json").json["id"]
    structure = "1\nrare\nFe 0 0 0"
    words = (f"structure={structure}", "duration=5", "--no-wait", "-q")
    open_one = lab("route", "run", "ada/relax-structure-post", *words).out.strip()
    done = lab("action", "diff", first, open_one)
    assert done.exit_code == 1
    assert f"note: {open_one} has not ended; what it has so far is compared" in done.out


@pytest.mark.parametrize(
    "words",
    [
        ["@last"],
        ["@last", "ffffffff"],
        ["@last", "@last", "--only", "nothing"],
        ["@last", "@last", "--only", ""],
        ["@last", "@last", "--ignore", "a["],
        ["@last", "@last", "--ignore", ""],
    ],
)
def test_what_cannot_be_read_is_told_in_one_line(echo: Program, run: Run, words: list[str]) -> None:
    run({"a": 1})
    done = echo("action", "diff", *words)
    assert (done.exit_code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1


def test_remote_text_hurts_no_terminal(echo: Program, run: Run) -> None:
    bad = "\x1b[2J\u202e\x9b31m"
    first = run({"answer": {bad: bad, "t": f"a\n{bad}"}})
    second = run(
        {"answer": {bad: "x", "t": f"{bad}\n{bad}", "scores": {"name": bad, "data": [{bad: bad}]}}}
    )
    printed = echo("action", "diff", first, second, "--all").out
    assert not {"\x1b", "\u202e", "\x9b"} & set(printed)
    assert len(printed.splitlines()) > 10
