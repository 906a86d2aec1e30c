"""Tables in files: CSV, TSV, JSON, NDJSON and Parquet, read as often as needed in little memory."""

import codecs
import csv
import io
import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from ouro_cli.errors import FileUnreadable
from ouro_cli.model.columns import MOST_COLUMNS, CellType, Column, ValueType, column_names, stored
from ouro_cli.store.files import open_regular
from ouro_cli.store.row_files import AS_FILE, LONGEST_ROW, FileRows
from ouro_cli.store.rows import json_text

FORMATS = {
    "csv": "csv",
    "tsv": "tsv",
    "tab": "tsv",
    "json": "json",
    "ndjson": "ndjson",
    "jsonl": "ndjson",
    "parquet": "parquet",
}
"""File extension -> the format that it stands for."""

_BATCH = 1_000
_CHUNK = 2**20
_BLANKS = " \t\r\n"


class Cells:
    """A table of text cells under a header, as CSV has it; an empty cell is a missing value.

    Every reading begins anew, so that columns can be told from all the rows before one is kept.
    """

    is_text = True

    def __init__(self, path: Path, delimiter: str | None = None) -> None:
        self._path = path
        self._delimiter = delimiter

    def columns(self) -> list[Column]:
        """The columns, typed by every cell in them; FileUnreadable where they cannot be told."""
        reader = self._reader()
        header = self._header(reader)
        types = [CellType() for _ in header]
        for batch in _batches(self._even(reader, len(header))):
            for kind, cells in zip(types, zip(*batch, strict=True), strict=True):
                kind.see(cells)
        names = column_names(header)
        return [Column(name, kind.type) for name, kind in zip(names, types, strict=True)]

    def rows(self, columns: Sequence[Column]) -> Iterator[Sequence[Any]]:
        """The rows, as wide as the columns, in text."""
        reader = self._reader()
        self._header(reader)
        return self._even(reader, len(columns))

    def names(self) -> list[str]:
        """The names of the columns as they are written; FileUnreadable where two are the same."""
        names = self._header(self._reader())
        doubled = next((each for each in names if names.count(each) > 1), None)
        if doubled is not None:
            why = f"it has two columns '{doubled}'"
            raise FileUnreadable(path=self._path, why=why, hint="Rename one of them.")
        return names

    def records(self) -> Iterator[dict[str, str]]:
        """The rows by the names of their columns; an empty cell is left out."""
        reader = self._reader()
        names = self._header(reader)
        for cells in self._even(reader, len(names)):
            yield {name: cell for name, cell in zip(names, cells, strict=True) if cell}

    def _header(self, reader: Iterator[list[str]]) -> list[str]:
        header = next(reader, [])
        while header and not header[-1].strip():
            header.pop()
        return _bearable(self._path, header)

    def _even(self, reader: Iterator[list[str]], width: int) -> Iterator[list[str]]:
        for number, row in enumerate(reader, start=2):
            if len(row) != width:
                if not row:
                    continue
                if any(row[width:]):
                    why = f"row {number} has {len(row)} cells, and the header has {width}"
                    raise FileUnreadable(path=self._path, why=why, hint=AS_FILE)
                row = row[:width] + [""] * (width - len(row))
            yield row

    def _reader(self) -> Iterator[list[str]]:
        # The limit is the process's own; a quote that never ends must not fill the memory.
        csv.field_size_limit(LONGEST_ROW)
        file = open_regular(self._path)
        try:
            with io.TextIOWrapper(file, encoding=_encoding(file.peek(4)), newline="") as text:
                if self._delimiter is None:
                    self._delimiter = _delimiter(text.readline(_CHUNK))
                    text.seek(0)
                yield from csv.reader(text, delimiter=self._delimiter)
        except csv.Error as fault:
            raise FileUnreadable(path=self._path, why=f"no CSV: {fault}", hint=AS_FILE) from None
        except UnicodeError:
            raise FileUnreadable(path=self._path, why="it is not UTF-8", hint=AS_FILE) from None


class Records:
    """A table of JSON objects; a column is every key that occurs."""

    is_text = False

    def __init__(self, path: Path, rows: Iterable[dict[str, Any]]) -> None:
        self._path = path
        # What can be read once only is held in memory.
        self._rows = list(rows) if iter(rows) is rows else rows
        self._keys: list[str] = []

    def columns(self) -> list[Column]:
        """The columns, typed by every value in them; FileUnreadable where they cannot be told."""
        types: dict[str, ValueType] = {}
        for batch in _batches(self._rows):
            if not all(isinstance(row, dict) for row in batch):
                raise FileUnreadable(path=self._path, why="a row is no object", hint=AS_FILE)
            for key in dict.fromkeys(itertools.chain.from_iterable(batch)):
                if key not in types:
                    _bearable(self._path, [*types, key])
                    types[key] = ValueType()
                types[key].see([row.get(key) for row in batch])
        self._keys = _bearable(self._path, list(types))
        names = column_names(self._keys)
        return [Column(name, types[key].type) for name, key in zip(names, self._keys, strict=True)]

    def rows(self, columns: Sequence[Column]) -> Iterator[Sequence[Any]]:
        """The rows, as wide as the columns, each value as its column keeps it."""
        put = [stored(each.type, json_text) for each in columns]
        pairs = list(zip(self._keys, put, strict=True))
        for row in self._rows:
            yield [keep(row.get(key)) for key, keep in pairs]


Table = Cells | Records


def read_table(path: Path, form: str) -> Table:
    """The table in a file of this format, one of `FORMATS`; nothing is read yet."""
    match form:
        case "csv":
            return Cells(path)
        case "tsv":
            return Cells(path, "\t")
        case _:
            return Records(path, FileRows(path, form))


def looks_like(head: bytes) -> str:
    """The format of JSON rows, NDJSON or Parquet whose file begins so; empty for all else."""
    if head.startswith(b"PAR1"):
        return "parquet"
    text = head.decode("utf-8-sig", "ignore").lstrip(_BLANKS)
    if text.startswith("[") and text[1:].lstrip(_BLANKS).startswith("{"):
        return "json"
    first, _, second = text.partition("\n")
    is_lines = first.startswith("{") and first.rstrip().endswith("}") and second.startswith("{")
    return "ndjson" if is_lines else ""


def _bearable(path: Path, names: list[str]) -> list[str]:
    if not names:
        raise FileUnreadable(path=path, why="it has no columns", hint=AS_FILE)
    if len(names) > MOST_COLUMNS:
        why = f"it has more than {MOST_COLUMNS:,} columns"
        raise FileUnreadable(path=path, why=why, hint=AS_FILE)
    return names


def _batches(rows: Iterable[Any]) -> Iterator[list[Any]]:
    left = iter(rows)
    while batch := list(itertools.islice(left, _BATCH)):
        yield batch


def _encoding(head: bytes) -> str:
    return "utf-16" if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"


def _delimiter(header: str) -> str:
    """What parts the header's cells: the likely mark that occurs most often, else the comma."""
    return max(",;\t|", key=header.count)
