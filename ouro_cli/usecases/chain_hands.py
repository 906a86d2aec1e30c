"""The hands of a chain's engine: threads that send and run steps, rounds that look after them."""

import threading
import time
from collections.abc import Callable, Iterable

from ouro_cli.errors import OuroError, RegistryUnavailable
from ouro_cli.model.action import ActionStatus, Source
from ouro_cli.model.chain_run import ChainRun, StepRun
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.dispatch_action import refused
from ouro_cli.usecases.fetch_outputs import fetch_outputs
from ouro_cli.usecases.settle_action import settle_action
from ouro_cli.usecases.watch_action import until_next_round
from ouro_cli.usecases.work import look_after, work_on


class ChainHands:
    """Whatever is done for open steps while their engine decides: one thread for each.

    What an API has only accepted has none; rounds see to it that its result comes.
    """

    def __init__(self, rt: Runtime, run_child: Callable[[str], ChainRun]) -> None:
        self._rt = rt
        self._run_child = run_child
        self._threads: dict[str, threading.Thread] = {}
        self._woken = threading.Event()
        self._fault: BaseException | None = None
        self._next_round = 0.0

    @property
    def busy(self) -> int:
        """How many are at work."""
        return len(self._threads)

    def check(self) -> None:
        """Let go of those that are done; raise what one of them could not settle itself."""
        self._woken.clear()
        self._threads = {name: each for name, each in self._threads.items() if each.is_alive()}
        if self._fault is not None:
            raise self._fault

    def wait(self, seconds: float) -> None:
        """Wait for so long, or until one is done."""
        self._woken.wait(seconds)

    def join(self) -> None:
        """Wait for all: an answer that nobody reads may be lost for good."""
        for thread in self._threads.values():
            thread.join()

    def see_through(self, visits: Iterable[StepRun]) -> None:
        """Have each open step sent, run or waited for, where nobody is at it yet."""
        waiting = []
        for visit in visits:
            if visit.child_id is not None:
                self._have(visit.child_id, self._run_child)
            elif visit.action_id is not None and visit.action_id not in self._threads:
                action = self._rt.store.actions.get(visit.action_id)
                if action.status is ActionStatus.QUEUED and action.next_attempt_at is None:
                    self._have(action.id, self._send)
                else:
                    waiting.append(action.id)
        if waiting and time.monotonic() >= self._next_round:
            self._look_after(waiting)

    def _look_after(self, action_ids: list[str]) -> None:
        rt = self._rt
        try:
            look_after(rt, action_ids)
        except RegistryUnavailable:
            raise
        except OuroError as fault:
            for each in action_ids:
                if rt.store.actions.get(each).status is ActionStatus.QUEUED:
                    settle_action(rt, each, refused(fault), Source.UNKNOWN)
        fetch_outputs(rt, action_ids)
        self._next_round = time.monotonic() + until_next_round(rt, action_ids)

    def _have(self, name: str, work: Callable[[str], object]) -> None:
        """Have a thread of its own do this, once."""
        if name not in self._threads:
            self._threads[name] = thread = threading.Thread(target=self._do, args=(name, work))
            thread.start()

    def _do(self, name: str, work: Callable[[str], object]) -> None:
        try:
            work(name)
        except BaseException as fault:
            self._fault = fault
        finally:
            self._rt.store.close()
            self._woken.set()

    def _send(self, action_id: str) -> None:
        try:
            work_on(self._rt, action_id)
        except RegistryUnavailable:
            raise
        except OuroError as fault:
            settle_action(self._rt, action_id, refused(fault), Source.UNKNOWN)
