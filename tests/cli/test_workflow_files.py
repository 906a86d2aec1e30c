"""`ouro action chain` with workflow files: run, checked, drawn; and chains written as files."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.arazzo.suite import lay_out
from tests.support.counting_api import CountingApi
from tests.support.program import Program
from tests.support.upstream import Upstream, serving


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """The API that counts, and has counted nothing yet."""
    with serving(CountingApi()) as upstream:
        yield upstream


def test_a_file_is_run_and_its_outputs_are_the_result(
    ouro: Program, upstream: Upstream, tmp_path: Path
) -> None:
    path = lay_out("inputs", tmp_path, upstream.url)

    done = ouro("action", "chain", "-f", str(path), "--with", "name=Ada", "--json")

    assert done.exit_code == 0, done.err
    assert done.json["outputs"] == {"q": "I am Ada", "name": "Ada"}
    assert "imported ./api.openapi.yaml as service api" in done.err


def test_a_job_is_asked_for_until_it_is_done_and_no_sooner_is_the_run_over(
    ouro: Program, upstream: Upstream, tmp_path: Path
) -> None:
    path = lay_out("polling", tmp_path, upstream.url)

    done = ouro("action", "chain", "-f", str(path), "--json")

    assert done.exit_code == 0, done.err
    assert done.json["outputs"] == {"result": 42}
    assert [each["visit"] for each in done.json["steps"] if each["step"] == "wait"] == [1, 2, 3, 4]
    assert all(each["finished_at"] for each in done.json["steps"])


def test_a_good_file_is_good(ouro: Program, upstream: Upstream, tmp_path: Path) -> None:
    path = lay_out("goto-loop", tmp_path, upstream.url)

    done = ouro("action", "chain", "-f", str(path), "--check")
    asked = ouro("action", "chain", "-f", str(path), "--check", "--json")

    assert (done.exit_code, done.out) == (0, "")
    assert "all is well" in done.err
    assert asked.json == {"valid": True, "findings": []}
    assert ouro("service", "list", "--json").json["services"] == []


def test_faults_are_told_one_a_line_with_file_and_line(
    ouro: Program, upstream: Upstream, tmp_path: Path
) -> None:
    path = lay_out("goto-loop", tmp_path, upstream.url)
    text = path.read_text().replace("operationId: count", "operationId: cuont", 1)
    path.write_text(text.replace("turn.outputs.count <", "turn.outputs.cuont <"))

    done = ouro("action", "chain", "-f", str(path), "--check")

    assert done.exit_code == 2
    first, second = done.out.splitlines()[:2]
    assert first.startswith(f"{path}:9: no source has an operation 'cuont'; did you mean count")
    assert second.startswith(f"{path}:17: $steps.turn.outputs.cuont: no output is called")
    asked = ouro("action", "chain", "-f", str(path), "--check", "--json")
    assert asked.json["valid"] is False
    assert {each["severity"] for each in asked.json["findings"]} == {"error"}


def test_a_file_that_is_no_workflow_is_told_with_all_its_faults(
    ouro: Program, tmp_path: Path
) -> None:
    path = tmp_path / "w.yaml"
    path.write_text("arazzo: 1.0.1\ninfo: {title: x}\nworkflows: []\n")

    checked = ouro("action", "chain", "-f", str(path), "--check")
    run = ouro("action", "chain", "-f", str(path))

    assert checked.exit_code == run.exit_code == 2
    assert len(checked.out.splitlines()) == 3
    assert f"{path}:2: an info object needs the field 'version'" in checked.out
    assert "is no workflow that can be run: line" in run.err
    assert "--check" in run.err


def test_the_plan_is_drawn_and_nothing_is_done(
    ouro: Program, upstream: Upstream, tmp_path: Path
) -> None:
    path = lay_out("side-by-side", tmp_path, upstream.url)

    done = ouro("action", "chain", "-f", str(path), "--dry-run")

    assert done.exit_code == 0, done.err
    assert done.out.splitlines() == [
        "main",
        "├┬ one   GET /items/{id}",
        "│        well if $statusCode == 200",
        "│└ two   GET /items/{id}",
        "│        well if $statusCode == 200",
        "├─ both  GET /echo",
        "│        q ← $steps.one.outputs.name, $steps.two.outputs.name",
        "│        well if $statusCode == 200",
        "└─ gives  q ← $steps.both.outputs.q",
    ]
    assert upstream.answer.calls["side-by-side"] == []  # type: ignore[attr-defined]
    assert ouro("service", "list", "--json").json["services"] == []


def test_the_plan_says_where_ends_lead(ouro: Program, upstream: Upstream, tmp_path: Path) -> None:
    path = str(lay_out("failure-criteria", tmp_path, upstream.url))

    drawn = ouro("action", "chain", "-f", path, "--dry-run").out
    planned = ouro("action", "chain", "-f", path, "--dry-run", "--json").json
    chart = ouro("action", "chain", "-f", path, "--dry-run", "--mermaid").out

    assert "on failure if $statusCode == 503: again, 3 times at most" in drawn
    assert "on failure if $statusCode == 409: go to mend" in drawn
    assert [each["waits_for"] for each in planned["steps"]] == [[], ["fail"], ["fail"]]
    assert planned["steps"][0]["follow_ups"][1]["to"] == "mend"
    assert chart.startswith("flowchart TD\n")
    assert 'n1 -.->|"on failure: goto there"| n3' in chart


def test_a_plan_of_what_cannot_run_is_not_drawn(
    ouro: Program, upstream: Upstream, tmp_path: Path
) -> None:
    path = lay_out("one-step", tmp_path, upstream.url)
    path.write_text(path.read_text().replace("listItems", "nothing"))

    done = ouro("action", "chain", "-f", str(path), "--dry-run")

    assert (done.exit_code, done.out) == (2, "")
    assert "no source has an operation 'nothing'" in done.err


def test_a_chain_of_routes_becomes_a_file_that_runs_again(
    ouro: Program, upstream: Upstream, tmp_path: Path
) -> None:
    lay_out("exported", tmp_path, upstream.url, file="one-step")
    ouro("service", "import", str(tmp_path / "exported" / "api.openapi.yaml"), "--name", "api")
    file = tmp_path / "line.arazzo.yaml"

    done = ouro(
        *("action", "chain", "api/addItem", "api/getItem"),
        *("--body", '{"name": "x"}', "--map", "id=id", "--export", str(file), "--json"),
    )
    again = ouro("action", "chain", "-f", str(file), "--json")

    assert done.exit_code == 0, done.err
    text = file.read_text()
    assert "arazzo: 1.0.1" in text
    assert "operationId: addItem" in text
    assert "x-ouro-route: ada/" in text
    assert again.exit_code == 0, again.err
    assert ouro("action", "chain", "-f", str(file), "--check").exit_code == 0
    calls = upstream.answer.calls["exported"]  # type: ignore[attr-defined]
    assert calls == ["POST /items", "GET /items/4"] * 2


def test_a_chain_that_was_run_is_written_as_a_file(
    ouro: Program, upstream: Upstream, tmp_path: Path
) -> None:
    path = lay_out("polling", tmp_path, upstream.url)
    ouro("action", "chain", "-f", str(path))
    file = tmp_path / "kept.json"

    done = ouro("action", "chain", "--resume", "@last", "--export", str(file))
    twice = ouro("action", "chain", "--resume", "@last", "--export", str(file))

    assert done.exit_code == 0, done.err
    assert json.loads(file.read_text())["workflows"][0]["workflowId"] == "main"
    assert twice.exit_code == 2
    assert "--force" in twice.err
    assert (
        ouro("action", "chain", "--resume", "@last", "--export", str(file), "--force").exit_code
        == 0
    )


@pytest.mark.parametrize(
    "words",
    [
        ("--check",),
        ("a/b", "--dry-run"),
        ("--resume", "@last", "--mermaid"),
        ("-f", "x.yaml", "--export", "y.yaml"),
    ],
)
def test_options_of_another_kind_of_chain_are_refused(
    ouro: Program, words: tuple[str, ...]
) -> None:
    done = ouro("action", "chain", *words)

    assert done.exit_code == 2
    assert "Nothing was sent" in done.err
