"""A body as it arrives: counted, bounded, and in memory only while it is small."""

import tempfile
from typing import IO

from ouro_cli.errors import BodyTooLarge
from ouro_cli.store.files import Files

SMALL = 2**20
"""How many bytes of one body are held in memory."""

MOST_IN_MEMORY = 32 * 2**20
"""How many bytes of all bodies together are; what comes beyond that goes to the disk at once."""


class Bodies:
    """All bodies that are on their way, and the memory that they share."""

    def __init__(self, files: Files, limit: int) -> None:
        self.files = files
        self.limit = limit
        self.held = 0


class Gathering:
    """One body that arrives part by part; a file without a name takes what is too much.

    Nobody finds such a file, and nothing of it is left, whenever the process dies.
    """

    def __init__(self, bodies: Bodies) -> None:
        self._bodies = bodies
        self._parts: list[bytes] = []
        self._held = 0
        self._file: IO[bytes] | None = None
        self.size = 0

    def add(self, part: bytes) -> None:
        """Take one part more; BodyTooLarge where it is too much, OSError where the disk is full."""
        self.size += len(part)
        if self.size > self._bodies.limit:
            raise BodyTooLarge(limit=self._bodies.limit)
        if self._file is not None:
            self._file.write(part)
            return
        self._parts.append(part)
        self._held += len(part)
        self._bodies.held += len(part)
        if self._held > SMALL or self._bodies.held > MOST_IN_MEMORY:
            folder = self._bodies.files.draft_path().parent
            self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
            self._file.writelines(self._parts)
            self._release()

    def read(self) -> bytes:
        """All of it."""
        if self._file is None:
            return b"".join(self._parts)
        self._file.seek(0)
        return self._file.read()

    def close(self) -> None:
        """Let go of it."""
        self._release()
        if self._file is not None:
            self._file.close()

    def _release(self) -> None:
        self._bodies.held -= self._held
        self._held = 0
        self._parts = []
