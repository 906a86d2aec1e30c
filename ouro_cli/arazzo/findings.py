"""What is wrong with a workflow file, or only odd about it: where, and why."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault, or, where it is no error, one warning; `line` is 0 where it is unknown."""

    pointer: str
    message: str
    is_error: bool = True
    line: int = 0

    def view(self) -> dict[str, Any]:
        """The finding as JSON."""
        return {
            "severity": "error" if self.is_error else "warning",
            "line": self.line,
            "pointer": self.pointer,
            "message": self.message,
        }
