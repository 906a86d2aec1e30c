"""How a call is to be made, apart from what is sent: kept with its request."""

from dataclasses import dataclass
from typing import Any

_NO_RETRY = "no_retry"
_INSECURE = "insecure"
_ALLOW_PROXY = "allow_proxy"
_KEEP_HEADERS = "keep_headers"


@dataclass(frozen=True, slots=True)
class Manner:
    """What a person said of one call alone.

    `no_retry` has it sent once at the most; `insecure` has no certificate looked at; and with
    `allow_proxy` a credential may pass a proxy unencrypted. `keep_headers` are those of the
    answer that somebody will ask for.
    """

    no_retry: bool = False
    insecure: bool = False
    allow_proxy: bool = False
    keep_headers: tuple[str, ...] = ()

    def as_request(self) -> dict[str, Any]:
        """What an action keeps of it, beside its request; nothing where nothing was said."""
        said = {
            _NO_RETRY: self.no_retry,
            _INSECURE: self.insecure,
            _ALLOW_PROXY: self.allow_proxy,
        }
        kept: dict[str, Any] = {name: True for name, each in said.items() if each}
        return kept | ({_KEEP_HEADERS: list(self.keep_headers)} if self.keep_headers else {})


def manner_of(request: dict[str, Any]) -> Manner:
    """How an action is to be sent, as it was said when it was started."""
    return Manner(
        no_retry=request.get(_NO_RETRY) is True,
        insecure=request.get(_INSECURE) is True,
        allow_proxy=request.get(_ALLOW_PROXY) is True,
        keep_headers=tuple(request.get(_KEEP_HEADERS) or ()),
    )


def without_leave(request: dict[str, Any]) -> dict[str, Any]:
    """The request without what was allowed once alone: to do it again needs a new word."""
    return {name: each for name, each in request.items() if name not in (_INSECURE, _ALLOW_PROXY)}
