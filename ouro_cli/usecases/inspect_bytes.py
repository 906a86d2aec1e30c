"""Look inside kept bytes: what they are where their name does not say, and what is in them."""

from dataclasses import dataclass, field
from typing import Any, BinaryIO

from ouro_cli.model.archive import archive_facts
from ouro_cli.model.crystal import crystal_formula, is_crystal
from ouro_cli.model.picture import read_picture

OCTETS = "application/octet-stream"
TEXT = "text/plain"

# A JPEG may bring a preview and a colour profile before it says how large it is.
_HEAD = 256 * 2**10
_CIF = ("chemical/x-cif", "text/cif")

_SIGNATURES = (
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"PAR1", "application/vnd.apache.parquet"),
    (b"SQLite format 3\x00", "application/vnd.sqlite3"),
    (b"\x89HDF\r\n\x1a\n", "application/x-hdf5"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"ID3", "audio/mpeg"),
)


@dataclass(frozen=True, slots=True)
class Inspected:
    """What bytes turned out to be; `facts` are those of `Asset.facts`."""

    media_type: str
    facts: dict[str, Any] = field(default_factory=dict)


def inspect(file: BinaryIO, media_type: str = OCTETS) -> Inspected:
    """What the bytes of a file are; a media type that its name or sender gave is believed.

    Only the beginning is read, and of a zip its directory; nothing is decoded or unpacked.
    """
    head = file.read(_HEAD)
    facts: dict[str, Any] = {}
    picture = read_picture(head)
    if picture is not None:
        found = picture.media_type
        if picture.width and picture.height:
            facts |= {"width": picture.width, "height": picture.height}
    else:
        found = _sniffed(head)
    if found == "application/zip":
        archive = archive_facts(file)
        facts |= {} if archive is None else {"archive": archive}
    elif found == TEXT and is_crystal(text := head.decode("utf-8", "replace")):
        found = _CIF[0]
        facts["classification"] = {"kind": "crystal", "inspector": "cif"}
        if formula := crystal_formula(text):
            facts["formula"] = formula
    return Inspected(found if media_type == OCTETS else media_type, facts)


def is_text(head: bytes, *, is_cut: bool) -> bool:
    """Whether bytes are text in UTF-8; if they are cut off, the last character may be in parts."""
    if b"\x00" in head:
        return False
    try:
        head.decode()
    except UnicodeDecodeError as fault:
        return is_cut and fault.start > len(head) - 4 and fault.reason == "unexpected end of data"
    return True


def _sniffed(head: bytes) -> str:
    for begin, media_type in _SIGNATURES:
        if head.startswith(begin):
            return media_type
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return "audio/wav"
    if not head or not is_text(head, is_cut=len(head) == _HEAD):
        return OCTETS
    start = head[:512].lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "text/html"
    return TEXT
