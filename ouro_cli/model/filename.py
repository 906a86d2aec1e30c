"""Names of files that come from elsewhere, made fit to be written on this machine."""

import re
import unicodedata

from ouro_cli.safety import safe

_MOST_BYTES = 200
_SEPARATORS = re.compile(r"[/\\]")
# What Windows takes in no name, and the marks that `safe` leaves where something was unsafe.
_ODD = re.compile(r'[<>:"|?*\n\t]')
_RESERVED = re.compile(
    r"(?i)(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)\s*(?:\.|$)"
)


def harmless_name(text: str, extension: str = "") -> str:
    """The last part of a name, as a file can be called anywhere; with `extension`, ending in it.

    It is never hidden, never an option, never a device of Windows, never a way to another folder,
    and at most 200 bytes long.
    """
    last = _SEPARATORS.split(text.rstrip("/\\"))[-1]
    plain = unicodedata.normalize("NFC", "".join(each for each in last if safe(each) == each))
    plain = _ODD.sub("_", plain).lstrip(" .-~").rstrip(" .")
    if extension and not plain.lower().endswith(f".{extension}"):
        stem = plain.rsplit(".", 1)[0] if re.search(r".\.\w{1,12}$", plain) else plain
        plain = f"{stem or 'asset'}.{extension}"
    if _RESERVED.match(plain):
        plain = f"_{plain}"
    return _shortened(plain) or "asset"


def _shortened(name: str) -> str:
    if len(name.encode()) <= _MOST_BYTES:
        return name
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending.encode()) > 20:
        stem, dot, ending = name, "", ""
    room = _MOST_BYTES - len(f"{dot}{ending}".encode())
    return f"{stem.encode()[:room].decode(errors='ignore').rstrip(' .')}{dot}{ending}"
