"""Send a claimed action's request, more than once where that is safe: each attempt on record."""

import random
import time
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from ouro_cli import safety
from ouro_cli.crash import crash_point
from ouro_cli.model.action import ActionStatus
from ouro_cli.model.attempt import AttemptOutcome
from ouro_cli.model.route import Route
from ouro_cli.model.service import Service
from ouro_cli.process import this_process
from ouro_cli.runtime import Runtime
from ouro_cli.store.registry import Nouns
from ouro_cli.usecases.outlive import Flight
from ouro_cli.wire.credentials import Placed
from ouro_cli.wire.inputs import Input
from ouro_cli.wire.outcome import NoAnswer, UpstreamResponse
from ouro_cli.wire.request import UpstreamRequest
from ouro_cli.wire.retry import next_wait

if TYPE_CHECKING:
    from ouro_cli.upstream.streams import Onlooker

_NAP = 0.5


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What all attempts of an action share; `number` is that of the first, `most` of the last.

    `keeps_urls` has what the addresses in its result lead to be kept, `keep_headers` are those of
    the answer that are kept with the attempt; `secrets` are what the request made known.
    """

    action_id: str
    request: UpstreamRequest
    route: Route
    service: Service
    values: Input
    placed: Placed
    number: int
    most: int
    keep_headers: tuple[str, ...] = ()
    keeps_urls: bool = False
    secrets: tuple[str, ...] = field(default=(), repr=False)


def send_attempts(
    rt: Runtime, flight: Flight, out: Outgoing, onlooker: "Onlooker"
) -> UpstreamResponse | NoAnswer | None:
    """What the API answers at last; None where the action has ended meanwhile by another word.

    `onlooker` is told of each answer as it comes in.

    The last attempt is still open then: it ends in the transaction that notes the answer.
    """
    deadline = time.monotonic() + rt.settings.call_seconds
    number = out.number
    while True:
        crash_point("R3")
        left = max(deadline - time.monotonic(), 0.001)
        with flight.may_be_left():
            answer = rt.send(out.request, replace(rt.settings, call_seconds=left), onlooker)
        answer = with_headers(answer, out.keep_headers)
        crash_point("R6")
        wait = wait_before_next(rt, out, answer, number, deadline - time.monotonic())
        if wait is None:
            return answer
        with rt.store.transaction() as tx:
            put_off(rt, tx, out, answer, number, wait)
        crash_point("R15")
        if not _sleep(rt, flight, wait) or (again := _begin_again(rt, out)) is None:
            return None
        number = again


def wait_before_next(
    rt: Runtime, out: Outgoing, answer: UpstreamResponse | NoAnswer, number: int, left: float
) -> float | None:
    """The seconds until the request goes out again; None where this answer is the last."""
    return next_wait(
        answer,
        tries=number,
        most_tries=out.most,
        is_repeatable=out.route.operation.is_repeatable,
        now=rt.now(),
        left=left,
        chance=random.random,
    )


def with_headers(
    answer: UpstreamResponse | NoAnswer, names: tuple[str, ...]
) -> UpstreamResponse | NoAnswer:
    """The answer with these headers among the facts that are kept of it."""
    if isinstance(answer, NoAnswer) or not names:
        return answer
    wanted = {each.lower() for each in names}
    kept = {
        name.lower(): safety.redact(value)
        for name, value in answer.headers
        if name.lower() in wanted
    }
    return replace(answer, facts={**answer.facts, "headers": kept})


def end_attempt(
    rt: Runtime, tx: Nouns, action_id: str, answer: UpstreamResponse | NoAnswer
) -> None:
    """Note what became of the attempt that is out, in the transaction that notes the answer."""
    if isinstance(answer, NoAnswer):
        outcome = AttemptOutcome.UNANSWERED if answer.was_sent else AttemptOutcome.UNSENT
        message = f"{answer.step}: {answer.why}"
    else:
        outcome, message = AttemptOutcome.ANSWERED, ""
    tx.attempts.end(
        action_id,
        outcome,
        rt.now(),
        status_code=answer.status,
        message=message,
        facts=answer.facts,
    )


def put_off(
    rt: Runtime,
    tx: Nouns,
    out: Outgoing,
    answer: UpstreamResponse | NoAnswer,
    number: int,
    wait: float,
) -> None:
    """Write when the next attempt is due, before anybody waits for it: a restart keeps to it."""
    if isinstance(answer, NoAnswer):
        told = f"{answer.step}: {answer.why}"
    else:
        told = f"the API answered {answer.status}"
    end_attempt(rt, tx, out.action_id, answer)
    tx.attempts.put_off(out.action_id, rt.now() + timedelta(seconds=wait))
    message = f"attempt {number} of {out.most}: {told}; sent again in {wait:.1f}s"
    tx.events.tell(out.action_id, "retry", message, at=rt.now(), level="warning")


def _sleep(rt: Runtime, flight: Flight, seconds: float) -> bool:
    """Wait, and be left as in mid-call; False where the action ends meanwhile."""
    until = time.monotonic() + seconds
    while not rt.store.actions.is_final(flight.action_id):
        left = until - time.monotonic()
        if left <= 0:
            return True
        with flight.may_be_left():
            time.sleep(min(left, _NAP))
    return False


def _begin_again(rt: Runtime, out: Outgoing) -> int | None:
    with rt.store.transaction() as tx:
        return begin_again(rt, tx, out)


def begin_again(rt: Runtime, tx: Nouns, out: Outgoing) -> int | None:
    """Write that the request goes out once more; the attempt's number, None where it must not."""
    action = tx.actions.get(out.action_id)
    # A callback may have come, or the API may have taken it after all.
    if action.status is not ActionStatus.IN_PROGRESS or action.is_accepted:
        return None
    number = tx.attempts.begin_again(out.action_id, this_process(), rt.now())
    message = f"sent again to {out.service.base_url}, attempt {number} of {out.most}"
    tx.events.tell(out.action_id, "sent", message, at=rt.now())
    return number
