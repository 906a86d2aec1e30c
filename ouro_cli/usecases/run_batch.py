"""The engine of a batch: threads that send, and one that owns the registry.

What came back and what is next are written in one commit, so that a row costs a small part of one;
and nothing of a row is held in memory once it has ended.
"""

import contextlib
import heapq
import threading
import time
from datetime import datetime, timedelta

from ouro_cli.crash import crash_point
from ouro_cli.errors import OuroError, RegistryUnavailable
from ouro_cli.model.action import ActionStatus, Source
from ouro_cli.model.batch import AHEAD, Batch, BatchStatus, Pacing, next_start
from ouro_cli.runtime import Runtime
from ouro_cli.store.group_commit import Work, write_together
from ouro_cli.usecases.dispatch_action import note_refusal
from ouro_cli.usecases.feed_batch import Feed, Start
from ouro_cli.usecases.fetch_outputs import fetch_outputs
from ouro_cli.usecases.lost_calls import end_unknown, is_in_hand, may_resend
from ouro_cli.usecases.notice_deaths import notice_deaths
from ouro_cli.usecases.send_pool import Came, Job, SendPool
from ouro_cli.usecases.settle_action import settle_within
from ouro_cli.usecases.start_action import Counter
from ouro_cli.usecases.work import ask_for_results, look_after
from ouro_cli.usecases.write_batch import NOT_YET, Again, BatchWriter, Lost, Next, NotYet, unread
from ouro_cli.wire.credentials import Placed
from ouro_cli.wire.outcome import Failed, NoAnswer, is_token_refused

_NAP = 0.25
_ROUND = 1.0


