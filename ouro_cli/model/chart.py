"""Charts of a run's response: as a route declares them, and filled with what the response says."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from ouro_cli.model.declaration import Declaration
from ouro_cli.model.dot_path import as_number, value_at

EXTENSION = "x-ouro-response-charts"

MOST_ROWS = 5_000
"""How many records a chart shows; no screen tells more of them apart."""

KINDS = frozenset({"bar", "line", "area", "composed", "scatter", "pie", "donut"})
"""What can be drawn; any other kind is shown as a table."""

_NAMING = frozenset({"data", "dataKey", "nameKey", "field", "type", "sort", "dataset", "stackId"})

_PLACE = re.compile(r"\{([^{}:]+)(?::(\d))?\}")


@dataclass(frozen=True, slots=True)
class Series:
    """One row of values: the key under which each record has its own, a name, and its shape."""

    key: str
    name: str
    kind: str
    stack: str = ""


@dataclass(frozen=True, slots=True)
class ReferenceLine:
    """A line across the chart at a value, or at a place of the category axis."""

    at: Any
    label: str
    is_across: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart with its records, in their order.

    `category_key` is where a record says its label or its place on the x axis; `is_continuous`
    where those are numbers on a scale. `is_horizontal` bars lie. `note` says what it does not show.
    """

    kind: str
    title: str
    description: str
    category_key: str
    category_label: str
    is_continuous: bool
    value_label: str
    series: tuple[Series, ...]
    rows: tuple[dict[str, Any], ...]
    lines: tuple[ReferenceLine, ...] = ()
    is_logarithmic: bool = False
    is_horizontal: bool = False
    note: str = ""

    @property
    def is_drawn(self) -> bool:
        """Whether it can be drawn; else it is a table."""
        return self.kind in KINDS and bool(self.rows)


def read_charts(
    declared: Any, outputs: dict[str, Declaration], problems: list[str]
) -> tuple[Declaration, ...]:
    """What `x-ouro-response-charts` says is drawn of a response (contract section 3.9).

    What cannot be read is left out and said in `problems`: a chart as a whole where it could not
    be drawn, else the faulty word alone.
    """
    if declared is None:
        return ()
    if not isinstance(declared, list):
        problems.append(f"{EXTENSION}: expected a list, not {type(declared).__name__}")
        return ()
    datasets = {name for name, each in outputs.items() if each["asset_type"] == "dataset"}
    read: list[Declaration] = []
    for index, declaration in enumerate(declared):
        where = f"{EXTENSION}/{index}"
        problem = _problem(declaration)
        if problem is not None:
            problems.append(f"{where}: {problem}; left out")
        else:
            read.append(_tidy(declaration, datasets, where, problems))
    return tuple(read)


def fill_chart(declaration: Declaration, response: Any) -> Chart | None:
    """The chart with the records of a response; None where the response has no such list."""
    records = value_at(response, declaration["data"])
    if not isinstance(records, list):
        return None
    rows = [each for each in records if isinstance(each, dict)]
    order = declaration.get("sort")
    if order:
        rows = _sorted(rows, order)
    rows = rows[: declaration.get("limit")]
    chart = _framed(_spoken(declaration, response), response)
    notes = []
    if chart.kind not in KINDS:
        notes.append(f"a chart of the kind '{chart.kind}' cannot be drawn here; this is its table")
    if len(rows) > MOST_ROWS:
        notes.append(f"the first {MOST_ROWS} of {len(rows)} records")
    return replace(chart, rows=tuple(rows[:MOST_ROWS]), note="; ".join(notes))


def filled_text(text: str, response: Any) -> str:
    """The text with `{path}` and `{path:decimals}` replaced by what the response says there."""

    def said(match: re.Match[str]) -> str:
        value = value_at(response, match[1])
        if match[2] is not None and as_number(value) is not None:
            return f"{value:.{match[2]}f}"
        return "?" if value is None or isinstance(value, dict | list) else _plain(value)

    return _PLACE.sub(said, text)


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _spoken(value: Any, response: Any) -> Any:
    """A declaration with its texts filled, all but those that name keys and paths."""
    if isinstance(value, str):
        return filled_text(value, response)
    if isinstance(value, dict):
        return {
            word: each if word in _NAMING else _spoken(each, response)
            for word, each in value.items()
        }
    if isinstance(value, list):
        return [_spoken(each, response) for each in value]
    return value


