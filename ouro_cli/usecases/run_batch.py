"""The engine of a batch: threads that send, and one that owns the registry.

What came back and what is next are written in one commit, so that a row costs a small part of one;
and nothing of a row is held in memory once it has ended.
"""

import contextlib
import heapq
import threading
import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ouro_cli.crash import crash_point
from ouro_cli.errors import OuroError, RegistryUnavailable
from ouro_cli.model.action import ActionStatus, Source
from ouro_cli.model.batch import AHEAD, Batch, BatchStatus, Pacing, next_start
from ouro_cli.model.service import Service
from ouro_cli.runtime import Runtime
from ouro_cli.seat import Seat
from ouro_cli.store.group_commit import Work, write_together
from ouro_cli.store.registry import Nouns
from ouro_cli.usecases.claim_action import Sendable, claim_within
from ouro_cli.usecases.dispatch_action import note_refusal, refused
from ouro_cli.usecases.feed_batch import Feed, Start
from ouro_cli.usecases.fetch_outputs import fetch_outputs
from ouro_cli.usecases.keep_outputs import KEEP_REQUEST
from ouro_cli.usecases.lost_calls import end_unknown, is_in_hand, may_resend, requeue_within
from ouro_cli.usecases.note_answer import write_answer
from ouro_cli.usecases.notice_deaths import notice_deaths
from ouro_cli.usecases.send_attempts import begin_again, put_off
from ouro_cli.usecases.send_inputs import SentInputs, read_inputs
from ouro_cli.usecases.send_pool import Came, Job, SendPool
from ouro_cli.usecases.settle_action import settle_within
from ouro_cli.usecases.start_action import Counter
from ouro_cli.usecases.take_callbacks import sit_down, stand_up
from ouro_cli.usecases.work import ask_for_results, look_after
from ouro_cli.wire.credentials import Placed
from ouro_cli.wire.inputs import Input
from ouro_cli.wire.manner import manner_of
from ouro_cli.wire.outcome import Failed, NoAnswer, is_token_refused, json_body

_NAP = 0.25
_ROUND = 1.0
_PLACED_SECONDS = 15.0
_NO_INPUTS = SentInputs({}, {})


@dataclass(frozen=True, slots=True)
class _Lost:
    """An action whose sender is gone, and which may be sent again."""

    row: int
    action_id: str


@dataclass(frozen=True, slots=True)
class _Again:
    """A request that goes out once more."""

    job: Job


_Next = Start | _Lost | _Again


class _NotYet:
    """The limit does not let it start yet."""


