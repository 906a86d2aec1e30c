"""`ouro listen`: take callbacks in the foreground, or be the background listener."""

import gc
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Annotated
from urllib.parse import urlsplit

import typer

from ouro_cli import seat as seats
from ouro_cli.cli import output
from ouro_cli.cli.options import Json
from ouro_cli.cli.progress import event_line
from ouro_cli.errors import UsageFault
from ouro_cli.model.action import Event
from ouro_cli.runtime import Runtime, open_runtime
from ouro_cli.settings import read_port
from ouro_cli.upstream.reach import addresses_of
from ouro_cli.usecases.examine_callbacks import promised_elsewhere
from ouro_cli.usecases.take_callbacks import give_up, stand_up, take_seat
from ouro_cli.wire.public_url import fault_in, notes_on

_ROUND = 0.5


def command(
    host: Annotated[
        str | None, typer.Option("--host", metavar="HOST", help="Where to listen.")
    ] = None,
    port: Annotated[
        str | None, typer.Option("--port", metavar="PORT", help="Where to listen; 0 is any.")
    ] = None,
    public_url: Annotated[
        str | None,
        typer.Option(
            "--public-url", metavar="URL", help="The address under which services reach us."
        ),
    ] = None,
    until_idle: Annotated[
        bool, typer.Option("--until-idle", help="Stop once no action waits for a callback.")
    ] = False,
    inherit: Annotated[str | None, typer.Option("--inherit", hidden=True)] = None,
    json: Json = False,
) -> None:
    """Take the callbacks of running actions until Ctrl-C.

    A run needs no listener started by hand: it brings its own, and leaves one in the background
    where a result is still to come. Start one where services reach you at a public address, or
    to see callbacks as they come.
    """
    rt = open_runtime()
    if inherit is not None:
        lock, _, descriptor = inherit.partition(",")
        seat = seats.inherit_seat(rt.settings.home, int(lock), int(descriptor))
        while _serve(rt, seat, until_idle=True) and not give_up(rt, seat):
            pass
        return
    _check(public_url)
    seat = _take_seat(rt, host, port, public_url)
    _tell_of_address(rt, seat)
    view = {"url": seat.url, "port": seat.socket.getsockname()[1]}
    if json:
        output.print_json(view)
    else:
        output.print_line(f"Listening on {seat.url}; Ctrl-C stops.")
    try:
        _serve(rt, seat, until_idle=until_idle, on_event=_tell)
    finally:
        waiting = stand_up(rt, seat)
    if waiting:
        output.story(f"{waiting} actions still wait; a background listener takes their results.")


def _take_seat(
    rt: Runtime, host: str | None, port: str | None, public_url: str | None
) -> seats.Seat:
    told = None
    while True:
        seat = take_seat(
            rt,
            host=host or rt.settings.host,
            port=read_port(port, rt.settings.port),
            public_url=public_url,
            strict=True,
        )
        if seat is not None:
            return seat
        # Whoever listens already is left in peace: to take its place would lose callbacks.
        seated = seats.find_seated(rt.settings.home)
        if seated is not None and seated.pid != told:
            told = seated.pid
            output.story(
                f"{seated.url} is served by process {seated.pid}; taking over once it ends."
            )
        time.sleep(_ROUND)


def _serve(
    rt: Runtime,
    seat: seats.Seat,
    *,
    until_idle: bool,
    on_event: Callable[[Event], None] | None = None,
) -> bool:
    """Serve; whether it ended by itself, because nothing was left to wait for."""
    # The web stack is loaded by the process that serves, and by no other.
    from ouro_cli.web.server import serve  # noqa: PLC0415

    gc.enable()
    signal.signal(signal.SIGTERM, _stop)
    try:
        serve(rt, seat, until_idle=until_idle, on_event=on_event)
    except KeyboardInterrupt:
        sys.stderr.write("\n" if sys.stderr.isatty() else "")
        return False
    return True


def _tell(event: Event) -> None:
    output.story(event_line(event, with_id=True))


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _check(public_url: str | None) -> None:
    fault = "" if public_url is None else fault_in(public_url)
    if fault:
        why = f"--public-url: '{public_url}' cannot be called back: {fault}"
        raise UsageFault(why=why, hint="Write it like https://me.example.")


def _tell_of_address(rt: Runtime, seat: seats.Seat) -> None:
    """Say where a public address leads, and who was promised another one."""
    if seat.seated.is_public:
        for note in notes_on(seat.url):
            output.story(output.one_line(f"Note: {note}."))
        # Names may take long to be found, and callbacks are served meanwhile.
        threading.Thread(target=_tell_where, args=(seat.url,), daemon=True).start()
    waiting = (url for _, url in rt.store.actions.open_callbacks())
    for url, count in promised_elsewhere(seat.url, waiting).items():
        told = f"{output.counted(count, 'open action')} promised {url}"
        output.story(output.one_line(f"Note: {told}: have it lead here too until they end."))


def _tell_where(url: str) -> None:
    output.story(output.one_line(f"Note: {addresses_of(urlsplit(url).hostname or '')}."))
