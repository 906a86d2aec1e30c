"""Which open actions cannot be called back: promised an address that does not lead here."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from ouro_cli.model.action import Action
from ouro_cli.seat import Seated

_MOST = 20


@dataclass(frozen=True, slots=True)
class Unreached:
    """What is wrong, and what to do about it."""

    message: str
    hint: str = ""


def unreached(seated: Seated | None, actions: Iterable[Action]) -> Iterator[Unreached]:
    """The accepted actions whose callback cannot reach us, and why; many are counted."""
    found = [each for action in actions if (each := _why_not(seated, action)) is not None]
    yield from found[:_MOST]
    if len(found) > _MOST:
        yield Unreached(f"{len(found) - _MOST} more cannot be called back", "ouro action list")


def promised_elsewhere(url: str, callback_urls: Iterable[str]) -> dict[str, int]:
    """How many of these addresses, where callbacks are awaited, are not at this one: by base."""
    counts: dict[str, int] = {}
    for each in callback_urls:
        promised = base_of(each)
        if promised != url:
            counts[promised] = counts.get(promised, 0) + 1
    return counts


def base_of(callback_url: str) -> str:
    """The address of a listener, out of one that it promised."""
    return callback_url.partition("/actions/")[0]


def _why_not(seated: Seated | None, action: Action) -> Unreached | None:
    promised = action.callback_url or ""
    if seated is None:
        return Unreached(
            f"{action.id} waits for a callback, and nobody listens",
            f"ouro action watch {action.id}",
        )
    if base_of(promised) != seated.url:
        told = f"{action.id} was promised {promised}, and we listen at {seated.url}"
        return Unreached(told, _what_to_do(promised, seated))
    if seated.trouble:
        told = f"{action.id} was promised {promised}, which does not lead here: {seated.trouble}"
        hint = f"Have {seated.url} lead to port {seated.port} of this machine again."
        return Unreached(told, hint)
    return None


def _what_to_do(promised: str, seated: Seated) -> str:
    try:
        parts = urlsplit(promised)
        is_here = parts.hostname in ("127.0.0.1", "localhost", "::1", seated.host)
        if is_here and parts.port == seated.port:
            return ""
        port = parts.port
    except ValueError:
        return ""
    if is_here:
        return f"End process {seated.pid}, then: ouro listen --port {port}"
    return f"Have {base_of(promised)} lead to port {seated.port} of this machine."
