"""What a person typed, read as words; and what a route is called with, once that is fitted."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from ouro_cli.model.json_text import JsonFault
from ouro_cli.model.json_text import read_json as read_json_text
from ouro_cli.wire.uploads import Upload

# HTTPie's separators, the longer first where two begin at one place.
_WORD = re.compile(r"((?:\\.|[^\\:=@])*?)(:=@|:=|==|=@|=|@|:)(.*)", re.DOTALL)
_TYPED_FILE = re.compile(r"(.+);type=([^;/\s]+/[^;\s]+(?:;[^\r\n]*)?)", re.DOTALL)
_ESCAPED = re.compile(r"\\([\\:=@\[\]])")
_KEY_HEAD = re.compile(r"(?:\\.|[^\\\[])*", re.DOTALL)
_KEY_STEP = re.compile(r"\[((?:\\.|[^\\\[\]])*)\]", re.DOTALL)

_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "x-api-key"})
_OUR_HEADERS = frozenset(
    {
        *("idempotency-key", "host", "content-length", "transfer-encoding", "accept-encoding"),
        *("connection", "keep-alive", "upgrade", "te", "trailer", "expect"),
    }
)
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_MEDIA_TYPE = re.compile(
    rf"{HEADER_NAME.pattern}/{HEADER_NAME.pattern}(\s*;\s*{HEADER_NAME.pattern}=[^\x00-\x1f\x7f;]*)*"
)
CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f]")


class WordFault(ValueError):
    """A word that cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Field:
    """One `key=value` word; its value is text that is still to be typed, JSON, or an Upload.

    `steps` is the way that the key describes: `a[b][]` leads through `a` and `b` to a list's end.
    """

    key: str
    value: Any
    is_text: bool
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RawBody:
    """What stood behind --body, before a route says how it is to be read.

    `read` gives its text, and raises WordFault where it has none; `upload` is set where it is a
    file or standard input, whose bytes can be sent as they are. `name` is what a fault calls it.
    """

    name: str
    read: Callable[[], str]
    upload: Upload | None = None


@dataclass(frozen=True, slots=True)
class Arguments:
    """What was typed, before any route is known; `body` is a value, or a RawBody.

    `server` holds what chooses among a document's servers: a number, an address, a part of a
    description, and `name=value` for a variable.
    """

    fields: tuple[Field, ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    path: tuple[tuple[str, str], ...] = ()
    body: Any = None
    has_body: bool = False
    content_type: str = ""
    server: tuple[str, ...] = ()

    @property
    def uploads(self) -> list[tuple[str, Upload]]:
        """The files that `key@path` words name, each with its key."""
        return [(each.key, each.value) for each in self.fields if isinstance(each.value, Upload)]


@dataclass(frozen=True, slots=True)
class Input:
    """What a route is called with: checked, typed, and complete.

    It is also what an action keeps as its request: `as_request` is the contract's echo of it.
    `query_string` is the value of a parameter that is the whole query; `content_type` the body's
    media type and `server` the address to call, each empty where it is the usual one.
    """

    path: dict[str, Any] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, Any] = field(default_factory=dict)
    cookies: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    has_body: bool = False
    query_string: Any = None
    content_type: str = ""
    server: str = ""

    def as_request(self) -> dict[str, Any]:
        """The echo that an action stores: `body`, `parameters` (path), `query`, `headers`."""
        request: dict[str, Any] = {"body": self.body if self.has_body else None}
        request["parameters"] = self.path or None
        request["query"] = self.query or None
        if self.has_body and self.body is None:
            request["has_body"] = True
        if self.headers:
            request["headers"] = self.headers
        if self.cookies:
            request["cookies"] = self.cookies
        if self.query_string is not None:
            request["query_string"] = self.query_string
        if self.content_type:
            request["content_type"] = self.content_type
        if self.server:
            request["server"] = self.server
        return request

    @classmethod
    def of_request(cls, request: dict[str, Any]) -> "Input":
        """The input that an action's stored request echoes."""
        return cls(
            path=request.get("parameters") or {},
            query=request.get("query") or {},
            headers=request.get("headers") or {},
            cookies=request.get("cookies") or {},
            body=request.get("body"),
            has_body=request.get("body") is not None or request.get("has_body") is True,
            query_string=request.get("query_string"),
            content_type=request.get("content_type") or "",
            server=request.get("server") or "",
        )


