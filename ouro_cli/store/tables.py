"""Tables in files: CSV, TSV, JSON, NDJSON and Parquet, read as often as needed in little memory."""

import codecs
import csv
import io
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from ouro_cli.errors import FileUnusable
from ouro_cli.model.columns import MOST_COLUMNS, CellType, Column, ValueType, column_names, stored
from ouro_cli.store.files import open_regular
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

LONGEST_ROW = 64 * 2**20
"""How many bytes a row of JSON may be, and a cell of CSV."""

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
        """The columns, typed by every cell in them; FileUnusable where they cannot be told."""
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
                    raise FileUnusable(path=self._path, why=why, hint=AS_FILE)
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
            raise FileUnusable(path=self._path, why=f"no CSV: {fault}", hint=AS_FILE) from None
        except UnicodeError:
            raise FileUnusable(path=self._path, why="it is not UTF-8", hint=AS_FILE) from None


class Records:
    """A table of JSON objects; a column is every key that occurs."""

    is_text = False

    def __init__(self, path: Path, rows: Iterable[dict[str, Any]]) -> None:
        self._path = path
        # What can be read once only is held in memory.
        self._rows = list(rows) if iter(rows) is rows else rows
        self._keys: list[str] = []

    def columns(self) -> list[Column]:
        """The columns, typed by every value in them; FileUnusable where they cannot be told."""
        types: dict[str, ValueType] = {}
        for batch in _batches(self._rows):
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

AS_FILE = "Keep it as it is: --type file."


def read_table(path: Path, form: str) -> Table:
    """The table in a file of this format, one of `FORMATS`; nothing is read yet."""
    match form:
        case "csv":
            return Cells(path)
        case "tsv":
            return Cells(path, "\t")
        case "json":
            return Records(path, _Again(lambda: _json_rows(path)))
        case "ndjson":
            return Records(path, _Again(lambda: _ndjson_rows(path)))
        case _:
            return Records(path, _Again(lambda: _parquet_rows(path)))


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


class _Again:
    """Rows that can be read as often as wanted."""

    def __init__(self, read: Callable[[], Iterator[dict[str, Any]]]) -> None:
        self._read = read

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return self._read()


class _Characters:
    """JSON values in a file, one after another; of the file no more is held than a value needs."""

    def __init__(self, path: Path, file: io.BufferedReader) -> None:
        self._path = path
        self._text = io.TextIOWrapper(file, encoding="utf-8-sig")
        self._held = ""
        self._at = 0

    def pass_over(self, wanted: str) -> str:
        """Pass over blanks, and then over one of the wanted characters; which it was, if any."""
        while True:
            rest = self._held[self._at :].lstrip(_BLANKS)
            if rest or not self._read_more():
                break
        self._held, self._at = rest, 0
        if rest and rest[0] in wanted:
            self._at = 1
            return rest[0]
        return ""

    def value(self, number: int) -> Any:
        """The next value, which is the row of this number."""
        while True:
            try:
                value, self._at = _DECODER.raw_decode(self._held, self._at)
                return value
            except (ValueError, RecursionError) as fault:
                # A value that is cut off at the end of what is held is no fault yet.
                is_cut = isinstance(fault, json.JSONDecodeError)
                is_long = len(self._held) - self._at > LONGEST_ROW
                if not is_cut or is_long or not self._read_more():
                    raise _unreadable(self._path, number, fault) from None

    def _read_more(self) -> bool:
        try:
            more = self._text.read(_CHUNK)
        except UnicodeError:
            raise FileUnusable(path=self._path, why="it is not UTF-8", hint=AS_FILE) from None
        self._held, self._at = self._held[self._at :] + more, 0
        return bool(more)


def _json_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSON array."""
    with open_regular(path) as file:
        characters = _Characters(path, file)
        if not characters.pass_over("["):
            raise FileUnusable(path=path, why="it is no list of rows", hint=AS_FILE)
        if characters.pass_over("]"):
            return
        for number in itertools.count(1):
            if characters.pass_over("") == "":
                yield _row(path, number, characters.value(number))
            match characters.pass_over(",]"):
                case "]":
                    return
                case "":
                    raise FileUnusable(path=path, why=f"it breaks off after row {number}")


def _ndjson_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The object in each line."""
    with open_regular(path) as file:
        for number in itertools.count(1):
            line = file.readline(LONGEST_ROW)
            if not line:
                return
            if not line.strip():
                continue
            try:
                text = line.decode("utf-8-sig" if number == 1 else "utf-8")
                value = _DECODER.decode(text)
            except (ValueError, RecursionError) as fault:
                raise _unreadable(path, number, fault) from None
            yield _row(path, number, value)


def _parquet_rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        # It is large, and most people have no Parquet.
        import pyarrow.lib  # noqa: PLC0415
        import pyarrow.parquet  # noqa: PLC0415
    except ImportError:
        hint = "pip install 'ouro-cli[parquet]', or keep it as it is: --type file."
        why = "reading Parquet needs pyarrow, which is not installed"
        raise FileUnusable(path=path, why=why, hint=hint) from None
    with open_regular(path) as file:
        try:
            for batch in pyarrow.parquet.ParquetFile(file).iter_batches(_BATCH):
                yield from batch.to_pylist()
        except (pyarrow.lib.ArrowException, OSError, ValueError) as fault:
            why = f"no Parquet: {str(fault).splitlines()[0]}"
            raise FileUnusable(path=path, why=why, hint=AS_FILE) from None


def _refuse_constant(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _row(path: Path, number: int, value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise FileUnusable(path=path, why=f"row {number} is no object", hint=AS_FILE)


def _unreadable(path: Path, number: int, fault: Exception) -> FileUnusable:
    match fault:
        case UnicodeError():
            why = "it is not UTF-8"
        case RecursionError():
            why = f"row {number} is nested too deep"
        case json.JSONDecodeError(msg=said):
            why = f"row {number} is no JSON: {said}"
        case _:
            why = f"row {number}: {fault}"
    return FileUnusable(path=path, why=why, hint=AS_FILE)


def _bearable(path: Path, names: list[str]) -> list[str]:
    if not names:
        raise FileUnusable(path=path, why="it has no columns", hint=AS_FILE)
    if len(names) > MOST_COLUMNS:
        why = f"it has more than {MOST_COLUMNS:,} columns"
        raise FileUnusable(path=path, why=why, hint=AS_FILE)
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
