"""The same workflows by our command and by Redocly's `respect`, side by side in one run."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.arazzo.suite import INPUTS, Expected, expected, lay_out
from tests.support.counting_api import CountingApi
from tests.support.program import Program
from tests.support.upstream import serving

RESPECT = Path(__file__).parents[2] / "node_modules" / "@redocly" / "cli" / "bin" / "cli.js"
WORDS = [f"{name}={value}" for name, value in INPUTS.items()]

pytestmark = pytest.mark.full


def theirs(files: dict[str, Path], folder: Path) -> dict[str, str]:
    """What Respect makes of each file's workflow `main`, by the file's name."""
    node = shutil.which("node")
    assert node is not None
    assert RESPECT.exists(), "make documents sets it up"
    told = folder / "respect.json"
    subprocess.run(
        [node, str(RESPECT), "respect", *map(str, files.values()), "--workflow", "main"]
        + [each for word in WORDS for each in ("--input", word)]
        + ["--json-output", str(told)],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "REDOCLY_TELEMETRY": "off"},
        capture_output=True,
        timeout=120,
        check=False,
    )
    said: dict[str, Any] = json.loads(told.read_text())["files"]
    return {
        name: _outcome(next(each for path, each in said.items() if path.endswith(file.name)))
        for name, file in files.items()
    }


def _outcome(said: dict[str, Any]) -> str:
    """What was said of the first workflow, `main`; others run for its sake."""
    return "success" if said["executedWorkflows"][0]["status"] == "success" else "failure"


def ours(ouro: Program, wanted: Expected, path: Path) -> str:
    """What our command makes of a file's workflow `main`."""
    # In what the sources are called all files are alike: each has a registry of its own.
    program = Program(ouro.home.with_name(f"home-{wanted.name}"))
    with_words = [each for word in WORDS for each in ("--with", word)]
    done = program("action", "chain", "-f", str(path), "--workflow", "main", *with_words, "--json")
    assert done.exit_code in (0, 1), done.err
    return "success" if done.json["status"] == "success" else "failure"


def test_both_come_to_the_same_and_make_the_same_calls(ouro: Program, tmp_path: Path) -> None:
    table = expected()
    with serving(CountingApi()) as upstream:
        api: CountingApi = upstream.answer  # type: ignore[assignment]
        files = {name: lay_out(name, tmp_path, upstream.url) for name in table}
        respected = theirs(files, tmp_path)
        their_calls = {name: sorted(calls) for name, calls in api.calls.items()}
        api.forget()
        done = {name: ours(ouro, wanted, files[name]) for name, wanted in table.items()}
        our_calls = {name: sorted(calls) for name, calls in api.calls.items()}

    assert done == {name: each.outcome for name, each in table.items()}
    assert our_calls == {name: sorted(each.calls) for name, each in table.items()}
    assert respected == {name: each.respect or each.outcome for name, each in table.items()}
    assert their_calls == {
        name: sorted(each.respect_calls or each.calls) for name, each in table.items()
    }


def test_every_difference_has_its_sentence() -> None:
    told = (Path(__file__).parent / "README.md").read_text()

    assert [
        name for name, each in expected().items() if each.respect and f"`{name}`" not in told
    ] == []
