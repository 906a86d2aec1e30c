"""A dataset's rows as CSV, JSON or NDJSON, piece by piece."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

from ouro_cli.store.datasets import Rows

# A spreadsheet takes a cell that begins so for a formula, and runs it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_AT_ONCE = 500


def csv_parts(rows: Rows) -> Iterator[bytes]:
    """CSV with a header; text that a spreadsheet would run as a formula is quoted with a `'`."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(_inert(rows.names))
    for number, row in enumerate(rows.values, start=1):
        writer.writerow(_inert(row))
        if number % _AT_ONCE == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def json_parts(rows: Rows) -> Iterator[bytes]:
    """One JSON array of objects, an object in each line."""
    begin = "[\n"
    for row in rows:
        yield f"{begin}{_json(row)}".encode()
        begin = ",\n"
    yield b"[]\n" if begin == "[\n" else b"\n]\n"


def ndjson_parts(rows: Rows) -> Iterator[bytes]:
    """A JSON object in each line."""
    for row in rows:
        yield f"{_json(row)}\n".encode()


PARTS: dict[str, Callable[[Rows], Iterator[bytes]]] = {
    "csv": csv_parts,
    "json": json_parts,
    "ndjson": ndjson_parts,
}


def _inert(row: Any) -> list[Any]:
    return [_cell(each) for each in row]


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    if isinstance(value, bool):
        return "true" if value else "false"
    return value


def _json(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False)


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()
