"""`--report`: what became of runs as JUnit, Markdown and HAR, whole, valid, and without secrets."""

import json
import stat
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.program import Program
from tests.support.upstream import Call, Reply, Upstream, json_body, serving, write_document

BODY = json_body()
ROUTES: list[dict[str, Any]] = [
    {"method": "post", "path": "/kiln/{name}", "summary": "Work", "requestBody": BODY,
     "parameters": [{"name": "name", "in": "path", "required": True,
                     "schema": {"type": "string"}}]},
    {"method": "get", "path": "/bytes", "summary": "Bytes"},
    {"method": "post", "path": "/later", "summary": "Later", "requestBody": BODY,
     "x-ouro-execution-mode": "async"},
    {"method": "get", "path": "/closed", "summary": "Closed", "security": [{"key": []}, ]},
]  # fmt: skip
SCHEMES = {"securitySchemes": {"key": {"type": "apiKey", "in": "query", "name": "k"}}}
SECRET = "s3cr3t-never-to-be-told"


def _answer(call: Call) -> Reply:
    """Says back what it was told; a body's `code` is the status of the answer."""
    if call.path.startswith("/bytes"):
        return Reply(200, b"\x00\xff\xfe", {"content-type": "application/x-thing"})
    if call.path == "/later":
        return Reply(202)
    told = json.loads(call.body or b"{}")
    return Reply(int(told.get("code", 200)), told)


@pytest.fixture
def service() -> Iterator[Upstream]:
    """A service that says back what it was told."""
    with serving(_answer) as upstream:
        yield upstream


@pytest.fixture
def echo(ouro: Program, service: Upstream, tmp_path: Path) -> Program:
    """The program, with that service imported."""
    path = write_document(tmp_path, *ROUTES, components=SCHEMES)
    assert ouro("service", "import", path, "--base-url", service.url).exit_code == 0
    return ouro


WORK = ("route", "run", "ada/work-post", "name=a b")


def _suite(path: Path) -> ElementTree.Element:
    root = ElementTree.fromstring(path.read_text())
    assert root.tag == "testsuites"
    (suite,) = root
    return suite


def test_a_run_as_junit(echo: Program, tmp_path: Path) -> None:
    path = tmp_path / "junit.xml"
    done = echo(*WORK, "n:=1", "--expect", "$.n == 1", "--expect", "$.n == 2",
                "--report", f"junit={path}")  # fmt: skip
    assert done.exit_code == 1
    assert f"  report: junit  {path}" in done.err
    suite = _suite(path)
    assert [each.get("name") for each in suite] == ["Work", "$.n == 1", "$.n == 2"]
    assert {each.get("classname") for each in suite} == {"ada/work-post"}
    assert [suite.get(each) for each in ("tests", "failures", "errors")] == ["3", "1", "0"]
    failure = suite[2][0]
    assert (failure.tag, failure.get("message")) == ("failure", "found 1")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_how_each_run_ended(echo: Program, service: Upstream, tmp_path: Path) -> None:
    echo(*WORK)
    echo(*WORK, "code:=404", "message=No such thing")
    echo("route", "run", "ada/later-post", "--no-wait")
    service.close()
    echo("route", "run", "ada/work-post", "name=x", "--no-retry")
    path = tmp_path / "junit.xml"
    listed = echo("action", "list", "--report", f"junit={path}")
    assert (listed.exit_code, len(listed.out.splitlines())) == (0, 4)
    cases = [(each[0].tag, each[0].get("message")) for each in _suite(path)]
    assert cases[0][0] == "error"
    assert "cannot reach" in str(cases[0][1])
    assert cases[1:] == [
        ("skipped", "it is still in-progress"),
        ("failure", "No such thing"),
        ("system-out", None),
    ]


