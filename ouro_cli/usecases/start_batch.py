"""Begin a batch, or go on with one: everything is checked before the first row is sent."""

import gc
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from threading import Event
from typing import Any

from ouro_cli.errors import BatchDone, FileUnreadable, UsageFault
from ouro_cli.model.batch import Batch, BatchStatus, Pacing, key_of
from ouro_cli.process import is_alive, this_process
from ouro_cli.runtime import Runtime
from ouro_cli.store.row_sources import RowSource
from ouro_cli.usecases.apart import Apart, set_apart
from ouro_cli.usecases.feed_batch import Feed, TableFeed
from ouro_cli.usecases.find_table import Table, found_table
from ouro_cli.usecases.keep_asset import write_row
from ouro_cli.usecases.read_rows import RowReader, check_rows
from ouro_cli.usecases.start_action import Counter, RouteCall
from ouro_cli.usecases.wire_inputs import WiredInput, Wiring, wire_asset, wire_inputs
from ouro_cli.wire.inputs import Arguments, RawBody, WordFault
from ouro_cli.wire.uploads import Upload

Run = Callable[[Runtime, Event], BatchStatus]
"""The work at a batch, until all rows have ended or the event is set; how it stands then."""


@dataclass(frozen=True, slots=True)
class BatchCall:
    """A route, the table whose rows it is run for, and how.

    `wanted` gives columns a place, and `ignores` lets others be without one. `into` names the
    dataset that the results become; `again` runs all rows once more.
    """

    call: RouteCall
    table: str
    wanted: Mapping[str, str] = field(default_factory=dict)
    ignores: bool = False
    pacing: Pacing = field(default_factory=Pacing)
    into: str = ""
    again: bool = False


@dataclass(frozen=True, slots=True)
class Begun:
    """A batch, and the process that is at it; None where that is one that somebody else began."""

    batch: Batch
    worker: Apart | None


def start_batch(rt: Runtime, asked: BatchCall) -> Begun:
    """Begin the batch, or go on with it where the same was begun before, in a process of its own.

    Raises RowsRefused, UsageFault, FileUnreadable, MissingCredential and what else keeps rows from
    being sent, with nothing stored; BatchDone where all rows have been run already.
    """
    call = _read_once(asked.call)
    counter = Counter(rt, call)
    with found_table(rt, asked.table) as table:
        key = key_of(table.sha256, counter.route.id, _shared(asked, call))
        batch = known_batch(rt, key, again=asked.again)
        counter.place()
        if batch is None:
            batch = _added(rt, asked, call, counter, table, key)
    mine = taken_over(rt, batch, asked.into)
    if mine is None:
        return Begun(batch, None)
    reader, source = _reader(rt, counter, call, mine)
    feed = TableFeed(rt, counter, reader, source, call, mine)
    return Begun(mine, begin_work(rt, mine, send_rows(counter, mine, feed, asked.pacing)))


def begin_work(rt: Runtime, batch: Batch, run: Run) -> Apart:
    """Have a process of its own work at a batch that this process owns, until `run` returns."""
    mine = this_process()

    def work(rt: Runtime, stopping: Event) -> None:
        # It lives for as long as there are rows.
        gc.enable()
        with rt.store.transaction() as tx:
            if not tx.batches.own(batch.id, mine, this_process(), rt.now()):
                return
        status = BatchStatus.STOPPED
        try:
            ended = run(rt, stopping)
            if ended is BatchStatus.DONE:
                # The terminal's process needs none of it.
                from ouro_cli.usecases.keep_results import keep_results  # noqa: PLC0415

                keep_results(rt, batch.id)
            status = ended
        finally:
            with rt.store.transaction() as tx:
                tx.batches.leave(batch.id, status, rt.now())

    return set_apart(rt, work)


def send_rows(counter: Counter, batch: Batch, feed: Feed, pacing: Pacing) -> Run:
    """The work of a batch whose rows are actions of one route."""

    def run(rt: Runtime, stopping: Event) -> BatchStatus:
        from ouro_cli.usecases.run_batch import BatchRun  # noqa: PLC0415, as above

        return BatchRun(rt, batch, counter, feed, pacing, stopping).run()

    return run


def taken_over(rt: Runtime, batch: Batch, into: str) -> Batch | None:
    """The batch as this process's own, with the name that its results are to have.

    None where another living process is at it.
    """
    with rt.store.transaction() as tx:
        if into and into != batch.into_name:
            tx.batches.keep_into(batch.id, into, None)
        if batch.owner != this_process():
            if batch.owner is not None and is_alive(batch.owner):
                return None
            if not tx.batches.own(batch.id, batch.owner, this_process(), rt.now()):
                return None
        return tx.batches.get(batch.id)


