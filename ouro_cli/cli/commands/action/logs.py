"""`ouro action logs`: what a service wrote while it worked."""

from typing import Annotated, Any

import typer

from ouro_cli.cli import output
from ouro_cli.cli.options import ActionArg, Jq, Json
from ouro_cli.errors import UsageFault
from ouro_cli.runtime import open_runtime
from ouro_cli.usecases.find_reference import find_action
from ouro_cli.usecases.notice_deaths import notice_deaths
from ouro_cli.views.action import log_view
from ouro_cli.wire.webhook import LEVELS

_MOST = 500


def command(
    action: ActionArg,
    level: Annotated[
        str | None,
        typer.Option("--level", metavar="LEVEL", help="Only debug, info, warning or error."),
    ] = None,
    limit: Annotated[str, typer.Option("--limit", metavar="N", help="At most so many.")] = "500",
    newest: Annotated[bool, typer.Option("--newest", help="The newest first.")] = False,
    json: Json = False,
    jq: Jq = None,
) -> None:
    """Print what the service wrote to an action's log, oldest first."""
    if not (limit.isdigit() and 0 < int(limit) <= _MOST):
        raise UsageFault(why=f"--limit: expected a number from 1 to {_MOST}, not '{limit}'")
    wanted = None if level is None else {**LEVELS, "info": "info"}.get(level.lower())
    if level is not None and wanted is None:
        raise UsageFault(why=f"--level: '{level}' is none of debug, info, warning, error")
    rt = open_runtime()
    notice_deaths(rt)
    found = find_action(rt, action)
    lines = rt.store.events.logs(
        found.id, level=wanted, limit=int(limit) + 1, offset=0, newest_first=newest
    )
    view = {
        "logs": [log_view(each, found) for each in lines[: int(limit)]],
        "has_more": len(lines) > int(limit),
    }
    output.show(view, _human, json=json, jq=jq)


def _human(view: dict[str, Any]) -> None:
    for each in view["logs"]:
        level = each["level"]
        mark = f"{output.styled(level, level)}  " if level in ("warning", "error") else ""
        clock = output.styled(each["created_at"][11:19], "dim")
        output.print_line(f"{clock}  {mark}{output.one_line(each['message'])}")
    if not view["logs"]:
        output.story("The service has written no log lines.")
