"""In which line of a file each of its values stands."""

from typing import Any

import yaml

from ouro_cli.openapi.refs import pointer
from ouro_cli.openapi.yaml_text import Parser


class Lines:
    """Lines by JSON pointer (`#/workflows/0`), counted from 1; JSON is read as the YAML it is."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._known: dict[str, int] | None = None

    def at(self, place: str) -> int:
        """The line of what the pointer leads to, or of the nearest that holds it; 0 if unknown."""
        if self._known is None:
            self._known = _lines_of(self._text)
        while place not in self._known and place != "#":
            place = place.rpartition("/")[0]
        return self._known.get(place, 0)


class _Open:
    """A collection whose end has not come yet."""

    __slots__ = ("count", "is_mapping", "key", "steps")

    def __init__(self, steps: tuple[object, ...], *, is_mapping: bool) -> None:
        self.steps = steps
        self.is_mapping = is_mapping
        self.key: str | None = None
        self.count = 0

    def next_steps(self) -> tuple[object, ...]:
        """Where the value that comes next stands."""
        if self.is_mapping:
            key, self.key = self.key, None
            return (*self.steps, key)
        self.count += 1
        return (*self.steps, self.count - 1)


def _lines_of(text: str) -> dict[str, int]:
    parser = Parser(text)
    lines: dict[str, int] = {}
    try:
        _follow(parser, lines)
    except yaml.YAMLError:
        # JSON may say what YAML does not; whatever was placed until then is right.
        pass
    finally:
        parser.dispose()
    return lines


def _follow(parser: Any, lines: dict[str, int]) -> None:
    stack = [_Open((), is_mapping=False)]

    for event in iter(parser.get_event, None):
        if isinstance(event, yaml.CollectionEndEvent):
            stack.pop()
        elif isinstance(event, yaml.NodeEvent):
            top = stack[-1]
            line = int(event.start_mark.line) + 1  # type: ignore[union-attr]
            if top.is_mapping and top.key is None:
                top.key = str(getattr(event, "value", ""))
                lines[pointer(*top.steps[1:], top.key)] = line
                continue
            steps = top.next_steps()
            lines.setdefault(pointer(*steps[1:]), line)
            if isinstance(event, yaml.CollectionStartEvent):
                is_mapping = isinstance(event, yaml.MappingStartEvent)
                stack.append(_Open(steps, is_mapping=is_mapping))
