"""The listener as a program: what it serves, for how long, and who may be asking."""

import contextlib
import resource
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial

import uvicorn

from ouro_cli.errors import OuroError
from ouro_cli.model.action import Event
from ouro_cli.runtime import Runtime
from ouro_cli.safety import redact, safe_line
from ouro_cli.seat import Seat, Seated
from ouro_cli.usecases.fetch_outputs import fetch_outputs
from ouro_cli.usecases.work import look_after
from ouro_cli.web.answers import SECURITY_HEADERS, Receive, Scope, Send, say_no
from ouro_cli.web.assets import Assets
from ouro_cli.web.connection import IDLE_SECONDS, Connection, Lobby
from ouro_cli.web.gate import Gate
from ouro_cli.web.webhooks import Webhooks

_ROUND = 0.25
_LOOK_EVERY = 2.0
_LINGER = 3.0
_DESCRIPTORS = 4096


class Application:
    """The application that takes callbacks for this registry, and hands inputs out."""

    def __init__(self, rt: Runtime, seated: Seated) -> None:
        self.gate = Gate(rt, seated)
        self.webhooks = Webhooks(rt)
        self.assets = Assets(rt)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI 3)."""
        refusal = self.gate.refusal(scope["headers"])
        if refusal is not None:
            await say_no(send, *refusal)
        elif not (
            await self.webhooks.answer(scope, receive, send)
            or await self.assets.answer(scope, receive, send)
        ):
            await say_no(send, 404, "not_found", "There is nothing here.")


def serve(
    rt: Runtime,
    seat: Seat,
    *,
    until_idle: bool,
    on_event: Callable[[Event], None] = lambda _: None,
) -> None:
    """Take callbacks until told to stop; with `until_idle`, until no action waits for one.

    `on_event` is told every line that joins any action's story meanwhile. The seat is still held
    when this returns: who called gives it up or hands it on.
    """
    _make_room()
    while True:
        app = Application(rt, seat.seated)
        server = uvicorn.Server(_config(rt, app))
        stop = threading.Event()
        work = partial(
            _attend, rt, server, app.gate, stop, until_idle=until_idle, on_event=on_event
        )
        with (
            contextlib.closing(app.webhooks),
            _in_background(rt, work, stop),
            _in_background(rt, partial(_fetch, rt, stop), stop),
        ):
            # A copy of the socket: the server closes what it is given, and connections that come
            # meanwhile wait at the seat's own.
            server.run(sockets=[seat.socket.dup()])
        if not until_idle or not rt.store.actions.open_callbacks():
            return


def _config(rt: Runtime, app: Application) -> uvicorn.Config:
    lobby = Lobby(rt.settings.callback_seconds)
    return uvicorn.Config(
        app,
        loop="asyncio",
        http=partial(Connection, lobby=lobby),  # type: ignore[arg-type]
        log_level="critical",
        access_log=False,
        server_header=False,
        date_header=False,
        headers=SECURITY_HEADERS,
        lifespan="off",
        ws="none",
        proxy_headers=False,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=5,
        backlog=1024,
    )


def _make_room() -> None:
    """Let the process hold as many connections as it takes, and those that are about to go."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _DESCRIPTORS if hard == resource.RLIM_INFINITY else min(_DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _attend(
    rt: Runtime,
    server: uvicorn.Server,
    gate: Gate,
    stop: threading.Event,
    *,
    until_idle: bool,
    on_event: Callable[[Event], None],
) -> None:
    """Look after open actions while the server runs, and end it once it is of no more use."""
    idle_since = time.monotonic()
    next_round = 0.0
    seq = rt.store.actions.last_event()
    while not stop.wait(_ROUND):
        try:
            if time.monotonic() >= next_round:
                next_round = time.monotonic() + _LOOK_EVERY
                gate.learn()
                look_after(rt, rt.store.actions.open_ids())
            for event in rt.store.actions.all_events_after(seq):
                seq = event.seq
                on_event(event)
            is_idle = until_idle and not (
                rt.store.actions.open_callbacks() or rt.store.fetches.is_pending()
            )
        except (OuroError, sqlite3.Error) as fault:
            # A full disk or a locked registry passes; a registry that is gone does not.
            sys.stderr.write(f"ouro: {safe_line(redact(str(fault)))}\n")
            is_idle = not rt.store.database.path.exists()
        if not is_idle:
            idle_since = time.monotonic()
        elif time.monotonic() - idle_since > _LINGER:
            server.should_exit = True


def _fetch(rt: Runtime, stop: threading.Event) -> None:
    """Fetch results that lie elsewhere, beside all else: that may take its time."""
    while not stop.wait(_ROUND):
        try:
            fetch_outputs(rt)
        except (OuroError, sqlite3.Error) as fault:
            sys.stderr.write(f"ouro: {safe_line(redact(str(fault)))}\n")


@contextlib.contextmanager
def _in_background(rt: Runtime, work: Callable[[], None], stop: threading.Event) -> Iterator[None]:
    def run() -> None:
        try:
            work()
        finally:
            # The last connection that closes leaves the registry as one tidy file.
            rt.store.close()

    thread = threading.Thread(target=run, name="background", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=5)
