"""Where things lie in a chart: scales, their marks, and the spans of stacked values."""

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ouro_cli.model.chart import Chart, Series
from ouro_cli.model.dot_path import as_number

_Span = tuple[float, float, float]
"""A place on the category axis (0 to 1), and the values between which something is drawn."""


_LARGEST = 1e150
_LEAST_SPAN = 1e-12


def drawable(value: Any) -> float | None:
    """The value where it is a number that scales can be reckoned with; None for all else."""
    number = as_number(value)
    return None if number is None or abs(number) > _LARGEST else float(number)


@dataclass(frozen=True, slots=True)
class Scale:
    """The values from `low` to `high` along an axis."""

    low: float
    high: float
    is_logarithmic: bool = False

    def share(self, value: float) -> float:
        """How far along the axis a value lies: 0 at its beginning, 1 at its end."""
        low, high, value = (self._laid(each) for each in (self.low, self.high, value))
        return (value - low) / (high - low)

    def holds(self, value: float) -> bool:
        """Whether the value lies on the axis."""
        return self.low <= value <= self.high

    def ticks(self) -> list[float]:
        """Round values along the axis, some five of them; powers of ten on a logarithmic one."""
        if self.is_logarithmic:
            first, last = (round(math.log10(each)) for each in (self.low, self.high))
            return [10.0**each for each in range(first, last + 1, max(1, (last - first) // 6))]
        step = _round_step((self.high - self.low) / 5)
        first = math.ceil(self.low / step - 1e-9)
        return [number * step for number in range(first, math.floor(self.high / step + 1e-9) + 1)]

    def _laid(self, value: float) -> float:
        return math.log10(max(value, self.low)) if self.is_logarithmic else value


@dataclass(frozen=True, slots=True)
class Plan:
    """A chart's scales, and where each record lies: `places` from 0 to 1, None for nowhere."""

    chart: Chart
    values: Scale
    places: tuple[float | None, ...]
    band: float
    categories: Scale | None
    _spans: dict[str, list[tuple[float, float] | None]]

    def spans(self, series: Series) -> Iterator[_Span]:
        """Where a series has values, in the order of the records."""
        for run in self.runs(series):
            yield from run

    def runs(self, series: Series) -> Iterator[list[_Span]]:
        """The same, a list for each stretch without a gap."""
        run: list[_Span] = []
        for place, span in zip(self.places, self._spans[series.key], strict=True):
            if place is not None and span is not None:
                run.append((place, *span))
            elif run:
                yield run
                run = []
        if run:
            yield run

    def labels(self, most: int) -> Iterator[tuple[float, str]]:
        """What stands along the category axis, and where."""
        if self.categories is not None:
            for tick in self.categories.ticks():
                yield self.categories.share(tick), f"{tick:.6g}"
            return
        step = math.ceil(len(self.places) / most)
        for index in range(0, len(self.places), step):
            place = self.places[index]
            if place is not None:
                yield place, str(self.chart.rows[index].get(self.chart.category_key, ""))

    def place_of(self, category: Any) -> float | None:
        """Where on the category axis a category lies; None where it is not on it."""
        if self.categories is not None:
            number = drawable(category)
            is_there = number is not None and self.categories.holds(number)
            return self.categories.share(number) if number is not None and is_there else None
        for place, row in zip(self.places, self.chart.rows, strict=True):
            if row.get(self.chart.category_key) == category:
                return place
        return None


def plan_of(chart: Chart) -> Plan:
    """The plan of a chart that is no pie."""
    spans = _spans(chart)
    flat = [each for series in spans.values() for each in series if each is not None]
    rests_on_zero = any(each.kind in ("bar", "area") for each in chart.series)
    ends = [value for low, high in flat for value in ((low, high) if rests_on_zero else (high,))]
    lines = [drawable(each.at) for each in chart.lines if each.is_across]
    values = _scale([*ends, *(each for each in lines if each is not None)], chart.is_logarithmic)
    if values.is_logarithmic:
        floor = values.low
        spans = {
            key: [None if each is None or each[1] <= 0 else (floor, each[1]) for each in series]
            for key, series in spans.items()
        }
    if chart.is_continuous:
        numbers = [drawable(row.get(chart.category_key)) for row in chart.rows]
        known = [each for each in numbers if each is not None]
        # A curve fills its axis; single points want some room about them.
        categories = _scale(known, False, is_tight=chart.kind != "scatter")
        places = tuple(None if each is None else categories.share(each) for each in numbers)
        return Plan(chart, values, places, 0.8 / max(1, len(places)), categories, spans)
    count = max(1, len(chart.rows))
    places = tuple((index + 0.5) / count for index in range(len(chart.rows)))
    return Plan(chart, values, places, 1 / count, None, spans)


def _spans(chart: Chart) -> dict[str, list[tuple[float, float] | None]]:
    """Between which values each record of each series is drawn; stacked ones on one another."""
    tops: dict[tuple[str, int], float] = defaultdict(float)
    spans: dict[str, list[tuple[float, float] | None]] = {}
    for series in chart.series:
        spans[series.key] = []
        for index, row in enumerate(chart.rows):
            value = drawable(row.get(series.key))
            if value is None:
                spans[series.key].append(None)
                continue
            low = tops[series.stack, index] if series.stack else 0.0
            tops[series.stack, index] = low + value
            spans[series.key].append((low, low + value))
    return spans


def _scale(values: list[float], is_logarithmic: bool, *, is_tight: bool = False) -> Scale:
    """A scale on which all of these lie, from a round value to a round one unless it is tight."""
    if is_logarithmic:
        above = [each for each in values if each > 1 / _LARGEST]
        if above:
            powers = [math.log10(each) for each in (min(above), max(above))]
            first, last = math.floor(powers[0]), math.ceil(powers[1])
            return Scale(10.0**first, 10.0 ** max(last, first + 1), True)
    low, high = min(values, default=0.0), max(values, default=1.0)
    # Where all values are as good as one, the scale is as wide as they are large.
    if high - low <= _LEAST_SPAN * max(abs(low), abs(high), _LEAST_SPAN):
        low, high = low - (abs(low) / 2 or 0.5), high + (abs(high) / 2 or 0.5)
    if is_tight:
        return Scale(low, high)
    step = _round_step((high - low) / 5)
    return Scale(math.floor(low / step) * step, math.ceil(high / step) * step)


def _round_step(rough: float) -> float:
    """The next of 1, 2, 5, 10, 20, ... that is no smaller."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * (1 - 1e-9))
