"""The body of an answer as it arrives: unpacked in bounds, and in a file once it grows large."""

import os
import time
import zlib
from collections.abc import Iterator

from ouro_cli.settings import Settings
from ouro_cli.upstream.streams import Onlooker
from ouro_cli.wire.outcome import Draft

# isort: split
# After the client, which keeps httpx from loading its own command line.
import httpx

MOST_IN_MEMORY = 2**20
"""How many bytes of a body are held in memory before a file takes them."""

HEAD = 2**16
"""How many bytes of a body that lies in a file stand for it."""

_PIECE = 2**20
_MOST_LAYERS = 3
_NO_BODY = frozenset({204, 304})


class TooLarge(Exception):
    """The answer is larger than may be kept."""


class TooLong(Exception):
    """The call's whole time has passed."""


class Received:
    """The bytes of one answer, as far as they have come.

    With a `draft`, the path of a file that nobody else writes to, they go there once they are
    more than `MOST_IN_MEMORY`.
    """

    def __init__(self, draft: str = "") -> None:
        self.size = 0
        self.media_type = ""
        self._draft = draft
        self._parts: list[bytes] = []
        self._head = b""
        self._file: int | None = None

    @property
    def in_file(self) -> Draft | None:
        """Where the bytes lie, if they have gone into a file."""
        if self._file is None:
            return None
        return Draft(self._draft, self.size, self._head, self.media_type)

    @property
    def data(self) -> bytes:
        """All bytes, or of those in a file the first."""
        return self._head if self._file is not None else b"".join(self._parts)

    def take(self, part: bytes) -> None:
        """Add a part; OSError where the disk does not take it."""
        self.size += len(part)
        if self._file is None:
            self._parts.append(part)
            if self.size > MOST_IN_MEMORY and self._draft:
                self._spill()
        else:
            _write(self._file, part)

    def partial(self) -> Draft | None:
        """What came, in a file whatever its size; None where nothing did, or no file is to be."""
        if not self.size or not self._draft:
            return None
        if self._file is None:
            self._spill()
        return self.in_file

    def close(self) -> None:
        """Close the file, which stays."""
        if self._file is not None:
            os.close(self._file)
            self._file = -1

    def _spill(self) -> None:
        data = b"".join(self._parts)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        self._file = os.open(self._draft, flags, 0o600)
        self._parts, self._head = [], data[:HEAD]
        _write(self._file, data)


def read_body(
    response: httpx.Response,
    received: Received,
    settings: Settings,
    deadline: float,
    onlooker: Onlooker | None = None,
) -> None:
    """Read the answer's body to its end; `onlooker` is told of it as it comes.

    Raises TooLarge beyond `settings.largest_response` bytes, as they stand once unpacked, TooLong
    after the deadline, httpx.HTTPError for a body that is cut off or cannot be unpacked.
    """
    received.media_type = response.headers.get("content-type", "")
    is_empty = response.request.method == "HEAD" or response.status_code in _NO_BODY
    encoding = "" if is_empty else response.headers.get("content-encoding", "")
    largest = settings.largest_response
    if onlooker is not None:
        onlooker.begins(response.status_code, received.media_type)
    for part in decoded(response.iter_raw(), encoding, largest):
        room = largest - received.size
        received.take(part[:room] if len(part) > room else part)
        if onlooker is not None:
            onlooker.takes(part)
        if len(part) > room:
            raise TooLarge
        if time.monotonic() > deadline:
            raise TooLong


def decoded(raw: Iterator[bytes], encoding: str, largest: int) -> Iterator[bytes]:
    """The body without its gzip; any other encoding was not asked for, and stays as it is.

    No part is larger than `largest` and a byte, nor than a megabyte, however well it was packed.
    """
    layers = [word for each in encoding.split(",") if (word := each.strip().lower())]
    layers = [each for each in layers if each != "identity"]
    if any(each not in ("gzip", "x-gzip") for each in layers):
        return raw
    if len(layers) > _MOST_LAYERS:
        raise httpx.RemoteProtocolError(f"the answer is packed {len(layers)} times over")
    for _ in layers:
        raw = _unpacked(raw, min(largest + 1, _PIECE))
    return raw


def _unpacked(raw: Iterator[bytes], piece: int) -> Iterator[bytes]:
    unzip = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        for part in raw:
            while part:
                if unzip.eof:
                    # Several members in a row are one file (RFC 1952 section 2.2).
                    unzip = zlib.decompressobj(16 + zlib.MAX_WBITS)
                yield unzip.decompress(part, piece)
                part = unzip.unused_data if unzip.eof else unzip.unconsumed_tail
    except zlib.error:
        raise httpx.RemoteProtocolError("the answer is no gzip") from None
    if not unzip.eof:
        raise httpx.RemoteProtocolError("the answer ends too early")


def _write(descriptor: int, part: bytes) -> None:
    view = memoryview(part)
    while view:
        view = view[os.write(descriptor, view) :]
