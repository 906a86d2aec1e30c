"""An asset's lineage as a Mermaid flowchart: boxes are assets, rounded are runs."""

import re
from typing import Any

from ouro_cli.cli.output import one_line

_TELLING = re.compile(r"[^\w .,:()/+-]")


def mermaid_lines(view: dict[str, Any]) -> list[str]:
    """The lines of a `flowchart` that draws a lineage view; each arrow once."""
    chart = _Chart()
    start = chart.asset(view["asset"])
    chart.runs(view["came_from"], start, is_backward=True)
    chart.runs(view["made"], start, is_backward=False)
    return ["flowchart LR", *chart.boxes, *dict.fromkeys(chart.arrows)]


class _Chart:
    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self.boxes: list[str] = []
        self.arrows: list[str] = []

    def asset(self, asset: dict[str, Any]) -> str:
        return self._box(asset["id"], f'["{told(asset["name"])}<br>{asset["asset_type"]}"]')

    def runs(self, node: dict[str, Any], start: str, *, is_backward: bool) -> None:
        for run in node["runs"]:
            action = run["action"]
            middle = start if action is None else self._run(action)
            if action is not None:
                self._arrow(middle, start, is_backward=not is_backward)
            for each in run["assets"]:
                end = self.asset(each["asset"])
                self._arrow(end, middle, is_backward=not is_backward, said=each["name"])
                self.runs(each, end, is_backward=is_backward)

    def _run(self, action: dict[str, Any]) -> str:
        return self._box(action["id"], f'("{told(action["route"])}<br>{action["status"]}")')

    def _box(self, key: str, shape: str) -> str:
        if key not in self._names:
            self._names[key] = f"n{len(self._names) + 1}"
            self.boxes.append(f"  {self._names[key]}{shape}")
        return self._names[key]

    def _arrow(self, one: str, other: str, *, is_backward: bool, said: str | None = None) -> None:
        first, second = (other, one) if is_backward else (one, other)
        label = f'|"{told(said)}"|' if said else ""
        self.arrows.append(f"  {first} -->{label} {second}")


def told(text: Any) -> str:
    """A text as it may stand between quotes: all that Mermaid or HTML could read is a number."""
    return _TELLING.sub(lambda each: f"#{ord(each.group())};", one_line(text))
