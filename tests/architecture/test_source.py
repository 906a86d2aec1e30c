"""Rules that no linter knows, held by reading the source."""

import ast
import re
from pathlib import Path

import pytest

from ouro_cli.cli.exits import EXIT
from ouro_cli.errors import CallbackRefused, OuroError
from ouro_cli.web.answers import HTTP

PACKAGE = Path(__file__).parents[2] / "ouro_cli"
SOURCES = sorted(PACKAGE.rglob("*.py"))


def _errors(kind: type[OuroError] = OuroError) -> list[type[OuroError]]:
    return [each for child in kind.__subclasses__() for each in (child, *_errors(child))]


@pytest.mark.parametrize("kind", _errors(), ids=lambda kind: kind.__name__)
def test_every_error_has_a_message_a_code_and_a_number(kind: type[OuroError]) -> None:
    assert kind.__doc__
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", kind.code)
    assert kind in EXIT
    if issubclass(kind, CallbackRefused) and kind is not CallbackRefused:
        assert kind in HTTP


def test_error_codes_are_unlike() -> None:
    codes = [kind.code for kind in _errors()]
    assert len(codes) == len(set(codes))


def test_only_the_store_writes_and_only_inside_a_transaction() -> None:
    for path in SOURCES:
        if path.parent.name != "store":
            source = path.read_text()
            assert not re.search(r"\b(INSERT INTO|UPDATE \w+ SET|DELETE FROM)\b", source), path


def test_nobody_opens_the_registry_but_sqlite() -> None:
    # To close a descriptor of the file drops every lock that SQLite holds on it in this process.
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and "registry.db" in ast.dump(node):
                name = node.func.id if isinstance(node.func, ast.Name) else ""
                assert name in ("str", ""), f"{path}:{node.lineno}"


def test_errors_become_numbers_in_one_place() -> None:
    for path in SOURCES:
        if "sys.exit(" in path.read_text():
            assert path.name == "main.py"


def test_httpx_lives_in_upstream_alone() -> None:
    for path in SOURCES:
        if re.search(r"^\s*(import|from) httpx", path.read_text(), re.MULTILINE):
            assert path.parent.name == "upstream"
