"""A rate holds: in no second more starts than it says, from several processes, and after a kill."""

import sqlite3
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ouro_cli.model.batch import AHEAD, Rate, Start, next_start, read_rate
from tests.support.program import Program
from tests.support.upstream import Call, Reply, json_body, serving, write_document

WORK = {"method": "post", "path": "/work", "summary": "Work", "requestBody": json_body()}
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def _most_in(moments: Sequence[float], seconds: float) -> int:
    """The largest number of moments that lie in any span of so many seconds."""
    ordered = sorted(moments)
    return max(
        sum(1 for each in ordered[index:] if each < since + seconds)
        for index, since in enumerate(ordered)
    )


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("10/s", Rate(10, 1)),
        ("100/m", Rate(100, 60)),
        (" 7 / h", Rate(7, 3600)),
        ("0/s", None),
        ("10", None),
        ("10/d", None),
        ("-1/s", None),
    ],
)
def test_a_rate_is_read(text: str, rate: Rate | None) -> None:
    assert read_rate(text) == rate


def test_starts_lie_apart_and_time_that_went_by_is_not_made_up_for() -> None:
    rate = Rate(10, 1)
    first = next_start(None, NOW, rate)
    second = next_start(first, NOW, rate)
    late = next_start(second, NOW + timedelta(seconds=60), rate)

    assert first.at == NOW
    assert second.at == NOW + rate.distance
    assert late == Start(NOW + timedelta(seconds=60), NOW + timedelta(seconds=60) + rate.distance)
    assert next_start(late, late.at, rate).at == late.at + rate.distance


def test_a_stricter_limit_holds_up_a_looser_one() -> None:
    strict = next_start(None, NOW, Rate(1, 1))

    assert next_start(strict, NOW, Rate(1000, 1)).at > NOW + timedelta(seconds=1)


def test_a_clock_that_was_set_back_stops_nothing() -> None:
    ahead = next_start(None, NOW + timedelta(hours=5), Rate(10, 1))

    assert next_start(ahead, NOW, Rate(10, 1)).at - NOW <= AHEAD


def test_no_second_has_more_starts_across_processes_and_a_kill(home: Path, tmp_path: Path) -> None:
    arrived: list[float] = []

    def answer(_: Call) -> Reply:
        arrived.append(time.monotonic())
        return Reply(body={})

    rate, rows = 8, 12
    ouro = Program(home)
    tables = []
    for name in "abc":
        path = tmp_path / f"{name}.csv"
        path.write_text(f"{name}\n" + "1\n" * rows)
        tables.append(str(path))
    with serving(answer) as upstream:
        document = write_document(tmp_path, WORK)
        assert ouro("service", "import", document, "--base-url", upstream.url).exit_code == 0
        words = ("route", "run", "ada/work-post", "--rate", f"{rate}/s", "--each")
        killed = Program(home, OURO_CRASH_AT="B2:5").start(*words, tables[0])
        others = [ouro.start(*words, each) for each in tables[1:]]
        killed.communicate(timeout=60)
        again = ouro(*words, tables[0])
        for each in others:
            assert each.wait(60) == 0
            each.communicate()

    assert again.exit_code in (0, 1)
    assert len(arrived) >= 3 * rows - 8
    assert _most_in(arrived, 1.0) <= rate
    with sqlite3.connect(home / "registry.db") as registry:
        found = registry.execute("SELECT started_at FROM attempt").fetchall()
    starts = [datetime.fromisoformat(each).timestamp() for (each,) in found]
    assert _most_in(starts, 1.0) <= rate
