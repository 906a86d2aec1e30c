"""Write the story of a run while its answer streams in: each event a line, in few commits."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import replace

from ouro_cli import safety
from ouro_cli.alarm import alarm
from ouro_cli.errors import OuroError
from ouro_cli.model.action import Beside, Event
from ouro_cli.model.streams import Item, StreamReader, is_stream
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.outlive import Flight
from ouro_cli.wire.outcome import (
    Failed,
    Finished,
    NoAnswer,
    Outcome,
    UpstreamResponse,
    external_error,
    read_outcome,
)
from ouro_cli.wire.streams import fault_in

OFTEN_SECONDS = 1.0
OFTEN_BYTES = 64 * 1024
"""What has come is committed after so long, or so many bytes, whichever is first."""

MOST_LINES = 10_000
"""How many lines one answer may add to the story; the response holds all of them."""

_LONGEST_LINE = 2_000

OnLine = Callable[[Event], None]


class StreamStory:
    """Looks on while the answer to an action's request comes in.

    Where that is a stream, its events become lines of the story, and each batch of them a sign of
    life. `on_line` is told each at once, as long as somebody waits here.
    """

    def __init__(self, rt: Runtime, flight: Flight, on_line: OnLine | None = None) -> None:
        self._rt = rt
        self._flight = flight
        self._on_line = on_line
        self._timer: contextlib.ExitStack | None = None
        self._is_busy = self._is_due = False
        self.begins(0, "")

    def begins(self, status: int, media_type: str) -> None:
        """An answer begins; what came of another before it is forgotten, not its lines."""
        streams = 200 <= status < 300 and is_stream(media_type)
        self._status = status
        self._reader = StreamReader(media_type) if streams else None
        self._items: list[Item] = []
        self._fault = ""
        self._count = 0
        self._waiting: list[str] = []
        self._size = 0
        self._written_at = time.monotonic() - OFTEN_SECONDS

    def takes(self, piece: bytes) -> None:
        """A piece has come: read what ends in it, and commit what is due."""
        if self._reader is None:
            return
        self._is_busy = True
        for item in self._reader.feed(piece):
            self._add(item)
        self._size += len(piece)
        self._is_busy = False
        waited = time.monotonic() - self._written_at
        if self._is_due or waited >= OFTEN_SECONDS or self._size >= OFTEN_BYTES:
            self._write()
        elif self._waiting and self._timer is None:
            self._timer = contextlib.ExitStack()
            self._timer.enter_context(alarm(OFTEN_SECONDS - waited, self._ring))

    def closes(self) -> None:
        """No more will come: commit what is left."""
        if self._timer is not None:
            self._timer.close()
        if self._reader is not None:
            for item in self._reader.feed(b"", is_last=True):
                self._add(item)
            self._write()

    def meaning(self, answer: UpstreamResponse | NoAnswer, service_url: str) -> Outcome | None:
        """What a stream means that is whole, or broke off; None where it was none."""
        if self._reader is None:
            return None
        if isinstance(answer, NoAnswer):
            why = f"the stream broke off after {self._count} events: {answer.step}: {answer.why}"
            return self._failed(why, "stream_broken", service_url, answer.beside)
        if self._fault:
            return self._failed(self._fault, "external_service_error", service_url)
        outcome = read_outcome(answer, service_url)
        return outcome if isinstance(outcome, Finished | Failed) else None

    def _add(self, item: Item) -> None:
        if item.is_end:
            return
        self._count += 1
        self._fault = self._fault or fault_in(item)
        if self._count > MOST_LINES:
            return
        self._items.append(item)
        line = safety.redact(item.line[:_LONGEST_LINE])
        if self._count == MOST_LINES:
            line = "more has come than the story shows; the response holds all"
        self._waiting.append(line)
        if self._on_line is not None and not self._flight.is_child:
            at = self._rt.now()
            self._on_line(Event(0, self._flight.action_id, at, "log", "info", line))

    def _ring(self) -> None:
        self._timer = None
        if self._is_busy:
            self._is_due = True
        else:
            self._write()

    def _write(self) -> None:
        """Commit what has come; where the registry cannot take it, with the next batch."""
        if self._timer is not None:
            self._timer.close()
            self._timer = None
        self._is_due, self._size = False, 0
        self._written_at = time.monotonic()
        if not self._waiting:
            return
        self._is_busy = True
        try:
            with self._flight.writing(), contextlib.suppress(OuroError):
                self._commit()
        finally:
            self._is_busy = False

    def _commit(self) -> None:
        now, action_id = self._rt.now(), self._flight.action_id
        with self._rt.store.transaction() as tx:
            for line in self._waiting:
                tx.events.tell(action_id, "log", line, at=now)
            tx.actions.touch(action_id, now)
        self._waiting = []

    def _failed(
        self, why: str, code: str, service_url: str, beside: Beside | None = None
    ) -> Failed:
        body = external_error(
            why,
            502,
            service_url,
            code=code,
            upstream_status=self._status,
            upstream_body=[each.value for each in self._items],
        )
        return Failed(replace(body, beside=beside), self._status)
