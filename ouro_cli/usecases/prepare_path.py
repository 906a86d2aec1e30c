"""A file of the caller's as an asset: its bytes as they are, its rows, or its Markdown."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ouro_cli.errors import FileUnreadable
from ouro_cli.model.asset import Asset, AssetType
from ouro_cli.model.declaration import Declaration
from ouro_cli.model.json_text import read_json
from ouro_cli.runtime import Runtime
from ouro_cli.store.files import open_regular
from ouro_cli.usecases.keep_asset import (
    AssetWords,
    describe_file,
    prepare_dataset,
    prepare_file,
    prepare_post,
)

_LARGEST_TEXT = 64 * 2**20
_TABLES = frozenset({".csv", ".tsv", ".json", ".ndjson", ".jsonl", ".parquet"})
_POSTS = frozenset({".md", ".markdown"})
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]{1,2})?")


def type_for(path: Path, declaration: Declaration) -> AssetType | None:
    """What a file becomes to fit a declaration; None where nothing that is kept here would.

    Of several types, a table becomes a dataset and Markdown a post, all else a file.
    """
    known = {each.value for each in AssetType}
    kinds = [
        AssetType(each)
        for each in declaration.get("asset_types") or [declaration["asset_type"]]
        if each in known
    ]
    suffix = path.suffix.lower()
    if AssetType.DATASET in kinds and suffix in _TABLES:
        return AssetType.DATASET
    if AssetType.POST in kinds and suffix in _POSTS:
        return AssetType.POST
    return AssetType.FILE if AssetType.FILE in kinds else next(iter(kinds), None)


def outline(rt: Runtime, path: Path, kind: AssetType) -> Asset:
    """What a file would be as an asset, as far as its name and size tell; nothing is kept.

    Raises FileUnreadable for a path that is no regular file.
    """
    with open_regular(path) as file:
        size = file.seek(0, io.SEEK_END)
    return describe_file(rt, kind, path, size)


def prepare_path(rt: Runtime, path: Path, kind: AssetType) -> Asset:
    """The file's content kept as an asset of this type; its row is not written yet.

    Raises FileUnreadable where it cannot be read as such.
    """
    words = AssetWords(name=path.name, filename=path.name)
    match kind:
        case AssetType.DATASET:
            return prepare_dataset(rt, rows_in(path), words)
        case AssetType.POST:
            return prepare_post(rt, text_in(path), words)
        case _:
            return prepare_file(rt, path, words)


def text_in(path: Path) -> str:
    """A file's text; FileUnreadable where it is none."""
    with open_regular(path) as file:
        data = file.read(_LARGEST_TEXT + 1)
    if len(data) > _LARGEST_TEXT:
        raise FileUnreadable(path=path, why=f"it is larger than {_LARGEST_TEXT // 2**20} MiB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise FileUnreadable(path=path, why=f"not UTF-8 at byte {fault.start}") from None


def rows_in(path: Path) -> list[dict[str, Any]]:
    """The flat rows that a file of CSV, TSV, JSON or NDJSON holds; FileUnreadable without any."""
    text, suffix = text_in(path), path.suffix.lower()
    try:
        rows = list(_rows(text, suffix))
    except (ValueError, csv.Error) as fault:
        raise FileUnreadable(path=path, why=f"it holds no rows: {fault}") from None
    if not rows or not all(isinstance(row, dict) and row for row in rows):
        raise FileUnreadable(path=path, why="it holds no rows")
    return rows


def _rows(text: str, suffix: str) -> Iterator[Any]:
    if suffix == ".json":
        value = read_json(text)
        yield from value if isinstance(value, list) else [value]
    elif suffix in (".ndjson", ".jsonl"):
        yield from (read_json(line) for line in text.splitlines() if line.strip())
    else:
        reader = csv.DictReader(io.StringIO(text), delimiter="\t" if suffix == ".tsv" else ",")
        for row in reader:
            yield {name: _value(cell) for name, cell in row.items() if name is not None}


def _value(cell: str | None) -> Any:
    if not cell:
        return None
    if _INTEGER.fullmatch(cell):
        return int(cell)
    return float(cell) if _DECIMAL.fullmatch(cell) else cell
