"""`ouro action assert`: what must hold of a kept result; nothing is sent."""

from typing import Annotated

import typer

from ouro_cli.cli import exits, output
from ouro_cli.cli.expecting import check_looked_at, judge, read_expectations, show_expectations
from ouro_cli.cli.options import ActionArg, Jq, Json
from ouro_cli.cli.reporting import ReportOption, read_reports
from ouro_cli.runtime import open_runtime
from ouro_cli.usecases.find_reference import find_action
from ouro_cli.usecases.notice_deaths import notice_deaths
from ouro_cli.views.action import action_view
from ouro_cli.views.expectation import RESULT


def command(
    action: ActionArg,
    expressions: Annotated[
        list[str],
        typer.Argument(metavar="EXPR...", help="What must hold: a JSONPath, or jq."),
    ],
    on: Annotated[
        str,
        typer.Option(
            "--on", metavar="WHAT", help="Look at the result, response, request or action."
        ),
    ] = RESULT,
    report: ReportOption = None,
    json: Json = False,
    jq: Jq = None,
) -> None:
    """Check what must hold of a kept action; nothing is sent.

    An EXPR that begins with $ is a JSONPath (RFC 9535), as in a filter of one: a path holds where
    it finds something, a comparison where it is true, with && || ! between them. Any other is jq,
    and holds where its last output is neither false nor null. The result is the response, in
    which assets stand for what was made; it holds only of an action that succeeded.

    \b
    ouro action assert @last '$.energy < -1' '$.items[?@.spin > 0]'
    ouro action assert @last '.items | length == 3'
    ouro action assert @last --on action '$.upstream_status_code == 404'

    Exit status: 0 all hold, 1 one does not or the action did not succeed, 2 an expression cannot
    be read.
    """
    check_looked_at(on)
    expectations = read_expectations(expressions)
    reports = read_reports(report, json=json, jq=jq)
    rt = open_runtime()
    notice_deaths(rt)
    found = find_action(rt, action)
    judged = judge(action_view(found), expectations, on)
    if not reports.takes_stdout:
        output.show(judged, show_expectations, json=json, jq=jq)
    reports.write_expectations(rt, found, judged)
    raise typer.Exit(exits.SUCCESS if judged["holds"] else exits.FAILED)
