"""Dot paths: how a declaration names a value of a response, `energy.total` or `steps.0.energy`."""

import math
from typing import Any


def value_at(value: Any, path: str) -> Any:
    """What the path leads to, a number being a place in a list; None where it leads nowhere."""
    for step in path.split("."):
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and _is_place(step) and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def as_number(value: Any) -> float | int | None:
    """The value where it is a number that can be compared and drawn; None for all else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return value if math.isfinite(value) else None
    except OverflowError:
        return None


def _is_place(step: str) -> bool:
    return step.isascii() and step.isdigit() and len(step) < 10
