"""How far a document's references may unfold: no further than any real one's do."""

from ouro_cli.errors import DocumentUnreadable

_LEAST = 32 * 2**20
# Of thousands of real documents none unfolds to seven times its own length.
_PER_CHARACTER = 8


class Room:
    """What is left of the room that one document has, in characters."""

    def __init__(self, size: int, source: str) -> None:
        self._left = _LEAST + _PER_CHARACTER * size
        self._source = source

    def take(self, size: int) -> None:
        """Use some of it; DocumentUnreadable where it is used up."""
        self._left -= size
        if self._left < 0:
            why = "its references unfold to many times its own size"
            raise DocumentUnreadable(source=self._source, why=why)
