"""What a command costs: CPU time and memory of whole processes, two compared side by side."""

import json
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_WEIGH = str(Path(__file__).with_name("weigh.py"))


class CommandFailed(Exception):
    """A measured command did not do what it is measured for."""


@dataclass(frozen=True)
class Cost:
    """CPU milliseconds, user and system, of a process and all it waited for; and its peak MiB."""

    cpu: float
    peak: float


@dataclass(frozen=True)
class Command:
    """A command line, its environment, and a text that its output must hold to be believed.

    The folder that it `clears` is removed before every run.
    """

    argv: list[str]
    environment: dict[str, str] = field(repr=False)
    says: str = ""
    clears: Path | None = None

    def rehearse(self) -> str:
        """Run it once unmeasured, which also compiles and caches; return what it printed."""
        self._clear()
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

    def cost(self) -> Cost:
        """Run it without a terminal, and weigh it."""
        self._clear()
        weighed = subprocess.run(
            [sys.executable, "-S", "-E", _WEIGH, *self.argv],
            env=self.environment,
            capture_output=True,
            check=True,
        )
        exit_code, cpu, peak = json.loads(weighed.stdout)
        if exit_code != 0:
            raise CommandFailed(f"{' '.join(self.argv)} ended with {exit_code}")
        return Cost(cpu, peak)

    def _clear(self) -> None:
        if self.clears is not None:
            shutil.rmtree(self.clears, ignore_errors=True)


@dataclass(frozen=True)
class Comparison:
    """Our command, the peers whose sum it is held against, and the ratios that it shall not pass.

    `goal` is for CPU time, `memory_goal` for peak memory, where that is of interest. A peer of
    None is not installed. Where one takes minutes, `pairs` says how often it is run at most.
    """

    name: str
    ours: Command
    peers: Sequence[Command | None]
    goal: float
    memory_goal: float | None = None
    pairs: int | None = None


@dataclass(frozen=True)
class Limit:
    """Our command, and the MiB that it shall not pass at its peak."""

    name: str
    ours: Command
    most: float
    runs: int = 3


@dataclass(frozen=True)
class Result:
    """Medians of both sides, CPU milliseconds or MiB, and their ratio with its quartiles."""

    ours: float
    peer: float
    lower: float
    ratio: float
    upper: float


def compare(
    comparison: Comparison, pairs: int, note: Callable[[str], None]
) -> tuple[Result, Result] | None:
    """CPU time and memory of both sides, measured in turn, ABABAB; None where a peer is missing.

    The ratio is the median of the pairs' own ratios: whatever else the machine does meanwhile
    weighs on both halves of a pair.
    """
    peers = [each for each in comparison.peers if each is not None]
    if len(peers) < len(comparison.peers):
        return None
    for command in (comparison.ours, *peers):
        command.rehearse()
    pairs = min(pairs, comparison.pairs or pairs)
    ours: list[Cost] = []
    theirs: list[Cost] = []
    for count in range(pairs):
        note(f"{comparison.name}: pair {count + 1} of {pairs}")
        ours.append(comparison.ours.cost())
        costs = [peer.cost() for peer in peers]
        theirs.append(Cost(sum(each.cpu for each in costs), max(each.peak for each in costs)))
    time = _result([each.cpu for each in ours], [each.cpu for each in theirs])
    return time, _result([each.peak for each in ours], [each.peak for each in theirs])


def weigh(limit: Limit, note: Callable[[str], None]) -> Cost:
    """The medians of a command's costs."""
    limit.ours.rehearse()
    costs = []
    for count in range(limit.runs):
        note(f"{limit.name}: run {count + 1} of {limit.runs}")
        costs.append(limit.ours.cost())
    return Cost(
        statistics.median(each.cpu for each in costs),
        statistics.median(each.peak for each in costs),
    )


def _result(ours: list[float], theirs: list[float]) -> Result:
    ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    lower, ratio, upper = statistics.quantiles(ratios, n=4, method="inclusive")
    return Result(statistics.median(ours), statistics.median(theirs), lower, ratio, upper)
