"""`ouro action list`: what was run, newest first."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from ouro_cli.cli import output
from ouro_cli.cli.options import Jq, Json, RouteOption, ServiceOption, count_of
from ouro_cli.cli.reporting import ReportOption, read_reports
from ouro_cli.errors import UsageFault
from ouro_cli.model.action import OPEN, ActionStatus
from ouro_cli.model.batch import Batch
from ouro_cli.runtime import Runtime, open_runtime
from ouro_cli.settings import read_duration
from ouro_cli.store.action_search import Filters
from ouro_cli.usecases.find_chain import find_chain
from ouro_cli.usecases.find_reference import find_batch, find_route, find_service
from ouro_cli.usecases.notice_deaths import notice_deaths
from ouro_cli.usecases.watch_batch import final_counts
from ouro_cli.views.action import action_row_view
from ouro_cli.views.batch import batch_view

_MOST = 1000


def command(
    status: Annotated[
        str | None,
        typer.Option(
            "--status",
            metavar="A,B",
            help="Only these: queued, in-progress, success, error, timed-out.",
        ),
    ] = None,
    route: RouteOption = None,
    service: ServiceOption = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="TIME", help="Only newer ones: 2h, 3d, or an ISO date."),
    ] = None,
    running: Annotated[
        bool, typer.Option("--running", help="Only those that have not ended.")
    ] = False,
    search: Annotated[
        str | None,
        typer.Option(
            "--search",
            metavar="WORDS",
            help="Only those with these words in request, response or log.",
        ),
    ] = None,
    batch: Annotated[
        str | None,
        typer.Option("--batch", metavar="BATCH", help="Only the rows of this run with --each."),
    ] = None,
    into: Annotated[
        str | None,
        typer.Option("--into", metavar="NAME", help="With --batch: keep its results as a dataset."),
    ] = None,
    chain: Annotated[
        str | None,
        typer.Option("--chain", metavar="CHAIN", help="Only the steps of this chain."),
    ] = None,
    mine: Annotated[bool, typer.Option("--mine/--all", help="Only yours, or everybody's.")] = True,
    limit: Annotated[str, typer.Option("--limit", metavar="N", help="At most so many.")] = "20",
    offset: Annotated[str, typer.Option("--offset", metavar="N", help="Pass over so many.")] = "0",
    report: ReportOption = None,
    json: Json = False,
    jq: Jq = None,
) -> None:
    """List actions, newest first.

    \b
    ouro action list --running
    ouro action list --search Fe2Ni --since 2d
    ouro action list --batch @last --status error
    """
    reports = read_reports(report, json=json, jq=jq)
    rt = open_runtime()
    notice_deaths(rt)
    most, passed = count_of(limit, "--limit", 1, _MOST), count_of(offset, "--offset", 0, 2**31)
    rows = None if batch is None else find_batch(rt, batch)
    if into is not None:
        _keep_results(rt, rows, into)
    filters = Filters(
        statuses=_statuses(status, running=running),
        route_id=None if route is None else find_route(rt, route).id,
        service_id=None if service is None else find_service(rt, service).id,
        user_id=_me(rt) if mine and rows is None else None,
        since=None if since is None else _moment(since),
        search=search or "",
        batch_id=None if rows is None else rows.id,
        chain_id=None if chain is None else find_chain(rt, chain).id,
    )
    found = rt.store.action_search.newest(filters, limit=most + 1, offset=passed)
    view = {
        "actions": [action_row_view(each) for each in found[:most]],
        "has_more": len(found) > most,
    }
    if rows is not None:
        view["batch"] = batch_view(*final_counts(rt, rows.id))
    if not reports.takes_stdout:
        output.show(view, lambda shown: _human(shown, passed + most), json=json, jq=jq)
    reports.write_actions(
        rt, "ouro actions", map(rt.store.actions.get, [e.id for e in found[:most]])
    )


def _human(view: dict[str, Any], following: int) -> None:
    if not view["actions"]:
        output.print_line("No actions.")
        return
    rows = [
        [
            each["status"],
            each["route"]["reference"],
            each["id"],
            each["duration"] or "-",
            output.ago(each["created_at"]),
        ]
        for each in view["actions"]
    ]
    output.table(rows, ("status", "route", "action", "took", "started"), style_column=0)
    if view["has_more"]:
        output.story(f"More available: --offset {following}")


def _keep_results(rt: Runtime, rows: Batch | None, name: str) -> None:
    if rows is None:
        raise UsageFault(why="--into is for the rows of one --batch")
    # Only then is a dataset made.
    from ouro_cli.usecases.keep_results import keep_results  # noqa: PLC0415

    asset = keep_results(rt, rows.id, name)
    if asset is not None:
        output.story(f"Results: {output.joined(asset.name, asset.id)}")


def _me(rt: Runtime) -> str:
    return rt.store.people.find(rt.settings.user) or ""


def _statuses(text: str | None, *, running: bool) -> tuple[ActionStatus, ...]:
    if text is None:
        return OPEN if running else ()
    words = [word.strip().lower() for word in text.split(",") if word.strip()]
    known = {status.value: status for status in ActionStatus}
    unknown = [word for word in words if word not in known]
    if unknown or not words:
        raise UsageFault(
            why=f"--status: '{unknown[0] if unknown else text}' is no status",
            hint=f"One or more of: {', '.join(known)}.",
        )
    return tuple(dict.fromkeys(known[word] for word in words))


def _moment(text: str) -> datetime:
    if re.fullmatch(r"[\d.]+[smhd]", text):
        return datetime.now(UTC) - timedelta(seconds=read_duration(text, "--since"))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageFault(
            why=f"--since: '{text}' is no time", hint="Write it like 2h, 3d or 2026-01-31."
        ) from None
    return moment if moment.tzinfo else moment.astimezone()
