"""Kept bytes: named by what they hold, whole or not there at all, and for their owner alone."""

import hashlib
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ouro_cli.errors import FileUnreadable, RegistryUnavailable
from ouro_cli.store.files import Files, Kept

DATA = b"a\x00b\r\n" * 1000
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def files(home: Path) -> Files:
    return Files(home)


def everything(home: Path) -> list[Path]:
    return [path for path in home.rglob("*") if path.is_file()]


def test_a_file_is_kept_under_its_hash(files: Files, tmp_path: Path) -> None:
    source = tmp_path / "photo.png"
    source.write_bytes(DATA)

    kept = files.keep_file(source)

    assert kept == Kept(SHA256, len(DATA))
    assert files.problem(kept.sha256, kept.size) == ""
    assert files.path_of(SHA256).read_bytes() == DATA
    with files.open(SHA256) as file:
        assert file.read() == DATA


def test_the_same_bytes_are_kept_once(files: Files, home: Path) -> None:
    assert files.keep_bytes(DATA) == files.keep([DATA[:7], DATA[7:]])
    assert everything(home) == [files.path_of(SHA256)]


def test_nothing_at_all_can_be_kept(files: Files) -> None:
    kept = files.keep_bytes(b"")
    assert (kept.size, files.path_of(kept.sha256).read_bytes()) == (0, b"")


def test_kept_files_are_for_their_owner_alone_under_any_umask(files: Files, home: Path) -> None:
    mask = os.umask(0)
    try:
        kept = files.keep_bytes(DATA)
    finally:
        os.umask(mask)
    place = files.path_of(kept.sha256)
    assert place.stat().st_mode & 0o777 == 0o600
    assert place.parent.stat().st_mode & 0o777 == 0o700
    assert (home / "assets").stat().st_mode & 0o777 == 0o700


def test_a_damaged_copy_is_made_whole_again(files: Files) -> None:
    kept = files.keep_bytes(DATA)
    files.path_of(SHA256).write_bytes(b"")
    assert files.problem(kept.sha256, kept.size) != ""
    files.keep_bytes(DATA)
    assert files.problem(kept.sha256, kept.size) == ""


def _link(path: Path) -> None:
    (path.parent / "target").write_text("x")
    path.symlink_to(path.parent / "target")


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        # A socket's address may be no longer than a hundred bytes.
        here = Path.cwd()
        os.chdir(path.parent)
        listener.bind(path.name)
        os.chdir(here)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        pytest.param(lambda _: None, "no such file", id="nothing"),
        pytest.param(Path.mkdir, "is not a regular file", id="folder"),
        pytest.param(os.mkfifo, "is not a regular file", id="pipe"),
        pytest.param(_link, "is a symbolic link", id="link"),
        pytest.param(_socket, "is not a regular file", id="socket"),
    ],
)
def test_only_regular_files_are_read(
    files: Files, home: Path, tmp_path: Path, make: object, why: str
) -> None:
    make(tmp_path / "it")  # type: ignore[operator]
    with pytest.raises(FileUnreadable, match=why):
        files.keep_file(tmp_path / "it")
    assert not home.exists()


def test_a_device_is_not_read() -> None:
    with pytest.raises(FileUnreadable, match="is not a regular file"):
        Files(Path("/nowhere")).keep_file(Path("/dev/zero"))


def test_what_is_not_kept_cannot_be_opened(files: Files) -> None:
    with pytest.raises(FileUnreadable, match="no such file"):
        files.open(SHA256)


def test_a_source_that_fails_leaves_nothing_behind(files: Files, home: Path) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"half"
        raise FileUnreadable(path="x", why="the disk it lies on failed")

    with pytest.raises(FileUnreadable):
        files.keep(pieces())
    assert everything(home) == []


def test_a_full_disk_is_said_and_leaves_nothing_behind(files: Files, home: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    heard = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, limits[1]))
    try:
        with pytest.raises(RegistryUnavailable):
            files.keep_bytes(DATA)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, heard)
    assert everything(home) == []


def test_what_a_dead_writer_left_is_swept(files: Files, home: Path) -> None:
    (home / "assets" / "drafts").mkdir(parents=True)
    old, young = home / "assets" / "drafts" / "a", home / "assets" / "drafts" / "b"
    for path in (old, young):
        path.write_bytes(b"half")
    long_ago = time.time() - 2 * 86400
    os.utime(old, (long_ago, long_ago))

    assert files.sweep(older_than_seconds=86400, now=time.time()) == 1
    assert (old.exists(), young.exists()) == (False, True)


def test_a_large_file_is_kept_in_little_memory(home: Path, tmp_path: Path) -> None:
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(300 * 2**20)
    script = (
        "import sys; from pathlib import Path; from ouro_cli.store.files import Files\n"
        "kept = Files(Path(sys.argv[1])).keep_file(Path(sys.argv[2]))\n"
        "told = Path('/proc/self/status').read_text()\n"
        "print(kept.size, told.partition('VmHWM:')[2].split()[0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, home, large], capture_output=True, text=True, check=True
    )
    size, peak_kib = map(int, done.stdout.split())
    assert size == 300 * 2**20
    assert peak_kib < 100 * 1024
