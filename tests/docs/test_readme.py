"""Every block of the README is run, and prints what the README says it prints."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```console\n(.*?)```", README, re.DOTALL)


def test_every_block_of_the_readme_runs(
    home: Path, materials: str, library: str, predictions: str
) -> None:
    environment = {
        **os.environ,
        "OURO_HOME": str(home),
        "OURO_USER": "ada",
        "OURO_PORT": "0",
        "LIBRARY_TOKEN": "let-me-read",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    addresses = {
        "http://127.0.0.1:9000": materials,
        "http://127.0.0.1:9001": library,
        "http://127.0.0.1:9002": predictions,
    }
    variables = ""
    for command, expected in [pair for block in BLOCKS for pair in _commands(block)]:
        for written, real in addresses.items():
            command, expected = command.replace(written, real), expected.replace(written, real)
        assignment = re.fullmatch(r"(\w+)=\$\((.*)\)", command)
        if assignment:
            variables += f"{assignment[1]}={_run(assignment[2], environment).stdout.strip()}\n"
            continue
        done = _run(variables + command, environment)
        code = re.search(r"^\? (\d+)$", expected, re.MULTILINE)
        expected = re.sub(r"^\? \d+\n?", "", expected, flags=re.MULTILINE)
        assert done.returncode == (int(code[1]) if code else 0), (command, done.stderr)
        assert _matches(done.stdout, expected), (command, done.stdout, expected)


def test_the_readme_has_blocks_to_run() -> None:
    assert len(BLOCKS) > 8


@pytest.mark.parametrize("code", ["0", "1", "2", "124", "130, 143", "74", "70"])
def test_the_readme_names_every_exit_status(code: str) -> None:
    assert f"| {code} |" in README


def _commands(block: str) -> list[tuple[str, str]]:
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    return [(part.partition("\n")[0], part.partition("\n")[2]) for part in parts]


def _run(command: str, environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["bash", "-c", command],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _matches(printed: str, expected: str) -> bool:
    """Whether the output is as written; `...` stands for whatever comes in its place."""
    pattern = re.escape(expected.strip()).replace(re.escape("..."), ".*")
    return re.fullmatch(pattern, printed.strip(), re.DOTALL) is not None
