"""The one thread of the listener that writes: what arrives together shares one durable commit."""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass

from ouro_cli.crash import crash_point
from ouro_cli.errors import RegistryUnavailable
from ouro_cli.runtime import Runtime
from ouro_cli.store.group_commit import write_together
from ouro_cli.usecases.accept_webhook import Callback, CallbackRoom, Verdict

MOST_TOGETHER = 256
"""How many callbacks share a commit at most."""

MOST_WAITING = 2048
"""How many callbacks may wait for a commit; who comes beyond that is asked to come again."""

Read = Callable[[CallbackRoom], Callback]
"""What reads a callback, before the registry is locked."""

Answer = Verdict | Exception


@dataclass(frozen=True, slots=True)
class _Job:
    read: Read
    answer: "asyncio.Future[Verdict]"


class Writer:
    """Writes what an event loop hands over, all that has gathered in one commit.

    What comes while a commit is under way makes the next one, so that nobody waits for others to
    come. Made and used within one running loop; `close` ends the thread.
    """

    def __init__(self, rt: Runtime) -> None:
        self._rt = rt
        self._loop = asyncio.get_running_loop()
        self._gathered: list[_Job] = []
        self._waiting = 0
        self._queue: queue.SimpleQueue[list[_Job] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    async def write(self, read: Read) -> Verdict:
        """Have a callback read and written; when this returns, it is on disk.

        Raises what `read` raises, and RegistryUnavailable where it could not be written.
        """
        if self._waiting >= MOST_WAITING:
            path = self._rt.store.database.path
            raise RegistryUnavailable(path=path, why="too many callbacks wait to be written")
        self._waiting += 1
        answer: asyncio.Future[Verdict] = self._loop.create_future()
        if not self._gathered:
            # Whatever else arrived in this round of the loop comes along.
            self._loop.call_soon(self._hand_over)
        self._gathered.append(_Job(read, answer))
        try:
            return await answer
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Write what was handed over, and end the thread."""
        self._hand_over()
        self._queue.put(None)
        self._thread.join(timeout=10)

    def _hand_over(self) -> None:
        gathered, self._gathered = self._gathered, []
        if gathered:
            self._queue.put(gathered)

    def _run(self) -> None:
        room = CallbackRoom(self._rt)
        is_open = True
        while is_open:
            jobs: list[_Job] = []
            gathered = self._queue.get()
            while gathered is not None:
                jobs += gathered
                if self._queue.empty():
                    break
                gathered = self._queue.get()
            is_open = gathered is not None
            for start in range(0, len(jobs), MOST_TOGETHER):
                self._write(room, jobs[start : start + MOST_TOGETHER])
        self._rt.store.close()

    def _write(self, room: CallbackRoom, jobs: list[_Job]) -> None:
        answers: dict[int, Answer] = {}
        callbacks: dict[int, Callback] = {}
        for index, job in enumerate(jobs):
            try:
                callbacks[index] = job.read(room)
            except Exception as fault:
                answers[index] = fault
        crash_point("W2")
        written: list[Answer] = []
        if callbacks:
            works = [each.write for each in callbacks.values()]
            written = write_together(self._rt.store, works)
        crash_point("W3")
        for (index, callback), answer in zip(callbacks.items(), written, strict=True):
            is_kept = not isinstance(answer, Exception)
            answers[index] = callback.fault if callback.fault and is_kept else answer
        told = [(job.answer, answers[index]) for index, job in enumerate(jobs)]
        # Where the loop has ended, nobody is left to be told.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(_tell, told)


def _tell(told: "list[tuple[asyncio.Future[Verdict], Answer]]") -> None:
    for future, answer in told:
        if future.done():
            # Its sender has gone away; it will come again, and find that all is written.
            continue
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)
