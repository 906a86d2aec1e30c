"""What everything passes on its way out: `safe` for terminals, `redact` for secrets."""

import base64
import contextlib
import contextvars
import json
import re
import urllib.parse
from collections.abc import Iterable, Iterator

# C0 but newline and tab, DEL, C1, soft hyphen, line and paragraph separators, zero-width and
# bidirectional controls, byte order mark, lone surrogates, tags and variation selectors that
# carry text unseen.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ud800-\udfff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_JSON_UNSAFE = re.compile(_UNSAFE.pattern.replace("\x00-\x08\x0b-\x1f", ""))

_HIDDEN = "[secret]"
_SHORTEST_SECRET = 4

# What already stands for a secret, `[secret]` and curl's `$OURO_...`, stays as it is.
_NAMED_SECRETS = re.compile(
    r"(?i)((?<![a-z0-9])(?:authorization|proxy-authorization|x-api-key|api[-_]key|apikey|"
    r"access[-_]token|refresh[-_]token|client[-_]secret|ouro-webhook-token)\b"
    r"(?:\\?[\"'])?\s*[:=]\s*(?:\\?[\"'])?(?:(?:bearer|basic|token)\s+)?+)"
    r"(?!\[secret\]|\$OURO_)(?:[^\s\"'&,;}\\]|\\[^\"'\s])+"
)
_USERINFO = re.compile(r"(?i)(\b[a-z][a-z0-9+.-]{0,30}://)[^/\s\"'?#<>]+@")


def safe(text: str) -> str:
    r"""Remote text in which whatever could move a cursor, hide or reorder text shows as `\x1b`.

    Newlines and tabs stay; everything else of C0, DEL, C1, bidirectional and zero-width controls
    and lone surrogates is written out.
    """
    return _UNSAFE.sub(_written_out, text)


def safe_line(text: str) -> str:
    """Like `safe`, on one line: newlines, tabs and runs of blanks become one blank."""
    return safe(" ".join(text.split()))


def safe_json(text: str) -> str:
    r"""JSON text whose strings carry no raw control, written as `\u009b` instead: the same JSON."""
    return _JSON_UNSAFE.sub(_json_escape, text)


def remember_secret(value: str) -> None:
    """Have `redact` remove this value, and what it looks like encoded, from all that leaves."""
    if len(value) >= _SHORTEST_SECRET:
        _memory.add(_forms(value))


@contextlib.contextmanager
def own_secret(*values: str) -> Iterator[None]:
    """Have these values removed too from what this thread lets out, while the block lasts.

    What a million calls each have their own of must be forgotten with the call.
    """
    memory = _Memory()
    for value in values:
        if len(value) >= _SHORTEST_SECRET:
            memory.add(_forms(value))
    before = _own.set(memory)
    try:
        yield
    finally:
        _own.reset(before)


def forget_secrets() -> None:
    """Have nothing remembered any more, as in a process that has just begun."""
    _memory.clear()


def redact(text: str) -> str:
    """The text without any secret: remembered values, and values under names that mean a secret."""
    text = redact_values(text)
    text = _NAMED_SECRETS.sub(rf"\1{_HIDDEN}", text)
    return _USERINFO.sub(rf"\1{_HIDDEN}@", text)


def redact_values(text: str) -> str:
    """The text without remembered values; what merely looks like a secret stays."""
    for memory in _memories():
        # Looking for each by itself is many times faster than one expression, and finds as a rule
        # none.
        if any(form in text for form in memory.forms):
            text = memory.in_text.sub(_HIDDEN, text)
    return text


def redact_bytes(data: bytes) -> bytes:
    """The bytes without remembered values: what an API echoes of our credential is not kept."""
    for memory in _memories():
        if any(form in data for form in memory.raw_forms):
            data = memory.in_bytes.sub(_HIDDEN.encode(), data)
    return data


def redact_parts(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The same for bytes that come in parts, of which the next may end what one begins."""
    held = b""
    for part in parts:
        held += part
        cut = len(held) - max(each.longest for each in _memories())
        for memory in _memories():
            if any(form in held for form in memory.raw_forms):
                for found in memory.in_bytes.finditer(held):
                    if found.start() < cut < found.end():
                        cut = found.end()
        if cut > 0:
            yield redact_bytes(held[:cut])
            held = held[cut:]
    yield redact_bytes(held)


class _Memory:
    """The values to be removed; the expressions try the longer ones first."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.forms: set[str] = set()
        self.raw_forms: set[bytes] = set()
        self.longest = 0
        self._in_text: re.Pattern[str] | None = None
        self._in_bytes: re.Pattern[bytes] | None = None

    def add(self, forms: set[str]) -> None:
        if forms <= self.forms:
            return
        self.forms |= forms
        self.raw_forms |= set(map(_raw, forms))
        self.longest = max(map(len, self.raw_forms))
        self._in_text = self._in_bytes = None

    @property
    def in_text(self) -> re.Pattern[str]:
        # Made once it is needed: as a rule nothing of them is ever found.
        if self._in_text is None:
            longest_first = sorted(self.forms, key=len, reverse=True)
            self._in_text = re.compile("|".join(map(re.escape, longest_first)))
        return self._in_text

    @property
    def in_bytes(self) -> re.Pattern[bytes]:
        if self._in_bytes is None:
            longest_first = sorted(self.raw_forms, key=len, reverse=True)
            self._in_bytes = re.compile(b"|".join(map(re.escape, longest_first)))
        return self._in_bytes


_memory = _Memory()
_own: contextvars.ContextVar[_Memory | None] = contextvars.ContextVar("own", default=None)


def _memories() -> tuple[_Memory, ...]:
    own = _own.get()
    return (_memory,) if own is None else (_memory, own)


def _forms(value: str) -> set[str]:
    raw = _raw(value)
    quoted = {
        urllib.parse.quote(raw),
        urllib.parse.quote(raw, safe=""),
        urllib.parse.quote_plus(raw),
    }
    in_base64 = {base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()}
    escaped = {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    return {
        value,
        *quoted,
        *(re.sub("%..", lambda each: each.group().lower(), text) for text in quoted),
        *escaped,
        *(text.replace("/", "\\/") for text in escaped),
        *(text for each in in_base64 for text in (each, each.rstrip("="))),
    }


def _raw(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _written_out(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _json_escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
