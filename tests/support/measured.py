"""A run of the program with what it cost: processor time and memory, as the system counts them."""

import os
import resource
import subprocess
import tempfile
from dataclasses import dataclass

from tests.support.program import SCRIPT, Program

_LONGEST_SECONDS = 30


@dataclass(frozen=True)
class Measured:
    """How a run ended, what it printed, and its cost: seconds of processor time, MB at most."""

    exit_code: int
    out: str
    err: str
    seconds: float
    megabytes: float


def measured(ouro: Program, *arguments: str) -> Measured:
    """Run the program to its end, without anything that watches it and slows it down."""
    environment = {
        name: value for name, value in ouro.environment.items() if not name.startswith("COVERAGE_")
    }
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(
            [SCRIPT, *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            preexec_fn=_limit,
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        return Measured(
            exit_code=process.returncode,
            out=out.read().decode(),
            err=err.read().decode(),
            seconds=used.ru_utime + used.ru_stime,
            megabytes=used.ru_maxrss / 1024,
        )


def _limit() -> None:
    # What would never end is ended by the system, and the test fails.
    resource.setrlimit(resource.RLIMIT_CPU, (_LONGEST_SECONDS, _LONGEST_SECONDS))
