"""A tiny JSON API on loopback that all who are compared call: it echoes, and describes itself."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_OBJECT = {"type": "object", "required": ["x"], "properties": {"x": {"type": "integer"}}}
_JSON = {"application/json": {"schema": _OBJECT}}

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Target", "version": "1.0.0"},
    "servers": [{"url": "/"}],
    "paths": {
        "/echo": {
            "post": {
                "operationId": "echo",
                "summary": "Echo",
                "requestBody": {"required": True, "content": _JSON},
                "responses": {"200": {"description": "What was posted.", "content": _JSON}},
            }
        }
    },
}


class Echo(BaseHTTPRequestHandler):
    """GET gives the document, POST gives back what was posted."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # Head and body leave together: no answer waits for an acknowledgement.

    def do_GET(self) -> None:
        """The document, whatever the path."""
        self._answer(json.dumps(DOCUMENT).encode())

    def do_POST(self) -> None:
        """The body, as it came."""
        self._answer(self.rfile.read(int(self.headers["Content-Length"])))

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def _answer(self, data: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def main() -> None:
    """Serve on any free port, and print the address once connections are taken."""
    ThreadingHTTPServer.request_queue_size = 256
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
