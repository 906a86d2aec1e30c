"""Run a workflow once for each row of a table: the row gives its inputs."""

import itertools
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ouro_cli.errors import (
    ChainInHand,
    FileUnreadable,
    InvalidInput,
    OuroError,
    RowsRefused,
    UsageFault,
)
from ouro_cli.model.batch import Batch, BatchStatus, Pacing, key_of
from ouro_cli.model.chain import Workflow
from ouro_cli.model.chain_run import ChainRun, ChainStatus
from ouro_cli.runtime import Runtime
from ouro_cli.store.registry import Nouns
from ouro_cli.store.row_sources import RowSource
from ouro_cli.usecases.find_table import Table, found_table
from ouro_cli.usecases.run_chain import run_chain
from ouro_cli.usecases.start_batch import Begun, add_batch, begin_work, known_batch, taken_over
from ouro_cli.usecases.start_chain import ChainCall, checked_inputs, start_chain
from ouro_cli.wire.coercion import typed

_MOST_SHOWN = 10


def start_chain_batch(
    rt: Runtime,
    call: ChainCall,
    workflow: Workflow,
    table: str,
    pacing: Pacing,
    *,
    wanted: Mapping[str, str],
    ignores: bool = False,
    into: str = "",
    again: bool = False,
) -> Begun:
    """Begin, or go on with, a workflow for each row of a table, in a process of its own.

    The inputs of `call` are what all rows share. Raises what `start_batch` raises.
    """
    with found_table(rt, table) as found:
        shared = {"inputs": dict(call.inputs), "map": dict(wanted)}
        what = f"workflow {call.sha256} {workflow.id}"
        key = key_of(found.sha256, what, shared)
        batch = known_batch(rt, key, again=again)
        rows = _Rows(workflow, call, found.source, wanted)
        if batch is None:
            total = rows.check(ignores=ignores)
            batch = add_batch(rt, found, _batch(rt, found, key, workflow, wanted, total, into))
    mine = taken_over(rt, batch, into)
    if mine is None:
        return Begun(batch, None)
    source = RowSource(rt.store.files.path_of(mine.sha256), mine.plan["form"])
    rows = _Rows(workflow, call, source, wanted)

    def run(rt: Runtime, stopping: threading.Event) -> BatchStatus:
        return _ChainRows(rt, mine, call, rows, pacing, stopping).run()

    return Begun(mine, begin_work(rt, mine, run))


def _batch(
    rt: Runtime,
    table: Table,
    key: str,
    workflow: Workflow,
    wanted: Mapping[str, str],
    total: int,
    into: str,
) -> Batch:
    now = rt.now()
    plan = {"form": table.source.form, "workflow": workflow.id, "map": dict(wanted)}
    return Batch(
        id=rt.new_id(),
        key=key,
        user_id="",
        status=BatchStatus.IN_PROGRESS,
        source=table.said,
        sha256=table.sha256,
        plan=plan,
        total=total,
        created_at=now,
        last_updated=now,
        into_name=into or None,
    )


class _Rows:
    """The rows of a table as inputs of a workflow."""

    def __init__(
        self, workflow: Workflow, call: ChainCall, source: RowSource, wanted: Mapping[str, str]
    ) -> None:
        self._workflow = workflow
        self._call = call
        self._source = source
        self._wanted = wanted
        stated: Any = (workflow.inputs or {}).get("properties")
        self._known: Mapping[str, Any] = stated if isinstance(stated, Mapping) else {}
        self._unknown: dict[str, None] = {}

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for row in self._source:
            yield self._inputs(row)

    def check(self, *, ignores: bool) -> int:
        """How many rows there are; RowsRefused, UsageFault where some cannot be run."""
        count, shown, faulty = 0, list[dict[str, Any]](), 0
        for count, inputs in enumerate(self, start=1):
            try:
                checked_inputs(self._workflow, inputs)
            except InvalidInput as fault:
                faulty += 1
                if len(shown) < _MOST_SHOWN:
                    shown.append({"row": count, "faults": [str(fault.facts["faults"])]})
        if self._unknown and not ignores:
            told = ", ".join(f"'{each}'" for each in itertools.islice(self._unknown, 20))
            takes = ", ".join(self._known) or "none"
            raise UsageFault(
                why=f"workflow {self._workflow.id} has no input {told}",
                hint=f"Nothing was sent. It has {takes}; --map column=input, or --ignore-columns.",
            )
        if faulty:
            raise RowsRefused(faulty, count, shown)
        if not count:
            raise FileUnreadable(path=self._source.path, why="it has no rows", hint="")
        return count

    def _inputs(self, row: Mapping[str, Any]) -> dict[str, Any]:
        inputs = dict(self._call.inputs)
        for column, value in row.items():
            name = self._wanted.get(column, column)
            if self._known and name not in self._known:
                if len(self._unknown) < _MOST_SHOWN:
                    self._unknown[column] = None
                continue
            is_text = self._source.is_text and isinstance(value, str)
            schema = self._known.get(name, {})
            inputs[name] = typed(value, schema, self._workflow.inputs) if is_text else value
        return inputs


