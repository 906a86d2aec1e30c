"""A pool of threads that only send: what is claimed goes in, what came of it comes out."""

import contextlib
import itertools
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ouro_cli import safety
from ouro_cli.crash import crash_point
from ouro_cli.model.batch import LATENESS
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.note_answer import Noted, read_answer
from ouro_cli.usecases.outlive import Flight
from ouro_cli.usecases.send_attempts import Outgoing, wait_before_next, with_headers
from ouro_cli.usecases.watch_stream import StreamStory
from ouro_cli.wire.outcome import NoAnswer, UpstreamResponse

if TYPE_CHECKING:
    from ouro_cli.upstream.connections import Connections


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed request that is to go out: its attempt's number, and when the whole call ends.

    `deadline` is a moment of the monotonic clock; `at` is when it is to start, where a limit says
    so.
    """

    row: int
    out: Outgoing
    number: int
    deadline: float
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a job: an answer that was read, or one after which it is to be sent again.

    With neither it was too late for its start, and nothing was sent. `fault` says why what came
    could not be read.
    """

    job: Job
    noted: Noted | None = None
    answer: UpstreamResponse | NoAnswer | None = None
    wait: float = 0.0
    fault: Exception | None = None


class SendPool:
    """So many threads, each with connections of its own that stay open; begun as needed."""

    def __init__(self, rt: Runtime, size: int, connections: "Connections") -> None:
        self._rt = rt
        self._size = size
        self._connections = connections
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._came: queue.SimpleQueue[Came] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self.out = 0
        """How many jobs went in of which nothing has come out."""

    def put(self, job: Job) -> None:
        """Have a job sent."""
        self.out += 1
        if len(self._threads) < min(self.out, self._size):
            thread = threading.Thread(target=self._work, daemon=True)
            thread.start()
            self._threads.append(thread)
        self._jobs.put(job)

    def take(self, patience: float) -> list[Came]:
        """All that has come; waits so many seconds for the first."""
        found: list[Came] = []
        with contextlib.suppress(queue.Empty):
            found.append(self._came.get(timeout=patience) if patience > 0 else self._got())
            for _ in itertools.repeat(None):
                found.append(self._got())
        self.out -= len(found)
        return found

    def close(self) -> None:
        """End the threads, which are idle by now."""
        for _ in self._threads:
            self._jobs.put(None)
        for each in self._threads:
            each.join()
        self._connections.close()

    def _got(self) -> Came:
        return self._came.get_nowait()

    def _work(self) -> None:
        draft = str(self._rt.store.files.draft_path())
        try:
            while (job := self._jobs.get()) is not None:
                self._came.put(self._carry(job, draft))
        finally:
            self._rt.store.close()

    def _carry(self, job: Job, draft: str) -> Came:
        try:
            with safety.own_secret(*job.out.secrets):
                return self._sent(job, draft)
        except Exception as fault:
            return Came(job, fault=fault)
        finally:
            Path(draft).unlink(missing_ok=True)

    def _sent(self, job: Job, draft: str) -> Came:
        rt, out = self._rt, job.out
        if job.at is not None and not _wait_for(job.at, rt.now):
            return Came(job)
        story = StreamStory(rt, Flight(rt, out.action_id))
        crash_point("R3")
        left = max(job.deadline - time.monotonic(), 0.001)
        request = replace(out.request, draft=draft)
        settings = replace(rt.settings, call_seconds=left)
        answer = rt.send(request, settings, story, self._connections)
        answer = with_headers(answer, out.keep_headers)
        crash_point("B2")
        wait = wait_before_next(rt, out, answer, job.number, job.deadline - time.monotonic())
        if wait is not None:
            return Came(job, answer=answer, wait=wait)
        return Came(job, noted=read_answer(rt, out, answer, story))


def _wait_for(at: datetime, now: Callable[[], datetime]) -> bool:
    """Wait for a start; False where it has passed, and the next ones may be close behind it."""
    left = (at - now()).total_seconds()
    if left > 0:
        time.sleep(left)
        left = (at - now()).total_seconds()
    return -LATENESS <= left <= LATENESS
