"""A chain as a tree: live in one region of a terminal, a plain line for each step elsewhere."""

import os
import sys
import time
from datetime import UTC, datetime
from typing import Any

from ouro_cli.cli.output import is_terminal, joined, one_line, story, styled
from ouro_cli.model.chain_run import ChainRun
from ouro_cli.runtime import Runtime
from ouro_cli.safety import redact
from ouro_cli.views.chain import chain_view
from ouro_cli.views.words import seconds_text

_MARKS = {"success": "✓", "error": "✗", "waiting": "·"}
_WAITS = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_LEAST_BETWEEN = 0.1
_DEEPEST = 5
_MOST_TO_COME = 8
_NOTHING_YET = {
    "visit": 1,
    "status": "waiting",
    "action_id": None,
    "chain_id": None,
    "message": "",
    "started_at": None,
    "duration": "",
}


class ChainTree:
    """Draws a chain as it goes on: `show` is told what it has become, `tick` that time passes."""

    def __init__(self, rt: Runtime, *, silent: bool = False) -> None:
        self._rt = rt
        self._silent = silent
        self._is_live = not silent and is_terminal(sys.stderr)
        self._told: set[tuple[str, str, int, str]] = set()
        self._drawn = 0
        self._drawn_at = 0.0
        self._chain: ChainRun | None = None
        self._count = 0

    def show(self, chain: ChainRun) -> None:
        """Draw the chain as it now is."""
        self._chain = chain
        if self._silent:
            return
        if self._is_live:
            self._draw()
        else:
            self._tell(chain, depth=0)

    def tick(self) -> None:
        """Redraw what moves by itself: how long open steps have taken."""
        if self._is_live and time.monotonic() - self._drawn_at > _LEAST_BETWEEN:
            self._count += 1
            self._draw()

    def _draw(self) -> None:
        assert self._chain is not None
        lines = self._lines(self._chain, "", 0)
        room = max(os.get_terminal_size(2).lines - 2, 3)
        if len(lines) > room:
            lines = [f"… {len(lines) - room + 1} lines above", *lines[len(lines) - room + 1 :]]
        up = f"\x1b[{self._drawn}F\x1b[J" if self._drawn else ""
        sys.stderr.write(up + redact("".join(f"{each}\n" for each in lines)))
        sys.stderr.flush()
        self._drawn, self._drawn_at = len(lines), time.monotonic()

    def _lines(self, chain: ChainRun, lead: str, depth: int) -> list[str]:
        visits = [*chain_view(chain)["steps"], *_still_to_come(chain)]
        width = max((len(_name(each)) for each in visits), default=0)
        columns = os.get_terminal_size(2).columns
        lines = []
        for index, visit in enumerate(visits):
            is_last = index == len(visits) - 1
            branch, below = ("└─ ", "   ") if is_last else ("├─ ", "│  ")
            status = visit["status"]
            mark = _MARKS.get(status) or _WAITS[self._count % len(_WAITS)]
            told = joined(_became(visit), visit["message"])
            text = f"{one_line(_name(visit)):<{width}}  {_took(visit):>6}  {told}".rstrip()
            text = text[: max(columns - len(lead) - 6, 10)]
            lines.append(f"{lead}{branch}{styled(mark, status, sys.stderr)} {text}")
            if visit["chain_id"] and depth < _DEEPEST:
                child = self._rt.store.chains.get(visit["chain_id"])
                lines += self._lines(child, lead + below, depth + 1)
        return lines

    def _tell(self, chain: ChainRun, depth: int) -> None:
        """A line for each step that was begun, or has ended, since the last time."""
        for visit in chain_view(chain)["steps"]:
            if visit["chain_id"] and depth < _DEEPEST:
                self._tell(self._rt.store.chains.get(visit["chain_id"]), depth + 1)
            if visit["status"] not in ("success", "error"):
                continue
            told = (chain.id, visit["step"], visit["visit"], visit["status"])
            if told in self._told:
                continue
            self._told.add(told)
            mark = styled(_MARKS[visit["status"]], visit["status"], sys.stderr)
            text = joined(_name(visit), _took(visit), _became(visit), visit["message"])
            story(f"{'  ' * depth}{mark} {text}")


def _still_to_come(chain: ChainRun) -> list[dict[str, Any]]:
    """The next of the steps that have not had their turn; a loop or a goto may change that."""
    if chain.is_final:
        return []
    of_chain = [
        each for each in chain.document["workflows"] if each["workflowId"] == chain.workflow
    ]
    begun = {each.step for each in chain.steps}
    names = [each["stepId"] for each in of_chain[0]["steps"] if each["stepId"] not in begun]
    more = [f"{len(names) - _MOST_TO_COME} more"] if len(names) > _MOST_TO_COME else []
    return [{**_NOTHING_YET, "step": name} for name in (*names[:_MOST_TO_COME], *more)]


def _name(visit: dict[str, Any]) -> str:
    again = f" ({visit['visit']})" if visit["visit"] > 1 else ""
    return f"{visit['step']}{again}"


def _took(visit: dict[str, Any]) -> str:
    if visit["duration"] or visit["started_at"] is None:
        return str(visit["duration"])
    began = datetime.fromisoformat(visit["started_at"])
    return seconds_text((datetime.now(UTC) - began).total_seconds())


def _became(visit: dict[str, Any]) -> str:
    """What it became; what that cost comes behind it, once that is known."""
    return visit["action_id"] or (f"chain {visit['chain_id']}" if visit["chain_id"] else "")
