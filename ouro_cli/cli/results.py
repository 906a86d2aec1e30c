"""An action's end on the terminal: its result on stdout, how it ended on stderr."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ouro_cli.cli import output
from ouro_cli.cli.assets import size_text
from ouro_cli.runtime import Runtime
from ouro_cli.views.action import action_view
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


def output_line(link: dict[str, Any]) -> str:
    """`name  type  id  asset name`: an output as the platform's own command prints it too."""
    asset = link["asset"]
    return output.joined(link["name"], asset["asset_type"], asset["id"], asset["name"])


def show_notes(rt: Runtime, action_id: str) -> None:
    """Say on stderr what could not be kept of a result, where no watching has said it."""
    for event in rt.store.events.after([action_id], 0):
        if event.kind == "note":
            output.story(f"  note: {output.one_line(event.message)}")


def show_saved(saved: Iterable[tuple[str, Path]]) -> None:
    """Say on stderr where outputs were saved."""
    for name, path in saved:
        output.story(f"  saved: {output.joined(name, path)}")


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


def plain_response(view: dict[str, Any]) -> Any:
    """The response, with what became assets in short: a person reads it, and saves the rest."""
    response = view["response"]
    if not isinstance(response, dict):
        return response
    short = {
        each["name"]: {key: each["asset"][key] for key in ("id", "asset_type", "name")}
        for each in view["output_assets"]
        if each["name"] in response
    }
    return response | short


def _human(view: dict[str, Any]) -> None:
    status = view["status"]
    mark = output.styled(f"{_MARKS.get(status, '·')} {status}", status, sys.stderr)
    facts = output.joined(view["route"]["reference"], view["id"], view["duration"])
    if status == "success":
        output.story(f"{mark}  {facts}")
        if view["response"] is not None:
            output.print_value(plain_response(view))
        elif view["response_file"] is not None:
            size = size_text(view["response_file"]["size"])
            output.story(f"  response: {size}. Save it: ouro action show {view['id']} -o FILE")
        for each in view["output_assets"]:
            output.story(f"  output: {output_line(each)}")
    elif status in ("error", "timed-out"):
        output.story(f"{mark}  {facts}")
        output.story(f"ouro: {failure_in(view)}. See: ouro action show {view['id']}")
    else:
        output.story(f"{mark}  {facts}")
        output.story(f"Go on with: ouro action watch {view['id']}")
