"""The files beside a document: of its own folder, or of its own origin, and of nowhere else."""

import os
import stat
import time
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ouro_cli.errors import DocumentUnreadable
from ouro_cli.settings import Settings
from ouro_cli.upstream.documents import Fetched, fetch, read_descriptor
from ouro_cli.upstream.redirects import is_same_origin

MOST_FILES = 5_000
LONGEST_SECONDS = 120.0


class OutOfBounds(Exception):
    """What lies there is not beside the document, or is not there; the message says why."""


class Neighbours:
    """Reads what lies beside one document, each time it is asked; never more than is allowed.

    All together are `MOST_FILES` at most, as large as one document may be, and take no longer
    than `LONGEST_SECONDS`.
    """

    def __init__(self, document: Fetched, settings: Settings) -> None:
        self._settings = settings
        self._deadline = time.monotonic() + LONGEST_SECONDS
        self._files = 0
        self._bytes = len(document.data)
        self._is_remote = document.is_remote
        self._folder = Path(document.source).parent
        self.address = document.source if document.is_remote else Path(document.source).as_uri()
        """The document's own address: what its references are relative to."""

    def read(self, address: str) -> Fetched:
        """What lies at an address.

        Raises OutOfBounds where that is not beside the document, or nothing is there, and
        DocumentUnreadable where it cannot be had, or the bounds are passed.
        """
        if not (self._is_same_origin(address) if self._is_remote else _is_of_file(address)):
            where = "origin" if self._is_remote else "folder"
            raise OutOfBounds(f"it is not of the document's own {where}")
        self._files += 1
        if self._files > MOST_FILES:
            raise DocumentUnreadable(source=address, why=f"more than {MOST_FILES:,} files belong")
        if time.monotonic() > self._deadline:
            why = f"all files together took longer than {LONGEST_SECONDS:g} seconds"
            raise DocumentUnreadable(source=address, why=why)
        found = self._fetch(address) if self._is_remote else self._open(address)
        self._bytes += len(found.data)
        if self._bytes > self._settings.largest_document:
            largest = self._settings.largest_document // 2**20
            why = f"all files together are larger than {largest} MiB"
            raise DocumentUnreadable(source=address, why=why)
        return found

    def _is_same_origin(self, address: str) -> bool:
        parts = urlsplit(address)
        return not parts.username and not parts.password and is_same_origin(address, self.address)

    def _fetch(self, address: str) -> Fetched:
        left = max(self._deadline - time.monotonic(), 1.0)
        settings = replace(self._settings, call_seconds=min(left, self._settings.call_seconds))
        found = fetch(address, settings, missing_is=OutOfBounds("it is not there"))
        if not is_same_origin(found.source, self.address):
            raise OutOfBounds("it is not of the document's own origin")
        return found

    def _open(self, address: str) -> Fetched:
        path = Path(os.path.normpath(unquote(urlsplit(address).path)))
        try:
            # By name first: what lies elsewhere by its very name is not even looked at.
            self._inside(path)
            steps = self._inside(Path(os.path.realpath(path))).parts
            descriptor = _open_beneath(self._folder, steps)
        except FileNotFoundError:
            raise OutOfBounds("it is not there") from None
        except ValueError:
            raise OutOfBounds("it is not of the document's own folder") from None
        except OSError as fault:
            raise OutOfBounds((fault.strerror or "it cannot be read").lower()) from None
        data = read_descriptor(descriptor, address, self._settings)
        return Fetched(data, address, "")

    def _inside(self, path: Path) -> Path:
        return path.relative_to(self._folder)


def _is_of_file(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "file" and not parts.netloc and not parts.query


def _open_beneath(folder: Path, steps: tuple[str, ...]) -> int:
    """Open a file step by step, following no link: what was looked at may have been exchanged."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    for step in steps:
        try:
            following = os.open(step, flags, dir_fd=place)
        finally:
            os.close(place)
        place = following
    if not stat.S_ISREG(os.fstat(place).st_mode):
        os.close(place)
        raise OSError(0, "it is not a regular file")
    return place
