"""A home into which the sample services have been imported."""

import shutil
from pathlib import Path

import pytest

from tests.support.program import Program


@pytest.fixture(scope="session")
def imported_home(tmp_path_factory: pytest.TempPathFactory, materials: str, library: str) -> Path:
    """A registry that knows both sample services; made once, copied for each test."""
    home = tmp_path_factory.mktemp("imported") / "ouro"
    ouro = Program(home)
    for name, url in (("materials", materials), ("library", library)):
        done = ouro("service", "import", f"{url}/openapi.json", "--base-url", url)
        assert done.exit_code == 0, (name, done.err)
    return home


@pytest.fixture
def lab(imported_home: Path, home: Path) -> Program:
    """The program, with both sample services imported."""
    shutil.copytree(imported_home, home)
    return Program(home)
