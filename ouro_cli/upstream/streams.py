"""Who looks on while an answer comes in: told its head, and each of its pieces."""

from typing import Protocol


class Onlooker(Protocol):
    """Is told of an answer as it comes in; may raise to give the call up."""

    def begins(self, status: int, media_type: str) -> None:
        """An answer begins; after a redirect or a challenge, another one."""

    def takes(self, piece: bytes) -> None:
        """A piece of the body has come, without its gzip."""
