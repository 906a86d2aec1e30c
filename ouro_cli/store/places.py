"""On what a folder lies: file systems that reach over a network are no place for the registry."""

import os
import re
from pathlib import Path

from ouro_cli.errors import RegistryOnNetwork

_MOUNTS = Path("/proc/self/mountinfo")

# SQLite's log needs memory that all its users share, and locks that hold; see "Use Of The
# Filesystem" in sqlite.org/howtocorrupt.html and "All processes using a database must be on the
# same host computer" in sqlite.org/wal.html.
_NETWORK = frozenset(
    {
        *("9p", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "glusterfs", "gpfs", "lustre"),
        *("ncpfs", "nfs", "nfs4", "ocfs2", "orangefs", "panfs", "pvfs2", "smb2", "smb3", "smbfs"),
    }
)
_NETWORK_FUSE = frozenset(
    {
        *("ceph-fuse", "curlftpfs", "davfs2", "gcsfuse", "glusterfs", "goofys", "juicefs"),
        *("moosefs", "rclone", "s3fs", "sshfs", "smbnetfs"),
    }
)


def check_place(path: Path) -> None:
    """Raise RegistryOnNetwork where this path lies, or would lie, on a network file system."""
    kind = kind_of(path)
    if is_network(kind):
        raise RegistryOnNetwork(path=path, kind=kind)


def kind_of(path: Path) -> str:
    """The kind of file system that a path lies on, `ext4`; empty where the system does not tell."""
    try:
        mounts = _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""
    return file_system_of(mounts, os.path.realpath(path))


def file_system_of(mounts: str, path: str) -> str:
    """The kind of file system of a path without links, by the text of `/proc/self/mountinfo`.

    Its lines are described in proc_pid_mountinfo(5). Empty where no mount holds the path.
    """
    found, longest = "", -1
    for line in mounts.splitlines():
        fields, _, tail = line.partition(" - ")
        words = fields.split(" ")
        if len(words) < 5 or not tail:
            continue
        point = _ESCAPED.sub(lambda each: chr(int(each[1], 8)), words[4])
        # Of mounts at the same place, the later one lies on top.
        if len(point) >= longest and _is_within(path, point):
            found, longest = tail.split(" ", 1)[0], len(point)
    return found


def is_network(kind: str) -> bool:
    """Whether a kind of file system reaches over a network."""
    name, _, below = kind.lower().partition(".")
    return name in _NETWORK or (name in ("fuse", "fuseblk") and below in _NETWORK_FUSE)


_ESCAPED = re.compile(r"\\([0-7]{3})")


def _is_within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
