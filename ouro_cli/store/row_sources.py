"""A table whose rows are run: read row by row as it was written, as often as needed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ouro_cli.model.columns import BIGINT, BOOLEAN, DOUBLE
from ouro_cli.store.row_files import FileRows
from ouro_cli.store.tables import Cells

DATASET = "dataset"
FOLDER = "folder"
"""Forms beside those of `store.tables`: a kept dataset; a list of a folder's files."""

FILE_COLUMN = "file"
"""The column that names a folder's file."""

_READ: dict[str, Callable[[str], Any]] = {
    BIGINT: int,
    DOUBLE: float,
    BOOLEAN: lambda cell: cell.lower() == "true",
}

_TEXT = {"csv": None, "tsv": "\t"}


@dataclass(frozen=True, slots=True)
class RowSource:
    """A table by the path of its bytes and their form; nothing is read yet.

    A row is a dict by the names of the columns as they are written; what is missing in it, an
    empty cell of CSV or a NULL of a dataset, is left out.
    """

    path: Path
    form: str

    @property
    def is_text(self) -> bool:
        """Whether every value is text that is still to be typed."""
        return self.form in _TEXT

    def columns(self) -> list[str] | None:
        """The names of the columns where the table names them first; None where each row does."""
        return Cells(self.path, _TEXT[self.form]).names() if self.is_text else None

    def typed_rows(self) -> Iterator[dict[str, Any]]:
        """The rows with text cells as what their whole columns are: numbers, truths, else text."""
        if not self.is_text:
            yield from self
            return
        cells = Cells(self.path, _TEXT[self.form])
        types = zip(cells.names(), cells.columns(), strict=True)
        read = {name: _READ[column.type] for name, column in types if column.type in _READ}
        for row in self:
            yield {name: read.get(name, str)(cell) for name, cell in row.items()}

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """The rows in their order; FileUnreadable where one cannot be read."""
        if self.is_text:
            return Cells(self.path, _TEXT[self.form]).records()
        if self.form == DATASET:
            # Only a dataset needs it.
            from ouro_cli.store.datasets import read_rows  # noqa: PLC0415

            return _present(read_rows(self.path))
        return iter(FileRows(self.path, "ndjson" if self.form == FOLDER else self.form))


def _present(rows: Any) -> Iterator[dict[str, Any]]:
    for row in rows:
        yield {name: value for name, value in row.items() if value is not None}
