"""`ouro action show`: one run, whole."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from ouro_cli.cli import output
from ouro_cli.cli.assets import size_text
from ouro_cli.cli.options import ActionArg, Jq, Json
from ouro_cli.cli.reporting import ReportOption, read_reports
from ouro_cli.cli.results import failure_in, headline
from ouro_cli.errors import UsageFault
from ouro_cli.model.action import Action, late_receipt
from ouro_cli.runtime import Runtime, open_runtime
from ouro_cli.usecases.draw_charts import charts_of
from ouro_cli.usecases.find_reference import find_action
from ouro_cli.usecases.notice_deaths import notice_deaths
from ouro_cli.views.action import action_view, attempt_view, log_view, receipt_view


def command(
    action: ActionArg,
    raw: Annotated[
        bool, typer.Option("--raw", help="Print the response's bytes, as they came.")
    ] = False,
    save_to: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Save the response's bytes."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a file that is there already.")
    ] = False,
    report: ReportOption = None,
    json: Json = False,
    jq: Jq = None,
) -> None:
    """Show one action: its request, its response, and its story.

    It ends with 0 while the action runs, and with 0 if it failed: it showed what was asked. Of a
    response too large to be shown, --raw and --output have every byte.
    """
    reports = read_reports(report, json=json, jq=jq)
    rt = open_runtime()
    notice_deaths(rt)
    found = find_action(rt, action)
    if raw or save_to is not None:
        _bytes(found, save_to, force=force)
        return
    if not reports.takes_stdout:
        output.show(_view(rt, found), _human, json=json, jq=jq)
    reports.write_actions(rt, f"ouro action {found.id}", [found])


def _view(rt: Runtime, found: Action) -> dict[str, Any]:
    view = action_view(found)
    events = rt.store.events.after([found.id], 0)
    view["events"] = [log_view(each, found) for each in events]
    receipts = rt.store.receipts.of_action(found.id)
    view["receipts"] = [receipt_view(each) for each in receipts]
    view["can_accept_late"] = found.is_given_up and late_receipt(receipts) is not None
    view["attempts"] = [attempt_view(each) for each in rt.store.attempts.of_action(found.id)]
    view["reruns"] = rt.store.attempts.repeated_by(found.id)
    view["charts"] = [each.title for each in charts_of(rt, found)]
    return view


def _bytes(action: Action, save_to: Path | None, *, force: bool) -> None:
    """The response's bytes to a file, or to stdout where no person sits there."""
    if action.response is None:
        raise UsageFault(why=f"{action.id} has no response", hint="Nothing was written.")
    if save_to is not None:
        # To hash takes long to load, and hardly anybody saves what is shown.
        from ouro_cli.store.saved_files import save  # noqa: PLC0415

        size = save(save_to, action.response.parts(), force=force)
        output.story(f"  saved: {output.joined(save_to, size_text(size))}")
        return
    if sys.stdout.isatty():
        hint = "Pipe them, or save them: --output FILE"
        raise UsageFault(why="--raw prints bytes that are not for a terminal", hint=hint)
    for part in action.response.parts():
        sys.stdout.buffer.write(part)
    sys.stdout.buffer.flush()


def _human(view: dict[str, Any]) -> None:
    status, _, rest = headline(view).partition("  ")
    output.print_line(f"{output.styled(status, status)}  {rest}")
    error = failure_in(view)
    if error:
        output.print_line(f"  error: {error}")
    if view["can_accept_late"]:
        late = next(each["message"] for each in view["events"] if each["event_type"] == "late")
        output.print_line(f"  note: {output.one_line(late)}")
        output.story(f"Take it all the same: ouro action accept-late {view['id']}")
    facts = {
        "route": view["route"]["reference"],
        "service": view["route"]["service"],
        "created": view["created_at"],
        "sent": view["started_at"],
        "answered": view["ack_at"],
        "ended": view["finished_at"],
        "ended by": view["ended_by"],
        "imported": view["imported_at"],
        "pinned": view["pinned_at"],
        "HTTP status": view["upstream_status_code"],
        "repeats": view["rerun_of"],
        "repeated by": ", ".join(view["reruns"]) or None,
        "sent again": view["next_attempt_at"],
        "asked at": view["poll"] and f"{view['poll']['url']} ({_times(view['poll']['polls'])})",
    }
    output.section(
        "Facts",
        (
            f"{name:13}{output.one_line(value)}"
            for name, value in facts.items()
            if value is not None
        ),
    )
    for title, links in (("Took", view["input_assets"]), ("Made", view["output_assets"])):
        output.section(title, map(_link, links))
    request = {key: value for key, value in view["metadata"].items() if value is not None}
    output.section("Request", output.json_lines(request) if request else [])
    output.section(
        "Story",
        (
            f"{output.one_line(each['created_at'])[11:19]}  {output.one_line(each['message'])}"
            for each in view["events"]
        ),
    )
    is_open = view["finished_at"] is None
    attempts = (_attempt(each, is_open=is_open) for each in _telling(view["attempts"]))
    output.section("Attempts", attempts)
    if view["receipts"]:
        output.section("Results that came", map(_receipt, view["receipts"]))
    response = view["response"]
    if response is not None:
        output.section(
            "Response",
            [output.one_line(line) for line in response.splitlines()]
            if isinstance(response, str)
            else output.json_lines(response),
        )
    output.section("Response" if response is None else "Bytes", _file(view))
    if view["charts"]:
        output.section("Charts", map(output.one_line, view["charts"]))
        output.story(f"Draw them: ouro action chart {view['id']}")


def _times(number: int) -> str:
    return "not yet" if not number else output.counted(number, "time")


def _receipt(receipt: dict[str, Any]) -> str:
    accepted = "accepted" if receipt["accepted_at"] else ""
    time = receipt["received_at"][11:19]
    return output.joined(
        time, receipt["verdict"], receipt["source"], receipt["status"] or "", accepted
    )


def _file(view: dict[str, Any]) -> list[str]:
    """Where the response's bytes lie, and how they begin where they are not shown."""
    file = view["response_file"]
    if file is None:
        return []
    head = [output.one_line(line) for line in (file["head"] or "").splitlines()]
    return [f"{size_text(file['size'])} in {output.one_line(file['path'])}", *head]


def _telling(attempts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The attempts where there were several, or where one tells what the story does not."""
    is_plain = len(attempts) == 1 and attempts[0]["outcome"] != "unknown"
    ways = ("proxy", "tls_verify", "redirects")
    return [] if is_plain and not any(way in attempts[0]["facts"] for way in ways) else attempts


def _attempt(attempt: dict[str, Any], *, is_open: bool) -> str:
    facts = [f"{name}: {value}".lower() for name, value in attempt["facts"].items()]
    return output.joined(
        attempt["number"],
        attempt["started_at"][11:19],
        attempt["outcome"] or ("under way" if is_open else "no answer seen"),
        attempt["status_code"] or "",
        attempt["message"],
        ", ".join(facts),
    )


def _link(link: dict[str, Any]) -> str:
    primary = "primary" if link["is_primary"] else ""
    return output.joined(
        link["name"], link["asset_type"], link["asset_id"], link["asset"]["name"], primary
    )
