"""Where a registry can lie, and the one line that is said where it cannot."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ouro_cli.errors import RegistryOnNetwork
from ouro_cli.store import places
from ouro_cli.store.database import Database
from ouro_cli.store.places import file_system_of, is_network
from tests.support.program import SCRIPT, Program

MOUNTS = """\
22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 27 0:30 / /home rw,relatime shared:2 master:1 - nfs4 server:/home rw,vers=4.2
31 30 254:1 / /home/ada/local rw - xfs /dev/vdb rw
32 27 0:32 / /mnt/my\\040share rw - cifs //server/share rw
33 27 0:33 / /mnt/ssh rw - fuse.sshfs ada@server:/ rw
34 27 0:34 / /mnt/stick rw - fuseblk.ntfs /dev/sdb1 rw
35 27 0:35 / /twice rw - nfs server:/x rw
36 35 0:36 / /twice rw - tmpfs tmpfs rw
a line that is none
"""


@pytest.mark.parametrize(
    ("path", "kind", "reaches_out"),
    [
        ("/var/lib/ouro", "ext4", False),
        ("/home/ada/.local/share/ouro", "nfs4", True),
        ("/home", "nfs4", True),
        ("/homes/ada", "ext4", False),
        ("/home/ada/local/ouro", "xfs", False),
        ("/mnt/my share/ouro", "cifs", True),
        ("/mnt/my", "ext4", False),
        ("/mnt/ssh/ouro", "fuse.sshfs", True),
        ("/mnt/stick/ouro", "fuseblk.ntfs", False),
        ("/twice/ouro", "tmpfs", False),
        ("relative", "", False),
    ],
)
def test_what_a_path_lies_on(path: str, kind: str, reaches_out: bool) -> None:
    assert (file_system_of(MOUNTS, path), is_network(kind)) == (kind, reaches_out)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        *((kind, True) for kind in ("nfs", "cifs", "smb3", "9p", "afs", "ceph", "lustre", "gpfs")),
        *((kind, True) for kind in ("fuse.sshfs", "fuse.glusterfs", "fuse.s3fs", "FUSE.RCLONE")),
        *((kind, False) for kind in ("ext4", "xfs", "btrfs", "zfs", "tmpfs", "overlay", "apfs")),
        *((kind, False) for kind in ("fuse", "fuse.gocryptfs", "fuseblk", "virtiofs", "")),
    ],
)
def test_which_kinds_reach_over_a_network(kind: str, expected: bool) -> None:
    assert is_network(kind) is expected


def test_a_home_on_a_network_is_refused_and_nothing_is_made(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"1 0 0:1 / / rw - ext4 x rw\n2 1 0:2 / {tmp_path} rw - nfs4 server:/x rw\n")
    monkeypatch.setattr(places, "_MOUNTS", mounts)
    with pytest.raises(RegistryOnNetwork, match="nfs4") as refused:
        Database(home).connection  # noqa: B018
    assert "OURO_HOME" in refused.value.advice
    assert not home.exists()


def _folder(home: Path) -> None:
    (home / "registry.db").mkdir(parents=True)


def _loop(home: Path) -> None:
    home.symlink_to(home)


def _file(home: Path) -> None:
    home.write_text("")


def _below_a_file(home: Path) -> None:
    shutil.rmtree(home, ignore_errors=True)
    home.parent.rmdir()
    home.parent.write_text("")


def _another_program(home: Path) -> None:
    home.mkdir()
    connection = sqlite3.connect(home / "registry.db")
    connection.executescript("CREATE TABLE song (title); INSERT INTO song VALUES ('la');")
    connection.close()


def _no_database(home: Path) -> None:
    home.mkdir()
    (home / "registry.db").write_text("no database" * 1000)


def _lock_is_a_folder(home: Path) -> None:
    (home / "registry.lock").mkdir(parents=True)


ODD: dict[str, Callable[[Path], None]] = {
    "the registry is a folder": _folder,
    "a loop of links": _loop,
    "the home is a file": _file,
    "the home is below a file": _below_a_file,
    "another program's": _another_program,
    "no database": _no_database,
    "the lock is a folder": _lock_is_a_folder,
}


@pytest.mark.parametrize("make", ODD.values(), ids=ODD)
@pytest.mark.parametrize("command", [["service", "list"], ["asset", "add", __file__]], ids=" ".join)
def test_an_odd_place_is_one_line(
    tmp_path: Path, make: Callable[[Path], None], command: list[str]
) -> None:
    home = tmp_path / "below" / "ouro"
    home.parent.mkdir()
    make(home)
    there = Program(home)
    registry = home / "registry.db"
    before = registry.read_bytes() if registry.is_file() else None
    if there.environment["HOME"] == str(home.parent):
        there.environment["HOME"] = str(tmp_path)

    done = there(*command)

    assert (done.exit_code, done.err.count("\n")) == (74, 1), done.err
    assert done.err.startswith("ouro: ")
    assert (registry.read_bytes() if registry.is_file() else None) == before


def test_an_empty_log_and_an_empty_file_are_no_damage(ouro: Program, home: Path) -> None:
    home.mkdir(mode=0o700)
    (home / "registry.db").touch(mode=0o600)
    (home / "registry.db-wal").touch(mode=0o600)
    assert ouro("service", "list").exit_code == 0
    (home / "registry.db-wal").write_bytes(b"")
    assert ouro("service", "list").exit_code == 0
    assert ouro("doctor", "--json").json["is_well"]


@pytest.mark.parametrize("lost", ["-wal", "-shm"])
def test_what_lies_beside_it_can_be_lost_where_nobody_is_at_work(
    ouro: Program, home: Path, tmp_path: Path, lost: str
) -> None:
    (tmp_path / "a.txt").write_text("a")
    assert ouro("asset", "add", str(tmp_path / "a.txt")).exit_code == 0
    Path(f"{home / 'registry.db'}{lost}").unlink(missing_ok=True)
    assert len(ouro("asset", "list", "--json").json["assets"]) == 1
    assert ouro("doctor", "--deep", "--json").json["is_well"]


def _mounted(home: Path, mount: str, *command: str) -> "subprocess.CompletedProcess[str]":
    """Run the program where a home is mounted in a way that others do not see."""
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("nobody here can mount anything")
    ran = subprocess.run(
        [unshare, "-m", "sh", "-c", f'{mount} || exit 99; exec "$@"', str(home), SCRIPT, *command],
        env=Program(home).environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode in (1, 99) and ("mount" in ran.stderr or "unshare" in ran.stderr):
        pytest.skip("this machine lets nobody mount anything")
    return ran


@pytest.mark.parametrize("command", [["service", "list"], ["asset", "add", __file__]], ids=" ".join)
def test_a_home_that_cannot_be_written_to_is_one_line(tmp_path: Path, command: list[str]) -> None:
    home = tmp_path / "ouro"
    home.mkdir()
    read_only = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0"'
    ran = _mounted(home, read_only, *command)
    assert (ran.returncode, ran.stderr.count("\n")) == (74, 1), ran.stderr
    assert "read-only" in ran.stderr.lower() or "unable to open" in ran.stderr


def test_one_that_can_only_be_read_is_not_written_to(tmp_path: Path) -> None:
    home = tmp_path / "ouro"
    assert Program(home)("service", "list").exit_code == 0
    read_only = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0"'
    ran = _mounted(home, read_only, "asset", "add", __file__)
    assert (ran.returncode, ran.stderr.count("\n")) == (74, 1), ran.stderr


@pytest.mark.parametrize("size", ["16k", "400k", "700k"])
def test_a_full_disk_is_one_line(tmp_path: Path, size: str) -> None:
    home = tmp_path / "ouro"
    home.mkdir()
    large = tmp_path / "large.bin"
    large.write_bytes(os.urandom(2**20))
    ran = _mounted(home, f'mount -t tmpfs -o size={size} x "$0"', "asset", "add", str(large))
    assert (ran.returncode, ran.stderr.count("\n")) == (74, 1), ran.stderr
    assert "full" in ran.stderr or "no space" in ran.stderr.lower(), ran.stderr