class BatchRun:
    """One process's work at a batch, until all rows have ended or it is asked to stop."""

    def __init__(
        self,
        rt: Runtime,
        batch: Batch,
        counter: Counter,
        feed: Feed,
        pacing: Pacing,
        stopping: threading.Event,
    ) -> None:
        self._rt = rt
        self._batch = batch
        self._counter = counter
        self._rows = iter(feed)
        self._pacing = pacing
        self._stopping = stopping
        self._service = counter.service
        self._ahead: list[Next] = []
        self._later: list[tuple[datetime, int, Next]] = []
        self._is_fed = False
        self._failures = 0
        self._number = 0
        self._writer = BatchWriter(rt, batch, counter, pacing.rate)
        self._pool: SendPool

    def run(self) -> BatchStatus:
        """Start what is left and see it to its end; how the batch stands then.

        Raises what keeps all rows from being sent: MissingCredential, RegistryUnavailable.
        """
        from ouro_cli.upstream.connections import Connections  # noqa: PLC0415, it loads httpx

        rt = self._rt
        notice_deaths(rt)
        self._find_lost()
        self._pool = SendPool(rt, self._pacing.concurrency, Connections())
        with contextlib.ExitStack() as ending:
            ending.callback(self._pool.close)
            ending.callback(self._writer.give_up_seat)
            try:
                self._send_all()
            except BaseException:
                self._stopping.set()
                self._see_out()
                raise
            if self._is_stopping:
                return BatchStatus.STOPPED
            self._writer.give_up_seat()
            return BatchStatus.DONE if self._wait_for_rest() else BatchStatus.STOPPED

    @property
    def _is_stopping(self) -> bool:
        most = self._pacing.stop_after
        return self._stopping.is_set() or (most is not None and self._failures >= most)

    def _send_all(self) -> None:
        while True:
            self._fill()
            if not self._pool.out and not self._ahead and not self._later and self._is_fed:
                return
            if self._is_stopping and not self._pool.out:
                return
            came = self._pool.take(0 if self._is_room() and self._ready_now() else self._patience())
            begun = [] if self._is_stopping else self._next()
            if came or begun:
                self._write(came, begun)

    def _see_out(self) -> None:
        """Let what is out come back, and keep as much of it as can be kept."""
        while self._pool.out:
            came = self._pool.take(_NAP)
            with contextlib.suppress(OuroError):
                if came:
                    self._write(came, [])

    # What is next

    def _is_room(self) -> bool:
        return self._pool.out < self._pacing.concurrency

    def _ready_now(self) -> bool:
        return bool(self._ahead) and not self._is_stopping and self._until_start() <= 0

    def _patience(self) -> float:
        """Seconds to wait for an answer before there is something else to do."""
        left = [_NAP]
        if self._later:
            left.append((self._later[0][0] - self._rt.now()).total_seconds())
        if self._ahead and self._is_room():
            left.append(self._until_start())
        return max(min(left), 0.001)

    def _until_start(self) -> float:
        rate = self._pacing.rate
        if rate is None:
            return 0.0
        now = self._rt.now()
        start = next_start(self._rt.store.pace.last(self._service.id), now, rate)
        return (start.at - AHEAD - now).total_seconds()

    def _fill(self) -> None:
        """Have what is due, and as many rows as there is room for, ready to be written down."""
        if self._is_stopping:
            return
        now = self._rt.now()
        while self._later and self._later[0][0] <= now:
            self._ahead.insert(0, heapq.heappop(self._later)[2])
        room = self._pacing.concurrency - self._pool.out - len(self._later)
        while not self._is_fed and len(self._ahead) < room:
            start = next(self._rows, None)
            if start is None:
                self._is_fed = True
            else:
                self._ahead.append(start)

    def _next(self) -> list[Next]:
        room = max(self._pacing.concurrency - self._pool.out, 0)
        begun, self._ahead = self._ahead[:room], self._ahead[room:]
        return begun

    def _put_later(self, at: datetime, what: Next) -> None:
        self._number += 1
        heapq.heappush(self._later, (at, self._number, what))

    # What is written

    def _write(self, came: list[Came], begun: list[Next]) -> None:
        rt = self._rt
        for each in came:
            if each.fault is not None and isinstance(each.fault, RegistryUnavailable):
                raise each.fault
        placed = self._writer.place() if begun else Placed()
        works: list[Work[Job | NotYet | None]] = [
            *(self._writer.noting(each) for each in came),
            *(self._writer.beginning(each, placed) for each in begun),
        ]
        if any(isinstance(each, Start) for each in begun):
            works.append(lambda tx: tx.batches.note_taken(self._batch.id))
        done = write_together(rt.store, works)
        crash_point("B1")
        not_yet: list[Next] = []
        for what, result in zip([*came, *begun], done, strict=False):
            if isinstance(what, Came):
                self._noted(what, result)
            elif result is NOT_YET:
                not_yet.append(what)
            else:
                self._begun(what, result)
        # Rows are taken in their order: what is behind one that is not taken is not taken either.
        self._ahead = [*not_yet, *self._ahead]

    def _noted(self, came: Came, result: object) -> None:
        if isinstance(result, RegistryUnavailable):
            raise result
        out = came.job.out
        if isinstance(result, Exception):
            with self._rt.store.transaction() as tx:
                settle_within(self._rt, tx, out.action_id, unread(result), Source.UNKNOWN, None)
            self._failures += 1
        elif came.fault is not None:
            self._failures += 1
        elif came.noted is not None:
            self._failures += isinstance(came.noted.outcome, Failed)
            if came.noted.is_accepted:
                # Its result comes to whoever serves the seat, and that is not us.
                self._writer.give_up_seat()
            answer = came.noted.answer
            if out.placed.tokens and not isinstance(answer, NoAnswer) and is_token_refused(answer):
                note_refusal(self._rt, out.action_id, out.service, out.placed)
                self._writer.place_anew()
        elif came.answer is not None:
            due = self._rt.now() + timedelta(seconds=came.wait)
            self._put_later(due, Again(came.job))
        else:
            self._ahead.insert(0, Again(came.job))

    def _begun(self, what: Next, result: Job | NotYet | Exception | None) -> None:
        match result:
            case Job():
                self._pool.put(result)
            case RegistryUnavailable():
                raise result
            case OuroError() if isinstance(what, Start):
                with self._rt.store.transaction() as tx:
                    tx.batches.take(self._batch.id, what.row, None, result.message)
                self._failures += 1
            case Exception():
                raise result
            case None if isinstance(what, Start) and what.ready is None:
                self._failures += 1

    # What others left, and what others bring to its end

    def _find_lost(self) -> None:
        """Find what was in flight when an earlier process died, and what becomes of it."""
        for row, action_id in self._rt.store.batches.unsettled(self._batch.id):
            action = self._rt.store.actions.get(action_id)
            if action.is_final or is_in_hand(action):
                continue
            if action.status is ActionStatus.QUEUED:
                self._ahead.append(Lost(row, action_id))
            elif may_resend(self._rt, action, self._counter.route):
                due = self._rt.store.attempts.next_at(action_id) or self._rt.now()
                self._put_later(due, Lost(row, action_id))
            elif not self._counter.route.operation.is_async:
                end_unknown(self._rt, action)

    def _wait_for_rest(self) -> bool:
        """Wait for the results that come later; False where it is asked to stop before."""
        store, pause, next_round = self._rt.store, 0.01, 0.0
        while store.batches.waiting(self._batch.id):
            if self._stopping.is_set():
                return False
            counter = store.database.change_counter()
            if time.monotonic() >= next_round:
                self._look_round()
                next_round = time.monotonic() + _ROUND
            until = time.monotonic() + pause
            while store.database.change_counter() == counter and time.monotonic() < until:
                self._stopping.wait(min(pause, 0.05))
            pause = min(pause * 1.5, _NAP)
        return True

    def _look_round(self) -> None:
        """Do what is due for what waits, and see to it that somebody takes its callbacks."""
        due = self._rt.store.actions.in_need(self._rt.now(), self._rt.settings.silence_seconds)
        waiting = self._rt.store.batches.one_waiting(self._batch.id)
        look_after(self._rt, [*due, *([waiting] if waiting else [])], asks=False)
        ask_for_results(self._rt)
        fetch_outputs(self._rt)
