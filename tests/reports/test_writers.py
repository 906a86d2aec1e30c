"""Reports as their readers see them: counts, escapes and bounds, whatever stands in a case."""

import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from ouro_cli.reports.case import Case, Totals, Verdict
from ouro_cli.reports.har import Content, Har, har_entry
from ouro_cli.reports.junit import Junit
from ouro_cli.reports.markdown import MOST_DETAILED, MOST_ROWS, Markdown
from tests.support.hostile_names import HOSTILE_NAMES

HOSTILE = [
    *HOSTILE_NAMES[:40],
    "</failure><x/>",
    "]]>",
    "\x00\x1b[2J\x9b\u202e",
    "\ud800\udfff",
    "\ufffe\uffff",
    "&amp;&#0;",
    "a\r\nb\tc",
    "\"'<>&",
    "<script>alert(1)</script>",
    "| a | b |",
    "``` \n</details>\n~~~",
    "[x](javascript:alert(1)) ![i](http://evil.test/i.png)",
    "@everyone https://evil.test www.evil.test #1",
    "<!-- -->",
    "\\| \\` \\<b>",
]


def a_case(verdict: Verdict = Verdict.PASSED, **facts: Any) -> Case:
    """A case of half a second."""
    usual: dict[str, Any] = {"name": "Work", "group": "ada/work-post", "seconds": 0.5}
    return Case(verdict=verdict, **usual | facts)


def whole(writer: Any, cases: Iterable[Case], title: str = "runs") -> str:
    """A report of these cases."""
    totals, pieces = Totals(), []
    for case in cases:
        totals = totals.plus(case)
        pieces.append(writer.piece(case))
    return str(writer.head(title, totals) + "".join(pieces) + writer.tail())


ONE_OF_EACH = [
    a_case(started_at="2026-01-31T12:00:01.000000+00:00"),
    a_case(Verdict.FAILED, message="no", details="a\nb", action_id="id-1"),
    a_case(Verdict.ERROR, message="lost", seconds=None),
    a_case(Verdict.SKIPPED, message="still", started_at="2026-01-31T12:00:00.000000+00:00"),
]


def test_junit_counts_and_tells_each() -> None:
    root = ElementTree.fromstring(whole(Junit(), ONE_OF_EACH, "ouro & co"))
    (suite,) = root
    assert root.attrib == {"name": "ouro & co", "tests": "4", "failures": "1", "errors": "1"}
    assert suite.attrib == {
        **root.attrib,
        "skipped": "1",
        "time": "1.500",
        "timestamp": "2026-01-31T12:00:00",
    }
    assert [[child.tag for child in case] for case in suite] == [
        [],
        ["failure", "system-out"],
        ["error"],
        ["skipped"],
    ]
    assert suite[1][0].attrib == {"message": "no", "type": "failed"}
    assert suite[1][0].text == "a\nb"
    assert "time" not in suite[2].attrib


# What jenkins-junit.xsd lets an element have, and what it must have.
ALLOWED = {
    "testsuites": ({"name", "time", "tests", "failures", "disabled", "errors"}, set()),
    "testsuite": (
        {"name", "tests", "failures", "errors", "time", "disabled", "skipped", "timestamp",
         "hostname", "id", "package"},
        {"name", "tests"},
    ),
    "testcase": ({"name", "assertions", "time", "classname", "status"}, {"name"}),
    "failure": ({"type", "message"}, set()),
    "error": ({"type", "message"}, set()),
    "skipped": ({"type", "message"}, set()),
    "system-out": (set(), set()),
}  # fmt: skip
CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"testcase"},
    "testcase": {"failure", "error", "skipped", "system-out"},
}


def test_junit_is_what_the_common_schema_allows() -> None:
    for element in ElementTree.fromstring(whole(Junit(), ONE_OF_EACH)).iter():
        allowed, needed = ALLOWED[element.tag]
        assert needed <= set(element.attrib) <= allowed
        assert {child.tag for child in element} <= CHILDREN.get(element.tag, set())


@pytest.mark.parametrize("text", HOSTILE)
def test_junit_is_xml_whatever_stands_in_it(text: str) -> None:
    case = a_case(Verdict.FAILED, name=text, group=text, message=text, details=text)
    report = whole(Junit(), [case], text)
    report.encode()
    (suite,) = ElementTree.fromstring(report)
    assert [each.tag for each in suite.iter()] == ["testsuite", "testcase", "failure"]
    assert not {"\x00", "\x1b", "\x9b", "\u202e"} & set(report)


