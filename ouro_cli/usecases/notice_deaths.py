"""Find processes that died while they were sending: any command that looks at actions does."""

import contextlib

from ouro_cli.errors import RegistryUnavailable
from ouro_cli.process import is_alive, this_process
from ouro_cli.runtime import Runtime


def notice_deaths(rt: Runtime) -> None:
    """Mark what dead processes were sending, and end what can have no other end.

    It costs one query where nothing is being sent. Nothing is sent here: a call that may be made
    again waits for a command that sees actions through.
    """
    sending = rt.store.attempts.being_sent()
    me = this_process() if sending else ""
    dead = [each for each, owner in sending if owner != me and not is_alive(owner)]
    if not dead:
        return
    # Hardly ever needed, and every listing of actions would pay for it.
    from ouro_cli.usecases.lost_calls import mark_lost  # noqa: PLC0415

    # To look at what is there shall work on a full disk too.
    with contextlib.suppress(RegistryUnavailable):
        mark_lost(rt, dead)
