"""Answers that are small on the wire and huge once unpacked."""

import gzip
import zlib
from collections.abc import Callable


def _zeros(mebibytes: int) -> bytes:
    pack = zlib.compressobj(1, zlib.DEFLATED, 31)
    return b"".join(pack.compress(bytes(2**20)) for _ in range(mebibytes)) + pack.flush()


BOMBS: dict[str, Callable[[], tuple[bytes, bytes]]] = {
    "one gzip": lambda: (b"gzip", _zeros(200)),
    "gzip in gzip": lambda: (b"gzip, gzip", gzip.compress(_zeros(16) * 64)),
    "many members": lambda: (b"gzip", _zeros(16) * 64),
}
"""Each by its name: the Content-Encoding, and the bytes; they hold 200 MiB and more."""
