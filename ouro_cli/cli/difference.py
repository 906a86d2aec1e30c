"""Two actions beside each other, as a person reads them: calm, short, and all of it on a word."""

import json
from collections.abc import Iterator
from typing import Any

from ouro_cli.cli import output
from ouro_cli.cli.assets import size_text
from ouro_cli.views.words import seconds_text

_LONGEST = 120
_MARKS = {"added": "+", "removed": "-", "changed": "~"}


def show_difference(view: dict[str, Any], most: int | None) -> None:
    """The differences on stdout, of each kind the first `most`; hints on stderr."""
    for name in ("before", "after"):
        each = view[name]
        output.print_line(
            output.joined(
                f"{name:6}", each["status"], each["route"], each["id"], each["created_at"]
            )
        )
    for note in view["notes"]:
        output.print_line(f"note: {output.one_line(note)}")
    is_cut = False
    for title in ("request", "response"):
        changes = [line for each in view[title] or () for line in _change(each)]
        is_cut |= _section(title.title(), changes, most)
    for each in view["outputs"] or ():
        if each["change"] is not None:
            lines = list(_details(each))
            is_cut |= _section(_headline(each), lines, most, total=_total(each, lines))
    output.section("Timing", (_timing(*item) for item in (view["timing"] or {}).items()))
    if view["is_equal"]:
        output.print_line()
        output.print_line("Nothing differs.")
    if is_cut:
        output.story("Every difference: --all")


def _section(title: str, lines: list[str], most: int | None, total: int | None = None) -> bool:
    """Print a section; whether some of it was left out."""
    shown = lines if most is None else lines[:most]
    left = (len(lines) if total is None else total) - len(shown)
    if not shown:
        if total is not None:
            output.section(title, ["other bytes"])
        return False
    output.section(title, [*shown, f"... and {left} more"] if left > 0 else shown)
    return left > 0


def _change(change: dict[str, Any]) -> Iterator[str]:
    mark, path = _MARKS[change["change"]], output.one_line(change["path"])
    if change["lines"]:
        yield f"{mark} {path}:"
        yield from (f"    {output.one_line(line)}" for line in change["lines"])
    elif change["change"] == "changed":
        yield f"{mark} {path}: {_value(change['before'])} -> {_value(change['after'])}"
    else:
        value = change["after"] if change["change"] == "added" else change["before"]
        yield f"{mark} {path}: {_value(value)}"


def _headline(each: dict[str, Any]) -> str:
    """`Output scores, a dataset: 3 rows came, 1 went, 2 changed; 100 before, 102 after`."""
    asset = each["after"] or each["before"]
    what = output.one_line(f"Output {each['name']}, a {asset['asset_type']}")
    rows, old, new = each["rows"], each["before"], each["after"]
    if old is None or new is None:
        return f"{what}: {'new' if old is None else 'gone'}"
    if rows is None:
        return f"{what}: {size_text(old['size'])} before, {size_text(new['size'])} after"
    told = [f"{output.counted(rows['added'], 'row')} came", f"{rows['removed']} went"]
    if rows["key"] is not None:
        told.append(f"{rows['changed']} changed")
    return f"{what}: {', '.join(told)}; {rows['before']} before, {rows['after']} after"


def _total(each: dict[str, Any], lines: list[str]) -> int:
    rows = each["rows"]
    if rows is None:
        return len(lines)
    listed, told = len(rows["rows"]), len(lines)
    count: int = rows["added"] + rows["removed"] + rows["changed"]
    return told - listed + max(listed, count)


def _details(each: dict[str, Any]) -> Iterator[str]:
    rows = each["rows"]
    if rows is None:
        old, new = each["before"], each["after"]
        if each["lines"]:
            yield from map(output.one_line, each["lines"])
        elif old is not None and new is not None:
            yield f"sha256 {old['sha256'][:12]} -> {new['sha256'][:12]}"
        else:
            yield output.joined((old or new)["id"], (old or new)["name"])
        return
    for name in ("columns_added", "columns_removed"):
        if rows[name]:
            yield output.one_line(f"{name.replace('_', ' ')}: {', '.join(rows[name])}")
    for row in rows["rows"]:
        yield _row(row, rows["key"])


def _row(row: dict[str, Any], key: str | None) -> str:
    mark, old, new = _MARKS[row["change"]], row["before"], row["after"]
    times = f" ({row['times']} times)" if row["times"] > 1 else ""
    if old is None or new is None:
        return f"{mark} {_value(new if old is None else old)}{times}"
    parts = [
        f"{output.one_line(name)} {_value(old[name])} -> {_value(new[name])}"
        for name in old
        if old[name] != new[name]
    ]
    return f"{mark} {output.one_line(key)} {_value(new[key])}: {', '.join(parts)}"


def _timing(name: str, pair: dict[str, Any]) -> str:
    def text(value: Any) -> str:
        if value is None:
            return "-"
        return str(value) if name == "attempts" else seconds_text(value)

    return f"{name:13}{text(pair['before'])} -> {text(pair['after'])}"


def _value(value: Any) -> str:
    text = output.one_line(json.dumps(value, ensure_ascii=False, default=str))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
