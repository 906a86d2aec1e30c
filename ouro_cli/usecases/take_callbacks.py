"""Have callbacks taken: sit down at the registry's one seat, and leave it so that none is lost."""

import contextlib
import time
from collections.abc import Iterator

from ouro_cli import seat
from ouro_cli.errors import RegistryUnavailable
from ouro_cli.runtime import Runtime

_TRIES = 200


def sit_down(rt: Runtime) -> tuple[str, seat.Seat | None]:
    """The address at which callbacks arrive, and the seat if this process had to take it.

    Called while the registry is locked for writing: so nobody can be standing up at this moment.
    """
    settings = rt.settings
    for _ in range(_TRIES):
        seated = seat.find_seated(settings.home)
        if seated is not None:
            return seated.url, None
        taken = seat.take_seat(
            settings.home,
            host=settings.host,
            port=settings.port,
            public_url=settings.public_url,
        )
        if taken is not None:
            taken.start_keeper()
            return taken.url, taken
        # Whoever looks at the lock holds it for a moment too.
        time.sleep(0.01)
    raise RegistryUnavailable(path=settings.home, why="nobody can take its callbacks")


def stand_up(rt: Runtime, taken: seat.Seat) -> int:
    """Leave a seat that has a keeper: to the background where actions wait, else to nobody.

    In one transaction, so that nobody can be promised a callback here in between. Returns how
    many actions wait.
    """
    with rt.store.transaction() as tx:
        waiting = len(tx.actions.open_callbacks())
        if taken.is_handed_over or waiting:
            taken.close()
        else:
            taken.leave()
    return waiting


@contextlib.contextmanager
def seated(rt: Runtime) -> Iterator[None]:
    """While threads send: the seat is held by their process, and served once somebody calls back.

    In the main thread; nothing is done where somebody else holds it.
    """
    with rt.store.transaction():
        _, taken = sit_down(rt)
    if taken is None:
        yield
        return
    try:
        with taken.watched():
            yield
    finally:
        stand_up(rt, taken)


def give_up(rt: Runtime, taken: seat.Seat) -> bool:
    """Give the seat up unless somebody was promised a callback here at this very moment."""
    with rt.store.transaction() as tx:
        if tx.callbacks.is_awaited():
            return False
        taken.close()
        return True


def ensure_listener(rt: Runtime, callback_url: str) -> None:
    """Have the background listener take callbacks at the promised port, if nobody does."""
    settings = rt.settings
    if seat.find_seated(settings.home) is not None:
        return
    last = seat.last_seated(settings.home)
    if last is not None and callback_url.startswith(f"{last.url}/"):
        # Also behind a public address, which does not say to which port it leads.
        port = last.port
    else:
        port = settings.port if settings.public_url else seat.port_of(callback_url) or settings.port
    taken = take_seat(rt, host=settings.host, port=port)
    if taken is not None:
        taken.close()


def take_seat(
    rt: Runtime, *, host: str, port: int, public_url: str | None = None, strict: bool = False
) -> seat.Seat | None:
    """Take the seat, with a keeper, if it is free; while nobody else sits down or stands up."""
    with rt.store.transaction():
        taken = seat.take_seat(
            rt.settings.home,
            host=host,
            port=port,
            public_url=public_url or rt.settings.public_url,
            strict=strict,
        )
        if taken is not None:
            taken.start_keeper()
    return taken
