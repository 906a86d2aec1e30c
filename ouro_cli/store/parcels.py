"""Files that carry a registry, or a part of one: a zip of plain files, and a manifest of them."""

import hashlib
import json
import stat
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from ouro_cli.errors import BundleRefused, FileUnreadable
from ouro_cli.model.archive import entries
from ouro_cli.store.files import PIECE, open_regular
from ouro_cli.store.saved_files import save

VERSION = 1
_MANIFEST = "manifest.json"
_LARGEST_MANIFEST = 256 * 2**20
_MOST_ENTRIES = 1_000_000
_BEGINNING_OF_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a parcel: its name in it, its size in bytes, its sha256."""

    name: str
    size: int
    sha256: str


def write_parcel(
    path: Path,
    kind: str,
    facts: dict[str, Any],
    parts: Iterable[tuple[Part, Callable[[], BinaryIO]]],
    *,
    force: bool = False,
) -> int:
    """Write a parcel, whole or not at all, in constant memory; how many bytes it has.

    Nothing in it is packed, so that what it holds is never larger than what it is. Raises
    FileExists, FileNotWritten, and BundleRefused where a part is not what it is said to be.
    """
    listed = list(parts)
    manifest = {
        "format": kind,
        "version": VERSION,
        **facts,
        "files": {part.name: {"size": part.size, "sha256": part.sha256} for part, _ in listed},
    }
    return save(path, _zipped(path, manifest, listed), force=force)


def _zipped(
    path: Path, manifest: dict[str, Any], parts: list[tuple[Part, Callable[[], BinaryIO]]]
) -> Iterator[bytes]:
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as packed:
        text = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
        packed.writestr(_info(_MANIFEST), text)
        yield sink.taken()
        for part, opened in parts:
            with opened() as source, packed.open(_info(part.name), "w", force_zip64=True) as entry:
                for piece in _checked(path, part, iter(lambda: source.read(PIECE), b"")):
                    entry.write(piece)
                    yield sink.taken()
    yield sink.taken()


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _BEGINNING_OF_TIME)
    info.external_attr = (stat.S_IFREG | 0o600) << 16
    return info


class _Sink:
    """What a zip is written into, to be taken out piece by piece."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        """Nothing is held here."""

    def taken(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


class Parcel:
    """A parcel that is open for reading; what its directory says has been checked."""

    def __init__(self, path: Path, packed: zipfile.ZipFile, manifest: dict[str, Any]) -> None:
        self.path = path
        self.manifest = manifest
        self.parts = {
            name: Part(name, facts["size"], facts["sha256"])
            for name, facts in manifest["files"].items()
        }
        self._packed = packed

    def verify(self) -> None:
        """Read all of it; BundleRefused where anything is not what the manifest says."""
        for name in self.parts:
            for _ in self.read(name):
                pass

    def read(self, name: str) -> Iterator[bytes]:
        """A part's bytes; BundleRefused, at the latest behind the last, where they are others."""
        try:
            with self._packed.open(name) as entry:
                pieces = iter(lambda: entry.read(PIECE), b"")
                yield from _checked(self.path, self.parts[name], pieces)
        except _DAMAGED as fault:
            raise BundleRefused(path=self.path, why="it is damaged or cut off") from fault


@contextmanager
def open_parcel(path: Path, kind: str, is_place: Callable[[Part], bool]) -> Iterator[Parcel]:
    """A parcel of this kind; `is_place` says what may stand in it under which name.

    Raises BundleRefused for whatever is not wholly such a parcel, before a byte of it is used.
    """
    try:
        file = open_regular(path)
    except FileUnreadable as fault:
        raise BundleRefused(path=path, why=fault.facts["why"]) from None
    with file:
        try:
            _count(file)
            packed = zipfile.ZipFile(file)
            manifest = _manifest(path, packed, kind)
        except _DAMAGED as fault:
            said = "it is no file that ouro wrote, or it is damaged or cut off"
            raise BundleRefused(path=path, why=said) from fault
        with packed:
            parcel = Parcel(path, packed, manifest)
            _check(parcel, packed, is_place)
            yield parcel


# What the zip library raises where an archive is not what it says.
_DAMAGED = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError),
    *(ValueError, KeyError, TypeError, AttributeError, OSError, OverflowError, RecursionError),
)


def _count(file: BinaryIO) -> None:
    """The library reads a whole directory into memory, so its length is looked at before."""
    for number, _ in enumerate(entries(file)):
        if number >= _MOST_ENTRIES:
            raise ValueError("too many entries")
    file.seek(0)


def _manifest(path: Path, packed: zipfile.ZipFile, kind: str) -> dict[str, Any]:
    info = packed.getinfo(_MANIFEST)
    if info.file_size > _LARGEST_MANIFEST or info.compress_type != zipfile.ZIP_STORED:
        raise ValueError("the manifest is too large")
    manifest = json.loads(packed.read(info))
    if manifest["format"] != kind:
        raise BundleRefused(path=path, why=f"it is not of the kind '{kind}'")
    if manifest["version"] != VERSION:
        why = f"it is of version {manifest['version']!s:.20}, and this ouro knows {VERSION}"
        raise BundleRefused(path=path, why=why)
    for facts in manifest["files"].values():
        if not (isinstance(facts["size"], int) and isinstance(facts["sha256"], str)):
            raise ValueError("no size, no sha256")
    return dict(manifest)


def _check(parcel: Parcel, packed: zipfile.ZipFile, is_place: Callable[[Part], bool]) -> None:
    """What its directory lists is what its manifest lists: plain files in their places."""
    listed = [each for each in packed.infolist() if each.filename != _MANIFEST]
    names = [each.filename for each in listed]
    for part in parcel.parts.values():
        if not is_place(part):
            raise BundleRefused(path=parcel.path, why=f"'{part.name[:60]}' has no place in it")
    if len(set(names)) < len(names) or set(names) != set(parcel.parts):
        raise BundleRefused(path=parcel.path, why="it does not hold what its manifest lists")
    total = 0
    for each in listed:
        kind = stat.S_IFMT(each.external_attr >> 16)
        if each.compress_type != zipfile.ZIP_STORED or kind not in (0, stat.S_IFREG):
            raise BundleRefused(path=parcel.path, why=f"{each.filename} is packed, or no file")
        if not each.file_size == each.compress_size == parcel.parts[each.filename].size:
            why = f"{each.filename} has not the size that its manifest tells"
            raise BundleRefused(path=parcel.path, why=why)
        total += each.file_size
    # Parts that lay over each other would unfold to more than the file is.
    if total > parcel.path.stat().st_size:
        raise BundleRefused(path=parcel.path, why="it says to hold more than it is")


def _checked(path: Path, part: Part, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces, as long as they can be those of this part; BundleRefused where they are not."""
    digest, size = hashlib.sha256(), 0
    for piece in pieces:
        digest.update(piece)
        size += len(piece)
        if size > part.size:
            break
        yield piece
    if size != part.size or digest.hexdigest() != part.sha256:
        raise BundleRefused(path=path, why=f"{part.name} fails its checksum")
