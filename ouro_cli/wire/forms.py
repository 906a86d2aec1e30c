"""Forms: the fields of a body as an urlencoded text, or as the parts of a multipart one."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ouro_cli.wire import parameters
from ouro_cli.wire.media import JSON, OCTETS, Media, essence, is_json
from ouro_cli.wire.uploads import KeptFile, Upload, kept_file

_STYLED = ("style", "explode", "allowReserved")

# As browsers write them (WHATWG HTML, multipart form data): only what would end the name.
_QUOTED = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})


@dataclass(frozen=True, slots=True)
class FileBytes:
    """The bytes of a file that is read when it is sent: `size` of them, from `path`."""

    path: str
    size: int
    filename: str = ""
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a multipart form; `media_type` is empty for plain text."""

    name: str
    content: bytes | FileBytes
    media_type: str = ""
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def head(self) -> bytes:
        """Its headers, up to the empty line (RFC 7578 section 4)."""
        disposition = f'form-data; name="{_quoted(self.name)}"'
        if isinstance(self.content, FileBytes):
            disposition += f'; filename="{_quoted(self.content.filename)}"'
        lines = [f"Content-Disposition: {disposition}"]
        if self.media_type:
            lines.append(f"Content-Type: {self.media_type}")
        lines += [f"{name}: {value}" for name, value in self.headers]
        return "\r\n".join([*lines, "", ""]).encode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Multipart:
    """A multipart form: its parts, and the boundary between them."""

    boundary: str
    parts: tuple[Part, ...]

    @property
    def pieces(self) -> Iterator[bytes | FileBytes]:
        """What is sent, in its order."""
        for part in self.parts:
            yield f"--{self.boundary}\r\n".encode() + part.head
            yield part.content
            yield b"\r\n"
        yield f"--{self.boundary}--\r\n".encode()


WireBody = bytes | FileBytes | Multipart
"""A body as it is sent; a file's bytes are read only then."""


def pieces_of(body: WireBody) -> Iterator[bytes | FileBytes]:
    """What a body is sent as, in its order."""
    if isinstance(body, Multipart):
        yield from body.pieces
    else:
        yield body


def length_of(body: WireBody) -> int:
    """How many bytes a body has."""
    return sum(each.size if isinstance(each, FileBytes) else len(each) for each in pieces_of(body))


def urlencoded(media: Media, fields: dict[str, Any]) -> str:
    """The fields as `name=value` pairs joined by `&` (OAS 3.2, 4.15: Encoding Object)."""
    return "&".join(
        f"{name}={value}"
        for field, given in fields.items()
        for name, value in _urlencoded_pairs(field, given, media.encoding(field))
    )


def query_string(parameter: dict[str, Any], value: Any) -> str:
    """The value of a parameter that is the whole query (OAS 3.2, `in: querystring`)."""
    content = parameter.get("content")
    name, stated = next(iter(content.items()), ("", {})) if isinstance(content, dict) else ("", {})
    media = Media(name, stated if isinstance(stated, dict) else {})
    if essence(name) == "application/x-www-form-urlencoded" and isinstance(value, dict):
        return urlencoded(media, value)
    return parameters.encode(parameters.content_text(name, value))


def multipart(
    media: Media, fields: dict[str, Any], boundary: str, where: Callable[[str], str]
) -> Multipart:
    """The fields as parts: one each, one per item of a list, and one per file.

    `where` gives the path of a kept file by its SHA-256.
    """
    parts = [
        part
        for name, value in fields.items()
        for part in _parts(name, value, media.encoding(name), where)
    ]
    return Multipart(boundary, tuple(parts))


def file_bytes(value: Any, where: Callable[[str], str]) -> FileBytes | None:
    """The file that a value stands for, ready to be sent; None where it is plain data."""
    if isinstance(value, Upload):
        return FileBytes(value.path, value.size or 0, value.filename, value.media_type)
    kept: KeptFile | None = kept_file(value)
    if kept is None:
        return None
    return FileBytes(where(kept.sha256), kept.size, kept.filename, kept.media_type)


def _urlencoded_pairs(name: str, value: Any, encoding: dict[str, Any]) -> Iterable[tuple[str, str]]:
    if value is None:
        return []
    if any(word in encoding for word in _STYLED):
        return parameters.query_pairs(_styled(name, encoding), value)
    media_type = str(encoding.get("contentType") or "")
    return [
        (parameters.encode(name), parameters.encode(_text(each, media_type)))
        for each in _items(value)
    ]


def _parts(
    name: str, value: Any, encoding: dict[str, Any], where: Callable[[str], str]
) -> Iterable[Part]:
    if value is None:
        return []
    headers = _stated_headers(encoding.get("headers"))
    if any(word in encoding for word in _STYLED) and not _holds_file(value, where):
        return [
            Part(key, text.encode("utf-8", "replace"), headers=headers)
            for key, text in parameters.plain_pairs(_styled(name, encoding), value)
        ]
    return [_part(name, each, encoding, headers, where) for each in _items(value)]


def _part(
    name: str,
    value: Any,
    encoding: dict[str, Any],
    headers: tuple[tuple[str, str], ...],
    where: Callable[[str], str],
) -> Part:
    allowed = [each.strip() for each in str(encoding.get("contentType") or "").split(",")]
    file = file_bytes(value, where)
    if file is not None:
        return Part(name, file, _allowed(allowed, file.media_type or OCTETS), headers)
    usual = JSON if isinstance(value, dict | list) else ""
    media_type = _allowed(allowed, usual)
    text = _text(value, media_type)
    return Part(name, text.encode("utf-8", "replace"), media_type, headers)


def _allowed(allowed: list[str], usual: str) -> str:
    """The usual media type where it is among those that the document allows, else the first."""
    bare = essence(usual) or "text/plain"
    for each in allowed:
        if essence(each) in (bare, f"{bare.split('/', 1)[0]}/*", "*/*"):
            return usual
    first = allowed[0] if allowed else ""
    return usual if "*" in first or not first else first


def _items(value: Any) -> list[Any]:
    """What becomes a pair or a part of its own: each item of a list."""
    if isinstance(value, list):
        return [each for each in value if each is not None]
    return [value]


def _text(value: Any, media_type: str) -> str:
    if media_type and is_json(media_type):
        return json.dumps(value, ensure_ascii=False)
    return parameters.scalar_text(value)


def _styled(name: str, encoding: dict[str, Any]) -> dict[str, Any]:
    return {"name": name} | {word: encoding[word] for word in _STYLED if word in encoding}


def _stated_headers(headers: Any) -> tuple[tuple[str, str], ...]:
    """The headers of a part whose one value the document itself states."""
    found = []
    for name, header in headers.items() if isinstance(headers, dict) else ():
        schema = header.get("schema") if isinstance(header, dict) else None
        if not isinstance(schema, dict) or name.lower() == "content-type":
            continue
        choices = schema.get("enum") if isinstance(schema.get("enum"), list) else None
        if "const" in schema:
            found.append((name, parameters.header_text({}, schema["const"])))
        elif choices and len(choices) == 1:
            found.append((name, parameters.header_text({}, choices[0])))
        elif header.get("required") is True and "default" in schema:
            found.append((name, parameters.header_text({}, schema["default"])))
    return tuple(each for each in found if _is_header(*each))


def _is_header(name: str, value: str) -> bool:
    return name.isascii() and name.isprintable() and ":" not in name and value.isprintable()


def _holds_file(value: Any, where: Callable[[str], str]) -> bool:
    return any(file_bytes(each, where) is not None for each in _items(value))


def _quoted(text: str) -> str:
    return text.translate(_QUOTED)
