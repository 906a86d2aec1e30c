"""An attempt: one time that an action's request goes out, on record before it does."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class AttemptOutcome(StrEnum):
    """What became of an attempt."""

    ANSWERED = "answered"
    UNANSWERED = "unanswered"
    UNSENT = "unsent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request of an action, by its number from 1 on.

    `outcome` is None while it is out; `unsent` where the API certainly never got it, `unknown`
    where its sender died before an answer came. `facts` hold what is worth knowing of the way it
    took: `proxy` (host and port), `tls_verify` (false where it was forced), `redirects`,
    `bytes_sent`.
    """

    action_id: str
    number: int
    owner: str
    started_at: datetime
    ended_at: datetime | None = None
    outcome: AttemptOutcome | None = None
    status_code: int | None = None
    message: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
