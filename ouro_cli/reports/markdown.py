"""Cases as Markdown for a summary of continuous integration: a table, and what failed in detail."""

import re

from ouro_cli.reports.case import Case, Totals, Verdict
from ouro_cli.safety import safe, safe_line

MARK = "<!-- ouro report -->"
"""What a file of this kind begins with."""

MOST_ROWS = 500
"""How many cases the table shows; a summary may be a megabyte at the most."""

MOST_DETAILED = 50
"""How many failures are told in detail."""

_MARKS = {
    Verdict.PASSED: "✅",
    Verdict.FAILED: "❌",
    Verdict.ERROR: "💥",
    Verdict.SKIPPED: "⏳",
}
_LONGEST_CELL = 200
_LONGEST_DETAILS = 4_000

# Inside `<code>` these would still mean something, to Markdown or to a table.
_MEANT = re.compile(r"[&<>\"'|\\`*_\[\]{}#!~@$:]")


class Markdown:
    """A headline, a table of the first cases, and the first failures in detail."""

    def __init__(self) -> None:
        self._rows = 0
        self._failures: list[str] = []
        self._untold = 0

    def piece(self, case: Case) -> str:
        """A case as a row of the table; empty once there are enough."""
        if case.verdict in (Verdict.FAILED, Verdict.ERROR):
            if len(self._failures) < MOST_DETAILED:
                self._failures.append(_failure(case))
            else:
                self._untold += 1
        self._rows += 1
        if self._rows > MOST_ROWS:
            return ""
        took = "" if case.seconds is None else f"{case.seconds:.2f} s"
        cells = (
            _MARKS[case.verdict],
            _code(case.name),
            _code(case.group),
            took,
            _code(case.message),
            _code(case.action_id or ""),
        )
        return f"| {' | '.join(cells)} |\n"

    def head(self, title: str, totals: Totals) -> str:
        """All that stands before the rows."""
        mark = _MARKS[Verdict.PASSED if totals.is_good else Verdict.FAILED]
        counts = [f"{getattr(totals, each.value)} {_word(each)}" for each in Verdict]
        return (
            f"{MARK}\n\n## {mark} {_code(title)}\n\n"
            f"{', '.join(counts)}; {totals.count} in all, {totals.seconds:.1f} s\n\n"
            "| | Name | Route | Time | Message | Action |\n|---|---|---|---|---|---|\n"
        )

    def tail(self) -> str:
        """How many rows were left out, and the failures."""
        left = self._rows - MOST_ROWS
        parts = [f"\n{left} more are not shown.\n"] if left > 0 else []
        parts += self._failures
        if self._untold:
            parts.append(f"\n{self._untold} more failures are not told in detail.\n")
        return "".join(parts)


def _failure(case: Case) -> str:
    text = safe(case.details or case.message)[:_LONGEST_DETAILS].strip("\n")
    # A fence is ended by one as long alone.
    longest = max((len(each) for each in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    title = f"{_MARKS[case.verdict]} {_code(case.name)} {_code(case.group)}".strip()
    return f"\n<details><summary>{title}</summary>\n\n{fence}text\n{text}\n{fence}\n\n</details>\n"


def _code(text: str) -> str:
    """Text of anybody's as code: no markup, no link, no mention is seen in it."""
    line = safe_line(text)
    if not line:
        return ""
    cut = line if len(line) <= _LONGEST_CELL else f"{line[: _LONGEST_CELL - 1]}…"
    return f"<code>{_MEANT.sub(lambda each: f'&#{ord(each.group())};', cut)}</code>"


def _word(verdict: Verdict) -> str:
    return "errors" if verdict is Verdict.ERROR else verdict.value
