"""The listener as a program: what it serves, for how long, and who may be asking."""

import contextlib
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ouro_cli.errors import (
    BodyTooLarge,
    BodyTooSlow,
    BodyUnreadable,
    LinkUnknown,
    OuroError,
    RegistryUnavailable,
    WrongToken,
)
from ouro_cli.model.action import Event
from ouro_cli.runtime import Runtime
from ouro_cli.safety import redact, safe_line
from ouro_cli.seat import Seat
from ouro_cli.usecases.fetch_outputs import fetch_outputs
from ouro_cli.usecases.work import ask_for_results, look_after
from ouro_cli.web import assets, webhooks

HTTP = {
    WrongToken: 401,
    BodyUnreadable: 400,
    BodyTooLarge: 413,
    BodyTooSlow: 408,
    RegistryUnavailable: 503,
    LinkUnknown: 404,
}

_ROUND = 0.25
_LOOK_EVERY = 2.0
_LINGER = 3.0
_ASKERS = 4


def make_app(rt: Runtime) -> Starlette:
    """The application that takes callbacks for this registry, and hands inputs out."""
    return Starlette(
        routes=[*webhooks.routes(rt), *assets.routes(rt)],
        exception_handlers={
            OuroError: _on_error,
            Exception: _on_fault,
            404: _not_here,
            405: _not_here,
        },
    )


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
    while True:
        server = uvicorn.Server(_config(make_app(rt)))
        stop = threading.Event()
        work = partial(_attend, rt, server, stop, until_idle=until_idle, on_event=on_event)
        errands = [work, partial(_repeat, rt, stop, fetch_outputs)]
        errands += [partial(_repeat, rt, stop, ask_for_results)] * _ASKERS
        with contextlib.ExitStack() as stack:
            for each in errands:
                stack.enter_context(_in_background(each, stop))
            # A copy of the socket: the server closes what it is given, and connections that come
            # meanwhile wait at the seat's own.
            server.run(sockets=[seat.socket.dup()])
        if not until_idle or not rt.store.actions.open_callbacks():
            return


def _config(app: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_level="critical",
        access_log=False,
        server_header=False,
        date_header=False,
        lifespan="off",
        ws="none",
        timeout_keep_alive=30,
        timeout_graceful_shutdown=5,
        limit_concurrency=512,
    )


def _attend(
    rt: Runtime,
    server: uvicorn.Server,
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
                look_after(rt, rt.store.actions.open_ids(), asks=False)
            for event in rt.store.actions.all_events_after(seq):
                seq = event.seq
                on_event(event)
            is_idle = until_idle and not (
                rt.store.actions.open_callbacks()
                or rt.store.fetches.is_pending()
                or rt.store.polls.is_pending()
            )
        except (OuroError, sqlite3.Error) as fault:
            # A full disk or a locked registry passes; a registry that is gone does not.
            sys.stderr.write(f"ouro: {safe_line(redact(str(fault)))}\n")
            is_idle = not rt.store.database.path.exists()
        if not is_idle:
            idle_since = time.monotonic()
        elif time.monotonic() - idle_since > _LINGER:
            server.should_exit = True


def _repeat(rt: Runtime, stop: threading.Event, errand: Callable[[Runtime], None]) -> None:
    """Fetch results that lie elsewhere, or ask for them, beside all else: it may take its time."""
    while not stop.wait(_ROUND):
        try:
            errand(rt)
        except Exception as fault:
            # Whatever one answer does to us, the results of all others are still to come.
            sys.stderr.write(f"ouro: {type(fault).__name__}: {safe_line(redact(str(fault)))}\n")


@contextlib.contextmanager
def _in_background(work: Callable[[], None], stop: threading.Event) -> Iterator[None]:
    thread = threading.Thread(target=work, name="background", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=5)


async def _on_error(_request: Request, fault: Exception) -> Response:
    assert isinstance(fault, OuroError)
    status = next((code for kind, code in HTTP.items() if isinstance(fault, kind)), 500)
    headers = {"Retry-After": "5"} if status == 503 else {}
    if status in (401, 408, 413):
        # The body was not read to its end, so nothing more can be understood on this connection.
        headers["Connection"] = "close"
    return failure(status, fault.message, fault.code, headers)


async def _on_fault(_request: Request, fault: Exception) -> Response:
    # Whatever it was, the callback is not on disk: its sender had better come again.
    sys.stderr.write(f"ouro: {type(fault).__name__}: {safe_line(redact(str(fault)))}\n")
    return failure(503, "The callback could not be kept.", "fault", {"Retry-After": "5"})


def failure(
    status: int, message: str, code: str, headers: dict[str, str] | None = None
) -> Response:
    """An answer in the contract's envelope (section 0) that says no."""
    error: dict[str, Any] = {"message": message, "code": code, "status": status}
    return JSONResponse({"data": None, "error": error}, status, headers)


async def _not_here(_request: Request, _fault: Exception) -> Response:
    return failure(404, "There is nothing here.", "not_found")
