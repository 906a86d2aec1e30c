"""What a response holds for the outputs that its route declares (contract section 5.3)."""

import base64
import binascii
import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ouro_cli.model.action import Beside
from ouro_cli.model.asset import AssetType
from ouro_cli.model.declaration import Declaration, is_expected, normal_extension
from ouro_cli.model.filename import harmless_name
from ouro_cli.wire.tiptap import text_of

VISIBILITIES = frozenset({"public", "private", "organization", "monetized", "inherit"})

_LONGEST_NAME = 255
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+", re.ASCII)
_DATA_URL = re.compile(r"data:([^;,]*)[^,]*;base64,", re.ASCII)
_PIECE = 4 * 2**18
_OCTETS = "application/octet-stream"


class PayloadFault(ValueError):
    """Why no asset can be made of a payload."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A file's bytes in base64."""

    text: str

    def parts(self) -> Iterator[bytes]:
        """The bytes, in pieces; PayloadFault where it is no base64."""
        # Blanks, line ends, a missing end and the alphabet for addresses are let be.
        text = "".join(self.text.split()).rstrip("=").replace("-", "+").replace("_", "/")
        for begin in range(0, len(text), _PIECE):
            piece = text[begin : begin + _PIECE]
            try:
                yield base64.b64decode(piece + "=" * (-len(piece) % 4), validate=True)
            except (binascii.Error, ValueError):
                raise PayloadFault("its base64 cannot be read") from None


@dataclass(frozen=True, slots=True)
class Raw:
    """A file's bytes; those that lie beside the registry are read from there."""

    data: bytes
    beside: Beside | None = None

    def parts(self) -> Iterator[bytes]:
        """The bytes."""
        if self.beside is None:
            yield self.data
            return
        with self.beside.open() as file:
            yield from iter(lambda: file.read(_PIECE), b"")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a file's bytes lie."""

    url: str


@dataclass(frozen=True, slots=True)
class Rows:
    """A dataset's rows."""

    rows: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Markdown:
    """A post's text."""

    text: str


Content = Encoded | Raw | Address | Rows | Markdown


@dataclass(frozen=True, slots=True)
class Payload:
    """What a response holds under the name of an output: the content, and what is said of it.

    `asset_id` is the id that it carries, if any: it may be that of an asset that is here. Texts
    that were not given are empty. `filename` has its extension, and is fit to be a file's name.
    """

    name: str
    declaration: Declaration
    content: Content | None
    asset_id: str = ""
    title: str = ""
    description: str = ""
    filename: str = ""
    media_type: str = ""
    visibility: str = ""
    license: str = ""


def read_payloads(
    declarations: dict[str, Declaration], body: Any, defaults: dict[str, Any], response: Any
) -> tuple[list[Payload], list[str]]:
    """The payloads in a response for every output that exists for this request's body.

    `defaults` are those of the body's fields. A missing or null payload is skipped; what is none
    is said in the second value, a line each.
    """
    payloads: list[Payload] = []
    problems: list[str] = []
    if not isinstance(response, dict):
        return payloads, problems
    for name, declaration in declarations.items():
        value = response.get(name)
        if value is None or not is_expected(declaration, body, defaults):
            continue
        try:
            payloads.append(read_payload(name, declaration, value))
        except PayloadFault as fault:
            problems.append(f"output {name} was not kept: {fault}")
    return payloads, problems


def read_payload(name: str, declaration: Declaration, value: Any) -> Payload:
    """What stands under an output's name; PayloadFault where no asset can be made of it."""
    kinds = declaration.get("asset_types") or [declaration["asset_type"]]
    if isinstance(value, str):
        value = {"url": value}
    if not isinstance(value, dict):
        raise PayloadFault(f"{_what(value)} is no {' or '.join(kinds)}")
    asset_id = _word(value, "id")
    content = next((made for kind in kinds if (made := _content(kind, value)) is not None), None)
    if content is None and not asset_id:
        raise PayloadFault(_missing(kinds))
    media_type = _media_type(value, content)
    return Payload(
        name=name,
        declaration=declaration,
        content=content,
        asset_id=asset_id,
        title=_word(value, "name")[:_LONGEST_NAME],
        description=_description(value.get("description")),
        filename=_filename(value, content, media_type)
        if isinstance(content, Encoded | Address)
        else "",
        media_type=media_type,
        visibility=visibility if (visibility := _word(value, "visibility")) in VISIBILITIES else "",
        license=_word(value, "license_id")[:_LONGEST_NAME],
    )


