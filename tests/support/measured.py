"""A run of the program with what it cost: processor time and memory, as the system counts them."""

import json
import subprocess
import sys
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


def measured(ouro: Program, *arguments: str, seconds: int = _LONGEST_SECONDS) -> Measured:
    """Run the program to its end, without anything that watches it and slows it down.

    What takes more than so many seconds of processor time never ends by itself, and is ended.
    """
    environment = {
        name: value for name, value in ouro.environment.items() if not name.startswith("COVERAGE_")
    }
    with (
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
        tempfile.NamedTemporaryFile() as cost,
    ):
        subprocess.run(
            [sys.executable, "-S", "-E", "-c", _WEIGH, str(seconds), cost.name, SCRIPT, *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            check=True,
        )
        exit_code, seconds, kibibytes = json.load(cost)
        out.seek(0)
        err.seek(0)
        return Measured(
            exit_code=exit_code,
            out=out.read().decode(),
            err=err.read().decode(),
            seconds=seconds,
            megabytes=kibibytes / 1024,
        )


# A small process in between: Linux counts to a child's peak what its parent held when it began.
_WEIGH = """
import json, os, resource, sys
resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[1]),) * 2)
child = os.posix_spawn(sys.argv[3], sys.argv[3:], os.environ)
_, status, used = os.wait4(child, 0)
cost = [os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, used.ru_maxrss]
with open(sys.argv[2], "w") as file:
    json.dump(cost, file)
"""
