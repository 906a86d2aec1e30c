"""What everything passes on its way out: `safe` for terminals, `redact` for secrets."""

import base64
import json
import re
import urllib.parse

# C0 but newline and tab, DEL, C1, line and paragraph separators, zero-width and
# bidirectional controls, byte order mark, lone surrogates, and the tag block.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f"
    "\ufeff\ud800-\udfff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_JSON_UNSAFE = re.compile(_UNSAFE.pattern.replace("\x00-\x08\x0b-\x1f", ""))

_HIDDEN = "[secret]"
_SHORTEST_SECRET = 4
_secrets: set[str] = set()

_NAMED_SECRETS = re.compile(
    r"(?i)(\b(?:authorization|proxy-authorization|x-api-key|api[-_]key|apikey|access[-_]token|"
    r"ouro-webhook-token)\b[\"']?\s*[:=]\s*[\"']?(?:(?:bearer|basic|token)\s+)?)([^\s\"'&,;}]{4,})"
)
_USERINFO = re.compile(r"(?i)(\b[a-z][a-z0-9+.-]*://)[^/\s@\"']+@")


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
    if len(value) < _SHORTEST_SECRET:
        return
    raw = value.encode("utf-8", "surrogateescape")
    _secrets.update(
        {
            value,
            urllib.parse.quote(value, safe=""),
            urllib.parse.quote_plus(value),
            json.dumps(value)[1:-1],
            json.dumps(value, ensure_ascii=False)[1:-1],
            base64.b64encode(raw).decode(),
            base64.urlsafe_b64encode(raw).decode().rstrip("="),
        }
    )


def redact(text: str) -> str:
    """The text without any secret: remembered values, and values under names that mean a secret."""
    text = redact_values(text)
    text = _NAMED_SECRETS.sub(rf"\1{_HIDDEN}", text)
    return _USERINFO.sub(rf"\1{_HIDDEN}@", text)


def redact_values(text: str) -> str:
    """The text without remembered values; what merely looks like a secret stays."""
    for secret in sorted(_secrets, key=len, reverse=True):
        if secret in text:
            text = text.replace(secret, _HIDDEN)
    return text


def redact_bytes(data: bytes) -> bytes:
    """The bytes without remembered values: what an API echoes of our credential is not kept."""
    for secret in sorted(_secrets, key=len, reverse=True):
        raw = secret.encode("utf-8", "surrogateescape")
        if raw in data:
            data = data.replace(raw, _HIDDEN.encode())
    return data


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
