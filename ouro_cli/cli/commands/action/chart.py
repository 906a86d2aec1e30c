"""`ouro action chart`: the charts that a route declares of its answers."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ouro_cli.cli import output
from ouro_cli.cli.options import ActionArg, Jq, Json
from ouro_cli.errors import UsageFault
from ouro_cli.model.chart import Chart
from ouro_cli.runtime import open_runtime
from ouro_cli.store.saved_files import save
from ouro_cli.usecases.draw_charts import charts_of
from ouro_cli.usecases.find_reference import find_action


def command(
    action: ActionArg,
    index: Annotated[
        int | None, typer.Option("--index", metavar="N", min=1, help="Only the Nth of several.")
    ] = None,
    svg: Annotated[
        str | None,
        typer.Option("--svg", metavar="FILE", help="Write it as a picture; - for stdout."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="With --svg: replace the file that is there.")
    ] = False,
    vega_lite: Annotated[
        bool, typer.Option("--vega-lite", help="Print it as a Vega-Lite specification.")
    ] = False,
    json: Json = False,
    jq: Jq = None,
) -> None:
    """Draw the charts of an action's response, as its route declares them.

    \b
    ouro action chart @last
    ouro action chart @last --index 1 --svg curve.svg
    ouro action chart @last --vega-lite | vl2png
    """
    rt = open_runtime()
    found = find_action(rt, action)
    charts = charts_of(rt, found)
    if index is not None and index > len(charts):
        raise UsageFault(
            why=f"action {found.id} has {output.counted(len(charts), 'chart')}, no number {index}"
        )
    shown = charts if index is None else [charts[index - 1]]
    if svg is not None:
        _write_svg(_only(shown, found.id), svg, force=force)
    elif vega_lite:
        # Only those who ask for it load it.
        from ouro_cli.charts.vega_lite import vega_lite as spec_of  # noqa: PLC0415

        output.show(spec_of(_only(shown, found.id)), output.print_json, json=json, jq=jq)
    else:
        view = {"charts": [asdict(each) for each in shown], "has_more": False}
        output.show(view, lambda _: _human(shown, found.route.reference), json=json, jq=jq)


def _only(charts: list[Chart], action_id: str) -> Chart:
    """The one chart to be written; UsageFault where there is none, or which is not plain."""
    if not charts:
        raise UsageFault(why=f"action {action_id} has no chart", hint="Nothing was written.")
    if len(charts) > 1:
        titles = "; ".join(f"{number} {each.title}" for number, each in enumerate(charts, 1))
        raise UsageFault(why=f"there are {len(charts)} charts: {titles}", hint="Say --index N.")
    chart = charts[0]
    if not chart.is_drawn:
        why = chart.note or "it has no records"
        raise UsageFault(why=f"'{chart.title}' cannot be drawn: {why}", hint="Nothing was written.")
    return chart


def _write_svg(chart: Chart, name: str, *, force: bool) -> None:
    # Only those who ask for it load it.
    from ouro_cli.charts.svg import svg_text  # noqa: PLC0415

    text = svg_text(chart)
    if name == "-":
        output.print_text(text)
        return
    save(Path(name).expanduser(), [text.encode()], force=force)
    output.story(f"Wrote {output.one_line(name)}.")


def _human(charts: list[Chart], route: str) -> None:
    # It loads what draws.
    from ouro_cli.cli.chart_drawing import draw_chart  # noqa: PLC0415

    if not charts:
        output.story(f"It has no charts. What its route declares: ouro route show {route}")
    for number, chart in enumerate(charts):
        if number:
            output.print_line()
        draw_chart(chart)
