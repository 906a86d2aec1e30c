"""`ouro doctor`: look everything over, and say what is wrong and what to do."""

from typing import Annotated, Any

import typer

from ouro_cli.cli import exits, output
from ouro_cli.cli.options import Jq, Json
from ouro_cli.runtime import open_runtime
from ouro_cli.usecases.examine_registry import examine_registry
from ouro_cli.usecases.repair_registry import repair_registry

_STYLES = {"ok": "success", "note": "dim", "warning": "warning", "fault": "error"}


def command(
    deep: Annotated[
        bool, typer.Option("--deep", help="Read every page and every asset's bytes.")
    ] = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="Mend what can be mended without a guess.")
    ] = False,
    json: Json = False,
    jq: Jq = None,
) -> None:
    """Look the registry over: files, listener, open actions, assets. Ends with 1 at a fault.

    With --repair it is mended first: what others can read, search indexes, bytes that lie in the
    wrong place or belong to nobody. A damaged database is never written to: what can be read of
    it goes into a new one, and the damaged one is kept.
    """
    rt = open_runtime()
    repairs = repair_registry(rt) if repair else []
    findings = examine_registry(rt, deeply=deep)
    view = {
        "repairs": [
            {"subject": each.subject, "message": each.message, "is_done": each.is_done}
            for each in repairs
        ],
        "findings": [
            {
                "subject": each.subject,
                "state": each.state,
                "message": each.message,
                "hint": each.hint,
            }
            for each in findings
        ],
        "is_well": all(each.state != "fault" for each in findings),
    }
    output.show(view, _human, json=json, jq=jq)
    raise typer.Exit(exits.SUCCESS if view["is_well"] else exits.FAILED)


def _human(view: dict[str, Any]) -> None:
    for each in view["repairs"]:
        word = "mended" if each["is_done"] else "lost"
        state = output.styled(f"{word:8}", "success" if each["is_done"] else "error")
        output.print_line(f"{state}{each['subject']:14}{output.one_line(each['message'])}")
    for each in view["findings"]:
        state = output.styled(f"{each['state']:8}", _STYLES[each["state"]])
        output.print_line(f"{state}{each['subject']:14}{output.one_line(each['message'])}")
        if each["hint"]:
            output.print_line(f"{'':22}{output.one_line(each['hint'])}")