def test_as_markdown(echo: Program, tmp_path: Path) -> None:
    path = tmp_path / "summary.md"
    echo(*WORK, "code:=500", "message=|<b>@ada</b>|\n`x`", "--report", f"md={path}")
    lines = path.read_text().splitlines()
    assert lines[0] == "<!-- ouro report -->"
    (row,) = [each for each in lines if each.startswith("| ❌")]
    assert row.count("|") == 7
    assert "<b>" not in row
    assert "&#60;b&#62;&#64;ada" in row
    assert "<details>" in path.read_text()


def test_as_har(echo: Program, service: Upstream, tmp_path: Path) -> None:
    path = tmp_path / "run.har"
    assert echo(*WORK, "n:=1", "q==ü", "--report", f"har={path}").exit_code == 0
    log = json.loads(path.read_text())["log"]
    assert (log["version"], log["creator"]["name"]) == ("1.2", "ouro")
    (entry,) = log["entries"]
    request, response = entry["request"], entry["response"]
    assert request["url"] == service.url + service.calls[0].path
    assert (request["method"], response["status"], response["statusText"]) == ("POST", 200, "OK")
    assert request["postData"] == {"mimeType": "application/json", "text": '{"n":1}'}
    assert request["queryString"] == [{"name": "q", "value": "ü"}]
    assert json.loads(response["content"]["text"]) == {"n": 1}
    assert entry["time"] == entry["timings"]["wait"] > 0
    sent = {each["name"].lower(): each["value"] for each in request["headers"]}
    assert sent["ouro-webhook-token"] == "[secret]"
    assert sent["idempotency-key"] == service.calls[0].headers["idempotency-key"]


def test_an_archive_has_what_the_standard_asks_for(echo: Program, tmp_path: Path) -> None:
    path = tmp_path / "run.har"
    for words in (WORK, (*WORK, "code:=503"), ("route", "run", "ada/bytes-get")):
        echo(*words)
    assert echo("action", "list", "--report", f"har={path}").exit_code == 0
    entries = json.loads(path.read_text())["log"]["entries"]
    assert len(entries) == 3
    for entry in entries:
        assert {"startedDateTime", "time", "request", "response", "cache", "timings"} <= set(entry)
        assert {"method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize",
                "bodySize"} <= set(entry["request"])  # fmt: skip
        assert {"status", "statusText", "httpVersion", "cookies", "headers", "content",
                "redirectURL", "headersSize", "bodySize"} <= set(entry["response"])  # fmt: skip
        assert {"size", "mimeType"} <= set(entry["response"]["content"])
        assert {"send", "wait", "receive"} <= set(entry["timings"])
    content = entries[0]["response"]["content"]
    assert (content["encoding"], content["text"], content["size"]) == ("base64", "AP/+", 3)
    assert entries[1]["response"]["status"] == 503
    assert json.loads(entries[1]["response"]["content"]["text"]) == {"code": 503}


def test_a_credential_is_a_placeholder_everywhere(echo: Program, tmp_path: Path) -> None:
    set_it = echo("auth", "set", "test", "--from-stdin", "--store", "file", stdin=SECRET)
    assert set_it.exit_code == 0, set_it.err
    assert echo("route", "run", "ada/closed-get").exit_code == 0
    reports = {kind: tmp_path / f"report.{kind}" for kind in ("junit", "md", "har")}
    options = [word for kind, path in reports.items() for word in ("--report", f"{kind}={path}")]
    assert echo("action", "show", "@last", *options).exit_code == 0
    for path in reports.values():
        assert SECRET not in path.read_text()
    (entry,) = json.loads(reports["har"].read_text())["log"]["entries"]
    assert entry["request"]["queryString"] == [{"name": "k", "value": "[secret]"}]


def test_a_result_that_came_otherwise_is_not_taken_for_the_answer(
    lab: Program, tmp_path: Path
) -> None:
    path = tmp_path / "run.har"
    structure = "1\nrare\nFe 0 0 0"
    done = lab("route", "run", "ada/relax-structure-post", f"structure={structure}",
               "--report", f"har={path}")  # fmt: skip
    assert done.exit_code == 0, done.err
    (entry,) = json.loads(path.read_text())["log"]["entries"]
    assert entry["response"]["status"] == 202
    assert entry["response"]["content"] == {
        "size": 0,
        "mimeType": "",
        "comment": "What the action ended with came by webhook.",
    }