def read_arguments(
    words: Iterable[str],
    *,
    body: Any = None,
    has_body: bool = False,
    path: Iterable[tuple[str, str]] = (),
    query: Iterable[tuple[str, str]] = (),
    headers: Iterable[tuple[str, str]] = (),
    content_type: str = "",
    server: Iterable[str] = (),
    read_file: Callable[[str], str],
    find_file: Callable[[str], Upload] = Upload,
) -> Arguments:
    """Words in HTTPie's grammar, and what the options gave, as one value.

    `read_file` gives a file's text for `key=@file` and `key:=@file.json`; `find_file` names one
    to be uploaded, for `key@file` and `key@file;type=mime`. Raises WordFault for a word that has
    no separator, JSON that is none, and a secret on the command line.
    """
    fields: list[Field] = []
    all_query, all_headers = list(query), list(headers)
    for word in words:
        match = _WORD.fullmatch(word)
        if match is None or not match.group(1):
            raise WordFault(
                f"'{word}' is no word like key=text, key:=json, key==query, Name:header"
            )
        written, separator, value = match.groups()
        key, steps = _unescaped(written), _steps(written)
        match separator:
            case "=":
                fields.append(Field(key, value, True, steps))
            case ":=":
                fields.append(Field(key, read_json(value, key), False, steps))
            case "=@":
                fields.append(Field(key, read_file(value), True, steps))
            case ":=@":
                fields.append(Field(key, read_json(read_file(value), value), False, steps))
            case "==":
                all_query.append((key, value))
            case ":":
                all_headers.append((key, value.strip()))
            case _:
                fields.append(Field(key, _upload(value, find_file), False, steps))
    for name, value in all_headers:
        _check_header(name, value)
    types = [value for name, value in all_headers if name.lower() == "content-type"]
    return Arguments(
        fields=tuple(fields),
        query=tuple(all_query),
        headers=tuple(each for each in all_headers if each[0].lower() != "content-type"),
        path=tuple(path),
        body=body,
        has_body=has_body,
        content_type=_checked_type(content_type or next(iter(types), "")),
        server=tuple(server),
    )


def _upload(written: str, find_file: Callable[[str], Upload]) -> Upload:
    match = _TYPED_FILE.fullmatch(written)
    if match is None:
        return find_file(written)
    return replace(find_file(match[1]), media_type=_checked_type(match[2].strip()))


def _checked_type(media_type: str) -> str:
    if media_type and not _MEDIA_TYPE.fullmatch(media_type):
        raise WordFault(f"'{media_type}' is no media type like text/csv")
    return media_type


def read_json(text: str, what: str) -> Any:
    """The JSON value that a text holds; WordFault names `what` was read, and the place."""
    try:
        return read_json_text(text)
    except json.JSONDecodeError as fault:
        place = (
            f"line {fault.lineno} column {fault.colno}" if "\n" in text else f"column {fault.colno}"
        )
        raise WordFault(f"{what}: invalid JSON at {place}") from None
    except JsonFault as fault:
        raise WordFault(f"{what}: {fault}") from None


def _steps(written: str) -> tuple[str, ...]:
    """The steps of a key as it was written; a key whose brackets do not match is one step."""
    match = _KEY_HEAD.match(written)
    head = match.group() if match else ""
    rest = written[len(head) :]
    steps = _KEY_STEP.findall(rest)
    if "".join(f"[{step}]" for step in steps) != rest:
        return (_unescaped(written),)
    return tuple(_unescaped(step) for step in ([head] if head else []) + steps)


def _unescaped(written: str) -> str:
    return _ESCAPED.sub(r"\1", written)


def _check_header(name: str, value: str) -> None:
    if not HEADER_NAME.fullmatch(name):
        raise WordFault(f"'{name}' is no name of a header")
    if name.lower() in _OUR_HEADERS or name.lower().startswith("ouro-"):
        raise WordFault(f"{name}: this header is set by ouro")
    if name.lower() in _SECRET_HEADERS:
        raise WordFault(
            f"{name}: secrets on the command line are seen by others, so this one should be "
            "replaced; set it with ouro auth set"
        )
    if CONTROL.search(value):
        raise WordFault(f"{name}: control characters are not allowed in a header")
