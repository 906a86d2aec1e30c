"""`ouro asset lineage`: what an asset came from, and what was made of it."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from ouro_cli.cli import output
from ouro_cli.cli.mermaid import mermaid_lines
from ouro_cli.cli.options import AssetArg, Jq, Json
from ouro_cli.runtime import open_runtime
from ouro_cli.usecases.find_reference import find_asset
from ouro_cli.usecases.trace_asset import trace_asset
from ouro_cli.views.lineage import lineage_view


def command(
    asset: AssetArg,
    mermaid: Annotated[
        bool, typer.Option("--mermaid", help="Print it as a Mermaid diagram.")
    ] = False,
    json: Json = False,
    jq: Jq = None,
) -> None:
    """Trace an asset, run by run: what it came from, and what was made of it.

    \b
    ouro asset lineage @last
    ouro asset lineage @last --mermaid > lineage.mmd
    """
    rt = open_runtime()
    view = lineage_view(trace_asset(rt, find_asset(rt, asset)))
    if mermaid:
        for line in mermaid_lines(view):
            output.print_line(line)
        return
    output.show(view, _human, json=json, jq=jq)


def _human(view: dict[str, Any]) -> None:
    output.print_line(_asset(view["asset"]))
    output.section("Came from", _tree(view["came_from"], "") or ["nothing that is known of"])
    output.section("Made of it", _tree(view["made"], "") or ["nothing yet"])


def _tree(node: dict[str, Any], indent: str) -> list[str]:
    """The runs that lead on from a node, each with its assets, as lines of a tree."""
    rows = [(_run(run["action"]), run["assets"], run["more"]) for run in node["runs"]]
    if node["more"]:
        rows.append((f"and {output.counted(node['more'], 'run')} more", [], 0))
    if node["is_cut"]:
        rows.append(("more: ouro asset lineage of this one", [], 0))
    lines = []
    for number, (text, assets, more) in enumerate(rows, 1):
        is_last = number == len(rows)
        lines.append(f"{indent}{'└─' if is_last else '├─'} {text}")
        lines += _assets(assets, more, f"{indent}{'   ' if is_last else '│  '}")
    return lines


def _assets(assets: list[dict[str, Any]], more: int, indent: str) -> Iterator[str]:
    for number, each in enumerate(assets):
        is_last = number == len(assets) - 1 and not more
        told = "  (see above)" if each["is_told_above"] else ""
        gone = "  (removed)" if each["removed_at"] else ""
        name = f"{output.one_line(each['name'])}: " if each["name"] else ""
        branch = "└─" if is_last else "├─"
        yield f"{indent}{branch} {name}{_asset(each['asset'])}{gone}{told}"
        yield from _tree(each, f"{indent}{'   ' if is_last else '│  '}")
    if more:
        yield f"{indent}└─ and {output.counted(more, 'asset')} more"


def _run(action: dict[str, Any] | None) -> str:
    if action is None:
        return "belongs to, with no run between"
    return output.joined(f"({action['route']})", action["status"], action["id"])


def _asset(asset: dict[str, Any]) -> str:
    return output.joined(asset["name"], asset["asset_type"], asset["id"])
