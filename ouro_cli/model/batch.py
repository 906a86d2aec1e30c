"""A route run once for each row of a table: what is kept of it, and how fast it may go."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

LATENESS = 0.05
"""How many seconds behind its time a start may be; what is later takes a new time."""

TRAVEL = 0.05
"""How many seconds further apart two starts may come to lie on their way."""

AHEAD = timedelta(seconds=0.25)
"""How long before its time a start may be written down."""

BEYOND = timedelta(seconds=5)
"""A start that is noted for a moment later than this was noted by a clock that was set back."""

_RATE = re.compile(r"([0-9]{1,6}) */ *(s|m|h)")
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}


class BatchStatus(StrEnum):
    """A batch's life; STOPPED goes on once somebody says the same command again."""

    IN_PROGRESS = "in-progress"
    STOPPED = "stopped"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows of a batch have which status; `waiting` are open, `refused` never started."""

    success: int = 0
    error: int = 0
    timed_out: int = 0
    waiting: int = 0
    refused: int = 0
    unknown: int = 0

    @property
    def failed(self) -> int:
        """Those that ended otherwise than well."""
        return self.error + self.timed_out + self.refused

    @property
    def ended(self) -> int:
        """Those that have ended."""
        return self.success + self.failed


@dataclass(frozen=True, slots=True)
class Batch:
    """One table and what is run for each of its rows, as the registry keeps it.

    `key` is made of all that says what is run: whoever says the same again goes on with it.
    `sha256` is that of the table's bytes, which are kept, and `plan` says how they are read and
    what they are given to. `taken` rows were begun so far, of `total`.
    """

    id: str
    key: str
    user_id: str
    status: BatchStatus
    source: str
    sha256: str
    plan: Mapping[str, Any]
    total: int
    created_at: datetime
    last_updated: datetime
    route_id: str | None = None
    taken: int = 0
    into_name: str | None = None
    into_id: str | None = None
    owner: str | None = None
    finished_at: datetime | None = None
    counts: Counts = field(default_factory=Counts)


@dataclass(frozen=True, slots=True)
class Rate:
    """At most so many starts in any span of so many seconds."""

    count: int
    seconds: float

    @property
    def distance(self) -> timedelta:
        """What lies between two starts at least.

        A little more than the span divided: then no span holds more than `count`, though each
        start may be late a little, and may take a little longer on its way than the one before.
        """
        return timedelta(seconds=(self.seconds + LATENESS + TRAVEL) / self.count)

    def __str__(self) -> str:
        unit = next(unit for unit, seconds in _SECONDS.items() if seconds == self.seconds)
        return f"{self.count}/{unit}"


@dataclass(frozen=True, slots=True)
class Pacing:
    """How fast a batch goes: how many at once, how many in a while, and when it gives up."""

    concurrency: int = 8
    rate: Rate | None = None
    stop_after: int | None = None


def read_rate(text: str) -> Rate | None:
    """`10/s`, `100/m`, `1000/h` as a rate; None for what is none."""
    found = _RATE.fullmatch(text.strip())
    if found is None or int(found[1]) == 0:
        return None
    return Rate(int(found[1]), _SECONDS[found[2]])


@dataclass(frozen=True, slots=True)
class Start:
    """The last start that was noted for a service, and when the next one may be."""

    at: datetime
    next_at: datetime


def next_start(last: Start | None, now: datetime, rate: Rate) -> Start:
    """When the next start may be: never sooner than what was noted last allows.

    Time that went by unused is not made up for. What a clock noted that was set back since is
    held to be of just now.
    """
    at = now
    if last is not None:
        wait = last.next_at - (last.at if last.at > now + BEYOND else now)
        at = now + max(wait, timedelta())
    return Start(at, at + rate.distance)


def key_of(sha256: str, what: str, given: Mapping[str, Any]) -> str:
    """What a batch is known by: its table's content, what is run, and what all rows share."""
    text = json.dumps([sha256, what, given], sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
