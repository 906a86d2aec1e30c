"""On a real terminal: colours, a live line, and no trap in what comes from elsewhere."""

import re
import subprocess
import time
from pathlib import Path

import pexpect
import pyte
import pytest

from tests.support.program import SCRIPT, Program
from tests.support.upstream import Call, Reply, json_body, later, serving, write_document

EVIL = (
    "\x1b]0;owned\x07\x1b[2J\x1b]52;c;ZXZpbA==\x07\x9b31mred\x1b[6n\rover\x08\u202etxt.exe"
    "[bold]markup[/foo]\u200b"
)
ROUTE = {"method": "post", "path": "/x", "summary": "X", "requestBody": json_body()}


def on_terminal(ouro: Program, *arguments: str, columns: int = 100, **environment: str) -> str:
    """Everything that the program writes to a terminal, byte for byte."""
    child = pexpect.spawn(
        SCRIPT,
        list(arguments),
        env={**ouro.environment, "TERM": "xterm-256color", **environment},
        dimensions=(40, columns),
        encoding="utf-8",
        timeout=30,
    )
    child.expect(pexpect.EOF)
    child.close()
    return str(child.before)


@pytest.fixture
def evil(ouro: Program, tmp_path: Path) -> Program:
    """A program that has imported, and run, what means it harm."""

    def answer(call: Call) -> Reply:
        later(
            0.2,
            lambda: [
                call.log(EVIL),
                call.call_back({"status": "failed", "response": {"error": EVIL}}),
            ],
        )
        return Reply(202, {"note": EVIL})

    operation = {**ROUTE, "summary": f"X {EVIL}", "description": f"# Docs {EVIL}\n\n[a](http://b)"}
    with serving(answer) as upstream:
        path = write_document(tmp_path, operation)
        assert ouro("service", "import", path, "--base-url", upstream.url).exit_code == 0
        assert ouro("route", "run", _only_route(ouro)).exit_code == 1
    return ouro


def _only_route(ouro: Program) -> str:
    reference: str = ouro("route", "list", "--json").json["routes"][0]["reference"]
    return reference


COMMANDS = [
    ["route", "list"],
    ["route", "show", "ROUTE"],
    ["action", "list"],
    ["action", "show", "@last"],
    ["action", "watch", "@last"],
    ["action", "wait", "@last"],
    ["action", "logs", "@last"],
    ["service", "show", "test"],
    ["action", "show", "@last", "--json"],
    ["route", "show", "ROUTE", "--json"],
    ["service", "spec", "test"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_hostile_text_cannot_touch_the_terminal(evil: Program, command: list[str]) -> None:
    arguments = [_only_route(evil) if each == "ROUTE" else each for each in command]

    shown = on_terminal(evil, *arguments)

    ours = re.sub(r"\x1b\[[0-9;]*m|\x1b\[2K|\x1b\[\?25[lh]", "", shown)
    assert "\x1b" not in ours
    for character in "\x07\x08\x9b\u202e\u200b":
        assert character not in ours
    screen = pyte.Screen(100, 40)
    pyte.Stream(screen).feed(shown)
    assert screen.title == ""


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_off_a_terminal_there_is_no_escape_at_all(evil: Program, command: list[str]) -> None:
    arguments = [_only_route(evil) if each == "ROUTE" else each for each in command]
    done = evil(*arguments)
    assert "\x1b" not in done.out + done.err
    assert "\x9b" not in done.out + done.err


def test_no_color_and_dumb_terminals_get_no_colour(lab: Program) -> None:
    coloured = on_terminal(lab, "route", "list")
    assert "\x1b[" in coloured
    assert "\x1b[" not in on_terminal(lab, "route", "list", NO_COLOR="1")
    assert "\x1b[" not in on_terminal(lab, "route", "list", TERM="dumb")


@pytest.mark.parametrize("columns", [20, 40, 99999])
def test_any_width_will_do(lab: Program, columns: int) -> None:
    assert "predict" in on_terminal(lab, "route", "list", COLUMNS=str(columns))


def test_a_run_on_a_terminal_shows_that_it_is_alive(lab: Program) -> None:
    shown = on_terminal(
        lab, "route", "run", "ada/relax-structure-post", "structure=1\na\nFe 0 0 0",
        "duration=1", "steps=2",
    )  # fmt: skip
    assert "running for" in shown
    screen = pyte.Screen(120, 40)
    pyte.Stream(screen).feed(shown)
    final = "\n".join(screen.display)
    assert "running for" not in final
    assert "step 2 of 2" in final
    assert "success" in final


@pytest.mark.parametrize(
    "command",
    [
        ["--help"], ["service", "--help"], ["route", "run", "--help"], ["action", "--help"],
        ["route", "list"], ["route", "show", "ada/predict-post"], ["service", "spec", "materials"],
        ["help", "errors"], ["doctor"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_whoever_reads_may_stop_reading(lab: Program, command: list[str]) -> None:
    done = subprocess.run(
        ["bash", "-c", '"$0" "$@" | head -1', SCRIPT, *command],
        env=lab.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert done.stderr == ""


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "</dev/null"])
def test_closed_streams_hang_nothing(lab: Program, closed: str) -> None:
    done = subprocess.run(
        ["bash", "-c", f'"$0" route run ada/predict-post composition=Fe {closed}', SCRIPT],
        env=lab.environment,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode == 0
    assert lab("action", "show", "@last", "--json").json["status"] == "success"


def test_ascii_is_enough(lab: Program) -> None:
    lab.environment |= {"LANG": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    assert lab("--help").exit_code == 0
    assert lab("route", "run", "ada/predict-post", "composition=Fe").exit_code == 0


def test_the_tab_key_knows_services_routes_and_actions(lab: Program) -> None:
    lab("route", "run", "ada/predict-post", "composition=Fe")
    action_id = lab("action", "show", "@last", "--json").json["id"]
    assert completed(lab, "ouro service show mat") == ["materials"]
    assert "ada/predict-post" in completed(lab, "ouro route run ada/p")
    assert set(completed(lab, "ouro action watch ")) >= {"@last", action_id}
    assert set(completed(lab, "ouro ")) >= {"service", "route", "action", "auth"}
    assert set(completed(lab, "ouro action ")) >= {"list", "watch"}


def completed(ouro: Program, typed: str) -> list[str]:
    words = typed.split(" ")
    done = subprocess.run(
        [SCRIPT],
        env={
            **ouro.environment,
            "_OURO_COMPLETE": "complete_bash",
            "COMP_WORDS": typed,
            "COMP_CWORD": str(len(words) - 1),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.split()


def test_files_are_for_their_owner_alone_under_any_umask(tmp_path: Path, materials: str) -> None:
    home = tmp_path / "ouro"
    ouro = Program(home)
    script = (
        f"umask 000; '{SCRIPT}' service import specs/materials.yaml --base-url {materials}"
        f" && '{SCRIPT}' route run ada/fail-later-post message=x delay=0.1"
    )
    subprocess.run(["bash", "-c", script], env=ouro.environment, capture_output=True, check=False)
    time.sleep(0.1)
    assert home.stat().st_mode & 0o777 == 0o700
    found = [path for path in home.rglob("*") if path.is_file()]
    assert len(found) >= 3
    assert [path for path in found if path.stat().st_mode & 0o077] == []