@given(st.text(st.characters(exclude_categories=[])))
def test_junit_is_xml_for_any_text(text: str) -> None:
    case = a_case(Verdict.ERROR, name=text, message=text, details=text)
    ElementTree.fromstring(whole(Junit(), [case], text).encode())


def _shown(markdown: str) -> list[Any]:
    return list(MarkdownIt("gfm-like", {"linkify": False}).parse(markdown))


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_keeps_its_table_and_nothing_of_the_text_means_anything(text: str) -> None:
    case = a_case(Verdict.FAILED, name=text, group=text, message=text, details=text)
    report = whole(Markdown(), [case], text)
    outside = re.sub(r"^(`{3,})text\n.*?^\1$", "", report, flags=re.DOTALL | re.MULTILINE)
    rows = [line for line in outside.splitlines() if line.startswith("| ")]
    assert [row.count("|") for row in rows] == [7, 7]
    kinds = [
        child.type
        for token in _shown(report)
        if token.type == "inline"
        for child in token.children or ()
    ]
    assert not {"link_open", "image", "strong_open", "em_open"} & set(kinds)
    ours = {"<code>", "</code>", "<!-- ouro report -->", "<details>", "</details>", "<summary>",
            "</summary>"}  # fmt: skip
    assert set(re.findall(r"<[^ ][^>]*>", outside)) <= ours
    assert [each.type for each in _shown(report)].count("fence") == 1


def test_markdown_counts_and_marks() -> None:
    report = whole(Markdown(), ONE_OF_EACH)
    assert "1 passed, 1 failed, 1 errors, 1 skipped; 4 in all, 1.5 s" in report
    assert [line[2] for line in report.splitlines() if line.startswith("| ")][1:] == [
        *("✅", "❌", "💥", "⏳"),
    ]
    assert "## ❌" in report
    assert "## ✅" in whole(Markdown(), ONE_OF_EACH[:1])


def test_markdown_stays_within_what_a_summary_holds() -> None:
    count = 20_000
    failed = (
        a_case(Verdict.FAILED, name="x" * 1000, message="y" * 1000, details="z" * 100_000)
        for _ in range(count)
    )
    report = whole(Markdown(), failed)
    assert len(report.encode()) < 2**20
    assert report.count("\n| ❌") == MOST_ROWS
    assert report.count("<details>") == MOST_DETAILED
    assert f"\n{count - MOST_ROWS} more are not shown.\n" in report
    assert f"\n{count - MOST_DETAILED} more failures are not told in detail.\n" in report


def _entry(**facts: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "started_at": "2026-01-31T12:00:00.000000+00:00",
        "seconds": 0.25,
        "method": "GET",
        "url": "http://api.test/x?a=1&a=&b=%20",
        "headers": [("Accept", "*/*")],
        "body": None,
        "status": 200,
        "content": Content("text/plain", 2, "ok"),
    }
    return har_entry(**usual | facts)


def test_har_is_one_document_of_all_entries() -> None:
    cases = [a_case(exchanges=(_entry(), _entry())), a_case(), a_case(exchanges=(_entry(),))]
    log = json.loads(whole(Har(), cases))["log"]
    assert (log["version"], len(log["entries"])) == ("1.2", 3)
    assert json.loads(whole(Har(), []))["log"]["entries"] == []


def test_har_tells_a_request_and_its_answer() -> None:
    entry = _entry(action="id-1", error=None)
    assert (entry["time"], entry["timings"]) == (250, {"send": 0, "wait": 250, "receive": 0})
    assert [each["value"] for each in entry["request"]["queryString"]] == ["1", "", " "]
    assert "postData" not in entry["request"]
    assert (entry["_action"], "_error" in entry) == ("id-1", False)
    unseen = _entry(status=None, seconds=None, content=Content("", 0))
    assert (unseen["response"]["status"], unseen["response"]["headers"]) == (0, [])
    assert _entry(status=799)["response"]["statusText"] == ""


@pytest.mark.parametrize("text", HOSTILE)
def test_har_is_json_whatever_stands_in_it(text: str) -> None:
    entry = _entry(body=text, content=Content(text, 1, text), headers=[("a", text)])
    report = whole(Har(), [a_case(exchanges=(entry,))])
    report.encode()
    assert not {"\x1b", "\x9b", "\u202e"} & set(report)
    (read,) = json.loads(report)["log"]["entries"]
    plain = re.sub("[\ud800-\udfff]", "\ufffd", text)
    assert read["response"]["content"]["text"] == plain
