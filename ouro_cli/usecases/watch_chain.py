"""Look on at a chain, whoever is at it: the registry says all that there is to see."""

import time
from collections.abc import Callable, Iterator

from ouro_cli.model.chain_run import ChainRun
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.watch_action import OutOfPatience

_SHORTEST, _LONGEST = 0.005, 0.1


def watch_chain(
    rt: Runtime,
    chain_id: str,
    *,
    patience: float | None = None,
    check: Callable[[], None] = lambda: None,
    on_tick: Callable[[], None] = lambda: None,
) -> Iterator[ChainRun]:
    """The chain each time that something of it changed, until it has ended.

    `check` is asked again and again whether somebody is still at it, and raises where nobody is.
    Raises OutOfPatience after `patience` seconds.
    """
    deadline = None if patience is None else time.monotonic() + patience
    seen: ChainRun | None = None
    pause, counter = _SHORTEST, -1
    while True:
        now = rt.store.database.change_counter()
        if now != counter:
            counter, chain = now, rt.store.chains.get(chain_id)
            if chain != seen:
                seen, pause = chain, _SHORTEST
                yield chain
                if chain.is_final:
                    return
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0:
            raise OutOfPatience
        if seen is not None and seen.is_final:
            return
        check()
        time.sleep(pause if left is None else min(pause, left))
        pause = min(pause * 1.3, _LONGEST)
        on_tick()
