"""The listener as a program: what it serves, for how long, and what it does meanwhile."""

import contextlib
import resource
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial

import uvicorn

from ouro_cli.model.action import Event
from ouro_cli.runtime import Runtime
from ouro_cli.seat import Seat
from ouro_cli.web.answers import SECURITY_HEADERS, Receive, Scope, Send, say_no
from ouro_cli.web.assets import Assets
from ouro_cli.web.caretaker import Caretaker
from ouro_cli.web.connection import IDLE_SECONDS, Connection
from ouro_cli.web.gate import Gate
from ouro_cli.web.lobby import Lobby
from ouro_cli.web.probes import Probes, keep_probing
from ouro_cli.web.webhooks import Webhooks

_ASKERS = 4
_DESCRIPTORS = 4096
_SWITCH_SECONDS = 0.0005


class Application:
    """The application that takes callbacks for this registry, and hands inputs out."""

    def __init__(self, rt: Runtime, gate: Gate, webhooks: Webhooks, probes: Probes) -> None:
        self.gate = gate
        self.addresses = (webhooks, Assets(rt), probes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI 3); whoever may not ask at all learns nothing of addresses."""
        refusal = self.gate.refusal(scope["headers"])
        if refusal is not None:
            await say_no(send, *refusal)
            return
        for address in self.addresses:
            if await address.answer(scope, receive, send):
                return
        await say_no(send, 404, "not_found", "There is nothing here.")


def serve(
    rt: Runtime,
    seat: Seat,
    *,
    until_idle: bool,
    on_event: Callable[[Event], None] | None = None,
) -> None:
    """Take callbacks until told to stop; with `until_idle`, until no action waits for one.

    `on_event` is told every line that joins any action's story meanwhile. The seat is still held
    when this returns: who called gives it up or hands it on.
    """
    _make_room()
    # The thread that writes lets go of the interpreter at every statement, and wants it back soon.
    sys.setswitchinterval(_SWITCH_SECONDS)
    while True:
        _serve_once(rt, seat, until_idle=until_idle, on_event=on_event)
        # What another ouro has made of it since is not for us to write to.
        rt.store.database.check_it_is_the_same()
        if not until_idle or not rt.store.callbacks.is_awaited():
            return


def _serve_once(
    rt: Runtime, seat: Seat, *, until_idle: bool, on_event: Callable[[Event], None] | None
) -> None:
    gate, webhooks, probes = Gate(rt.settings, rt.store, seat.seated), Webhooks(rt), Probes()
    server = uvicorn.Server(_config(rt, Application(rt, gate, webhooks, probes)))
    caretaker = Caretaker(
        rt,
        gate,
        until_idle=until_idle,
        on_event=on_event,
        end=lambda: setattr(server, "should_exit", True),
    )
    stop = threading.Event()
    errands = [caretaker.attend, caretaker.fetch, *[caretaker.ask] * _ASKERS]
    errands.append(partial(keep_probing, probes, seat, caretaker.hurry))
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.closing(webhooks))
        for errand in errands:
            stack.enter_context(_in_background(rt, errand, stop))
        # A copy of the socket: the server closes what it is given, and connections that come
        # meanwhile wait at the seat's own.
        server.run(sockets=[seat.socket.dup()])


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


@contextlib.contextmanager
def _in_background(
    rt: Runtime, work: Callable[[threading.Event], None], stop: threading.Event
) -> Iterator[None]:
    def run() -> None:
        try:
            work(stop)
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
