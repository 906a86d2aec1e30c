"""Routes of one summary: each gets a name and a slug of its own, however many there are."""

import time
from pathlib import Path
from typing import Any

from ouro_cli.usecases.import_service import import_service
from tests.support.upstream import write_document

URL = "http://127.0.0.1:9"


def test_routes_of_one_summary_are_numbered(make_runtime: Any, tmp_path: Path) -> None:
    operations = [{"method": "get", "path": f"/{n}", "summary": "Count"} for n in range(3)]
    report = import_service(make_runtime(), write_document(tmp_path, *operations), base_url=URL)

    assert [(each.name, each.slug) for each in report.added] == [
        ("Count", "count-get"),
        ("Count 1", "count-1-get"),
        ("Count 2", "count-2-get"),
    ]


def test_thousands_of_one_summary_are_numbered_in_a_moment(
    make_runtime: Any, tmp_path: Path
) -> None:
    operations = [{"method": "get", "path": f"/{n}", "summary": "Count"} for n in range(4_000)]
    path = write_document(tmp_path, *operations)

    began = time.process_time()
    report = import_service(make_runtime(), path, base_url=URL)

    assert len({each.slug for each in report.added}) == 4_000
    assert time.process_time() - began < 10
