"""How large a picture is, from the first bytes of its file; nothing is decoded."""

import re
import struct
from dataclasses import dataclass

_START_OF_FRAME = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_SVG_TAG = re.compile(r"<(?:\w+:)?svg\b([^>]*)>", re.IGNORECASE)
_LENGTH = re.compile(r"\s*([0-9]{1,9}(?:\.[0-9]{1,9})?)(?:px)?\s*")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture's media type and its size in pixels; 0 where it does not say."""

    media_type: str
    width: int
    height: int


def read_picture(head: bytes) -> Picture | None:
    """The picture whose file begins so, in PNG, JPEG, GIF, WebP, BMP or SVG; None for all else.

    A few kilobytes are enough, but for a JPEG with a long preface.
    """
    try:
        if head.startswith(b"\x89PNG\r\n\x1a\n") and head[12:16] == b"IHDR":
            return Picture("image/png", *struct.unpack(">II", head[16:24]))
        if head.startswith((b"GIF87a", b"GIF89a")):
            return Picture("image/gif", *struct.unpack("<HH", head[6:10]))
        if head.startswith(b"BM") and len(head) >= 26:
            return _bitmap(head)
        if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
            return _webp(head)
        if head.startswith(b"\xff\xd8\xff"):
            return _jpeg(head)
    except (struct.error, IndexError):
        return None
    return _svg(head)


def _bitmap(head: bytes) -> Picture | None:
    kind = struct.unpack("<I", head[14:18])[0]
    if kind == 12:
        return Picture("image/bmp", *struct.unpack("<HH", head[18:22]))
    if 40 <= kind <= 256:
        # A height below zero means that the rows stand from top to bottom.
        width, height = struct.unpack("<ii", head[18:26])
        return Picture("image/bmp", abs(width), abs(height))
    return None


def _webp(head: bytes) -> Picture | None:
    match head[12:16]:
        case b"VP8 ":
            width, height = struct.unpack("<HH", head[26:30])
            return Picture("image/webp", width & 0x3FFF, height & 0x3FFF)
        case b"VP8L":
            bits = struct.unpack("<I", head[21:25])[0]
            return Picture("image/webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
        case b"VP8X":
            width, height = head[24:27], head[27:30]
            if len(height) == 3:
                sizes = (int.from_bytes(each, "little") + 1 for each in (width, height))
                return Picture("image/webp", *sizes)
    return None


def _jpeg(head: bytes) -> Picture:
    at = 2
    while at + 9 <= len(head) and head[at] == 0xFF:
        marker = head[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker in _START_OF_FRAME:
            height, width = struct.unpack(">HH", head[at + 5 : at + 9])
            return Picture("image/jpeg", width, height)
        else:
            length = struct.unpack(">H", head[at + 2 : at + 4])[0]
            if length < 2:
                break
            at += 2 + length
    return Picture("image/jpeg", 0, 0)


def _svg(head: bytes) -> Picture | None:
    text = head.decode("utf-8", "ignore").lstrip("\ufeff \t\r\n")
    if not text.startswith("<"):
        return None
    tag = _SVG_TAG.search(text)
    if tag is None:
        return None
    words = dict(re.findall(r"""([\w:]+)\s*=\s*["']([^"']*)["']""", tag.group(1)))
    width, height = (_LENGTH.fullmatch(words.get(name, "")) for name in ("width", "height"))
    if width and height:
        return Picture("image/svg+xml", *(round(float(each.group(1))) for each in (width, height)))
    box = words.get("viewBox", "").replace(",", " ").split()
    sizes = [_LENGTH.fullmatch(each) for each in box[2:4]]
    if len(sizes) == 2 and all(sizes):
        return Picture("image/svg+xml", *(round(float(each.group(1))) for each in sizes if each))
    return Picture("image/svg+xml", 0, 0)
