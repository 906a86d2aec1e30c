"""Ids and names: how a thing is told from all others, by machines and by people."""

import os
import re
import time
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

NOBODY = "00000000-0000-0000-0000-000000000000"
"""The all-zero UUID: the global organization and team, that is, a person's own."""

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SHORTEST_PREFIX = 6
_LONGEST_SLUG = 80


def new_id() -> str:
    """A UUID of version 7 (RFC 9562): unique, and later ones sort after earlier ones.

    The twelve bits behind the millisecond count its 4096ths (section 6.2, method 3).
    """
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    number = milliseconds << 80 | 0x7 << 76 | (rest * 4096 // 1_000_000) << 64
    number |= 0x2 << 62 | int.from_bytes(os.urandom(8)) >> 2
    return _uuid_text(f"{number:032x}")


def derived_id(owner: str, number: int) -> str:
    """A UUID of version 8 (RFC 9562) for the so-manieth thing of what has this UUID.

    It is always the same, and no hash is asked for it: to load one takes longer than to show an
    action.
    """
    digits = f"{int(owner.replace('-', ''), 16) ^ number:032x}"
    return _uuid_text(f"{digits[:12]}8{digits[13:]}")


def is_uuid(text: str) -> bool:
    """Whether the text is a UUID in its canonical lower-case form."""
    return _UUID.fullmatch(text) is not None


def is_uuid_prefix(text: str) -> bool:
    """Whether the text can be the beginning of a UUID: at least six of its characters."""
    return len(text) >= _SHORTEST_PREFIX and is_uuid(text + NOBODY[len(text) :])


def slug(text: str) -> str:
    """The name as it stands in an address: ASCII letters and digits, with single dashes between.

    Blanks and slashes become dashes, everything else that is neither letter nor digit is
    dropped: `cif file - doped C 1.0%` -> `cif-file-doped-c-10`.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    plain = re.sub(r"[\s/]", "-", plain)
    plain = re.sub(r"[^a-z0-9-]", "", plain)
    return re.sub(r"-+", "-", plain).strip("-")[:_LONGEST_SLUG].strip("-")


def near(name: str, known: Iterable[str], most: int = 3) -> list[str]:
    """The known names that look like this one, best first."""
    return get_close_matches(name, list(known), n=most, cutoff=0.5)


def _uuid_text(digits: str) -> str:
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
