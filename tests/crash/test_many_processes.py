"""Many processes and one registry: nobody is locked out, and nothing is lost."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.program import Program
from tests.support.upstream import json_body, write_document

WRITERS = 50
FIRST_RUNS = 20

WRITE = """
import sys
from ouro_cli.runtime import open_runtime
from ouro_cli.usecases.start_action import RouteCall, start_action
from ouro_cli.wire.inputs import Arguments

rt = open_runtime()
for _ in range(int(sys.argv[1])):
    start_action(rt, RouteCall("ada/work-post", Arguments()))
"""


@pytest.mark.parametrize("each", [50, pytest.param(200, marks=pytest.mark.full)])
def test_fifty_processes_lose_none_of_what_they_write(
    ouro: Program, home: Path, tmp_path: Path, each: int
) -> None:
    operation = {"method": "post", "path": "/work", "summary": "Work", "requestBody": json_body()}
    document = write_document(tmp_path, operation)
    assert ouro("service", "import", document, "--base-url", "http://127.0.0.1:9").exit_code == 0

    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITE, str(each)],
            env=ouro.environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(WRITERS)
    ]
    said = [writer.communicate()[1] for writer in writers]

    assert said == [""] * WRITERS
    with sqlite3.connect(home / "registry.db") as registry:
        assert registry.execute("SELECT count(*) FROM action").fetchone() == (WRITERS * each,)
        assert registry.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    registry.close()


@pytest.mark.parametrize("rounds", [6, pytest.param(20, marks=pytest.mark.full)])
def test_twenty_first_runs_at_once_all_succeed(tmp_path: Path, rounds: int) -> None:
    for round_ in range(rounds):
        ouro = Program(tmp_path / f"home-{round_}")
        runs = [ouro.start("service", "list", "--json") for _ in range(FIRST_RUNS)]
        ends = [(run.communicate(timeout=60), run.returncode) for run in runs]

        assert [code for _, code in ends] == [0] * FIRST_RUNS, ends
