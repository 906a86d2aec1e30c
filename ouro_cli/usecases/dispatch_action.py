"""Send an action's one request: claim it first, settle whatever comes back, survive being left."""

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

from ouro_cli import safety, seat
from ouro_cli.alarm import alarm, set_timer
from ouro_cli.model.action import Action, ActionStatus, Source
from ouro_cli.model.route import Route
from ouro_cli.model.service import Service
from ouro_cli.process import this_process
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.place_credentials import place_credentials
from ouro_cli.usecases.settle_action import settle_action
from ouro_cli.usecases.take_callbacks import sit_down, stand_up
from ouro_cli.wire.inputs import Input
from ouro_cli.wire.outcome import Accepted, NoAnswer, read_outcome
from ouro_cli.wire.request import Callback, UpstreamRequest, build_request
from ouro_cli.wire.webhook import new_token, token_hash


class Left(BaseException):
    """The call in flight was left to a child process, which brings it to its end.

    `exit_code` says what ended the waiting: 124 the timeout, 130, 143 or 129 a signal.
    """

    def __init__(self, exit_code: int) -> None:
        self.exit_code = exit_code
        super().__init__(exit_code)


def dispatch_action(rt: Runtime, action_id: str, *, patience: float | None = None) -> Action:
    """Send a queued action and settle what the API answers; return the action as it then is.

    An action that somebody else has claimed is returned as it stands. Should the waiting end
    before the answer comes, by a signal or after `patience` seconds, then a child process keeps
    the call and Left is raised.
    """
    action = rt.store.actions.get(action_id)
    if action.status is not ActionStatus.QUEUED:
        return action
    route = rt.store.services.route(action.route.id)
    service = rt.store.services.get(route.service_id)
    placed = place_credentials(rt, service, route.operation)
    token = new_token()
    safety.remember_secret(token)
    with contextlib.ExitStack() as on_failure, rt.store.transaction() as tx:
        url, taken = sit_down(rt)
        if taken is not None:
            on_failure.callback(taken.leave)
        callback = Callback(f"{url}/actions/{action_id}/response", token)
        request = build_request(
            service.base_url,
            route,
            Input.of_request(action.request),
            action_id=action_id,
            user_id=action.user_id,
            callback=callback,
            placed=placed,
        )
        if not tx.actions.claim(
            action_id,
            owner=this_process(),
            token_hash=token_hash(token),
            callback_url=callback.url,
            at=rt.now(),
        ):
            return tx.actions.get(action_id)
        tx.actions.tell(action_id, "sent", f"sent to {service.base_url}", at=rt.now())
        on_failure.pop_all()
    with _leavable(rt, action_id, taken, patience):
        settled = _send(rt, action_id, request, route, service, taken)
    if taken is not None:
        stand_up(rt, taken)
    return settled


def _send(
    rt: Runtime,
    action_id: str,
    request: UpstreamRequest,
    route: Route,
    service: Service,
    taken: seat.Seat | None,
) -> Action:
    with taken.watched() if taken is not None else contextlib.nullcontext():
        response = rt.send(request, rt.settings)
    if isinstance(response, NoAnswer) and response.was_sent and route.operation.is_async:
        # The API may well be at work: its callback is still welcome, until it has been silent
        # for too long.
        message = f"sent, no answer seen ({response.step}: {response.why})"
        with rt.store.transaction() as tx:
            tx.actions.tell(action_id, "unanswered", message, at=rt.now(), level="warning")
        return rt.store.actions.get(action_id)
    outcome = read_outcome(response, service.base_url)
    if isinstance(outcome, Accepted) and taken is not None:
        taken.hand_over()
    return settle_action(rt, action_id, outcome, Source.RESPONSE)


@contextlib.contextmanager
def _leavable(
    rt: Runtime, action_id: str, taken: seat.Seat | None, patience: float | None
) -> Iterator[None]:
    """While the request is in flight, whoever waits may leave: a fork keeps the connection open.

    The child goes on where the parent stood, in the middle of reading the answer, settles the
    action and ends. The parent leaves this block with Left.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    parent = os.getpid()

    def leave(exit_code: int) -> None:
        if os.getpid() != parent:
            return
        reading, writing = os.pipe()
        rt.store.close()
        if os.fork():
            os.close(writing)
            os.read(reading, 1)
            os.close(reading)
            raise Left(exit_code)
        os.close(reading)
        _become_background(rt, taken)
        with rt.store.transaction() as tx:
            tx.actions.own(action_id, this_process())
        os.write(writing, b"x")
        os.close(writing)

    with (
        _signals(leave),
        alarm(patience, lambda: leave(124)) if patience else contextlib.nullcontext(),
    ):
        try:
            yield
        except BaseException as fault:
            if os.getpid() != parent:
                os.write(2, f"ouro: {type(fault).__name__}: {fault}\n".encode())
            raise
        finally:
            if os.getpid() != parent:
                os._exit(0)


@contextlib.contextmanager
def _signals(leave: Callable[[int], None]) -> Iterator[None]:
    def on_signal(number: int, _frame: FrameType | None) -> None:
        leave(128 + number)

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    previous = {number: signal.signal(number, on_signal) for number in numbers}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _become_background(rt: Runtime, taken: seat.Seat | None) -> None:
    os.setsid()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    if taken is not None:
        taken.hand_over()
    null = os.open(os.devnull, os.O_RDWR)
    log = os.open(rt.settings.home / seat.LOG_NAME, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for old, new in ((null, 0), (null, 1), (log, 2)):
        os.dup2(old, new)
    set_timer()
