"""What stands at a JSON path in a value; the paths that `model.poll.read_path` reads."""

import re
from typing import Any

from ouro_cli.model.poll import read_path

_INDEX = re.compile("[0-9]{1,9}")


def value_at(value: Any, path: str) -> Any:
    """The value at a path such as `$.data[0].status`; None where there is nothing."""
    for step in read_path(path):
        if isinstance(step, str) and isinstance(value, dict):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list) and -len(value) <= step < len(value):
            value = value[step]
        else:
            return None
    return value


def value_at_pointer(value: Any, pointer: str) -> Any:
    """The value at a JSON pointer such as `/data/0/id` (RFC 6901); None where there is nothing."""
    for token in pointer.split("/")[1:]:
        step = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and _INDEX.fullmatch(step) and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value
