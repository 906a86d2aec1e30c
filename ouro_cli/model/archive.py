"""What a zip archive says it holds, read from its directory alone; nothing is ever unpacked."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from ouro_cli.model.declaration import normal_extension

MOST_ENTRIES = 100_000
"""How many entries are read of a directory; of a longer one the rest is left."""

_END, _END_64, _LOCATOR, _ENTRY = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07", b"PK\x01\x02"
_LONGEST_COMMENT = 65_535
_MOST_EXTENSIONS = 200
_UTF_8 = 0x800


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of an archive, with the sizes in bytes that the directory states."""

    name: str
    size: int
    packed: int

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder, which a zip writes with a slash behind."""
        return self.name.endswith("/")


def archive_facts(file: BinaryIO) -> dict[str, Any] | None:
    """A zip's directory in the contract's words (section 9.4), with the extensions of its files.

    None where the file is no zip, or its directory cannot be read. The sizes are what the
    directory says: an archive can lie, and whoever unpacks it has to count for himself.
    """
    facts: dict[str, Any] = {
        "entry_count": 0,
        "file_count": 0,
        "directory_count": 0,
        "total_uncompressed_size": 0,
        "total_compressed_size": 0,
        "preview_truncated": False,
    }
    extensions: dict[str, None] = {}
    try:
        for entry in entries(file):
            if facts["entry_count"] == MOST_ENTRIES:
                facts["preview_truncated"] = True
                break
            facts["entry_count"] += 1
            facts["directory_count" if entry.is_folder else "file_count"] += 1
            facts["total_uncompressed_size"] += entry.size
            facts["total_compressed_size"] += entry.packed
            last = entry.name.rsplit("/", 1)[-1]
            extension = normal_extension(last.rpartition(".")[2]) if "." in last[1:] else None
            if extension and len(extensions) < _MOST_EXTENSIONS:
                extensions[extension] = None
    except ValueError:
        return None
    return facts | {"extensions": sorted(extensions)}


def entries(file: BinaryIO) -> Iterator[Entry]:
    """The entries that the directory of a zip lists, in its order; ValueError where it is none."""
    at, size = _directory(file)
    file.seek(at)
    left = size
    while left >= 46:
        head = file.read(46)
        if len(head) < 46 or not head.startswith(_ENTRY):
            raise ValueError("the directory is damaged")
        flags, packed, unpacked = struct.unpack("<8xH10xII", head[:28])
        name_length, extra_length, comment_length = struct.unpack("<HHH", head[28:34])
        tail = file.read(name_length + extra_length + comment_length)
        left -= 46 + len(tail)
        name = tail[:name_length].decode("utf-8" if flags & _UTF_8 else "cp437", "replace")
        extra = tail[name_length : name_length + extra_length]
        yield Entry(name, *_sizes(unpacked, packed, extra))


def _directory(file: BinaryIO) -> tuple[int, int]:
    """Where the directory lies, and how many bytes it is (APPNOTE 6.3, sections 4.3.14 to 16)."""
    end = file.seek(0, 2)
    begin = max(0, end - _LONGEST_COMMENT - 22 - 20)
    file.seek(begin)
    tail = file.read(end - begin)
    found = tail.rfind(_END)
    if found < 0 or len(tail) < found + 22:
        raise ValueError("it is no zip")
    size, at = struct.unpack("<II", tail[found + 12 : found + 20])
    locator = tail[found - 20 : found] if found >= 20 else b""
    if 0xFFFFFFFF in (size, at) and locator.startswith(_LOCATOR):
        file.seek(min(end, struct.unpack("<Q", locator[8:16])[0]))
        record = file.read(56)
        if len(record) < 56 or not record.startswith(_END_64):
            raise ValueError("the directory is damaged")
        size, at = struct.unpack("<QQ", record[40:56])
    # Before an archive there may stand a program; the directory lies right before its end.
    start = begin + found - size if 0 <= at <= begin + found - size else at
    if not 0 <= start <= end or size > end:
        raise ValueError("the directory is damaged")
    file.seek(min(at, end))
    return (at if file.read(4) in (_ENTRY, _END) else start), size


def _sizes(unpacked: int, packed: int, extra: bytes) -> tuple[int, int]:
    """The sizes, those beyond 32 bits taken from the extra field that holds them."""
    at = 0
    while 0xFFFFFFFF in (unpacked, packed) and at + 4 <= len(extra):
        kind, length = struct.unpack("<HH", extra[at : at + 4])
        field = extra[at + 4 : at + 4 + length]
        if kind == 1:
            wide = iter(struct.unpack(f"<{len(field) // 8}Q", field[: len(field) // 8 * 8]))
            unpacked = next(wide, 0) if unpacked == 0xFFFFFFFF else unpacked
            packed = next(wide, 0) if packed == 0xFFFFFFFF else packed
        at += 4 + length
    return unpacked, packed
