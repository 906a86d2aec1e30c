"""Where things lie, and what is said where they cannot lie there."""

import os
from pathlib import Path

import pytest

from ouro_cli.cli.lazy import ALONE, NOUNS
from tests.support.program import Program
from tests.support.upstream import write_document


def test_path_follows_the_environment(tmp_path: Path) -> None:
    told = Program(tmp_path / "here")("path", "--json").json
    assert told["home"] == str(tmp_path / "here")
    assert told["registry"] == str(tmp_path / "here" / "registry.db")


def test_the_option_wins_over_the_environment(ouro: Program, tmp_path: Path) -> None:
    assert ouro("--home", str(tmp_path / "there"), "path").out.strip() == str(tmp_path / "there")


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"XDG_DATA_HOME": "/data"}, "/data/ouro"),
        ({"XDG_DATA_HOME": "relative"}, "HOME/.local/share/ouro"),
        ({}, "HOME/.local/share/ouro"),
    ],
)
def test_without_a_home_of_its_own_it_follows_xdg(
    ouro: Program, environment: dict[str, str], expected: str
) -> None:
    ouro.environment = {**ouro.environment, "OURO_HOME": "", **environment}
    assert ouro("path").out.strip() == expected.replace("HOME", ouro.environment["HOME"])


def test_a_home_with_blanks_and_letters_of_all_kinds_works(tmp_path: Path) -> None:
    ouro = Program(tmp_path / "my höme ☂")
    assert ouro("service", "list").exit_code == 0
    assert (tmp_path / "my höme ☂" / "registry.db").exists()


def test_a_home_that_is_a_file_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = Program(tmp_path / "file")("service", "list", "--json")
    assert done.exit_code == 74
    assert done.json["error"]["code"] == "registry_unavailable"
    assert done.err.count("\n") == 1


def test_a_registry_that_is_damaged_is_said_and_left_alone(ouro: Program, home: Path) -> None:
    home.mkdir(mode=0o700)
    (home / "registry.db").write_bytes(b"not a database" * 1000)
    done = ouro("action", "list")
    assert (done.exit_code, done.out) == (74, "")
    assert str(home / "registry.db") in done.err
    assert ouro("doctor").exit_code == 1
    assert (home / "registry.db").read_bytes() == b"not a database" * 1000


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("port = 70000", "port"),
        ("colour = 'red'", "unknown setting 'colour'"),
        ("port = ", "no TOML"),
        ("silence = 'soon'", "silence"),
    ],
)
def test_a_config_file_with_a_fault_names_it(
    ouro: Program, home: Path, text: str, said: str
) -> None:
    home.mkdir()
    (home / "config.toml").write_text(text)
    ouro.environment.pop("OURO_PORT")
    done = ouro("service", "list")
    assert done.exit_code == 2
    assert said in done.err


def test_the_config_file_gives_way_to_the_environment(ouro: Program, home: Path) -> None:
    home.mkdir()
    (home / "config.toml").write_text("user = 'grace'\n")
    operation = {"method": "get", "path": "/"}
    imported = ("--base-url", "http://127.0.0.1:9", "--json")
    path = write_document(home.parent, operation)
    here = ouro("service", "import", path, *imported)
    del ouro.environment["OURO_USER"]
    there = ouro("service", "import", path, "--name", "other", *imported)

    references = [each.json["routes"]["added"][0]["reference"] for each in (here, there)]
    assert references == ["ada/root-get", "grace/root-get"]


def test_doctor_says_what_others_can_read(ouro: Program, home: Path) -> None:
    assert ouro("doctor").exit_code == 0
    (home / "notes").write_text("x")
    os.chmod(home / "notes", 0o644)  # noqa: PTH101
    told = ouro("doctor").out
    assert f"chmod 600 {home / 'notes'}" in told


def test_doctor_mends_and_says_each_thing_that_it_did(ouro: Program, home: Path) -> None:
    assert ouro("service", "list").exit_code == 0
    (home / "registry.db").chmod(0o644)
    mended = ouro("doctor", "--repair")
    assert mended.exit_code == 0
    assert mended.out.startswith("mended  files ")
    assert ouro("doctor", "--repair", "--json").json["repairs"] == []


def test_help_on_errors_lists_every_code(ouro: Program) -> None:
    listed = {each["code"] for each in ouro("help", "errors", "--json").json["errors"]}
    assert listed >= {"invalid_input", "route_not_found", "registry_unavailable", "wrong_token"}
    assert ouro("help", "settings", "--json").json["settings"]
    assert ouro("help", "dancing").exit_code == 2


COMMANDS = [
    [],
    *([noun] for noun in NOUNS),
    *([noun, verb] for noun, (_, verbs) in NOUNS.items() for verb in verbs),
    *([name] for name in ALONE),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(ouro: Program, command: list[str]) -> None:
    told = ouro(*command, "--help")
    assert told.exit_code == 0
    assert told.err == ""
    assert " ".join(["Usage:", "ouro", *command]) in told.out
