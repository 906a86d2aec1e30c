"""Serving a sample API from the command line.

This file knows how a sample turns into a program: which address it listens on, how it tells
that it is ready, and how its OpenAPI document is printed.
"""

import argparse
import socket
from contextlib import suppress

import uvicorn
import yaml
from fastapi import FastAPI

HOST = "127.0.0.1"


class AnnouncingServer(uvicorn.Server):
    """A server that prints its address once it accepts connections.

    Port 0 asks for any free port, so only the server itself can say which one it got.
    """

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            port = self.servers[0].sockets[0].getsockname()[1]
            print(f"listening on http://{HOST}:{port}", flush=True)


def document(app: FastAPI) -> str:
    """The OpenAPI document of `app` as YAML, in the order FastAPI gives it."""
    text: str = yaml.safe_dump(app.openapi(), sort_keys=False, allow_unicode=True)
    return text


def serve(app: FastAPI, port: int) -> None:
    """Read the command line, then print the document of `app` or serve it on loopback."""
    parser = argparse.ArgumentParser(description=app.description)
    parser.add_argument(
        "--port", type=int, default=port, help="port to listen on, 0 for any (default: %(default)s)"
    )
    parser.add_argument(
        "--document", action="store_true", help="print the OpenAPI document as YAML and stop"
    )
    arguments = parser.parse_args()
    if not 0 <= arguments.port <= 65535:
        parser.error(f"there is no port {arguments.port}")
    if arguments.document:
        print(document(app), end="")
        return
    config = uvicorn.Config(app, host=HOST, port=arguments.port, log_level="warning")
    with suppress(KeyboardInterrupt):
        AnnouncingServer(config).run()
