"""What became of one expectation: whether it holds, and what was found instead."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an expression holds, and what was found instead; `message` says that in words."""

    expression: str
    holds: bool
    found: Any = None
    message: str = ""