def test_an_asset_is_named_and_not_written_out(lab: Program, tmp_path: Path) -> None:
    water = tmp_path / "a.xyz"
    water.write_text("1\na\nFe 0 0 0\n")
    path = tmp_path / "run.har"
    done = lab("route", "run", "ada/symmetrize-post", "--input", str(water),
               "--report", f"har={path}")  # fmt: skip
    assert done.exit_code == 0, done.err
    (entry,) = json.loads(path.read_text())["log"]["entries"]
    (link,) = lab("action", "show", "@last", "--json").json["input_assets"]
    assert json.loads(entry["request"]["postData"]["text"])[link["name"]] == {
        "assetId": link["asset_id"]
    }


def test_of_actions_that_are_waited_for(echo: Program, tmp_path: Path) -> None:
    ids = [echo(*WORK, "-q").out.strip() for _ in range(2)]
    path = tmp_path / "junit.xml"
    assert echo("action", "wait", *ids, "--report", f"junit={path}").exit_code == 0
    assert len(_suite(path)) == 2


def test_what_still_runs_is_skipped(lab: Program, tmp_path: Path) -> None:
    structure = "1\nrare\nFe 0 0 0"
    path = tmp_path / "junit.xml"
    done = lab("route", "run", "ada/relax-structure-post", f"structure={structure}", "duration=20",
               "--timeout", "1s", "--report", f"junit={path}")  # fmt: skip
    assert done.exit_code == 124
    assert [each[0].tag for each in _suite(path)] == ["skipped"]


def test_each_expression_that_was_asserted_is_a_case(echo: Program, tmp_path: Path) -> None:
    echo(*WORK, "n:=1")
    paths = [tmp_path / name for name in ("a.xml", "a.har")]
    done = echo("action", "assert", "@last", "$.n == 1", "$.n == 2",
                "--report", f"junit={paths[0]}", "--report", f"har={paths[1]}")  # fmt: skip
    assert done.exit_code == 1
    assert [(each.get("name"), len(each)) for each in _suite(paths[0])] == [
        ("$.n == 1", 1),
        ("$.n == 2", 2),
    ]
    assert len(json.loads(paths[1].read_text())["log"]["entries"]) == 1
    echo(*WORK, "code:=500")
    echo("action", "assert", "@last", "$.n", "--report", f"junit={paths[0]}")
    assert [each.get("name") for each in _suite(paths[0])] == ["succeeds", "$.n"]


@pytest.mark.parametrize("kind", ["junit", "md", "har"])
def test_a_report_may_be_all_of_stdout(echo: Program, kind: str) -> None:
    done = echo(*WORK, "--report", f"{kind}=-")
    assert done.exit_code == 0
    start = {"junit": "<?xml", "md": "<!-- ouro report -->", "har": '{"log"'}[kind]
    assert done.out.startswith(start)
    listed = echo("action", "list", "--report", f"{kind}=-")
    assert listed.out.startswith(start)
    shown = echo("action", "show", "@last", "--report", f"{kind}=-")
    assert shown.out.startswith(start)


def test_an_earlier_report_is_replaced_and_nothing_else(echo: Program, tmp_path: Path) -> None:
    path = tmp_path / "junit.xml"
    for _ in range(2):
        assert echo(*WORK, "--report", f"junit={path}").exit_code == 0
    precious = tmp_path / "README.md"
    precious.write_text("# Mine\n")
    for words in ([f"md={precious}"], [f"har={path}"]):
        done = echo(*WORK, "--report", *words)
        assert (done.exit_code, done.out) == (2, "")
        assert "is there already" in done.err
    assert precious.read_text() == "# Mine\n"
    assert len(echo("action", "list", "--json").json["actions"]) == 2


