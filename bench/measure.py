"""What a command costs: CPU time of whole processes, and two of them compared side by side."""

import os
import statistics
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

_QUIET = [
    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
    (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
    (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
]


class CommandFailed(Exception):
    """A measured command did not do what it is measured for."""


@dataclass(frozen=True)
class Command:
    """A command line, its environment, and a text that its output must hold to be believed."""

    argv: list[str]
    environment: dict[str, str] = field(repr=False)
    says: str = ""

    def rehearse(self) -> str:
        """Run it once unmeasured, which also compiles and caches; return what it printed."""
        done = subprocess.run(
            self.argv,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
        )
        if done.returncode != 0 or self.says not in done.stdout + done.stderr:
            said = (done.stderr or done.stdout).strip()[-500:]
            raise CommandFailed(f"{' '.join(self.argv)} ended with {done.returncode}: {said}")
        return done.stdout

    def cost(self) -> "Cost":
        """Run it without a terminal; return what it and all that it waited for took."""
        process = os.posix_spawn(
            self.argv[0], self.argv, self.environment, file_actions=_QUIET, setsid=True
        )
        _, status, usage = os.wait4(process, 0)
        exit_code = os.waitstatus_to_exitcode(status)
        if exit_code != 0:
            raise CommandFailed(f"{' '.join(self.argv)} ended with {exit_code}")
        return Cost((usage.ru_utime + usage.ru_stime) * 1000, usage.ru_maxrss / 1024)


@dataclass(frozen=True)
class Cost:
    """CPU milliseconds of a command, and its peak memory in MiB."""

    cpu: float
    memory: float


@dataclass(frozen=True)
class Comparison:
    """Our command, the peers whose sum it is held against, and the ratio that it shall not pass.

    A peer of None is not installed. What takes long is measured in no more than `most_pairs`.
    """

    name: str
    ours: Command
    peers: Sequence[Command | None]
    goal: float
    most_pairs: int = 1000
    tells_memory: bool = False


@dataclass(frozen=True)
class Result:
    """A comparison's medians in CPU milliseconds, and its ratio with the quartiles around it.

    `memory` is the peak on either side in MiB.
    """

    ours: float
    peer: float
    lower: float
    ratio: float
    upper: float
    memory: tuple[float, float]


def compare(comparison: Comparison, pairs: int, note: Callable[[str], None]) -> Result | None:
    """Measure both sides in turn, ABABAB; None where a peer is not installed.

    The ratio is the median of the pairs' own ratios: whatever else the machine does meanwhile
    weighs on both halves of a pair.
    """
    peers = [each for each in comparison.peers if each is not None]
    if len(peers) < len(comparison.peers):
        return None
    for command in (comparison.ours, *peers):
        command.rehearse()
    pairs = min(pairs, comparison.most_pairs)
    ours: list[Cost] = []
    theirs: list[Cost] = []
    for count in range(pairs):
        note(f"{comparison.name}: pair {count + 1} of {pairs}")
        ours.append(comparison.ours.cost())
        spent = [peer.cost() for peer in peers]
        theirs.append(Cost(sum(each.cpu for each in spent), max(each.memory for each in spent)))
    ratios = [mine.cpu / other.cpu for mine, other in zip(ours, theirs, strict=True)]
    lower, ratio, upper = statistics.quantiles(ratios, n=4, method="inclusive")
    mine, other = (statistics.median(each.cpu for each in side) for side in (ours, theirs))
    memory = max(each.memory for each in ours), max(each.memory for each in theirs)
    return Result(mine, other, lower, ratio, upper, memory)
