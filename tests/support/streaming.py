"""A service whose answer comes piece by piece, as a test says."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Stream = Callable[[Callable[[bytes], None]], bool | None]
"""Sends pieces with what it is given; the answer is cut off where it returns False."""


@contextmanager
def streaming(stream: Stream, media_type: str = "text/event-stream") -> Iterator[str]:
    """Serve this stream to every request, while the block lasts; the address."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            length = 0
            while (line := self.rfile.readline()) not in (b"\r\n", b""):
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            self.rfile.read(length)
            head = f"HTTP/1.1 200 OK\r\ncontent-type: {media_type}\r\ntransfer-encoding: chunked"
            self.wfile.write(f"{head}\r\nconnection: close\r\n\r\n".encode())
            if stream(self._send) is not False:
                self.wfile.write(b"0\r\n\r\n")

        def _send(self, piece: bytes) -> None:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            self.wfile.flush()

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            # Whoever reads may be killed at any moment; that is what the tests are about.
            return

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
