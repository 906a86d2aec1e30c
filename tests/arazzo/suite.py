"""The workflows of `workflows/`, what is expected of each, and where each finds its API."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ouro_cli.openapi.yaml_text import read_yaml

FOLDER = Path(__file__).parent / "workflows"
SUFFIX = ".arazzo.yaml"
INPUTS = {"name": "Ada"}
"""What every workflow is given; most take nothing."""


@dataclass(frozen=True)
class Expected:
    """What comes of a workflow: whether it succeeds, what the API sees, and its outputs.

    `respect` and `respect_calls` are what Redocly's runner makes of it where that is otherwise.
    """

    name: str
    outcome: str
    calls: list[str]
    outputs: dict[str, Any] | None = None
    respect: str = ""
    respect_calls: list[str] | None = None


def expected() -> dict[str, Expected]:
    """What is expected of each workflow, by name; every file has its place there."""
    table = read_yaml((FOLDER / "expected.yaml").read_text())
    files = {each.name.removesuffix(SUFFIX) for each in FOLDER.glob(f"*{SUFFIX}")}
    assert files == set(table), files ^ set(table)
    return {name: Expected(name, **facts) for name, facts in table.items()}


def lay_out(name: str, folder: Path, url: str, *, file: str = "") -> Path:
    """A copy of a workflow beside its document, whose API has a room of this name; its path.

    The workflow is the one of this name, or of that of `file`.
    """
    place = folder / name
    place.mkdir(parents=True)
    document = (FOLDER / "api.openapi.yaml").read_text()
    (place / "api.openapi.yaml").write_text(document.replace("http://127.0.0.1:9", f"{url}/{name}"))
    shutil.copy(FOLDER / "shared.yaml", place)
    return Path(shutil.copy(FOLDER / f"{file or name}{SUFFIX}", place))
