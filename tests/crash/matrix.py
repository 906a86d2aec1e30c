"""The crash matrix: at which points a run may die, on which kind of route, and what must follow.

The names are those that `ouro_cli.crash.crash_point` is called with, so that the matrix runs where
no tracer does.
"""

from dataclasses import dataclass

POINTS = {
    "R1": "before the action's row is committed",
    "R2": "the action is queued; no attempt yet",
    "R3": "the attempt is committed; no byte has gone out",
    "R4": "half of the request's body has gone out",
    "R5": "the request is out; no answer was read",
    "R6": "the answer was read; it is not committed",
    "R7": "the end is committed; nothing was printed",
    "R8": "a 202 was read; it is not committed",
    "R9": "a 202 is committed; the result is to come",
    "R15": "another attempt is due later",
}


@dataclass(frozen=True)
class Cell:
    """A run that dies at a point, and what must be once everything was brought to its end.

    `route` is the kind of route; `calls` how often the API may have seen it, at most; `status`
    how it ends: `none` where the action must not exist.
    """

    point: str
    route: str
    status: str
    calls: tuple[int, ...]
    code: str = ""


UNKNOWN = "outcome_unknown"

CELLS = (
    *(Cell("R1", route, "none", (0,)) for route in ("inline", "later", "ask", "keyed")),
    *(Cell("R2", route, "success", (1,)) for route in ("inline", "later", "ask", "keyed")),
    Cell("R3", "inline", "error", (0,), UNKNOWN),
    Cell("R3", "later", "error", (0,), UNKNOWN),
    Cell("R3", "ask", "success", (1,)),
    Cell("R3", "keyed", "success", (1,)),
    Cell("R4", "inline", "error", (0, 1), UNKNOWN),
    Cell("R4", "keyed", "success", (1, 2)),
    Cell("R5", "inline", "error", (0, 1), UNKNOWN),
    Cell("R5", "later", "success", (1,)),
    Cell("R5", "ask", "success", (1, 2)),
    Cell("R5", "keyed", "success", (1, 2)),
    Cell("R6", "inline", "error", (1,), UNKNOWN),
    Cell("R6", "ask", "success", (2,)),
    Cell("R6", "keyed", "success", (2,)),
    *(Cell("R7", route, "success", (1,)) for route in ("inline", "ask", "keyed")),
    Cell("R8", "later", "success", (1,)),
    Cell("R9", "later", "success", (1,)),
    Cell("R15", "flaky", "success", (2,)),
)
