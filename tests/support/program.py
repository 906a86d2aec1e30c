"""`ouro` as its users run it: a process of its own, with a home of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCRIPT = str(Path(sys.executable).with_name("ouro"))


@dataclass(frozen=True)
class Result:
    """How a run of the program ended, and what it printed."""

    exit_code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)


class Program:
    """Runs `ouro` with a home of its own, without a terminal unless a test makes one."""

    def __init__(self, home: Path, **environment: str) -> None:
        self.home = home
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home.parent),
            "OURO_HOME": str(home),
            "OURO_USER": "ada",
            "OURO_PORT": "0",
            "LANG": "C.UTF-8",
            **{name: os.environ[name] for name in _PASSED_ON if name in os.environ},
            **environment,
        }

    def __call__(self, *arguments: str, stdin: str | None = None, timeout: float = 60) -> Result:
        """Run the program to its end."""
        done = subprocess.run(
            [SCRIPT, *arguments],
            env=self.environment,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            errors="surrogateescape",
            timeout=timeout,
            check=False,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    def start(
        self, *arguments: str, ignoring: Collection[signal.Signals] = ()
    ) -> "subprocess.Popen[str]":
        """Start the program, and leave it running; it ignores these signals, and no others."""

        return subprocess.Popen(
            [SCRIPT, *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=lambda: hear_signals(ignoring),
        )


def hear_signals(ignoring: Collection[signal.Signals] = ()) -> None:
    """Have a program that is about to begin ignore these signals, and no others.

    Whoever runs the tests may ignore some: a job in the background ignores SIGINT.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN if number in ignoring else signal.SIG_DFL)


# What coverage needs to follow the program's own processes.
_PASSED_ON = ("COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG", "COVERAGE_FILE")
