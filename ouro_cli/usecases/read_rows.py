"""The rows of a table as calls of one route: checked all at once, and then one by one as taken."""

import contextlib
import hashlib
import mimetypes
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ouro_cli.errors import FileUnreadable, OuroError, RowsRefused, UsageFault
from ouro_cli.runtime import Runtime
from ouro_cli.store.files import open_regular
from ouro_cli.store.row_sources import FILE_COLUMN, FOLDER, RowSource
from ouro_cli.usecases.start_action import Counter, RouteCall
from ouro_cli.usecases.wire_inputs import WiredInput, Wiring, wire_asset, wire_file
from ouro_cli.wire.inputs import Arguments, Field, Input, RawBody
from ouro_cli.wire.rows import INPUT, PlaceFault, RowMapping, RowPlace, row_arguments
from ouro_cli.wire.uploads import Upload

_MOST_SHOWN = 10
_NONE_OF_ITS_OWN = ("sha256",)


@dataclass(frozen=True, slots=True)
class RowCall:
    """A row that can be run: what is sent, and the assets that it takes."""

    values: Input
    wiring: Wiring


class RowFault(Exception):
    """A row that cannot be run, and all that is wrong with it."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("; ".join(faults))


class RowReader:
    """Makes calls of one route out of rows; what all rows share is read once.

    Raises UsageFault where a column is given a place that the route does not have.
    """

    def __init__(
        self,
        rt: Runtime,
        counter: Counter,
        call: RouteCall,
        shared: Wiring,
        source: RowSource,
        wanted: Mapping[str, str],
        folder: str = "",
    ) -> None:
        self._rt = rt
        self._counter = counter
        self._shared = shared
        self._arguments = call.arguments
        self._is_text = source.is_text
        self._folder = Path(folder) if source.form == FOLDER else None
        operation = counter.route.operation
        content_type = call.arguments.content_type
        try:
            self.mapping = RowMapping.of(operation, counter.fitter, content_type, wanted)
            if self._folder is not None and FILE_COLUMN not in wanted:
                wanted = {**wanted, FILE_COLUMN: self._only_place()}
                self.mapping = RowMapping.of(operation, counter.fitter, content_type, wanted)
        except PlaceFault as fault:
            raise UsageFault(why=f"--map: {fault}", hint="Nothing was sent.") from None

    @property
    def is_folder(self) -> bool:
        """Whether the rows are the files of a folder."""
        return self._folder is not None

    def call(self, row: Mapping[str, Any]) -> RowCall:
        """The call that a row makes; RowFault with all that is wrong with it."""
        if self._folder is not None:
            arguments, wiring = self._of_file(self._folder, row)
        else:
            arguments, inputs = row_arguments(
                self._arguments, row, self.mapping, is_text=self._is_text
            )
            wiring = self._with_inputs([self._asset(name, text) for name, text in inputs])
        try:
            fitted, faults = self._counter.fit(arguments, wiring)
        except OuroError as fault:
            raise RowFault([fault.message]) from None
        if faults:
            raise RowFault(list(map(str, faults)))
        return RowCall(self._counter.values(fitted, wiring), wiring)

    def _only_place(self) -> str:
        places = self.mapping.file_places()
        if len(places) == 1:
            return places[0]
        if not places:
            raise PlaceFault(f"{self._counter.route.reference} takes no file")
        ways = ", ".join(f"--map {FILE_COLUMN}={each}" for each in places)
        raise PlaceFault(f"it has to be said where the files go: {ways}")

    def _of_file(self, folder: Path, row: Mapping[str, Any]) -> tuple[Arguments, Wiring]:
        path = folder / str(row[FILE_COLUMN])
        try:
            with open_regular(path) as file:
                size = path.stat().st_size
                if hashlib.file_digest(file, "sha256").hexdigest() != row["sha256"]:
                    raise RowFault([f"{path.name} has changed since"])
        except (FileUnreadable, OSError):
            raise RowFault([f"{path.name} cannot be read"]) from None
        place = self.mapping.place_of(FILE_COLUMN) or RowPlace("")
        if place.kind == INPUT:
            with _told():
                wired = wire_file(self._rt, self._counter.route, place.name, path)
            return self._arguments, self._with_inputs([wired])
        guessed, packed = mimetypes.guess_type(path.name)
        media_type = "" if guessed is None or packed is not None else guessed
        upload = Upload(str(path), path.name, size, media_type)
        if not place.steps:
            body = RawBody(path.name, lambda: "", upload)
            return replace(self._arguments, body=body, has_body=True), self._shared
        field = Field(place.name, upload, False, place.steps)
        return replace(self._arguments, fields=(*self._arguments.fields, field)), self._shared

    def _asset(self, name: str, text: str) -> WiredInput:
        with _told():
            return wire_asset(self._rt, self._counter.route, name, text)

    def _with_inputs(self, own: list[WiredInput]) -> Wiring:
        names = {each.name for each in own}
        shared = [each for each in self._shared.inputs if each.name not in names]
        return Wiring((*shared, *own), self._counter.route.operation.input_assets)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OuroError as fault:
        raise RowFault([fault.message]) from None


def check_rows(source: RowSource, reader: RowReader, *, ignores: bool) -> int:
    """Look at every row before one is run; how many there are.

    Raises RowsRefused with the first faults and the numbers of their rows, UsageFault for columns
    that have no place, unless that `ignores` them, and FileUnreadable.
    """
    count, faulty = 0, 0
    shown: list[dict[str, Any]] = []
    _check_columns(source.columns() or [], reader, ignores=ignores)
    for count, row in enumerate(source, start=1):
        try:
            reader.call(row)
        except RowFault as fault:
            faulty += 1
            if len(shown) < _MOST_SHOWN:
                shown.append({"row": count, "faults": fault.faults})
    _check_columns([], reader, ignores=ignores)
    if faulty:
        raise RowsRefused(faulty, count, shown)
    if not count:
        raise FileUnreadable(path=source.path, why="it has no rows", hint="")
    return count


def _check_columns(names: list[str], reader: RowReader, *, ignores: bool) -> None:
    for name in names:
        reader.mapping.place_of(name)
    for name in _NONE_OF_ITS_OWN if reader.is_folder else ():
        reader.mapping.unknown.pop(name, None)
    if reader.mapping.unknown and not ignores:
        raise UsageFault(
            why=reader.mapping.why_unknown(),
            hint="Nothing was sent. Give them a place with --map column=place, or leave them out"
            " with --ignore-columns.",
        )
