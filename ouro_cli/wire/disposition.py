"""What a Content-Disposition header says: whether a body is to be saved, and under which name."""

import re
from urllib.parse import unquote_to_bytes

# RFC 6266 section 4.1: `name=token`, `name="quoted \\" string"`, `name*=charset'language'encoded`.
_PARAMETER = re.compile(
    r';\s*([\w!#$&+.^`|~-]+\*?)\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^\s;"]*))', re.ASCII
)
_CHARSETS = {"utf-8": "utf-8", "iso-8859-1": "latin-1", "us-ascii": "ascii"}


def is_attachment(header: str) -> bool:
    """Whether the sender wants the body saved rather than shown."""
    return header.partition(";")[0].strip().lower() == "attachment"


def filename_in(header: str) -> str:
    """The file name that the header gives, just as it stands there; empty where it gives none.

    `filename*` (RFC 8187) wins over `filename` (RFC 6266 section 4.3). Whoever uses it as a name
    has to make it harmless first.
    """
    found: dict[str, str] = {}
    for match in _PARAMETER.finditer(header):
        name, quoted, token = match[1].lower(), match[2], match[3]
        value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else token
        found.setdefault(name, value)
    return _extended(found.get("filename*", "")) or _as_text(found.get("filename", ""))


def _extended(value: str) -> str:
    charset, quote, rest = value.partition("'")
    encoding = _CHARSETS.get(charset.strip().lower())
    if not quote or encoding is None:
        return ""
    return unquote_to_bytes(rest.partition("'")[2]).decode(encoding, "replace")


def _as_text(value: str) -> str:
    # A header's bytes are read as Latin-1; most who send others mean UTF-8.
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value