def add_batch(rt: Runtime, table: Table, batch: Batch, inputs: Iterable[WiredInput] = ()) -> Batch:
    """Keep the table and write a batch down; the one that somebody else began meanwhile, if so.

    Raises FileUnreadable where the table has changed since it was looked at.
    """
    if not table.is_kept and rt.store.files.keep_file(table.source.path).sha256 != table.sha256:
        raise FileUnreadable(path=table.said, why="it has changed while it was read", hint="")
    with rt.store.transaction() as tx:
        user_id = tx.people.id_of(rt.settings.user, rt.new_id(), batch.created_at)
        # Somebody else may have begun the same while we looked at the rows.
        known = tx.batches.newest_of(batch.key)
        if known is not None and known.status is not BatchStatus.DONE:
            return known
        for each in inputs:
            if each.path is not None:
                write_row(rt, tx, replace(each.asset, user_id=user_id))
        batch = replace(batch, user_id=user_id, owner=this_process())
        tx.batches.add(batch)
    return batch


def known_batch(rt: Runtime, key: str, *, again: bool) -> Batch | None:
    """The batch that goes on, None where one is to begin; BatchDone where all rows have run."""
    batch = rt.store.batches.newest_of(key)
    if batch is None or batch.status is not BatchStatus.DONE:
        return batch
    if not again:
        raise BatchDone(id=batch.id)
    return None


def _added(
    rt: Runtime, asked: BatchCall, call: RouteCall, counter: Counter, table: Table, key: str
) -> Batch:
    """Check all rows, and write the batch down; of the table what was checked is kept."""
    wiring = wire_inputs(rt, counter.route, call.inputs, call.arguments.uploads)
    reader = RowReader(rt, counter, call, wiring, table.source, asked.wanted, table.folder)
    total = check_rows(table.source, reader, ignores=asked.ignores)
    wiring = wiring.kept(rt)
    now = rt.now()
    batch = Batch(
        id=rt.new_id(),
        key=key,
        user_id="",
        status=BatchStatus.IN_PROGRESS,
        source=table.said,
        sha256=table.sha256,
        plan={
            "form": table.source.form,
            "folder": table.folder,
            "map": dict(asked.wanted),
            "inputs": {each.name: each.asset.id for each in wiring.inputs},
        },
        total=total,
        created_at=now,
        last_updated=now,
        route_id=counter.route.id,
        into_name=asked.into or None,
    )
    return add_batch(rt, table, batch, wiring.inputs)


def _reader(
    rt: Runtime, counter: Counter, call: RouteCall, batch: Batch
) -> tuple[RowReader, RowSource]:
    """What reads the rows of a batch, from the bytes that were kept when it began."""
    plan = batch.plan
    inputs = [
        wire_asset(rt, counter.route, name, asset_id) for name, asset_id in plan["inputs"].items()
    ]
    wiring = Wiring(tuple(inputs), counter.route.operation.input_assets)
    source = RowSource(rt.store.files.path_of(batch.sha256), plan["form"])
    reader = RowReader(rt, counter, call, wiring, source, plan["map"], plan["folder"])
    return reader, source


def _read_once(call: RouteCall) -> RouteCall:
    """The call with a body that was given whole read: each row needs it, and stdin is read once."""
    body = call.arguments.body
    if not isinstance(body, RawBody) or (body.upload is not None and body.upload.open is None):
        return call
    try:
        text = body.read()
    except WordFault as fault:
        raise UsageFault(why=str(fault), hint="Nothing was sent.") from None
    arguments = replace(call.arguments, body=replace(body, read=lambda: text, upload=None))
    return replace(call, arguments=arguments)


def _shared(asked: BatchCall, call: RouteCall) -> dict[str, Any]:
    """What all rows share, as it tells one batch from another."""
    given: Arguments = call.arguments
    body = given.body
    if isinstance(body, RawBody):
        body = body.read() if body.upload is None else str(body.upload.path)
    return {
        "fields": [
            [
                each.key,
                each.steps,
                each.value.path if isinstance(each.value, Upload) else each.value,
            ]
            for each in given.fields
        ],
        "query": given.query,
        "headers": given.headers,
        "path": given.path,
        "body": body,
        "content_type": given.content_type,
        "server": given.server,
        "inputs": call.inputs,
        "map": dict(asked.wanted),
        "silence": call.silence_seconds,
        "keep_urls": call.keep_urls,
        "manner": call.manner.as_request(),
    }
