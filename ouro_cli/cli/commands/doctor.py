"""`ouro doctor`: look everything over, and say what is wrong and what to do."""

from typing import Annotated, Any

import typer

from ouro_cli.cli import exits, output
from ouro_cli.cli.options import Jq, Json
from ouro_cli.runtime import open_runtime
from ouro_cli.usecases.examine_registry import examine_registry

_STYLES = {"ok": "success", "note": "dim", "warning": "warning", "fault": "error"}


def command(
    deep: Annotated[
        bool, typer.Option("--deep", help="Read every asset's bytes, not only their sizes.")
    ] = False,
    json: Json = False,
    jq: Jq = None,
) -> None:
    """Look the registry over: files, listener, open actions, assets. Ends with 1 at a fault."""
    findings = examine_registry(open_runtime(), deeply=deep)
    view = {
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
    for each in view["findings"]:
        state = output.styled(f"{each['state']:8}", _STYLES[each["state"]])
        output.print_line(f"{state}{each['subject']:14}{output.one_line(each['message'])}")
        if each["hint"]:
            output.print_line(f"{'':22}{output.one_line(each['hint'])}")
