"""A run of a chain, as it is kept: durable step by step, whoever is at it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class ChainStatus(StrEnum):
    """A chain's life."""

    IN_PROGRESS = "in-progress"
    SUCCESS = "success"
    ERROR = "error"

    @property
    def is_final(self) -> bool:
        """Whether it has ended."""
        return self is not ChainStatus.IN_PROGRESS


class StepStatus(StrEnum):
    """How one visit of a step stands; WAITING until it may begin."""

    WAITING = "waiting"
    IN_PROGRESS = "in-progress"
    SUCCESS = "success"
    ERROR = "error"

    @property
    def is_final(self) -> bool:
        """Whether it has ended."""
        return self in (StepStatus.SUCCESS, StepStatus.ERROR)


class ReachedBy(StrEnum):
    """Why a step is at its turn."""

    ORDER = "order"
    GOTO = "goto"
    RETRY = "retry"
    RESUME = "resume"


@dataclass(frozen=True, slots=True)
class StepRun:
    """One visit of a step: `visit` counts from 1, once more each time that it is repeated.

    `action_id` or `child_id` is what it became; `decision` is what follows from its end.
    """

    seq: int
    chain_id: str
    step: str
    visit: int
    status: StepStatus
    reached_by: ReachedBy
    action_id: str | None = None
    child_id: str | None = None
    outputs: Mapping[str, Any] | None = None
    message: str = ""
    decision: Mapping[str, Any] | None = None
    not_before: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ChainRun:
    """One run of a workflow, and of what it is made.

    `document` is the whole workflow file as JSON values, `sha256` that of the file as it was read;
    `services` names the service that stands for each of its sources. `owner` is the process that
    is at it; `parent_id` the chain that this one is a step of.
    """

    seq: int
    id: str
    user_id: str
    status: ChainStatus
    document: Mapping[str, Any]
    sha256: str
    source: str
    workflow: str
    services: Mapping[str, str]
    inputs: Mapping[str, Any]
    created_at: datetime
    last_updated: datetime
    outputs: Mapping[str, Any] | None = None
    error: Mapping[str, Any] | None = None
    edits: tuple[str, ...] = ()
    owner: str | None = None
    parent_id: str | None = None
    finished_at: datetime | None = None
    steps: tuple[StepRun, ...] = field(default=())

    @property
    def is_final(self) -> bool:
        """Whether it has ended."""
        return self.status.is_final
