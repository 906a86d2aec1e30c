"""Files outside the registry: written whole or not at all, and never through somebody's link."""

import contextlib
import errno
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from ouro_cli.errors import FileExists, FileNotWritten
from ouro_cli.store.files import write_all

# File systems that know no hard links.
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS}


def save(path: Path, parts: Iterable[bytes], *, force: bool = False) -> int:
    """Write a file at this path; how many bytes it has.

    What is there already is replaced with `force` alone, and then the name, not what a link of
    that name points to. A pipe or a terminal is written to. Raises FileExists, FileNotWritten.
    """
    with _told(path):
        if _is_stream(path):
            return _pour(path, parts)
        return _save(path, parts, force=force)


def save_into(
    folder: Path, name: str, parts: Iterable[bytes], *, force: bool = False
) -> tuple[Path, int]:
    """Write a file of this name, a plain one, into a folder; its path, and how many bytes it has.

    Raises FileExists, FileNotWritten.
    """
    path = folder / name
    with _told(path):
        return path, _save(path, parts, force=force)


def _save(path: Path, parts: Iterable[bytes], *, force: bool) -> int:
    # From here on the folder is the one that was opened, whatever its name comes to mean.
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    draft = f".ouro-{os.urandom(8).hex()}"
    try:
        if not force and _is_there(folder, path.name):
            raise FileExists(path=path)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(draft, flags, 0o600, dir_fd=folder)
        try:
            size = _write(descriptor, parts)
            os.fsync(descriptor)
            if force:
                os.replace(draft, path.name, src_dir_fd=folder, dst_dir_fd=folder)
            else:
                _place(folder, draft, path.name)
        finally:
            os.close(descriptor)
            with contextlib.suppress(FileNotFoundError):
                os.unlink(draft, dir_fd=folder)
        os.fsync(folder)
    finally:
        os.close(folder)
    return size


def _place(folder: int, draft: str, name: str) -> None:
    """Give the draft its name, unless somebody has taken it."""
    try:
        os.link(draft, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
    except OSError as fault:
        if fault.errno not in _NO_LINKS:
            raise
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        os.close(os.open(name, flags, 0o600, dir_fd=folder))
        os.replace(draft, name, src_dir_fd=folder, dst_dir_fd=folder)


def _pour(path: Path, parts: Iterable[bytes]) -> int:
    # Without O_NONBLOCK, opening a pipe that nobody reads would wait for ever.
    flags = os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    descriptor = os.open(path, flags)
    try:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise FileExists(path=path)
        os.set_blocking(descriptor, True)
        return _write(descriptor, parts)
    finally:
        os.close(descriptor)


def _write(descriptor: int, parts: Iterable[bytes]) -> int:
    size = 0
    for part in parts:
        write_all(descriptor, part)
        size += len(part)
    return size


def _is_there(folder: int, name: str) -> bool:
    try:
        os.lstat(name, dir_fd=folder)
    except FileNotFoundError:
        return False
    return True


def _is_stream(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError:
        raise FileExists(path=path) from None
    except OSError as fault:
        why = "nobody reads it" if fault.errno == errno.ENXIO else (fault.strerror or "").lower()
        raise FileNotWritten(path=path, why=why) from None
    except ValueError:
        raise FileNotWritten(path=path, why="that is no path") from None
