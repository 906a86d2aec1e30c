"""An action's end on the terminal: its result on stdout, how it ended on stderr."""

import sys
from typing import Any

from ouro_cli.cli import output
from ouro_cli.runtime import Runtime
from ouro_cli.views import action_view
from ouro_cli.wire.message import message_in

_MARKS = {"success": "✓", "error": "✗", "timed-out": "✗"}


def show_result(view: dict[str, Any], *, json: bool, jq: str | None) -> None:
    """Print an action that was run or watched: JSON where asked, else its response alone."""
    if json or jq is not None:
        output.show(view, _human, json=json, jq=jq)
        return
    _human(view)


def snapshot(rt: Runtime, action_id: str, *, json: bool) -> None:
    """With `--json`, print the action as it stands, so that leaving it prints one document too."""
    if json:
        output.print_json(action_view(rt.store.actions.get(action_id)))


def headline(view: dict[str, Any]) -> str:
    """`status  route  id  duration`: the line that the platform's own command prints too."""
    took = view["duration"] or output.ago(view["created_at"])
    name = output.one_line(view["route"]["name"])
    return f"{view['status']}  {name}  {view['id']}  {took}"


def failure_in(view: dict[str, Any]) -> str:
    """Why an action failed, in one line; empty where it did not, or gave no reason."""
    if view["status"] not in ("error", "timed-out"):
        return ""
    reason = message_in(view.get("response")) or "no reason was given"
    return output.one_line(reason).rstrip(".")


def _human(view: dict[str, Any]) -> None:
    status = view["status"]
    mark = output.styled(f"{_MARKS.get(status, '·')} {status}", status, sys.stderr)
    facts = output.joined(view["route"]["reference"], view["id"], view["duration"])
    if status == "success":
        output.story(f"{mark}  {facts}")
        if view["response"] is not None:
            output.print_value(view["response"])
    elif status in ("error", "timed-out"):
        output.story(f"{mark}  {facts}")
        output.story(f"ouro: {failure_in(view)}. See: ouro action show {view['id']}")
    else:
        output.story(f"{mark}  {facts}")
        output.story(f"Go on with: ouro action watch {view['id']}")
