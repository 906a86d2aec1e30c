"""All connections of one listener: none outstays its time, and the oldest idle makes room."""

import asyncio
import enum
import time
from typing import Protocol

MOST_CONNECTIONS = 512

_SWEEP_SECONDS = 0.25


class Guest(Protocol):
    """A connection, as far as the lobby minds it; `deadline` is in seconds of `time.monotonic`."""

    deadline: float

    def expire(self) -> None:
        """Its time is up."""

    def drop(self) -> None:
        """Make room for another."""


class Stage(enum.Enum):
    """How far a connection's present request has come."""

    IDLE = enum.auto()
    HEAD = enum.auto()
    BODY = enum.auto()
    ANSWER = enum.auto()


class Lobby:
    """Who is there, and how far each one's request has come."""

    def __init__(self, body_seconds: float, most: int = MOST_CONNECTIONS) -> None:
        self.body_seconds = body_seconds
        self._most = most
        self._idle: dict[Guest, None] = {}
        self._reading: dict[Guest, None] = {}
        self._count = 0
        self._sweeping: asyncio.TimerHandle | None = None

    def enter(self) -> None:
        """Let a new connection in, and show another one out where there is no more room."""
        self._count += 1
        if self._count > self._most:
            # One whose request is whole is answered, come what may.
            for queue in (self._idle, self._reading):
                oldest = next(iter(queue), None)
                if oldest is not None:
                    del queue[oldest]
                    oldest.drop()
                    break
        if self._sweeping is None:
            self._sweep()

    def move(self, connection: Guest, stage: Stage) -> None:
        """Note how far a connection's request has come."""
        self._idle.pop(connection, None)
        if stage in (Stage.HEAD, Stage.BODY):
            self._reading.setdefault(connection)
            return
        self._reading.pop(connection, None)
        if stage is Stage.IDLE:
            self._idle[connection] = None

    def leave(self, connection: Guest) -> None:
        """Forget a connection that is closed."""
        self._count -= 1
        self._idle.pop(connection, None)
        self._reading.pop(connection, None)

    def _sweep(self) -> None:
        now = time.monotonic()
        for connection in [each for each in self._reading if each.deadline <= now]:
            connection.expire()
        if self._count:
            loop = asyncio.get_running_loop()
            self._sweeping = loop.call_later(_SWEEP_SECONDS, self._sweep)
        else:
            self._sweeping = None
