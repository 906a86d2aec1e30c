"""Media types: what a document offers, which of it a call takes, and what it asks for in return."""

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

JSON = "application/json"
OCTETS = "application/octet-stream"

_RANGES = ("application/*", "*/*")
_TEXTS = frozenset(
    {
        *("application/xml", "application/x-ndjson", "application/ndjson", "application/jsonl"),
        *("application/json-lines", "application/json-seq", "application/yaml", "application/sql"),
        *("application/x-yaml", "application/graphql", "application/javascript"),
        *("application/jsonlines", "application/x-jsonlines", "application/xml-dtd"),
    }
)
_OTHER_NAMES = {"text/xml": "application/xml", "application/xml": "text/xml"}
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+/[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CHARSET = re.compile(r";\s*charset=\"?([A-Za-z0-9._-]+)", re.IGNORECASE)
_MOST_ACCEPTED = 8


class Kind(StrEnum):
    """How a body of some media type is made."""

    JSON = "JSON"
    URLENCODED = "form"
    MULTIPART = "multipart form"
    TEXT = "text"
    BINARY = "binary"

    @property
    def has_fields(self) -> bool:
        """Whether words can fill it."""
        return self in (Kind.JSON, Kind.URLENCODED, Kind.MULTIPART)


@dataclass(frozen=True, slots=True)
class Media:
    """A body's media type as it will be sent, and what the document says of it."""

    name: str
    stated: dict[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> Kind:
        """How such a body is made."""
        return kind_of(self.name)

    @property
    def schema(self) -> Any:
        """What the document says of the whole body; everything may pass where it says nothing."""
        schema = self.stated.get("schema")
        return {} if schema is None else schema

    def encoding(self, name: str) -> dict[str, Any]:
        """What the document says of how one field of a form is written."""
        stated = self.stated.get("encoding")
        own = stated.get(name) if isinstance(stated, dict) else None
        return own if isinstance(own, dict) else {}


@dataclass(frozen=True, slots=True)
class Given:
    """What a person gave, as far as it decides between several media types.

    `suggested` is the media type that a body's file name or its first character suggests;
    `is_raw` is true where the body was given whole and is no JSON.
    """

    has_uploads: bool = False
    suggested: str = ""
    is_raw: bool = False


def is_json(media_type: str) -> bool:
    """Whether the media type is JSON, or JSON under another name (`application/problem+json`)."""
    kind = essence(media_type)
    return kind in (JSON, "text/json", *_RANGES) or kind.endswith("+json")


@functools.lru_cache(maxsize=256)
def kind_of(media_type: str) -> Kind:
    """How a body of this media type is made."""
    name = essence(media_type)
    if is_json(name):
        return Kind.JSON
    if name == "application/x-www-form-urlencoded":
        return Kind.URLENCODED
    if name == "multipart/form-data":
        return Kind.MULTIPART
    if name.startswith("text/") or name in _TEXTS or name.endswith(("+xml", "+yaml", "+json-seq")):
        return Kind.TEXT
    return Kind.BINARY


@functools.lru_cache(maxsize=256)
def essence(media_type: str) -> str:
    """The media type without its parameters, in lower case."""
    return media_type.split(";", 1)[0].strip().lower()


def charset_of(media_type: str) -> str:
    """The character set that a media type names; UTF-8 where it names none."""
    found = _CHARSET.search(media_type)
    return found[1] if found else "utf-8"


def json_media_type(request_body: dict[str, Any] | None) -> str | None:
    """The name under which a request body offers JSON, the plain one first; None where none is."""
    return min(filter(is_json, _content(request_body)), key=_strangeness, default=None)


def json_media(request_body: dict[str, Any] | None) -> dict[str, Any] | None:
    """The media type object under which a request body offers JSON; None where it does not."""
    name = json_media_type(request_body)
    return None if name is None else _stated(request_body, name)


def usual_media(request_body: dict[str, Any] | None) -> Media | None:
    """The media type that a body is sent as where nothing speaks for another; None for no body."""
    return choose_media(request_body, "")


def choose_media(
    request_body: dict[str, Any] | None, wanted: str, given: Given | None = None
) -> Media | None:
    """The media type to send: the one that is wanted, else the one that what was given speaks for.

    None where the body has no such media type, or a range of them and nothing says which.
    """
    offered = _content(request_body)
    given = given or Given()
    if wanted:
        name = _offer_of(offered, wanted)
        return None if name is None else Media(wanted, _stated(request_body, name))
    if not offered:
        return None
    suggested = filter(None, (given.suggested, _OTHER_NAMES.get(given.suggested)))
    name = next(filter(None, (_offer_of(offered, each) for each in suggested)), None)
    if name is None:
        name = min(offered, key=lambda each: _rank(each, given))
        if given.is_raw and kind_of(name) is Kind.JSON and "*" in name:
            return Media(given.suggested or OCTETS, _stated(request_body, name))
    elif "*" in name:
        return Media(given.suggested, _stated(request_body, name))
    if essence(name) in _RANGES:
        return Media(JSON, _stated(request_body, name))
    return None if "*" in name else Media(name, _stated(request_body, name))


def media_of(request_body: dict[str, Any] | None, media_type: str) -> Media | None:
    """What the document says of a body that is sent as this media type; the usual one for ''."""
    if not media_type:
        return usual_media(request_body)
    return choose_media(request_body, media_type) or Media(media_type)


def offered_types(request_body: dict[str, Any] | None) -> list[str]:
    """The media types that a body may have."""
    return list(map(str, _content(request_body)))


def accept_of(responses: dict[str, Any]) -> str:
    """What to ask for: the media types of the documented successes, JSON before all others."""
    successes = [each for code, each in responses.items() if str(code).startswith("2")]
    kinds = [
        essence(str(name))
        for answer in successes or [responses.get("default")]
        for name in _content(answer)
    ]
    named = [each for each in dict.fromkeys(kinds) if _TOKEN.fullmatch(each) and "*" not in each]
    if not named:
        return f"{JSON}, */*;q=0.5"
    first, *others = sorted(named, key=_strangeness)[:_MOST_ACCEPTED]
    return ", ".join([first, *(f"{each};q=0.9" for each in others), "*/*;q=0.5"])


def _content(holder: Any) -> dict[str, Any]:
    content = holder.get("content") if isinstance(holder, dict) else None
    return content if isinstance(content, dict) else {}


def _stated(request_body: dict[str, Any] | None, name: str) -> dict[str, Any]:
    stated = _content(request_body).get(name)
    return stated if isinstance(stated, dict) else {}


def _offer_of(offered: Iterable[str], wanted: str) -> str | None:
    """The offer that a media type falls under: by its whole name, its essence, its range."""
    exact = wanted.strip().lower()
    bare = essence(wanted)
    family = bare.split("/", 1)[0]
    for matches in (
        lambda name: name.strip().lower() == exact,
        lambda name: essence(name) == bare,
        lambda name: essence(name) == f"{family}/*",
        lambda name: essence(name) == "*/*",
    ):
        found = next((name for name in offered if matches(str(name))), None)
        if found is not None:
            return found
    return None


_ORDER = [Kind.JSON, Kind.URLENCODED, Kind.MULTIPART, Kind.TEXT, Kind.BINARY]


def _rank(media_type: str, given: Given) -> tuple[int, int]:
    """How far a media type is from what was given."""
    kind = kind_of(media_type)
    first: tuple[Kind, ...] = ()
    if given.has_uploads:
        first = (Kind.MULTIPART,)
    elif given.is_raw:
        first = (Kind.TEXT, Kind.BINARY)
    if kind in first:
        return (first.index(kind) - len(first), 0)
    return (_ORDER.index(kind), _strangeness(media_type))


def _strangeness(media_type: str) -> int:
    kind = essence(media_type)
    if kind == JSON:
        return 0
    if kind in _RANGES:
        return 3
    return 1 if is_json(kind) else 2
