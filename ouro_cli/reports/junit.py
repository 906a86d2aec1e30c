"""Cases as JUnit's XML, as the common servers for continuous integration read it."""

import re
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

from ouro_cli.reports.case import Case, Totals, Verdict
from ouro_cli.safety import safe, safe_line

MARK = "<testsuites"
"""What a file of this kind has among its first characters."""

# What is no character of XML 1.0 (section 2.2), and what `safe` lets be.
_UNWRITABLE = re.compile("[\ufffe\uffff]|[\U0001fffe\U0001ffff]")
_LONGEST_NAME = 500
_LONGEST_TEXT = 20_000


class Junit:
    """One suite of all cases; each failure with its message and its details."""

    def piece(self, case: Case) -> str:
        """A case as a `testcase`."""
        facts = {
            "classname": case.group or "ouro",
            "name": case.name,
            "time": None if case.seconds is None else f"{case.seconds:.3f}",
        }
        inside = [*_outcome(case), *_told(case)]
        if not inside:
            return f"    <testcase{_attributes(facts)}/>\n"
        lines = "".join(f"      {each}\n" for each in inside)
        return f"    <testcase{_attributes(facts)}>\n{lines}    </testcase>\n"

    def head(self, title: str, totals: Totals) -> str:
        """All that stands before the cases."""
        counts = {
            "name": title,
            "tests": str(totals.count),
            "failures": str(totals.failed),
            "errors": str(totals.error),
        }
        suite = counts | {"skipped": str(totals.skipped), "time": f"{totals.seconds:.3f}"}
        if totals.started_at is not None:
            suite["timestamp"] = totals.started_at[:19]
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f"{MARK}{_attributes(counts)}>\n  <testsuite{_attributes(suite)}>\n"
        )

    def tail(self) -> str:
        """All that stands behind them."""
        return "  </testsuite>\n</testsuites>\n"


def _outcome(case: Case) -> list[str]:
    element = {
        Verdict.PASSED: "",
        Verdict.FAILED: "failure",
        Verdict.ERROR: "error",
        Verdict.SKIPPED: "skipped",
    }[case.verdict]
    if not element:
        return []
    facts = {"message": case.message or case.verdict.value}
    if case.verdict is not Verdict.SKIPPED:
        facts["type"] = case.verdict.value
    return [f"<{element}{_attributes(facts)}>{_text(case.details)}</{element}>"]


def _told(case: Case) -> list[str]:
    if case.action_id is None:
        return []
    return [f"<system-out>ouro action show {_text(case.action_id)}</system-out>"]


def _attributes(facts: Mapping[str, str | None]) -> str:
    return "".join(
        f" {name}={quoteattr(_writable(safe_line(value))[:_LONGEST_NAME])}"
        for name, value in facts.items()
        if value is not None
    )


def _text(text: str) -> str:
    return escape(_writable(safe(text))[:_LONGEST_TEXT])


def _writable(text: str) -> str:
    return _UNWRITABLE.sub("\ufffd", text)
