"""What a batch is to start next: the rows of a table, or again those of it that failed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from ouro_cli.errors import OuroError
from ouro_cli.model.action import Action, ActionStatus
from ouro_cli.model.asset import Asset
from ouro_cli.model.batch import Batch
from ouro_cli.runtime import Runtime
from ouro_cli.store.registry import Nouns
from ouro_cli.store.row_sources import RowSource
from ouro_cli.usecases.read_rows import RowCall, RowFault, RowReader
from ouro_cli.usecases.start_action import (
    Counter,
    Prepared,
    Ready,
    RouteCall,
    add_action,
    keep_ready,
)
from ouro_cli.wire.inputs import Input


@dataclass(frozen=True, slots=True)
class Start:
    """A row that is to be started: all that its action needs is kept; or why it cannot be."""

    row: int
    ready: Ready | None = None
    values: Input | None = None
    assets: tuple[tuple[str, Asset], ...] = ()
    error: str = ""
    repeats: str = ""

    def write(self, rt: Runtime, tx: Nouns, batch_id: str, user_id: str) -> None:
        """Write the row's action down, in the transaction that claims it."""
        if self.ready is None:
            tx.batches.take(batch_id, self.row, None, self.error)
            return
        add_action(rt, tx, self.ready, user_id)
        if self.repeats:
            tx.attempts.repeat(self.ready.action_id, of=self.repeats)
            tx.batches.point(batch_id, self.row, self.ready.action_id)
        else:
            tx.batches.take(batch_id, self.row, self.ready.action_id, None)


class Feed(Protocol):
    """Gives what is to be started, in its order, as it is asked for."""

    def __iter__(self) -> Iterator[Start]:
        """Begin."""


class TableFeed:
    """The rows of a table behind those that were taken, each read as it is asked for."""

    def __init__(
        self,
        rt: Runtime,
        counter: Counter,
        reader: RowReader,
        source: RowSource,
        call: RouteCall,
        batch: Batch,
    ) -> None:
        self._rt = rt
        self._counter = counter
        self._reader = reader
        self._source = source
        self._call = call
        self._batch = batch

    def __iter__(self) -> Iterator[Start]:
        """The rows that are left."""
        left_out = self._rt.store.batches.left_out(self._batch.id, self._batch.taken)
        for number, row in enumerate(self._source, start=1):
            if number > self._batch.taken or number in left_out:
                yield self._start(number, row)

    def _start(self, number: int, row: dict[str, Any]) -> Start:
        try:
            called = self._reader.call(row)
            return Start(number, *self._kept(called))
        except RowFault as fault:
            return Start(number, error=str(fault))
        except OuroError as fault:
            return Start(number, error=fault.message)

    def _kept(self, called: RowCall) -> tuple[Ready, Input, tuple[tuple[str, Asset], ...]]:
        counter = self._counter
        prepared = Prepared(counter.route, counter.service, called.values, called.wiring)
        ready = keep_ready(self._rt, prepared, self._call)
        assets = tuple((each.name, each.asset) for each in ready.wiring.inputs)
        return ready, Input.of_request(ready.request), assets


class FailedFeed:
    """The rows of a batch that ended otherwise than well, each to be run once more."""

    def __init__(self, rt: Runtime, batch_id: str) -> None:
        self._rt = rt
        self._batch_id = batch_id

    def __iter__(self) -> Iterator[Start]:
        """The rows that have failed by now."""
        from ouro_cli.usecases.rerun_action import ready_again  # noqa: PLC0415

        for row in self._rt.store.batches.rows(self._batch_id):
            failed = row.status in (ActionStatus.ERROR, ActionStatus.TIMED_OUT)
            if failed and row.action_id is not None:
                action: Action = self._rt.store.actions.get(row.action_id)
                ready = ready_again(self._rt, action)
                assets = tuple((each.name, each.asset) for each in action.inputs)
                values = Input.of_request(ready.request)
                yield Start(row.row, ready, values, assets, repeats=action.id)
