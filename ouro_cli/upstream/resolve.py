"""A host's name, looked up within the call's own time."""

import ipaddress
import socket
import threading

from ouro_cli.wire.outcome import NoAnswer


def unresolved(host: str, seconds: float) -> NoAnswer | None:
    """Why a name cannot be called; None where it has an address, as far as is known in time.

    The system's resolver knows no deadline, and no signal ends it: so it works in a thread, which
    is left where it takes too long. What it found is asked for again by whoever connects, from its
    memory.
    """
    if _is_literal(host) or host == "localhost":
        return None
    faults: list[OSError | UnicodeError] = []
    thread = threading.Thread(target=_look_up, args=(host, faults), daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        return NoAnswer("dns", f"timed out after {seconds:g} seconds", was_sent=False)
    for fault in faults:
        why = (getattr(fault, "strerror", None) or "that is no name").lower()
        is_lasting = getattr(fault, "errno", None) != socket.EAI_AGAIN
        return NoAnswer("dns", why, was_sent=False, is_lasting=is_lasting)
    return None


def _look_up(host: str, faults: list[OSError | UnicodeError]) -> None:
    try:
        socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as fault:
        faults.append(fault)


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
