"""Values put where a key like `a[b][]` leads: into objects and lists, which are made on the way."""

from typing import Any

from ouro_cli.wire.coercion import kinds_of
from ouro_cli.wire.shape import is_index

_MOST_PADDING = 1_000


def leads_into_list(step: str, schema: Any, root: Any) -> bool:
    """Whether the step leads into a list that is not there yet; a number may be a field's name."""
    if step == "" or not is_index(step):
        return step == ""
    kinds = kinds_of(schema, root, set())
    return "array" in kinds or "object" not in kinds


def placed(container: Any, steps: list[tuple[str, bool]], value: Any) -> Any:
    """The container with the value at the end of the steps, each with whether it is in a list.

    `""` appends to a list, a number is an index; what is skipped on the way there is null. Raises
    TypeError where something else is in the way.
    """
    if not steps:
        return value
    (step, is_in_list), rest = steps[0], steps[1:]
    if container is None:
        container = [] if is_in_list else {}
    if isinstance(container, list) and is_index(step):
        index = int(step[:9]) if step else len(container)
        missing = index + 1 - len(container)
        if missing > _MOST_PADDING:
            raise TypeError
        copied = [*container, *[None] * missing]
        copied[index] = placed(copied[index], rest, value)
        return copied
    if not isinstance(container, dict) or step == "":
        raise TypeError
    return {**container, step: placed(container.get(step), rest, value)}


def inside(value: Any, step: str) -> Any:
    """What lies one step inside a value; None where nothing does."""
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and step and is_index(step) and int(step[:9]) < len(value):
        return value[int(step[:9])]
    return None


def value_at(value: Any, steps: tuple[str, ...]) -> Any:
    """What lies at the end of the steps; None where nothing does."""
    for step in steps:
        value = inside(value, step)
    return value
