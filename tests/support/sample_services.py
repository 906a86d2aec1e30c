"""The sample services of `specs/`, as processes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SPECS = Path(__file__).parents[2] / "specs"


@contextmanager
def running(name: str) -> Iterator[str]:
    """Start `specs/NAME.py` on a free port; its address."""
    process = subprocess.Popen(
        [sys.executable, str(SPECS / f"{name}.py"), "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "COVERAGE_PROCESS_START": "", "COVERAGE_PROCESS_CONFIG": ""},
    )
    assert process.stdout is not None
    try:
        told = process.stdout.readline()
        assert told.startswith("listening on "), told
        yield told.removeprefix("listening on ").strip()
    finally:
        process.terminate()
        process.wait(timeout=10)
        process.stdout.close()
