"""A result that lies at an address, and is still to be fetched and kept."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ouro_cli.model.declaration import Declaration

MOST_ATTEMPTS = 4
"""How often an address is asked before its result is given up."""

_WAITS = (2.0, 10.0, 30.0)


@dataclass(frozen=True, slots=True)
class Fetch:
    """An output of a run that lies elsewhere: its address, and what is to become of its bytes.

    `words` is what the run said of it: name, description, filename, media_type, visibility,
    license; what it did not say is empty. `owner` is the process that is fetching it.
    """

    action_id: str
    name: str
    url: str
    words: dict[str, str]
    is_primary: bool
    declaration: Declaration
    next_at: datetime
    attempts: int = 0
    owner: str | None = None

    def as_payload(self) -> dict[str, Any]:
        """What of it the registry keeps as JSON."""
        return {
            "url": self.url,
            "words": self.words,
            "is_primary": self.is_primary,
            "declaration": self.declaration,
        }


def next_wait(attempt: int) -> float | None:
    """Seconds until the next attempt after so many; None where there will be none."""
    return _WAITS[attempt - 1] if attempt < MOST_ATTEMPTS else None
