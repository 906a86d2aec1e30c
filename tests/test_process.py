"""Who is alive: a pid that is used again, another boot, another machine."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from ouro_cli.process import is_alive, this_process


def _parts() -> list[str]:
    return this_process().rsplit("/", 3)


def test_one_is_alive_oneself() -> None:
    assert is_alive(this_process())


def test_a_process_that_has_ended_is_dead_also_while_nobody_has_asked_how() -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", "from ouro_cli.process import this_process; print(this_process())"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    owner = child.stdout.read().strip()
    # It is a zombie now, whose pid nobody else can have.
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert owner.rsplit("/", 2)[1] == str(child.pid)
    assert not is_alive(owner)
    child.wait()
    child.stdout.close()
    assert not is_alive(owner)


def test_a_living_process_of_this_machine_is_alive_whoever_owns_it() -> None:
    host, boot, _, _ = _parts()
    start = Path("/proc/1/stat").read_text().rsplit(")", 1)[1].split()[19]
    assert is_alive(f"{host}/{boot}/1/{start}")


@pytest.mark.parametrize(
    ("place", "value", "expected"),
    [
        pytest.param(3, "1", False, id="the pid is used again"),
        pytest.param(1, "another-boot", False, id="another boot"),
        pytest.param(0, "another-host", True, id="another machine cannot be asked"),
        pytest.param(2, "4194304999", False, id="no such pid"),
    ],
)
def test_what_is_not_quite_this_process(place: int, value: str, expected: bool) -> None:
    parts = _parts()
    parts[place] = value
    assert is_alive("/".join(parts)) is expected


@pytest.mark.parametrize("owner", ["", "x", "a/b/c", f"{platform.node()}/x/y"])
def test_what_is_no_owner_is_not_alive(owner: str) -> None:
    assert not is_alive(owner)
