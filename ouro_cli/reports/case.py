"""What a report tells of, one at a time, and how many there were of each kind."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """How a case ended: an answer that says no has `failed`, none at all is an `error`."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that a report tells of: a run, a step, a row, or what was expected of one.

    `group` is what it is a part of, as a route; `details` is what a reader of a failure wants to
    see, in lines; `exchanges` are the entries of a HAR (section `entries`) that belong to it.
    """

    name: str
    group: str
    verdict: Verdict
    seconds: float | None = None
    started_at: str | None = None
    message: str = ""
    details: str = ""
    action_id: str | None = None
    exchanges: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Totals:
    """How many cases there were, in all and of each kind; `seconds` is the sum of all."""

    passed: int = 0
    failed: int = 0
    error: int = 0
    skipped: int = 0
    seconds: float = 0.0
    started_at: str | None = None

    @property
    def count(self) -> int:
        """All of them."""
        return self.passed + self.failed + self.error + self.skipped

    @property
    def is_good(self) -> bool:
        """Whether nothing failed."""
        return not (self.failed or self.error)

    def plus(self, case: Case) -> "Totals":
        """These, and one more."""
        kind = case.verdict.value
        known = [each for each in (self.started_at, case.started_at) if each is not None]
        return replace(
            self,
            **{kind: getattr(self, kind) + 1},
            seconds=self.seconds + (case.seconds or 0.0),
            started_at=min(known, default=None),
        )
