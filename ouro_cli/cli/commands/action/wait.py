"""`ouro action wait`: wait for one run or many, and say how they ended."""

from ouro_cli.cli.options import ActionArgs, Jq, Json, Timeout
from ouro_cli.cli.reporting import ReportOption, read_reports
from ouro_cli.cli.waiting import wait_for
from ouro_cli.runtime import open_runtime
from ouro_cli.settings import read_duration
from ouro_cli.usecases.find_reference import find_action


def command(
    actions: ActionArgs,
    timeout: Timeout = None,
    report: ReportOption = None,
    json: Json = False,
    jq: Jq = None,
) -> None:
    """Wait for one action or many, silently, and print how each ended.

    Ends with 0 if all succeeded, 1 if any did not, 124 if any still runs after --timeout.
    """
    patience = None if timeout is None else read_duration(timeout, "--timeout")
    reports = read_reports(report, json=json, jq=jq)
    rt = open_runtime()
    ids = list(dict.fromkeys(find_action(rt, each).id for each in actions))
    wait_for(rt, ids, verb="wait", patience=patience, json=json, jq=jq, reports=reports)