_NOT_YET = _NotYet()


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
        self._ahead: list[_Next] = []
        self._later: list[tuple[datetime, int, _Next]] = []
        self._is_fed = False
        self._failures = 0
        self._number = 0
        self._placed: tuple[float, Placed] | None = None
        self._seat: Seat | None = None
        self._seen: tuple[Nouns, str] | None = None
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
            ending.callback(self._give_up_seat)
            try:
                self._send_all()
            except BaseException:
                self._stopping.set()
                self._see_out()
                raise
            if self._is_stopping:
                return BatchStatus.STOPPED
            self._give_up_seat()
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

    def _next(self) -> list[_Next]:
        room = max(self._pacing.concurrency - self._pool.out, 0)
        begun, self._ahead = self._ahead[:room], self._ahead[room:]
        return begun

    def _put_later(self, at: datetime, what: _Next) -> None:
        self._number += 1
        heapq.heappush(self._later, (at, self._number, what))

    # What is written

    def _write(self, came: list[Came], begun: list[_Next]) -> None:
        rt = self._rt
        for each in came:
            if each.fault is not None and isinstance(each.fault, RegistryUnavailable):
                raise each.fault
        placed = self._place() if begun else Placed()
        works: list[Work[Job | _NotYet | None]] = [
            *(self._noting(each) for each in came),
            *(self._beginning(each, placed) for each in begun),
        ]
        if any(isinstance(each, Start) for each in begun):
            works.append(lambda tx: tx.batches.note_taken(self._batch.id))
        done = write_together(rt.store, works)
        crash_point("B1")
        not_yet: list[_Next] = []
        for what, result in zip([*came, *begun], done, strict=False):
            if isinstance(what, Came):
                self._noted(what, result)
            elif result is _NOT_YET:
                not_yet.append(what)
            else:
                self._begun(what, result)
        # Rows are taken in their order: what is behind one that is not taken is not taken either.
        self._ahead = [*not_yet, *self._ahead]

    def _noting(self, came: Came) -> Work[Job | _NotYet | None]:
        rt, out = self._rt, came.job.out

        def write(tx: Nouns) -> Job | _NotYet | None:
            if came.fault is not None:
                tx.events.tell(out.action_id, "note", str(came.fault), at=rt.now(), level="error")
                settle_within(rt, tx, out.action_id, _unread(came.fault), Source.UNKNOWN, None)
            elif came.noted is not None:
                write_answer(rt, tx, out, came.noted)
            elif came.answer is not None:
                put_off(rt, tx, out, came.answer, came.job.number, came.wait)
            return None

        return write

    def _noted(self, came: Came, result: object) -> None:
        if isinstance(result, RegistryUnavailable):
            raise result
        out = came.job.out
        if isinstance(result, Exception):
            with self._rt.store.transaction() as tx:
                settle_within(self._rt, tx, out.action_id, _unread(result), Source.UNKNOWN, None)
            self._failures += 1
        elif came.fault is not None:
            self._failures += 1
        elif came.noted is not None:
            self._failures += isinstance(came.noted.outcome, Failed)
            if came.noted.is_accepted:
                # Its result comes to whoever serves the seat, and that is not us.
                self._give_up_seat()
            answer = came.noted.answer
            if out.placed.tokens and not isinstance(answer, NoAnswer) and is_token_refused(answer):
                note_refusal(self._rt, out.action_id, out.service, out.placed)
                self._placed = None
        elif came.answer is not None:
            due = self._rt.now() + timedelta(seconds=came.wait)
            self._put_later(due, _Again(came.job))
        else:
            self._ahead.insert(0, _Again(came.job))

    def _beginning(self, what: _Next, placed: Placed) -> Work[Job | _NotYet | None]:
        rt, rate = self._rt, self._pacing.rate

        def write(tx: Nouns) -> Job | _NotYet | None:
            at = None
            if rate is not None and not (isinstance(what, Start) and what.ready is None):
                at = tx.pace.reserve(self._service.id, rate, rt.now())
                if at is None:
                    return _NOT_YET
            match what:
                case Start():
                    return self._start(tx, what, placed, at)
                case _Lost():
                    return self._resend(tx, what, placed, at)
                case _:
                    return self._repeat(tx, what.job, at)

        return write

    def _begun(self, what: _Next, result: Job | _NotYet | Exception | None) -> None:
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

    def _start(self, tx: Nouns, start: Start, placed: Placed, at: datetime | None) -> Job | None:
        start.write(self._rt, tx, self._batch.id, self._batch.user_id)
        if start.ready is None or start.values is None:
            return None
        ready = start.ready
        inputs = read_inputs(self._rt, start.assets) if start.assets else _NO_INPUTS
        sendable = Sendable(
            ready.action_id,
            self._batch.user_id,
            self._counter.route,
            self._service_at(start.values),
            start.values,
            placed,
            manner_of(ready.request),
            inputs,
            ready.request.get(KEEP_REQUEST) is True,
        )
        return self._claim(tx, start.row, sendable, at)

    def _resend(self, tx: Nouns, lost: _Lost, placed: Placed, at: datetime | None) -> Job | None:
        action = tx.actions.get(lost.action_id)
        if action.status is not ActionStatus.QUEUED and not requeue_within(self._rt, tx, action):
            return None
        request = action.request
        try:
            inputs = read_inputs(self._rt, [(each.name, each.asset) for each in action.inputs])
        except OuroError as fault:
            settle_within(self._rt, tx, action.id, refused(fault), Source.UNKNOWN, None)
            return None
        values = Input.of_request(request)
        sendable = Sendable(
            action.id,
            action.user_id,
            self._counter.route,
            self._service_at(values),
            values,
            placed,
            manner_of(request),
            inputs,
            request.get(KEEP_REQUEST) is True,
        )
        return self._claim(tx, lost.row, sendable, at)

    def _repeat(self, tx: Nouns, job: Job, at: datetime | None) -> Job | None:
        if self._rt.store.attempts.next_at(job.out.action_id) is None:
            # It was too late for its start, and nothing was sent.
            if at is not None:
                tx.attempts.move(job.out.action_id, at)
            return replace(job, at=at)
        number = begin_again(self._rt, tx, job.out)
        if number is None:
            return None
        if at is not None:
            tx.attempts.move(job.out.action_id, at)
        return replace(job, number=number, at=at)

    def _claim(self, tx: Nouns, row: int, sendable: Sendable, at: datetime | None) -> Job | None:
        out = claim_within(self._rt, tx, sendable, self._address(tx), "")
        if out is None:
            return None
        if at is not None:
            tx.attempts.move(out.action_id, at)
        return Job(row, out, out.number, time.monotonic() + self._rt.settings.call_seconds, at)

    def _service_at(self, values: Input) -> Service:
        url = values.server
        return self._service if not url else self._counter.stated.at(url)

    # Credentials, callbacks

    def _place(self) -> Placed:
        """The credentials, looked at anew every while: a token may have to be renewed."""
        now = time.monotonic()
        if self._placed is None or now - self._placed[0] > _PLACED_SECONDS:
            self._placed = (now, self._counter.place())
        return self._placed[1]

    def _address(self, tx: Nouns) -> str:
        """Where callbacks are taken; asked once in a transaction, in which nobody stands up."""
        if self._seen is None or self._seen[0] is not tx:
            url, taken = sit_down(self._rt)
            self._seen = (tx, url)
            if taken is not None:
                self._seat = taken
        return self._seen[1]

    def _give_up_seat(self) -> None:
        if self._seat is not None:
            seat, self._seat, self._seen = self._seat, None, None
            stand_up(self._rt, seat)

    # What others left, and what others bring to its end

    def _find_lost(self) -> None:
        """Find what was in flight when an earlier process died, and what becomes of it."""
        for row, action_id in self._rt.store.batches.unsettled(self._batch.id):
            action = self._rt.store.actions.get(action_id)
            if action.is_final or is_in_hand(action):
                continue
            if action.status is ActionStatus.QUEUED:
                self._ahead.append(_Lost(row, action_id))
            elif may_resend(self._rt, action, self._counter.route):
                due = self._rt.store.attempts.next_at(action_id) or self._rt.now()
                self._put_later(due, _Lost(row, action_id))
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


def _unread(fault: Exception) -> Failed:
    """How a call ends whose answer came and could not be kept."""
    message = fault.message if isinstance(fault, OuroError) else type(fault).__name__
    code = fault.code if isinstance(fault, OuroError) else "fault"
    return Failed(json_body({"error": {"code": code, "message": f"{message} An answer came."}}))
