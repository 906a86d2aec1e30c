"""A chart as a Vega-Lite specification, its records inside."""

from typing import Any

from ouro_cli.model.chart import Chart
from ouro_cli.model.dot_path import as_number

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"

_MARKS = {"bar": "bar", "line": "line", "area": "area", "scatter": "point"}


def vega_lite(chart: Chart) -> dict[str, Any]:
    """The specification of a chart that can be drawn; it needs nothing but itself.

    Every value is a record of `category`, `series` and `value`, so that no key of the response
    can be mistaken for a path.
    """
    spec: dict[str, Any] = {
        "$schema": SCHEMA,
        "title": chart.title,
        "data": {"values": _values(chart)},
    }
    if chart.description:
        spec["description"] = chart.description
    if chart.kind in ("pie", "donut"):
        return {**spec, **_pie(chart)}
    layers = [_layer(chart, kind) for kind in dict.fromkeys(each.kind for each in chart.series)]
    layers += [_line(chart, each.at, each.label, each.is_across) for each in chart.lines]
    return {**spec, **layers[0]} if len(layers) == 1 else {**spec, "layer": layers}


def _values(chart: Chart) -> list[dict[str, Any]]:
    return [
        {
            "category": row.get(chart.category_key),
            "series": series.name,
            "value": as_number(row.get(series.key)),
        }
        for series in chart.series
        for row in chart.rows
    ]


def _pie(chart: Chart) -> dict[str, Any]:
    hole = {"innerRadius": 60} if chart.kind == "donut" else {}
    return {
        "transform": [{"filter": {"field": "series", "equal": chart.series[0].name}}],
        "mark": {"type": "arc", "tooltip": True, **hole},
        "encoding": {
            "theta": {"field": "value", "type": "quantitative"},
            "color": {"field": "category", "type": "nominal", "title": chart.category_label},
        },
    }


def _layer(chart: Chart, kind: str) -> dict[str, Any]:
    series = [each for each in chart.series if each.kind == kind]
    category: dict[str, Any] = {"field": "category", "title": chart.category_label}
    # Without a sort of its own, Vega-Lite would sort the labels; the records have their order.
    category |= (
        {"type": "quantitative"} if chart.is_continuous else {"type": "ordinal", "sort": None}
    )
    value: dict[str, Any] = {
        "field": "value",
        "type": "quantitative",
        "title": chart.value_label or (series[0].name if len(chart.series) == 1 else None),
    }
    if chart.is_logarithmic:
        value["scale"] = {"type": "log"}
    is_stacked = any(each.stack for each in series)
    if kind in ("bar", "area"):
        value["stack"] = "zero" if is_stacked else None
    across, up = ("y", "x") if chart.is_horizontal else ("x", "y")
    encoding = {across: category, up: value}
    if len(chart.series) > 1:
        encoding["color"] = {"field": "series", "type": "nominal", "title": None}
        if kind == "bar" and not is_stacked:
            encoding[f"{across}Offset"] = {"field": "series"}
    layer: dict[str, Any] = {
        "mark": {"type": _MARKS[kind], "tooltip": True, **_mark_words(kind)},
        "encoding": encoding,
    }
    if len(series) < len(chart.series):
        names = [each.name for each in series]
        layer["transform"] = [{"filter": {"field": "series", "oneOf": names}}]
    return layer


def _mark_words(kind: str) -> dict[str, Any]:
    return {"opacity": 0.6} if kind == "area" else {"point": True} if kind == "line" else {}


def _line(chart: Chart, at: Any, label: str, is_across: bool) -> dict[str, Any]:
    channel = "y" if is_across != chart.is_horizontal else "x"
    mark = {"type": "rule", "strokeDash": [4, 4], "tooltip": label or None}
    return {"mark": mark, "encoding": {channel: {"datum": at}}}
