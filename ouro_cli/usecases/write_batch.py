"""What a batch writes: what came back and what is next, in transactions that others share."""

import time
from dataclasses import dataclass, replace
from datetime import datetime

from ouro_cli.errors import OuroError
from ouro_cli.model.action import ActionStatus, Source
from ouro_cli.model.batch import Batch, Rate
from ouro_cli.model.service import Service
from ouro_cli.runtime import Runtime
from ouro_cli.seat import Seat
from ouro_cli.store.group_commit import Work
from ouro_cli.store.registry import Nouns
from ouro_cli.usecases.claim_action import Sendable, claim_within
from ouro_cli.usecases.dispatch_action import refused
from ouro_cli.usecases.feed_batch import Start
from ouro_cli.usecases.keep_outputs import KEEP_REQUEST
from ouro_cli.usecases.lost_calls import requeue_within
from ouro_cli.usecases.note_answer import write_answer
from ouro_cli.usecases.send_attempts import begin_again, put_off
from ouro_cli.usecases.send_inputs import SentInputs, read_inputs
from ouro_cli.usecases.send_pool import Came, Job
from ouro_cli.usecases.settle_action import settle_within
from ouro_cli.usecases.start_action import Counter
from ouro_cli.usecases.take_callbacks import sit_down, stand_up
from ouro_cli.wire.credentials import Placed
from ouro_cli.wire.inputs import Input
from ouro_cli.wire.manner import manner_of
from ouro_cli.wire.outcome import Failed, json_body

_PLACED_SECONDS = 15.0
_NO_INPUTS = SentInputs({}, {})


@dataclass(frozen=True, slots=True)
class Lost:
    """An action whose sender is gone, and which may be sent again."""

    row: int
    action_id: str


@dataclass(frozen=True, slots=True)
class Again:
    """A request that goes out once more."""

    job: Job


Next = Start | Lost | Again


class NotYet:
    """The limit does not let it start yet."""


NOT_YET = NotYet()


class BatchWriter:
    """Makes the writes of one process's work at a batch; each may be called twice."""

    def __init__(self, rt: Runtime, batch: Batch, counter: Counter, rate: Rate | None) -> None:
        self._rt = rt
        self._batch = batch
        self._counter = counter
        self._rate = rate
        self._service = counter.service
        self._placed: tuple[float, Placed] | None = None
        self._seat: Seat | None = None
        self._seen: tuple[Nouns, str] | None = None

    def noting(self, came: Came) -> Work[Job | NotYet | None]:
        """The write of what came of a job."""
        rt, out = self._rt, came.job.out

        def write(tx: Nouns) -> Job | NotYet | None:
            if came.fault is not None:
                settle_within(rt, tx, out.action_id, unread(came.fault), Source.UNKNOWN, None)
            elif came.noted is not None:
                write_answer(rt, tx, out, came.noted)
            elif came.answer is not None:
                put_off(rt, tx, out, came.answer, came.job.number, came.wait)
            return None

        return write

    def beginning(self, what: Next, placed: Placed) -> Work[Job | NotYet | None]:
        """The write with which something goes out: the job, None where it does not.

        NOT_YET where a limit does not let it.
        """
        rt, rate = self._rt, self._rate

        def write(tx: Nouns) -> Job | NotYet | None:
            at = None
            if rate is not None and not (isinstance(what, Start) and what.ready is None):
                at = tx.pace.reserve(self._service.id, rate, rt.now())
                if at is None:
                    return NOT_YET
            match what:
                case Start():
                    return self._start(tx, what, placed, at)
                case Lost():
                    return self._resend(tx, what, placed, at)
                case _:
                    return self._repeat(tx, what.job, at)

        return write

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

    def _resend(self, tx: Nouns, lost: Lost, placed: Placed, at: datetime | None) -> Job | None:
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

    def place(self) -> Placed:
        """The credentials, looked at anew every while: a token may have to be renewed."""
        now = time.monotonic()
        if self._placed is None or now - self._placed[0] > _PLACED_SECONDS:
            self._placed = (now, self._counter.place())
        return self._placed[1]

    def place_anew(self) -> None:
        """Have the credentials looked at before the next row: a token was refused."""
        self._placed = None

    def _address(self, tx: Nouns) -> str:
        """Where callbacks are taken; asked once in a transaction, in which nobody stands up."""
        if self._seen is None or self._seen[0] is not tx:
            url, taken = sit_down(self._rt)
            self._seen = (tx, url)
            if taken is not None:
                self._seat = taken
        return self._seen[1]

    def give_up_seat(self) -> None:
        """Leave the taking of callbacks to the background, where any are to come."""
        if self._seat is not None:
            seat, self._seat, self._seen = self._seat, None, None
            stand_up(self._rt, seat)


def unread(fault: Exception) -> Failed:
    """How a call ends whose answer came and could not be kept."""
    message = fault.message if isinstance(fault, OuroError) else type(fault).__name__
    code = fault.code if isinstance(fault, OuroError) else "fault"
    return Failed(json_body({"error": {"code": code, "message": f"{message} An answer came."}}))
