"""Bytes that are kept under the name of what they hold: written whole or not at all, never changed.

A file lies at `OURO_HOME/assets/ab/abcd…`, where `abcd…` is the SHA-256 of its bytes.
"""

import contextlib
import errno
import hashlib
import os
import stat
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ouro_cli.errors import FileUnreadable, RegistryUnavailable

PIECE = 2**20
"""How many bytes are held in memory at a time."""

_UNFINISHED = "unfinished-"
_ABANDONED_SECONDS = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Kept:
    """What identifies kept bytes: their SHA-256 in hexadecimal, and how many they are."""

    sha256: str
    size: int


class Files:
    """The kept bytes of one registry; keeping the same bytes twice keeps them once."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "assets"

    def keep_file(self, path: Path) -> Kept:
        """Keep the bytes of a regular file.

        Raises FileUnreadable for what is none, such as a symbolic link, a folder, a device or a
        pipe, and RegistryUnavailable where the disk does not take it.
        """
        with open_regular(path) as source:
            return self.keep(_pieces(source, str(path)))

    def keep_bytes(self, data: bytes) -> Kept:
        """Keep these bytes."""
        return self.keep([data])

    def keep(self, pieces: Iterable[bytes]) -> Kept:
        """Keep all that comes, piece by piece; once this returns, no loss of power loses it."""
        try:
            self._make(self._folder)
            self._remove_abandoned()
            descriptor, name = tempfile.mkstemp(prefix=_UNFINISHED, dir=self._folder)
        except OSError as fault:
            raise self._unavailable(fault) from fault
        unfinished = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as target:
                kept = _written(target, pieces)
            place = self.path_of(kept.sha256)
            self._make(place.parent)
            unfinished.replace(place)
            _sync(place.parent)
        except OSError as fault:
            raise self._unavailable(fault) from fault
        finally:
            unfinished.unlink(missing_ok=True)
        return kept

    def path_of(self, sha256: str) -> Path:
        """Where bytes of this SHA-256 lie, if they are kept."""
        return self._folder / sha256[:2] / sha256

    def has(self, kept: Kept) -> bool:
        """Whether these bytes are here, whole."""
        try:
            return self.path_of(kept.sha256).stat().st_size == kept.size
        except OSError:
            return False

    def open(self, sha256: str) -> BinaryIO:
        """The kept bytes, for reading; FileUnreadable where there are none."""
        return open_regular(self.path_of(sha256))

    def _make(self, folder: Path) -> None:
        """Make the folder where it is not there, so that it stays after a loss of power too."""
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700, parents=True)
            _sync(folder.parent)

    def _remove_abandoned(self) -> None:
        """Remove what writers left that died long ago."""
        for path in self._folder.glob(f"{_UNFINISHED}*"):
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime > _ABANDONED_SECONDS:
                    path.unlink()

    def _unavailable(self, fault: OSError) -> RegistryUnavailable:
        why = (fault.strerror or "the disk failed").lower()
        return RegistryUnavailable(path=self._folder, why=why)


def open_regular(path: Path) -> BinaryIO:
    """A regular file, open for reading; FileUnreadable for all else, without waiting for anything.

    What is checked is what was opened: nothing can be put in its place in between.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as fault:
        raise FileUnreadable(path=path, why=_why_not(fault)) from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileUnreadable(path=path, why="is not a regular file")
    return os.fdopen(descriptor, "rb", buffering=0)


def _written(target: BinaryIO, pieces: Iterable[bytes]) -> Kept:
    digest, size = hashlib.sha256(), 0
    for piece in pieces:
        digest.update(piece)
        size += len(piece)
        target.write(piece)
    target.flush()
    os.fsync(target.fileno())
    return Kept(digest.hexdigest(), size)


def _why_not(fault: OSError) -> str:
    if fault.errno == errno.ELOOP:
        return "is a symbolic link"
    if fault.errno == errno.ENOENT:
        return "no such file"
    if fault.errno in (errno.ENXIO, errno.ENODEV):
        return "is not a regular file"
    return (fault.strerror or "cannot be opened").lower()


def _pieces(source: BinaryIO, name: str) -> Iterator[bytes]:
    try:
        while piece := source.read(PIECE):
            yield piece
    except OSError as fault:
        raise FileUnreadable(path=name, why=_why_not(fault)) from None


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
