"""A proxy between ouro and a service that loses connections, before the body or after it."""

import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from tests.support.http_bytes import read_message


class Chaos:
    """A port that passes each connection on to a service, or loses it.

    Of all connections `share` are lost, half of them before the request's body was read, half
    once the service has answered. `lost` counts them.
    """

    def __init__(self, url: str, share: float, seed: int) -> None:
        self._target = urlsplit(url)
        self._share = share
        self._chance = random.Random(seed)
        self.lost = 0
        self._lock = threading.Lock()
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            fate = self._chance.random()
            threading.Thread(target=self._pass_on, args=(connection, fate), daemon=True).start()

    def _pass_on(self, connection: socket.socket, fate: float) -> None:
        with suppress(OSError), connection:
            if fate < self._share / 2:
                self._lose()
                connection.recv(64)
                return
            request = read_message(connection)
            place = (self._target.hostname or "", self._target.port or 80)
            with socket.create_connection(place) as upstream:
                upstream.sendall(request)
                answer = read_message(upstream)
            if fate < self._share:
                self._lose()
                return
            connection.sendall(answer)

    def _lose(self) -> None:
        with self._lock:
            self.lost += 1

    def close(self) -> None:
        """Stop it."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


@contextmanager
def chaos_before(url: str, share: float, seed: int) -> Iterator[Chaos]:
    """A lossy way to a service, while the block lasts."""
    chaos = Chaos(url, share, seed)
    try:
        yield chaos
    finally:
        chaos.close()