def without_base64(response: Any, names: set[str]) -> Any:
    """The response without the bytes of the files under these names; all else as it was."""
    if not isinstance(response, dict):
        return response
    return {
        name: {key: each for key, each in value.items() if key != "base64"}
        if name in names and isinstance(value, dict)
        else value
        for name, value in response.items()
    }


def kind_of(content: Content) -> AssetType:
    """The type of asset that a content makes."""
    match content:
        case Rows():
            return AssetType.DATASET
        case Markdown():
            return AssetType.POST
        case _:
            return AssetType.FILE


def _content(kind: str, value: dict[str, Any]) -> Content | None:
    match kind:
        case "file":
            return _bytes(value)
        case "dataset":
            rows = value.get("data")
            is_flat = isinstance(rows, list) and all(isinstance(row, dict) for row in rows)
            return Rows(rows) if is_flat and rows else None
        case "post":
            return _markdown(value.get("content"))
        case _:
            return None


def _bytes(value: dict[str, Any]) -> Content | None:
    text, url = value.get("base64"), value.get("url")
    if isinstance(text, str):
        match = _DATA_URL.match(text)
        return Encoded(text[match.end() :] if match else text)
    if not isinstance(url, str):
        return None
    match = _DATA_URL.match(url)
    if match:
        return Encoded(url[match.end() :])
    if url.lower().startswith(("http://", "https://")) and _is_unicode(url):
        return Address(url)
    return None


def _markdown(content: Any) -> Markdown | None:
    if isinstance(content, str):
        return Markdown(content)
    if not isinstance(content, dict):
        return None
    text = content.get("text")
    if isinstance(text, str):
        return Markdown(text)
    return Markdown(text_of(content["json"])) if isinstance(content.get("json"), dict) else None


def _missing(kinds: list[str]) -> str:
    needs = {
        "file": "a file needs 'base64' or a 'url' of http",
        "dataset": "a dataset needs 'data', a list with at least one row, each an object",
        "post": "a post needs 'content' with its 'text'",
    }
    return "; ".join(needs.get(kind, f"a {kind} cannot be kept here") for kind in kinds)


def _what(value: Any) -> str:
    return {list: "a list", bool: "a boolean"}.get(type(value), "a number")


def _word(value: dict[str, Any], key: str) -> str:
    said = value.get(key)
    return said.encode("utf-8", "replace").decode() if isinstance(said, str) else ""


def _description(said: Any) -> str:
    if isinstance(said, dict):
        said = said.get("text")
    return _word({"": said}, "")


def _media_type(value: dict[str, Any], content: Content | None) -> str:
    """What the payload says, or its data URL; empty where neither says more than bytes."""
    said = _word(value, "type").partition(";")[0].strip().lower()
    if not _MEDIA_TYPE.fullmatch(said) and isinstance(content, Encoded):
        match = _DATA_URL.match(str(value.get("base64") or value.get("url")))
        said = match[1].lower() if match else ""
    return said if _MEDIA_TYPE.fullmatch(said) and said != _OCTETS else ""


def _filename(value: dict[str, Any], content: Content, media_type: str) -> str:
    given = _word(value, "filename")
    if isinstance(content, Address) and not given and not value.get("extension"):
        # The address, or whoever answers there, may know better.
        return ""
    name = harmless_name(given) if given else ""
    extension = normal_extension(_word(value, "extension")) or ""
    if not extension and "." not in name:
        extension = extension_of(media_type)
    if not name:
        return f"unnamed.{extension or 'bin'}"
    if extension and not name.lower().endswith(f".{extension}"):
        name = harmless_name(f"{name}.{extension}")
    return name


def extension_of(media_type: str) -> str:
    """The file extension of a media type, as the contract derives it (section 3.11)."""
    guessed = mimetypes.guess_extension(media_type) if media_type else None
    if guessed:
        return guessed[1:]
    subtype = media_type.rpartition("/")[2].partition("+")[0].removeprefix("x-")
    return normal_extension(subtype) or "bin"


def _is_unicode(text: str) -> bool:
    return text.isprintable() and text == text.encode("utf-8", "replace").decode()
