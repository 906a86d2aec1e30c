"""What a command costs to start is a feature: reading loads no web, no HTTP, no drawing library."""

import json
import keyword
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from ouro_cli.cli.lazy import ALONE, NOUNS
from tests.support.program import Program

ROOT = Path(__file__).parents[2]

HEAVY = {
    "httpx",
    "rich",
    "pydantic",
    "starlette",
    "uvicorn",
    "yaml",
    "jsonschema_rs",
    "pyarrow",
    "markdown_it",
    "jq",
    "keyring",
    "plotext",
    "asyncio",
}

LOADED = """
import json, sys
sys.argv = ["ouro", *sys.argv[1:]]
from ouro_cli.cli.main import main
main()
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})), file=sys.stderr)
"""


def _loaded(ouro: Program, *arguments: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments],
        env=ouro.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["--version"], id="version"),
        pytest.param(["service", "list"], id="service list"),
        pytest.param(["route", "list"], id="route list"),
        pytest.param(["action", "list"], id="action list"),
        pytest.param(["action", "list", "--search", "x"], id="action list --search"),
        pytest.param(["action", "show", "@last"], id="action show"),
        pytest.param(["action", "logs", "@last"], id="action logs"),
        pytest.param(["action", "diff", "@last", "@last"], id="action diff"),
        pytest.param(["action", "assert", "@last", "$.n == 1"], id="action assert"),
        pytest.param(["asset", "list"], id="asset list"),
        pytest.param(["action", "chart", "@last"], id="action chart"),
        pytest.param(["asset", "compatible", "@last"], id="asset compatible"),
        pytest.param(["asset", "lineage", "@last"], id="asset lineage"),
        pytest.param(["auth", "list"], id="auth list"),
        pytest.param(["path"], id="path"),
        pytest.param(["help", "errors"], id="help errors"),
    ],
)
def test_reading_loads_nothing_heavy(ouro: Program, arguments: list[str]) -> None:
    assert _loaded(ouro, *arguments) & HEAVY == set()


def test_a_dataset_is_kept_and_shown_without_anything_heavy(ouro: Program, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a\n1\n")
    for words in (["add", str(path)], ["show", "@last"], ["query", "@last", "select 1"]):
        assert _loaded(ouro, "asset", *words) & HEAVY == set()


def test_an_import_of_json_from_a_file_loads_nothing_of_the_web(
    ouro: Program, tmp_path: Path
) -> None:
    path = tmp_path / "empty.json"
    path.write_text('{"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {}}')

    loaded = _loaded(ouro, "service", "import", str(path), "--base-url", "http://127.0.0.1:9")

    assert loaded & {"rich", "pydantic", "starlette", "uvicorn", "yaml", "httpx"} == set()


def test_the_floors_hold() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_every_top_level_module_has_a_floor() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = contracts["contracts"][0]["layers"]
    named = {name.strip() for layer in layers for name in layer.split("|")}
    there = {
        path.stem
        for path in (ROOT / "ouro_cli").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert named == there - {"__init__"}


def test_every_command_has_its_file_and_every_file_its_command() -> None:
    folder = ROOT / "ouro_cli" / "cli" / "commands"
    files = {
        str(path.relative_to(folder).with_suffix(""))
        for path in folder.rglob("*.py")
        if path.stem != "__init__"
    }
    verbs = {f"{noun}/{verb}" for noun, (_, verbs) in NOUNS.items() for verb in verbs}
    expected = {_file_of(name) for name in verbs} | set(ALONE)
    assert files == expected - {"action/get"}


def _file_of(name: str) -> str:
    noun, verb = name.split("/")
    file = verb.replace("-", "_")
    return f"{noun}/{file}_" if keyword.iskeyword(file) else f"{noun}/{file}"
