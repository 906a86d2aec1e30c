"""Servers that speak as a test wants them to, byte by byte, with or without TLS."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from tests.support.http_bytes import read_message

_PATIENCE = 1.0

Speak = Callable[[socket.socket], None]


class Listening:
    """A server on a port of its own: whoever connects is answered by `speak`."""

    def __init__(self, speak: Speak, tls: ssl.SSLContext | None = None) -> None:
        self.received = b""
        self.connections = 0
        self.speak = speak
        self._tls = tls
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            with suppress(OSError), connection:
                if self._tls is None:
                    self._answer(connection)
                else:
                    with self._tls.wrap_socket(connection, server_side=True) as secured:
                        self._answer(secured)

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(_PATIENCE)
        with suppress(TimeoutError):
            self.received += read_message(connection)
        connection.settimeout(None)
        self.speak(connection)

    def close(self) -> None:
        """Stop listening; what is being said is said to its end."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


@contextmanager
def speaking(speak: Speak, tls: ssl.SSLContext | None = None) -> Iterator[Listening]:
    """A server that reads what comes first, and then speaks as it likes."""
    server = Listening(speak, tls)
    try:
        yield server
    finally:
        server.close()


def saying(data: bytes) -> Speak:
    """Says this, and closes."""
    return lambda connection: connection.sendall(data)
