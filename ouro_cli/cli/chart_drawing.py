"""A chart on the terminal: bars as lines of text, curves with plotext, all else as a table."""

import math
import os
import sys
from collections.abc import Iterator
from typing import Any

from ouro_cli.charts.plan import drawable, plan_of
from ouro_cli.cli import output
from ouro_cli.errors import UsageFault
from ouro_cli.model.chart import Chart, Series
from ouro_cli.safety import safe

MOST_BARS = 60
_HEIGHT = 20
_LONGEST_LABEL = 24


def draw_chart(chart: Chart) -> None:
    """Draw a chart on stdout, as wide as the terminal is; what cannot be drawn is a table.

    Raises UsageFault where it takes plotext, and that is not installed.
    """
    output.print_line(output.styled(output.one_line(chart.title), "bold"))
    if chart.description:
        output.print_line(output.styled(output.one_line(chart.description), "dim"))
    if not chart.is_drawn:
        output.table(*_table(chart))
    elif chart.kind in ("bar", "pie", "donut"):
        for text in _bars(chart):
            output.print_line(text)
    else:
        output.print_line(_curves(chart))
    for line in chart.lines if chart.is_drawn else ():
        output.print_line(output.joined(f"line at {line.at}", line.label))
    if chart.note:
        output.story(f"Note: {output.one_line(chart.note)}.")


def _table(chart: Chart) -> tuple[list[list[str]], list[str]]:
    keys = list(dict.fromkeys([chart.category_key, *(each.key for each in chart.series)]))
    rows = [["" if row.get(key) is None else str(row[key]) for key in keys] for row in chart.rows]
    return rows, [output.one_line(key) for key in keys]


def _bars(chart: Chart) -> Iterator[str]:
    """A line for each record and series: label, bar, value; of a pie, its share too."""
    rows = [
        (_label(chart, row) if not index else "", series, drawable(row.get(series.key)))
        for row in chart.rows[:MOST_BARS]
        for index, series in enumerate(chart.series)
    ]
    labels = max(len(label) for label, _, _ in rows)
    names = max(len(_name(chart, series)) for _, series, _ in rows)
    numbers = [value for _, _, value in rows if value is not None]
    largest = max((abs(value) for value in numbers), default=0) or 1
    total = sum(value for value in numbers if value > 0) or 1
    told = [_value(chart, value, total) for _, _, value in rows]
    room = output.terminal_width() - labels - names - max(map(len, told)) - 6
    for (label, series, value), text in zip(rows, told, strict=True):
        bar = _bar((value or 0) / largest, max(8, room))
        name = _name(chart, series).ljust(names)
        yield f"{label.rjust(labels)}  {name}{'  ' if names else ''}{bar}  {text}".rstrip()
    if len(chart.rows) > MOST_BARS:
        yield f"... and {len(chart.rows) - MOST_BARS} more"


def _bar(share: float, room: int) -> str:
    eighths = round(abs(share) * room * 8)
    end = "" if eighths % 8 == 0 else "▏▎▍▌▋▊▉"[eighths % 8 - 1]
    return ("-" if share < 0 else "") + "█" * (eighths // 8) + end


def _value(chart: Chart, value: float | None, total: float) -> str:
    if value is None:
        return "?"
    share = f"  {100 * value / total:.1f}%" if chart.kind != "bar" else ""
    return f"{value:.6g}{share}"


def _label(chart: Chart, row: dict[str, Any]) -> str:
    return output.one_line(str(row.get(chart.category_key, "?")))[:_LONGEST_LABEL]


def _name(chart: Chart, series: Series) -> str:
    return output.one_line(series.name)[:_LONGEST_LABEL] if len(chart.series) > 1 else ""


def _curves(chart: Chart) -> str:
    try:
        # It loads a library of its own, and only drawing needs it.
        import plotext  # noqa: PLC0415
    except ImportError:
        raise UsageFault(
            why="to draw this takes the 'plotext' package",
            hint="pip install 'ouro-cli[charts]'. Without it: --svg FILE, --vega-lite, --json.",
        ) from None
    has_colours = output.is_terminal(sys.stdout) and not os.environ.get("NO_COLOR")
    figure = plotext.figure
    figure.clear.all()
    figure.theme("simple" if has_colours else "colorless")
    figure.plot_size(min(output.terminal_width(), 120), _HEIGHT)
    # Without colours, areas over one another would be one blot.
    is_filled = has_colours or len(chart.series) == 1
    for series in chart.series:
        places, values = _points(chart, series)
        if values:
            signal = figure.signal(places, values).label(_name(chart, series) or None)
            if series.kind == "area" and is_filled and not chart.is_logarithmic:
                signal = signal.fillx()
            figure.draw(signal if series.kind == "scatter" else signal.lines(True))
    _mark_axes(figure, chart)
    figure.label(output.one_line(chart.category_label), axis="x")
    figure.label(output.one_line(chart.value_label), axis="y")
    drawn = str(figure.build().string(colorless=not has_colours))
    return drawn.rstrip() if has_colours else safe(drawn).rstrip()


def _points(chart: Chart, series: Series) -> tuple[list[float], list[float]]:
    places: list[float] = []
    values: list[float] = []
    for index, row in enumerate(chart.rows):
        place = drawable(row.get(chart.category_key)) if chart.is_continuous else float(index)
        value = drawable(row.get(series.key))
        if place is None or value is None or (chart.is_logarithmic and value <= 0):
            continue
        places.append(place)
        values.append(_height(chart, value))
    return places, values


def _height(chart: Chart, value: float) -> float:
    return math.log10(value) if chart.is_logarithmic else value


def _mark_axes(figure: Any, chart: Chart) -> None:
    plan = plan_of(chart)
    ticks = plan.values.ticks()
    heights = [_height(chart, each) for each in ticks]
    figure.ruler("y").ticks(heights, labels=[f"{each:.6g}" for each in ticks])
    if plan.categories is not None:
        ticks = plan.categories.ticks()
        labels = [f"{each:.6g}" for each in ticks]
    else:
        places = range(0, len(chart.rows), max(1, len(chart.rows) // 8))
        ticks = [float(each) for each in places]
        labels = [_label(chart, chart.rows[each])[:12] for each in places]
    figure.ruler("x").ticks(ticks, labels=labels)
