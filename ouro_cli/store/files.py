"""Kept bytes, each under its sha256: durable before anybody refers to them, never written twice."""

import contextlib
import errno
import hashlib
import io
import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ouro_cli.crash import crash_point
from ouro_cli.errors import FileUnreadable, RegistryUnavailable
from ouro_cli.model.action import Beside

FOLDER = "assets"

PIECE = 2**20
"""How many bytes are held in memory at a time."""

_DRAFTS = "drafts"

# File systems that know no hard links.
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS, errno.EXDEV}


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes that are kept: their sha256 in hexadecimal, and how many they are."""

    sha256: str
    size: int


class Files:
    """The folder of kept bytes of one registry.

    Bytes are written to a draft, which takes its final name once it is whole and on disk. So a
    file under a sha256 is whole, whenever the machine stops; a draft that nobody finished is
    swept away.
    """

    def __init__(self, home: Path) -> None:
        self.folder = home / FOLDER

    def keep_bytes(self, data: bytes) -> Kept:
        """Keep these bytes."""
        return self.keep([data])

    def keep_file(self, path: Path) -> Kept:
        """Keep what a regular file holds now; FileUnreadable for what is none, links included."""
        with open_regular(path) as file:
            return self.keep(iter(lambda: file.read(PIECE), b""))

    def keep(self, parts: Iterable[bytes]) -> Kept:
        """Keep these bytes, part by part, in constant memory.

        Raises RegistryUnavailable where the disk does not take them; then nothing is kept.
        """
        try:
            with self.draft() as (descriptor, draft):
                digest, size = hashlib.sha256(), 0
                for part in parts:
                    digest.update(part)
                    size += len(part)
                    write_all(descriptor, part)
                kept = Kept(digest.hexdigest(), size)
                self._place(descriptor, draft, kept)
        except OSError as fault:
            why = (fault.strerror or "the disk failed").lower()
            raise RegistryUnavailable(path=self.folder, why=why) from fault
        return kept

    def keep_draft(self, draft: Path) -> Kept:
        """Keep a file of our own that was written under `draft_path`; it is moved, not copied."""
        descriptor = os.open(draft, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            with os.fdopen(os.dup(descriptor), "rb") as file:
                digest = hashlib.file_digest(file, "sha256")
            kept = Kept(digest.hexdigest(), os.fstat(descriptor).st_size)
            self._place(descriptor, draft, kept)
        finally:
            os.close(descriptor)
            draft.unlink(missing_ok=True)
        return kept

    @contextlib.contextmanager
    def draft(self) -> Iterator[tuple[int, Path]]:
        """A new file to write into: its descriptor and path; gone afterwards unless it was kept."""
        draft = self.draft_path()
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(draft, flags, 0o600)
        try:
            yield descriptor, draft
        finally:
            os.close(descriptor)
            draft.unlink(missing_ok=True)

    def draft_path(self) -> Path:
        """A path for a draft that nobody else writes to."""
        folder = self.folder / _DRAFTS
        _make_folder(folder)
        return folder / f"{os.getpid()}-{os.urandom(8).hex()}"

    def path_of(self, sha256: str) -> Path:
        """Where bytes with this sha256 lie, if they are kept."""
        return self.folder / sha256[:2] / sha256

    def open(self, sha256: str) -> io.BufferedReader:
        """The kept bytes, to be read; FileUnreadable where they are not there."""
        return open_regular(self.path_of(sha256))

    def beside(self, sha256: str) -> Beside:
        """Kept bytes as a response refers to them; of none that are gone the size is 0."""
        path = self.path_of(sha256)
        try:
            size = path.lstat().st_size
        except OSError:
            size = 0
        return Beside(sha256, size, str(path), lambda: self.open(sha256))

    def problem(self, sha256: str, size: int | None, *, deeply: bool = False) -> str:
        """What is wrong with kept bytes, in a word or two; empty where nothing is.

        `deeply` reads them all; else only their size is held against what it was, where it is
        known.
        """
        try:
            with self.open(sha256) as file:
                found = os.fstat(file.fileno()).st_size
                if size is not None and found != size:
                    return f"damaged: {found} bytes, and {size} were kept"
                if deeply and hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                    return "damaged: they are not what was kept"
        except FileUnreadable as fault:
            return "missing" if fault.is_missing else str(fault.facts["why"])
        except OSError as fault:
            return f"unreadable ({(fault.strerror or '').lower()})"
        return ""

    def all(self) -> Iterator[tuple[str, int]]:
        """Everything that is kept: its sha256, and its size in bytes."""
        for path in sorted(self.folder.glob("[0-9a-f][0-9a-f]/*")):
            with contextlib.suppress(FileNotFoundError):
                yield path.name, path.lstat().st_size

    def everything(self) -> Iterator[Path]:
        """Every file in the folder, under whatever name."""
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield path

    def sha256_of(self, path: Path) -> str:
        """The sha256 of what a file holds; FileUnreadable where it is no regular file."""
        with open_regular(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def remove(self, sha256: str) -> None:
        """Keep these bytes no longer."""
        # What is damaged may be no file any more.
        with contextlib.suppress(FileNotFoundError, IsADirectoryError):
            self.path_of(sha256).unlink()

    @contextlib.contextmanager
    def workroom(self) -> Iterator[Path]:
        """A folder of our own on the same file system; gone afterwards with all that is in it."""
        folder = self.draft_path()
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def hold(self, sha256: str, folder: Path) -> None:
        """Have these bytes in a folder too, whoever removes them meanwhile."""
        try:
            os.link(self.path_of(sha256), folder / sha256, follow_symlinks=False)
        except FileExistsError:
            pass
        except OSError as fault:
            if fault.errno not in _NO_LINKS:
                raise
            shutil.copyfile(self.path_of(sha256), folder / sha256, follow_symlinks=False)

    def drafts(self) -> list[Path]:
        """Drafts that are being written, or were left by whoever died over them."""
        return sorted((self.folder / _DRAFTS).glob("*"))

    def sweep(self, *, older_than_seconds: float, now: float) -> int:
        """Remove drafts that nobody has written to for so long; how many there were."""
        swept = 0
        for draft in self.drafts():
            with contextlib.suppress(FileNotFoundError):
                if now - draft.lstat().st_mtime > older_than_seconds:
                    if draft.is_dir() and not draft.is_symlink():
                        shutil.rmtree(draft, ignore_errors=True)
                    else:
                        draft.unlink()
                    swept += 1
        return swept

    def _place(self, descriptor: int, draft: Path, kept: Kept) -> None:
        os.fsync(descriptor)
        target = self.path_of(kept.sha256)
        _make_folder(target.parent)
        # What lies there already is the same; a damaged one is replaced by what is whole.
        if self.problem(kept.sha256, kept.size):
            crash_point("R14")
            draft.replace(target)
            _sync_folder(target.parent)
        else:
            # Whoever tidies up takes what is old and belongs to nobody; this is about to.
            os.utime(target)


def open_regular(path: Path) -> io.BufferedReader:
    """A regular file, to be read; FileUnreadable for links, folders, devices, pipes and nothing."""
    try:
        # Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(path, flags)
    except FileNotFoundError:
        raise FileUnreadable(path=path, why="no such file", is_missing=True) from None
    except OSError as fault:
        why = _WHY.get(fault.errno or 0) or (fault.strerror or "").lower()
        raise FileUnreadable(path=path, why=why) from None
    except ValueError:
        raise FileUnreadable(path=path, why="that is no path") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileUnreadable(path=path, why="it is not a regular file")
    return io.BufferedReader(io.FileIO(descriptor))


_WHY = {
    errno.ELOOP: "it is a symbolic link",
    # A socket, a device without a driver.
    errno.ENXIO: "it is not a regular file",
    errno.ENODEV: "it is not a regular file",
}


def write_all(descriptor: int, part: bytes) -> None:
    """Write these bytes to the last one."""
    view = memoryview(part)
    while view:
        view = view[os.write(descriptor, view) :]


def _make_folder(folder: Path) -> None:
    """Make a folder for its owner alone, so that it is there after a power cut too."""
    if not folder.exists():
        if not folder.parent.exists():
            _make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
