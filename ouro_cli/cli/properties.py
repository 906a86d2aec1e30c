"""What is known of an asset, as lines: value, unit, method, and the run that it comes from."""

from collections.abc import Iterable
from typing import Any

from ouro_cli.cli import output


def property_lines(views: Iterable[dict[str, Any]]) -> list[str]:
    """A line for each property view: `curie_temperature  750 ± 12 K  by Monte Carlo  from ID`."""
    return [_line(each) for each in views]


def _line(view: dict[str, Any]) -> str:
    value = " ".join(output.json_lines(view["value"])) if _is_nested(view) else view["value"]
    spread = "" if view["uncertainty"] is None else f" ± {view['uncertainty']:.6g}"
    unit = f" {view['unit']}" if view["unit"] else ""
    conditions = ", ".join(f"{name} {each}" for name, each in view["conditions"].items())
    return output.joined(
        view["property"],
        f"{value}{spread}{unit}",
        f"by {view['method']}" if view["method"] else "",
        f"at {conditions}" if conditions else "",
        f"from {view['action_id']}",
    )


def _is_nested(view: dict[str, Any]) -> bool:
    return isinstance(view["value"], dict | list | bool)
