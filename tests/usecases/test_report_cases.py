"""Steps, rows and many runs as cases, and reports of more cases than memory would hold."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ouro_cli.errors import FileNotWritten
from ouro_cli.reports.case import Case, Verdict
from ouro_cli.usecases.report_cases import step_case, unstarted_case
from ouro_cli.usecases.write_reports import Report, write_reports

STEP: dict[str, Any] = {
    "step": "relax",
    "visit": 1,
    "status": "success",
    "action_id": "id-1",
    "message": "",
    "started_at": "2026-01-31T12:00:00+00:00",
    "finished_at": "2026-01-31T12:00:02+00:00",
}


@pytest.mark.parametrize(
    ("facts", "name", "verdict", "message"),
    [
        ({}, "relax", Verdict.PASSED, ""),
        ({"visit": 2}, "relax (2)", Verdict.PASSED, ""),
        ({"status": "error", "message": "no"}, "relax", Verdict.FAILED, "no"),
        ({"status": "in-progress"}, "relax", Verdict.SKIPPED, "it is in-progress"),
        ({"status": "waiting"}, "relax", Verdict.SKIPPED, "it is waiting"),
    ],
)
def test_a_step_is_a_case(facts: dict[str, Any], name: str, verdict: Verdict, message: str) -> None:
    case = step_case({**STEP, **facts}, "flow")
    assert (case.name, case.group, case.verdict, case.message) == (name, "flow", verdict, message)
    assert case.seconds == 2


def test_a_row_that_could_not_be_started_is_an_error() -> None:
    case = unstarted_case("row 3", "ada/work-post", "n: expected a number")
    assert (case.verdict, case.message) == (Verdict.ERROR, "n: expected a number")


def test_a_report_that_cannot_be_finished_leaves_the_earlier_one(tmp_path: Path) -> None:
    path = tmp_path / "junit.xml"
    case = Case("a", "b", Verdict.PASSED)
    write_reports([Report("junit", path)], "t", [case])
    before = path.read_bytes()

    def broken() -> Any:
        yield case
        raise FileNotWritten(path="x", why="y")

    with pytest.raises(FileNotWritten):
        write_reports([Report("junit", path)], "t", broken())
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["junit.xml"]


_WRITE = """
import resource, sys
from pathlib import Path
from ouro_cli.reports.case import Case, Verdict
from ouro_cli.usecases.write_reports import KINDS, Report, write_reports
entry = {"request": {"url": "http://api.test/" + "x" * 100}}
case = Case("row", "ada/work-post", Verdict.FAILED, 0.1, None, "no" * 50, "d" * 200, "id", (entry,))
start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
reports = [Report(kind, Path(sys.argv[1]) / kind) for kind in KINDS]
write_reports(reports, "rows", (case for _ in range(50_000)))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - start)
"""


def test_memory_stays_flat_however_many_cases_there_are(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _WRITE, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 12_000
    assert (tmp_path / "junit").stat().st_size > 20_000_000
