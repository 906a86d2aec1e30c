"""A chart as an SVG picture: shapes and text alone, no script, nothing from elsewhere."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from ouro_cli.charts.plan import Plan, drawable, plan_of
from ouro_cli.model.chart import Chart, Series
from ouro_cli.safety import safe_line

COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#5c5c5c", "#8b6d00")
"""Colours that also those tell apart who see fewer (Okabe and Ito)."""

WIDTH, HEIGHT = 720, 420
_LEFT, _RIGHT, _TOP, _BOTTOM = 76, 20, 64, 64
_UNWRITABLE = re.compile("[\ufffe\uffff]")
_LONGEST_LABEL = 24
_MOST_LABELS = 12


def svg_text(chart: Chart) -> str:
    """The picture of a chart that can be drawn."""
    parts = list(_pie(chart) if chart.kind in ("pie", "donut") else _plot(chart))
    described = f"<desc>{_said(chart.description)}</desc>" if chart.description else ""
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
            f' font-family="sans-serif" font-size="12" aria-label={_attribute(chart.title)}>',
            f"<title>{_said(chart.title)}</title>{described}",
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
            _text(WIDTH / 2, 22, chart.title, size=16, most=80),
            *parts,
            *([_text(WIDTH / 2, HEIGHT - 6, chart.note, size=10, most=110)] if chart.note else []),
            "</svg>",
            "",
        ]
    )


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where the categories and the values lie on the picture."""

    plan: Plan
    is_horizontal: bool

    def place(self, category: float, value: float) -> tuple[float, float]:
        """The point of a place on the category axis (0 to 1) and of a value."""
        share = self.plan.values.share(value)
        across, up = (share, 1 - category) if self.is_horizontal else (category, share)
        width, height = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM
        return _LEFT + across * width, HEIGHT - _BOTTOM - up * height


def _plot(chart: Chart) -> Iterator[str]:
    plan = plan_of(chart)
    frame = _Frame(plan, chart.is_horizontal)
    yield from _axes(chart, frame)
    bars = [each for each in chart.series if each.kind == "bar"]
    groups = list(dict.fromkeys(each.stack or each.key for each in bars))
    for number, series in enumerate(chart.series):
        colour = COLOURS[number % len(COLOURS)]
        match series.kind:
            case "bar":
                group = groups.index(series.stack or series.key)
                yield from _bars(frame, series, colour, group, len(groups))
            case "scatter":
                for x, y in _points(frame, series):
                    yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>'
            case "area":
                yield from _areas(frame, series, colour)
            case _:
                yield from _strokes(frame, series, colour)
    yield from _lines(chart, frame)
    if len(chart.series) > 1:
        yield from _legend([each.name for each in chart.series])


def _axes(chart: Chart, frame: _Frame) -> Iterator[str]:
    plan = frame.plan
    for value in plan.values.ticks():
        (x1, y1), (x2, y2) = frame.place(0, value), frame.place(1, value)
        yield _stroke([(x1, y1), (x2, y2)], "#e3e3e3", 1)
        if chart.is_horizontal:
            yield _text(x1, y1 + 16, _number(value))
        else:
            yield _text(x1 - 6, y1 + 4, _number(value), anchor="end")
    floor = plan.values.low
    yield _stroke([frame.place(0, floor), frame.place(1, floor)], "#5c5c5c", 1)
    for place, label in plan.labels(_MOST_LABELS):
        x, y = frame.place(place, floor)
        if chart.is_horizontal:
            yield _text(x - 6, y + 4, label, anchor="end", most=11)
        else:
            yield _text(x, y + 16, label, most=14)
    below, beside = chart.category_label, chart.value_label or _only_name(chart)
    if chart.is_horizontal:
        below, beside = beside, below
    yield _text((WIDTH + _LEFT - _RIGHT) / 2, HEIGHT - 26, below)
    middle = (HEIGHT + _TOP - _BOTTOM) / 2
    yield _text(16, middle, beside, turned=True)


def _only_name(chart: Chart) -> str:
    return chart.series[0].name if len(chart.series) == 1 else ""


def _bars(frame: _Frame, series: Series, colour: str, group: int, groups: int) -> Iterator[str]:
    band = 0.8 * frame.plan.band
    for place, low, high in frame.plan.spans(series):
        left = place - band / 2 + band * group / groups
        (x1, y1), (x2, y2) = frame.place(left, low), frame.place(left + band / groups, high)
        yield (
            f'<rect x="{min(x1, x2):.1f}" y="{min(y1, y2):.1f}" width="{abs(x2 - x1):.1f}"'
            f' height="{abs(y2 - y1):.1f}" fill="{colour}"/>'
        )