@pytest.mark.parametrize(
    "report",
    [
        "pdf=x.pdf",
        "junit",
        "junit=",
        "=x",
        "junit=nowhere/junit.xml",
        "junit=.",
        "junit=/proc/junit.xml",
        f"junit={'x' * 300}",
    ],
)
def test_what_cannot_be_written_is_told_before_anything_is_sent(
    echo: Program, service: Upstream, report: str
) -> None:
    done = echo(*WORK, "--report", report)
    assert (done.exit_code, done.out, service.calls) == (2, "", [])
    assert done.err.startswith("ouro: ")
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize(
    "words",
    [["--report", "md=-", "--json"], ["--report", "md=-", "--report", "har=-"],
     ["--report", "md=a.md", "--report", "md=a.md"]],
)  # fmt: skip
def test_two_things_cannot_go_to_one_place(echo: Program, words: list[str]) -> None:
    assert echo(*WORK, *words).exit_code == 2


def test_a_disk_that_is_full_leaves_nothing_behind(echo: Program, tmp_path: Path) -> None:
    done = echo(*WORK, "--report", "junit=/dev/full")
    assert done.exit_code == 74
    assert "Cannot write /dev/full" in done.err
    assert not [each for each in tmp_path.iterdir() if each.name.startswith(".ouro-")]


def test_hostile_text_stays_text(echo: Program, tmp_path: Path) -> None:
    bad = "</failure>]]>\x00\x1b[2J\u202e\ud800\ufffe&amp;<script>|\n</details>\n```\n# x"
    body: dict[str, Any] = {"code": 500, "message": bad, bad: bad}
    reports = {kind: tmp_path / f"report.{kind}" for kind in ("junit", "md", "har")}
    options = [word for kind, path in reports.items() for word in ("--report", f"{kind}={path}")]
    done = echo(*WORK, "--body", json.dumps(body).replace("\\ud800", ""), *options)
    assert done.exit_code == 1, done.err
    texts = {kind: path.read_bytes().decode() for kind, path in reports.items()}
    for text in texts.values():
        assert not {"\x00", "\x1b", "\u202e"} & set(text)
    (case,) = _suite(reports["junit"])
    assert [each.tag for each in case] == ["failure", "system-out"]
    outside = texts["md"].split("````text")[0]
    assert "<script>" not in outside
    assert texts["md"].count("\n</details>\n") == 1
    (entry,) = json.loads(texts["har"])["log"]["entries"][-1:]
    assert json.loads(entry["response"]["content"]["text"])[bad.replace("\ud800", "")]


def test_each_step_of_a_chain_is_a_case(echo: Program, tmp_path: Path) -> None:
    paths = {kind: tmp_path / kind for kind in ("junit", "har")}
    options = [word for kind, path in paths.items() for word in ("--report", f"{kind}={path}")]
    done = echo("action", "chain", "ada/bytes-get", "ada/bytes-get", *options)
    assert done.exit_code == 0, done.err
    suite = _suite(paths["junit"])
    assert [len(suite), suite.get("failures")] == [2, "0"]
    assert len(json.loads(paths["har"].read_text())["log"]["entries"]) == 2


def test_each_row_of_a_table_is_a_case(echo: Program, tmp_path: Path) -> None:
    table, path = tmp_path / "rows.csv", tmp_path / "junit.xml"
    table.write_text("name,code\na,200\nb,404\nc,200\n")
    done = echo("route", "run", "ada/work-post", "--each", str(table), "--report", f"junit={path}")
    assert done.exit_code == 1
    suite = _suite(path)
    assert [each.get("name") for each in suite] == ["row 1", "row 2", "row 3"]
    assert [each[0].tag for each in suite] == ["system-out", "failure", "system-out"]
    refused = echo("route", "run", "ada/work-post", "--each", str(table), "--expect", "$.a")
    assert (refused.exit_code, refused.out) == (2, "")
