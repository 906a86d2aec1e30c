"""`ouro auth set` with a person at the terminal: a prompt that does not echo, and a browser."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pexpect
import pytest

from tests.support.oauth_server import CLIENT_ID, OAuthServer, guarded, oauth2
from tests.support.program import SCRIPT, Program, hear_signals
from tests.support.upstream import serving

SECRET = "canary-9f8e7d6c"
BROWSER = """#!/bin/sh
{ echo "$1"; env; } > "$HOME/opened.part" && mv "$HOME/opened.part" "$HOME/opened"
"""


@pytest.fixture
def person(ouro: Program, tmp_path: Path) -> Iterator[Program]:
    """Somebody whose browser writes down what it was opened with, and a service that wants yes."""
    script = tmp_path / "browser"
    script.write_text(BROWSER)
    script.chmod(0o700)
    with serving(OAuthServer()) as upstream:
        path = tmp_path / "photos.json"
        path.write_text(json.dumps(guarded(oauth2(authorizationCode={}))))
        done = ouro("service", "import", str(path), "--base-url", upstream.url, "--name", "photos")
        assert done.exit_code == 0, done.err
        ouro.environment |= {"BROWSER": str(script), "PRIVATE": SECRET, "TERM": "dumb"}
        yield ouro


def _start(ouro: Program, *arguments: str) -> "pexpect.spawn[str]":
    return pexpect.spawn(
        SCRIPT,
        list(arguments),
        env={**ouro.environment, "COLUMNS": "200"},
        dimensions=(24, 2000),
        preexec_fn=hear_signals,
        encoding="utf-8",
        timeout=60,
    )


def _end(child: "pexpect.spawn[str]") -> int | None:
    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus


def _asked_address(child: "pexpect.spawn[str]") -> str:
    child.expect(r"(http://\S+/authorize\S+)")
    assert isinstance(child.match, re.Match)
    return str(child.match.group(1))


def test_the_prompt_does_not_echo(person: Program, home: Path) -> None:
    child = _start(person, "auth", "set", "photos", "--store", "file")
    child.expect(r"Secret \(not shown\): ")
    child.sendline(SECRET)
    rest = child.read()
    child.close()
    assert child.exitstatus == 0
    assert SECRET not in rest
    assert SECRET in (home / "credentials.json").read_text()


def test_the_browser_is_opened_and_sees_no_secret_of_ours(person: Program, tmp_path: Path) -> None:
    child = _start(person, "auth", "set", "photos", "--client-id", CLIENT_ID, "--store", "file")
    address = _asked_address(child)
    httpx.get(address, follow_redirects=True)
    assert _end(child) == 0
    opened = _wait_for(tmp_path / "opened")
    assert opened.startswith(address)
    assert not re.search(f"PRIVATE|{SECRET}|OURO_", opened)


def test_a_browser_on_another_machine_can_be_answered_by_typing(person: Program) -> None:
    child = _start(person, "auth", "set", "photos", "--client-id", CLIENT_ID, "--store", "file")
    redirected = httpx.get(_asked_address(child)).headers["location"]
    child.expect("type its address here")
    child.sendline("http://127.0.0.1/callback?code=guessed&state=guessed")
    child.sendline(redirected)
    assert _end(child) == 0
    assert person("route", "run", "ada/hello-get").exit_code == 0


def test_ctrl_c_at_the_browser_sets_nothing(person: Program) -> None:
    child = _start(person, "auth", "set", "photos", "--client-id", CLIENT_ID, "--store", "file")
    _asked_address(child)
    child.sendintr()
    assert _end(child) == 130
    assert person("auth", "list", "--json").json["credentials"] == []


def test_without_a_yes_it_ends_by_itself(person: Program) -> None:
    done = person(
        *("auth", "set", "photos", "--client-id", CLIENT_ID, "--store", "file"),
        *("--timeout", "1s"),
    )
    assert (done.exit_code, "nobody said yes in time" in done.err) == (2, True)


def _wait_for(path: Path) -> str:
    """What the browser wrote down; it is a process of its own, and may be a moment behind."""
    child = pexpect.spawn("sh", ["-c", f"until test -e '{path}'; do sleep 0.1; done"], timeout=60)
    child.expect(pexpect.EOF)
    return path.read_text()