class _ChainRows:
    """One process's work at a batch of chains: as many threads as chains may run at once."""

    def __init__(
        self,
        rt: Runtime,
        batch: Batch,
        call: ChainCall,
        rows: _Rows,
        pacing: Pacing,
        stopping: threading.Event,
    ) -> None:
        self._rt = rt
        self._batch = batch
        self._call = call
        self._pacing = pacing
        self._stopping = stopping
        self._lock = threading.Lock()
        self._left = iter(rt.store.batches.open_chains(batch.id))
        left_out = rt.store.batches.left_out(batch.id, batch.taken)
        self._rows = (
            (number, inputs)
            for number, inputs in enumerate(rows, start=1)
            if number > batch.taken or number in left_out
        )
        self._failures = 0
        self._fault: BaseException | None = None

    def run(self) -> BatchStatus:
        """See all rows to their end."""
        threads = [
            threading.Thread(target=self._work, daemon=True)
            for _ in range(self._pacing.concurrency)
        ]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        if self._fault is not None:
            raise self._fault
        is_left = self._is_stopping or bool(self._rt.store.batches.open_chains(self._batch.id))
        return BatchStatus.STOPPED if is_left else BatchStatus.DONE

    @property
    def _is_stopping(self) -> bool:
        most = self._pacing.stop_after
        return (
            self._stopping.is_set()
            or self._fault is not None
            or (most is not None and self._failures >= most)
        )

    def _work(self) -> None:
        try:
            while not self._is_stopping and (chain_id := self._next()) is not None:
                try:
                    ended = run_chain(self._rt, chain_id, self._stopping)
                except ChainInHand:
                    # Somebody resumed it by hand.
                    continue
                self._failures += ended.status is ChainStatus.ERROR
        except BaseException as fault:
            self._fault = fault
        finally:
            self._rt.store.close()

    def _next(self) -> str | None:
        """The next chain to run, written down with its row; None where there is none."""
        with self._lock:
            left = next(self._left, None)
            if left is not None:
                return left
            while (row := next(self._rows, None)) is not None:
                number, inputs = row
                self._wait_for_start()
                try:
                    return self._started(number, inputs)
                except OuroError as fault:
                    with self._rt.store.transaction() as tx:
                        tx.batches.take(self._batch.id, number, None, fault.message)
                        tx.batches.note_taken(self._batch.id)
                    self._failures += 1
            return None

    def _started(self, number: int, inputs: dict[str, Any]) -> str:
        def note(tx: Nouns, chain: ChainRun) -> None:
            tx.batches.take_chain(self._batch.id, number, chain.id)

        return start_chain(self._rt, replace(self._call, inputs=inputs), also=note).id

    def _wait_for_start(self) -> None:
        rate = self._pacing.rate
        while rate is not None and not self._stopping.is_set():
            with self._rt.store.transaction() as tx:
                key = f"workflow {self._call.sha256} {self._call.workflow}"
                at = tx.pace.reserve(key, rate, self._rt.now())
            if at is not None:
                time.sleep(max((at - self._rt.now()).total_seconds(), 0.0))
                return
            self._stopping.wait(0.05)