def _areas(frame: _Frame, series: Series, colour: str) -> Iterator[str]:
    for run in frame.plan.runs(series):
        above = [frame.place(place, high) for place, _, high in run]
        below = [frame.place(place, low) for place, low, _ in reversed(run)]
        yield f'<polygon points="{_pairs([*above, *below])}" fill="{colour}" fill-opacity="0.5"/>'
        yield _stroke(above, colour, 2)


def _strokes(frame: _Frame, series: Series, colour: str) -> Iterator[str]:
    for run in frame.plan.runs(series):
        points = [frame.place(place, high) for place, _, high in run]
        if len(points) == 1:
            x, y = points[0]
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{colour}"/>'
        else:
            yield _stroke(points, colour, 2)


def _points(frame: _Frame, series: Series) -> Iterator[tuple[float, float]]:
    for place, _, high in frame.plan.spans(series):
        yield frame.place(place, high)


def _lines(chart: Chart, frame: _Frame) -> Iterator[str]:
    for line in chart.lines:
        if line.is_across:
            number = drawable(line.at)
            if number is None or not frame.plan.values.holds(number):
                continue
            ends = [frame.place(0, number), frame.place(1, number)]
        else:
            place = frame.plan.place_of(line.at)
            if place is None:
                continue
            values = frame.plan.values
            ends = [frame.place(place, values.low), frame.place(place, values.high)]
        yield _stroke(ends, "#5c5c5c", 1, dashes="4 4")
        if line.label:
            yield _text(ends[1][0] - 4, ends[1][1] - 4, line.label, anchor="end")


def _pie(chart: Chart) -> Iterator[str]:
    series = chart.series[0]
    slices = [
        (str(row.get(chart.category_key, "")), drawable(row.get(series.key)) or 0)
        for row in chart.rows
    ]
    slices = [(label, value) for label, value in slices if value > 0]
    total = sum(value for _, value in slices)
    centre, radius = (WIDTH * 0.36, HEIGHT / 2 + 14), HEIGHT * 0.38
    begun = 0.0
    for number, (_, value) in enumerate(slices):
        share = value / total
        colour = COLOURS[number % len(COLOURS)]
        yield _slice(centre, radius, begun, begun + share, colour)
        begun += share
    if chart.kind == "donut":
        x, y = centre
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius * 0.55:.1f}" fill="#ffffff"/>'
    for number, (label, value) in enumerate(slices[:_MOST_LABELS]):
        told = f"{label[:_LONGEST_LABEL]}  {100 * value / total:.1f}%"
        yield from _legend_row(WIDTH * 0.68, _TOP + 24 + 22 * number, number, told)


def _slice(
    centre: tuple[float, float], radius: float, begun: float, ended: float, colour: str
) -> str:
    x, y = centre
    if ended - begun > 0.9999:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{colour}"/>'
    (x1, y1), (x2, y2) = (
        (x + radius * math.sin(math.tau * at), y - radius * math.cos(math.tau * at))
        for at in (begun, ended)
    )
    large = 1 if ended - begun > 0.5 else 0
    arc = f"A {radius:.1f} {radius:.1f} 0 {large} 1 {x2:.2f} {y2:.2f}"
    path = f"M {x:.1f} {y:.1f} L {x1:.2f} {y1:.2f} {arc} Z"
    return f'<path d="{path}" fill="{colour}" stroke="#ffffff"/>'


def _legend(names: list[str]) -> Iterator[str]:
    room = (WIDTH - _LEFT - _RIGHT) / min(len(names), 6)
    for number, name in enumerate(names[:6]):
        yield from _legend_row(_LEFT + room * number, 44, number, name[:_LONGEST_LABEL])


def _legend_row(x: float, y: float, number: int, label: str) -> Iterator[str]:
    colour = COLOURS[number % len(COLOURS)]
    yield f'<rect x="{x:.1f}" y="{y - 10:.1f}" width="12" height="12" fill="{colour}"/>'
    yield _text(x + 18, y, label, anchor="start", most=40)


def _stroke(points: list[tuple[float, float]], colour: str, width: int, *, dashes: str = "") -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<polyline points="{_pairs(points)}" fill="none" stroke="{colour}"'
        f' stroke-width="{width}"{dashed}/>'
    )


def _pairs(points: list[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _text(
    x: float,
    y: float,
    text: str,
    *,
    anchor: str = "middle",
    size: int = 12,
    most: int = 60,
    turned: bool = False,
) -> str:
    shown = text if len(text) <= most else f"{text[: most - 1]}…"
    turn = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if turned else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}"'
        f' fill="#222222"{turn}>{_said(shown)}</text>'
    )


def _number(value: float) -> str:
    return f"{value:.6g}"


def _said(text: Any) -> str:
    """Text from elsewhere as it may stand in the picture."""
    return escape(_UNWRITABLE.sub("", safe_line(str(text))))


def _attribute(text: str) -> str:
    return quoteattr(_UNWRITABLE.sub("", safe_line(text)))
