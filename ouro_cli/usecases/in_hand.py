"""What the threads of this process are at, so that a failure is never taken for work in hand."""

import math
import threading
import time


class InHand:
    """The things that this process has in hand, by id; what just failed rests for a while."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}
        self._lock = threading.Lock()

    def take(self, thing: str) -> bool:
        """Take it in hand; False where another thread has it, or it rests."""
        with self._lock:
            if self._until.get(thing, 0.0) > time.monotonic():
                return False
            self._until[thing] = math.inf
            return True

    def free(self, thing: str, rest: float = 0.0) -> None:
        """Let go of it, for others to take after so many seconds."""
        with self._lock:
            del self._until[thing]
            if rest:
                self._until[thing] = time.monotonic() + rest
