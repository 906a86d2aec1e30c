"""Rows in files of JSON, NDJSON and Parquet, one after another, in little memory."""

import io
import itertools
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ouro_cli.errors import FileUnreadable
from ouro_cli.store.files import open_regular

LONGEST_ROW = 64 * 2**20
"""How many bytes a row may be."""

AS_FILE = "Keep it as it is: --type file."

_CHUNK = 2**20
_BATCH = 1_000
_BLANKS = re.compile(r"[ \t\r\n]*")


class FileRows:
    """The rows in a file of JSON, NDJSON or Parquet, which can be read as often as wanted."""

    def __init__(self, path: Path, form: str) -> None:
        self._path = path
        self._read = _READERS[form]

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Read them anew; FileUnreadable where there are none."""
        return self._read(self._path)


class _Characters:
    """JSON values in a file, one after another; of the file no more is held than a value needs."""

    def __init__(self, path: Path, file: io.BufferedReader) -> None:
        self._path = path
        self._text = io.TextIOWrapper(file, encoding="utf-8-sig")
        self._held = ""
        self._at = 0

    def pass_over(self, wanted: str = "") -> str:
        """Pass over blanks, and then over one of the wanted characters; which it was, if any."""
        while True:
            self._at = _BLANKS.match(self._held, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._held) or not self._read_more():
                break
        found = self._held[self._at : self._at + 1]
        if found and found in wanted:
            self._at += 1
            return found
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
            raise FileUnreadable(path=self._path, why="it is not UTF-8", hint=AS_FILE) from None
        self._held, self._at = self._held[self._at :] + more, 0
        return bool(more)


def _json_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSON array."""
    with open_regular(path) as file:
        characters = _Characters(path, file)
        if not characters.pass_over("["):
            raise FileUnreadable(path=path, why="it is no list of rows", hint=AS_FILE)
        if characters.pass_over("]"):
            return
        for number in itertools.count(1):
            characters.pass_over()
            yield _row(path, number, characters.value(number))
            match characters.pass_over(",]"):
                case "]":
                    return
                case "":
                    raise FileUnreadable(path=path, why=f"it breaks off after row {number}")


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
        raise FileUnreadable(path=path, why=why, hint=hint) from None
    with open_regular(path) as file:
        try:
            for batch in pyarrow.parquet.ParquetFile(file).iter_batches(_BATCH):
                yield from batch.to_pylist()
        except (pyarrow.lib.ArrowException, OSError, ValueError) as fault:
            why = f"no Parquet: {str(fault).splitlines()[0]}"
            raise FileUnreadable(path=path, why=why, hint=AS_FILE) from None


def _refuse_constant(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _row(path: Path, number: int, value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise FileUnreadable(path=path, why=f"row {number} is no object", hint=AS_FILE)


def _unreadable(path: Path, number: int, fault: Exception) -> FileUnreadable:
    match fault:
        case UnicodeError():
            why = "it is not UTF-8"
        case RecursionError():
            why = f"row {number} is nested too deep"
        case json.JSONDecodeError(msg=said):
            why = f"row {number} is no JSON: {said}"
        case _:
            why = f"row {number}: {fault}"
    return FileUnreadable(path=path, why=why, hint=AS_FILE)


_READERS: dict[str, Callable[[Path], Iterator[dict[str, Any]]]] = {
    "json": _json_rows,
    "ndjson": _ndjson_rows,
    "parquet": _parquet_rows,
}
