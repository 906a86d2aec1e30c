"""Reports into files: one pass in constant memory, each file whole or not at all."""

import stat
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

from ouro_cli.errors import FileExists, FileUnreadable
from ouro_cli.reports import har, junit, markdown
from ouro_cli.reports.case import Case, Totals
from ouro_cli.safety import redact_values
from ouro_cli.store.saved_files import save

_HELD = 2**20
_PIECE = 2**18


class Writer(Protocol):
    """What writes a kind of report: a piece for each case, and once all are known, the rest."""

    def piece(self, case: Case) -> str:
        """What is written of a case."""
        ...

    def head(self, title: str, totals: Totals) -> str:
        """What stands before all pieces."""
        ...

    def tail(self) -> str:
        """What stands behind them."""
        ...


KINDS: dict[str, tuple[Callable[[], Writer], str]] = {
    "junit": (junit.Junit, junit.MARK),
    "md": (markdown.Markdown, markdown.MARK),
    "har": (har.Har, har.MARK),
}
"""Each kind of report: what writes it, and what its files have among their first characters."""


@dataclass(frozen=True, slots=True)
class Report:
    """A report that was asked for: its kind, and its file; None is standard output."""

    kind: str
    path: Path | None


def check_destination(report: Report) -> None:
    """Raise FileUnreadable or FileExists where the report could not be written, as far as is known.

    A file that is there is replaced where it is an earlier report of the same kind, or empty.
    """
    path = report.path
    if path is None:
        return
    try:
        if not path.parent.is_dir():
            raise FileUnreadable(path=path.parent, why="it is no folder", hint=_NOTHING)
        is_there = path.exists()
        if is_there and not stat.S_ISREG(path.stat().st_mode):
            if path.is_dir():
                raise FileUnreadable(path=path, why="it is a folder", hint=_NOTHING)
            # A pipe or a terminal is written to as it is.
            return
        # What a folder lets its owner do is known once it was tried.
        tempfile.TemporaryFile(dir=path.parent).close()
        if is_there and not _is_report(report.kind, path):
            hint = f"It is no earlier report, and was let be. {_NOTHING}"
            raise FileExists(path=path, hint=hint)
    except OSError as fault:
        why = (fault.strerror or "it cannot be written").lower()
        raise FileUnreadable(path=path, why=why, hint=_NOTHING) from None


def write_reports(reports: Sequence[Report], title: str, cases: Iterable[Case]) -> Totals:
    """Write all reports of these cases, which are gone through once; how many there were.

    Raises FileNotWritten; a file is then as it was before.
    """
    totals = Totals()
    with ExitStack() as stack:
        # What stands before the pieces counts them, so the pieces wait in a file that nobody sees.
        drafts = [
            (KINDS[each.kind][0](), stack.enter_context(tempfile.SpooledTemporaryFile(_HELD)))
            for each in reports
        ]
        for case in cases:
            totals = totals.plus(case)
            for writer, draft in drafts:
                draft.write(_bytes(writer.piece(case)))
        for report, (writer, draft) in zip(reports, drafts, strict=True):
            parts = _parts(writer, draft, title, totals)
            if report.path is None:
                for part in parts:
                    sys.stdout.buffer.write(part)
                sys.stdout.buffer.flush()
            else:
                save(report.path, parts, force=True)
    return totals


_NOTHING = "Nothing was done."


def _is_report(kind: str, path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(200)
    return not head or KINDS[kind][1].encode() in head


def _parts(writer: Writer, draft: IO[Any], title: str, totals: Totals) -> Iterator[bytes]:
    yield _bytes(writer.head(title, totals))
    draft.seek(0)
    while part := draft.read(_PIECE):
        yield part
    yield _bytes(writer.tail())


def _bytes(text: str) -> bytes:
    return redact_values(text).encode("utf-8", "replace")
