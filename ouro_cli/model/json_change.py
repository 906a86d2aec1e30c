"""What is otherwise in one JSON value than in another: place by place, before and after."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

_PLAIN = re.compile(r"[^\s.\[\]\"*]+")
_STEP = re.compile(r"\.?([^.\[]+)|(\[(?:[^\]\"]|\"(?:\\.|[^\"\\])*\")*\])")

_KEY = "id"
"""The field by which the items of a list are told apart, where each has one of its own."""


class ChangeKind(StrEnum):
    """What became of a place."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class JsonChange:
    """One place that is otherwise; `steps` lead there, `before` or `after` is None where it is not.

    A step is written as it stands in a path: a field's name, `["odd name"]`, `[3]`, `[id="x"]`.
    """

    steps: tuple[str, ...]
    kind: ChangeKind
    before: Any
    after: Any

    @property
    def path(self) -> str:
        """The place as a person reads it: `body.items[3].name`."""
        return path_text(self.steps)


def json_changes(before: Any, after: Any, steps: tuple[str, ...] = ()) -> Iterator[JsonChange]:
    """Every place that is otherwise, in the order of the values.

    Lists are compared by index; by `id` where every item of both is an object with one of its own,
    and their order then makes no difference. `1` and `1.0` are the same number, `true` is none.
    """
    # By hand, since a value may be nested deeper than calls may be.
    waiting: list[tuple[tuple[str, ...], Any, Any]] = [(steps, before, after)]
    while waiting:
        at, old, new = waiting.pop()
        if old is _NONE:
            yield JsonChange(at, ChangeKind.ADDED, None, new)
        elif new is _NONE:
            yield JsonChange(at, ChangeKind.REMOVED, old, None)
        elif isinstance(old, dict) and isinstance(new, dict):
            waiting += reversed([((*at, step), *pair) for step, *pair in _fields(old, new)])
        elif isinstance(old, list) and isinstance(new, list):
            waiting += reversed([((*at, step), *pair) for step, *pair in _items(old, new)])
        elif not _is_same(old, new):
            yield JsonChange(at, ChangeKind.CHANGED, old, new)


def path_text(steps: Iterable[str]) -> str:
    """Steps as a person reads them."""
    text = "".join(each if each.startswith("[") else f".{each}" for each in steps)
    return text.removeprefix(".")


def read_path(text: str) -> tuple[str, ...]:
    """The steps of a path as `path_text` writes it; ValueError for what is none."""
    steps, at = [], 0
    while at < len(text):
        match = _STEP.match(text, at)
        if match is None:
            raise ValueError(f"'{text}' is no path")
        steps.append(match[1] or match[2])
        at = match.end()
    if not steps:
        raise ValueError(f"'{text}' is no path")
    return tuple(steps)


def lies_in(steps: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    """Whether a place is what a pattern names, or lies in it; `*` and `[*]` are any step."""
    if len(steps) < len(pattern):
        return False
    return all(
        wanted in (step, "*") or (wanted == "[*]" and step.startswith("["))
        for step, wanted in zip(steps, pattern, strict=False)
    )


_NONE: Any = object()


def _fields(old: dict[str, Any], new: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for key in {**old, **new}:
        yield _field_step(key), old.get(key, _NONE), new.get(key, _NONE)


def _field_step(key: str) -> str:
    return key if _PLAIN.fullmatch(key) else f"[{json.dumps(key, ensure_ascii=False)}]"


def _items(old: list[Any], new: list[Any]) -> Iterator[tuple[str, Any, Any]]:
    by_old, by_new = _by_key(old), _by_key(new)
    if by_old is not None and by_new is not None and (old or new):
        for key in {**by_old, **by_new}:
            yield f"[{_KEY}={key}]", by_old.get(key, _NONE), by_new.get(key, _NONE)
        return
    for index in range(max(len(old), len(new))):
        first = old[index] if index < len(old) else _NONE
        yield f"[{index}]", first, new[index] if index < len(new) else _NONE


def _by_key(items: list[Any]) -> dict[str, Any] | None:
    """The items by their keys, written as JSON; None where one has none, or two have the same."""
    found: dict[str, Any] = {}
    for each in items:
        key = each.get(_KEY) if isinstance(each, dict) else None
        if not isinstance(key, str | int) or isinstance(key, bool):
            return None
        found[json.dumps(key, ensure_ascii=False)] = each
    return found if len(found) == len(items) else None


def _is_same(old: Any, new: Any) -> bool:
    return isinstance(old, bool) is isinstance(new, bool) and bool(old == new)
