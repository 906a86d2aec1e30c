"""What people and programs read: results on stdout, the story on stderr, nothing else anywhere."""

import json as json_library
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, TextIO

from ouro_cli.errors import OuroError, UsageFault
from ouro_cli.safety import redact, redact_values, safe, safe_json, safe_line

_COLOURS = {
    "success": "32",
    "error": "31",
    "timed-out": "33",
    "in-progress": "36",
    "queued": "36",
    "warning": "33",
    "dim": "2",
    "bold": "1",
}


def is_terminal(stream: TextIO) -> bool:
    """Whether a person sees this stream as it is written."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def styled(text: str, style: str, stream: TextIO | None = None) -> str:
    """The text in a colour, where the stream shows colours."""
    stream = stream or sys.stdout
    if style not in _COLOURS or not is_terminal(stream) or os.environ.get("NO_COLOR"):
        return text
    return f"\x1b[{_COLOURS[style]}m{text}\x1b[0m"


def show(
    view: Any,
    human: Callable[[Any], None],
    *,
    json: bool = False,
    jq: str | None = None,
) -> None:
    """Print a view: as JSON, filtered by jq, or in its human form, which reads the same dict."""
    if jq is not None:
        for text in _filtered(view, jq):
            print_line(text)
    elif json:
        print_json(view)
    else:
        human(view)


def print_json(value: Any) -> None:
    """One JSON document on stdout."""
    _write(sys.stdout, "\n".join(json_lines(value)))


def print_value(value: Any) -> None:
    """A result: text as it is but for what could hurt a terminal; everything else as JSON."""
    if isinstance(value, str):
        print_text(value)
    else:
        print_json(value)


def print_text(text: str) -> None:
    """Remote text on stdout, its lines kept."""
    _write(sys.stdout, safe(redact_values(text)).removesuffix("\n"))


def print_line(text: str = "") -> None:
    """A line of our own on stdout; remote parts of it have passed `one_line`."""
    _write(sys.stdout, redact(text))


def story(text: str) -> None:
    """A line of what is going on, on stderr."""
    _write(sys.stderr, redact(text))


def one_line(text: Any) -> str:
    """Remote text made fit to stand inside a line."""
    return safe_line(str(text))


def counted(number: int, noun: str) -> str:
    """`1 route`, `2 routes`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def joined(*parts: Any) -> str:
    """Remote texts as one line, two blanks between; empty ones are left out."""
    return "  ".join(each for part in parts if (each := one_line(part)))


def show_error(fault: OuroError, *, json: bool, action_id: str | None = None) -> None:
    """Say what failed, why, and what to do next: on stderr, and as JSON on stdout where asked."""
    message, hint = fault.message, fault.advice
    if json:
        error = {"code": fault.code, "message": message, "hint": hint, "action_id": action_id}
        print_json({"error": error, **fault.details})
    lines = f"ouro: {message}" if message.endswith((".", "?", "!")) else f"ouro: {message}."
    story(one_line(f"{lines} {hint}".strip()))


def table(
    rows: Sequence[Sequence[str]], headers: Sequence[str], *, style_column: int | None = None
) -> None:
    """Rows on stdout: aligned under headers for a person, joined by two blanks for a program."""
    rows = [[one_line(cell) for cell in row] for row in rows]
    if not is_terminal(sys.stdout):
        for row in rows:
            print_line("  ".join(row))
        return
    widths = [max(len(cell) for cell in column) for column in zip(headers, *rows, strict=True)]
    room = terminal_width() - 2 * (len(widths) - 1)
    while sum(widths) > room and max(widths) > 8:
        widths[widths.index(max(widths))] -= 1
    print_line(styled("  ".join(map(_cut, headers, widths)).rstrip(), "dim"))
    for row in rows:
        cells = [_cut(cell, width) for cell, width in zip(row, widths, strict=True)]
        if style_column is not None:
            cells[style_column] = styled(cells[style_column], row[style_column])
        print_line("  ".join(cells).rstrip())


def aligned(rows: Sequence[Sequence[str]], *, widest: int) -> list[str]:
    """Rows as lines in which the columns stand below each other; longer cells are cut."""
    cells = [[one_line(cell) for cell in row] for row in rows]
    widths = [min(max(map(len, column)), widest) for column in zip(*cells, strict=True)]
    return ["  ".join(map(_cut, row, widths)).rstrip() for row in cells]


def cell(value: Any) -> str:
    """A value of a table as text; a missing one is empty."""
    if value is None or isinstance(value, str):
        return value or ""
    return json_library.dumps(value, ensure_ascii=False)


def section(title: str, lines: Iterable[str]) -> None:
    """A title, and lines below it, indented; nothing where there are no lines."""
    shown = list(lines)
    if shown:
        print_line()
        print_line(styled(title, "bold"))
        for line in shown:
            print_line(f"  {line}")


def json_lines(value: Any) -> list[str]:
    """A JSON value as indented lines, fit for a terminal."""
    text = json_library.dumps(value, ensure_ascii=False, indent=2, default=str)
    if redact_values(text) != text:
        text = json_library.dumps(_without_secrets(value), ensure_ascii=False, indent=2)
    return safe_json(text).splitlines()


def terminal_width() -> int:
    """How many columns there are, within reason."""
    try:
        columns = int(os.environ.get("COLUMNS") or os.get_terminal_size(1).columns)
    except (ValueError, OSError):
        columns = 80
    return min(max(columns, 40), 400)


def ago(text: str | None) -> str:
    """A moment as people say it: `3m ago`; the date where it is long past."""
    if not text:
        return ""
    at = datetime.fromisoformat(text)
    seconds = (datetime.now(UTC) - at).total_seconds()
    for size, unit in ((60, "s"), (3600, "m"), (86400, "h")):
        if seconds < size:
            return f"{max(0, int(seconds / (size // 60 if size < 86400 else 3600)))}{unit} ago"
    return at.astimezone().strftime("%Y-%m-%d %H:%M")


def _write(stream: TextIO, text: str) -> None:
    stream.write(f"{text}\n")
    stream.flush()


def _filtered(view: Any, expression: str) -> list[str]:
    try:
        import jq  # noqa: PLC0415
    except ImportError:
        raise UsageFault(
            why="--jq needs the 'jq' package", hint="pip install 'ouro-cli[jq]'"
        ) from None
    try:
        found = jq.compile(expression).input_value(view).all()
    except ValueError as fault:
        raise UsageFault(why=f"--jq: {str(fault).splitlines()[0]}") from None
    return [
        safe(each)
        if isinstance(each, str)
        else safe_json(json_library.dumps(each, ensure_ascii=False))
        for each in found
    ]


def _without_secrets(value: Any) -> Any:
    """The value with its texts redacted; a number that is a secret becomes text."""
    if isinstance(value, dict):
        return {redact_values(str(key)): _without_secrets(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_without_secrets(each) for each in value]
    if value is None or isinstance(value, bool):
        return value
    shown = redact_values(str(value))
    return value if isinstance(value, int | float) and shown == str(value) else shown


def _cut(text: str, width: int) -> str:
    return text.ljust(width) if len(text) <= width else f"{text[: width - 1]}…"