def _framed(declaration: Declaration, response: Any) -> Chart:
    """The chart without its records."""
    config = declaration["config"]
    kind = config["type"]
    category, value = _dict(config.get("category")), _dict(config.get("value"))
    key = next(each for each in _category_keys(config) if _text(each))
    return Chart(
        kind=kind,
        title=declaration["title"],
        description=declaration.get("description", ""),
        category_key=key,
        category_label=_text(category.get("label")) or key,
        is_continuous=category.get("type") == "number" or kind == "scatter",
        value_label=_text(value.get("label")),
        series=tuple(_series(each, kind) for each in _stated_series(config)),
        rows=(),
        lines=tuple(_lines(config.get("referenceLines"), response)),
        is_logarithmic=value.get("scale") == "log",
        is_horizontal=config.get("layout") == "vertical" and kind == "bar",
    )


def _series(stated: dict[str, Any], kind: str) -> Series:
    own = _text(stated.get("type"))
    shape = kind if kind != "composed" else own if own in ("bar", "line", "area") else "line"
    key = stated["dataKey"]
    return Series(key, _text(stated.get("name")) or key, shape, _text(stated.get("stackId")))


def _lines(stated: Any, response: Any) -> list[ReferenceLine]:
    lines = []
    for each in stated if isinstance(stated, list) else []:
        at = _dict(each).get("value")
        if isinstance(at, dict):
            at = value_at(response, _text(at.get("field")))
        if at is not None and not isinstance(at, dict | list):
            lines.append(
                ReferenceLine(at, _text(each.get("label")), each.get("axis") != "category")
            )
    return lines


def _sorted(rows: list[dict[str, Any]], order: str) -> list[dict[str, Any]]:
    key, descends = order.removeprefix("-"), order.startswith("-")
    there = [each for each in rows if each.get(key) is not None]
    return [
        *sorted(there, key=lambda each: _rank(each[key]), reverse=descends),
        *(each for each in rows if each.get(key) is None),
    ]


def _rank(value: Any) -> tuple[bool, float, str]:
    number = as_number(value)
    return (number is None, number or 0, "" if number is not None else str(value))


def _problem(declaration: Any) -> str | None:
    if not isinstance(declaration, dict):
        return "expected an object"
    for word in ("data", "title"):
        if not _text(declaration.get(word)):
            return f"{word} {declaration.get(word)!r} is no text"
    config = declaration.get("config")
    if not isinstance(config, dict) or not _text(config.get("type")):
        return "config is no object with a type"
    series = _stated_series(config)
    if not series or not all(_text(_dict(each).get("dataKey")) for each in series):
        return "config/series is no list of objects with a dataKey"
    if not any(_text(each) for each in _category_keys(config)):
        return "config/category has no dataKey"
    return None


def _stated_series(config: dict[str, Any]) -> list[Any]:
    """The config's series; a pie's `dataKey` may stand by itself."""
    series = config.get("series", [{"dataKey": config.get("dataKey")}])
    return series if isinstance(series, list) else []


def _category_keys(config: dict[str, Any]) -> tuple[Any, ...]:
    """Where a config may say which key its categories have; a pie's is its `nameKey`."""
    first = _dict(_stated_series(config)[0])
    category = _dict(config.get("category"))
    return (category.get("dataKey"), first.get("nameKey"), config.get("nameKey"))


def _tidy(
    declaration: Declaration, datasets: Collection[str], where: str, problems: list[str]
) -> Declaration:
    tidy = {word: value for word, value in declaration.items() if value is not None}
    for word in ("description", "sort", "dataset"):
        if word in tidy and not isinstance(tidy[word], str):
            problems.append(f"{where}: {word} {tidy.pop(word)!r} is no text and was left out")
    limit = tidy.get("limit", 1)
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        problems.append(f"{where}: limit {tidy.pop('limit')!r} is no number above 0; left out")
    if "dataset" in tidy and tidy["dataset"] not in datasets:
        why = "names no dataset that the route makes, and was left out"
        problems.append(f"{where}: dataset {tidy.pop('dataset')!r} {why}")
    return tidy


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
