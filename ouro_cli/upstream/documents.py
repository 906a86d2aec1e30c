"""Documents from where the user says they lie: a file, or an address that is asked for once."""

import hashlib
import os
import stat
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from ouro_cli.errors import DocumentUnreadable
from ouro_cli.model.service import Seen
from ouro_cli.settings import Settings
from ouro_cli.wire.outcome import NoAnswer, UpstreamResponse
from ouro_cli.wire.request import UpstreamRequest

_ACCEPT = "application/json, application/yaml, text/yaml, */*;q=0.5"


@dataclass(frozen=True, slots=True)
class Fetched:
    """A document's bytes, and where they really came from."""

    data: bytes
    source: str
    media_type: str
    etag: str | None = None
    last_modified: str | None = None

    @property
    def sha256(self) -> str:
        """The bytes' SHA-256, in hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def is_remote(self) -> bool:
        """Whether it came over the network."""
        return is_address(self.source)


def is_address(source: str) -> bool:
    """Whether a source is an address rather than a file's path."""
    return source.lower().startswith(("http://", "https://"))


def read_document(source: str, settings: Settings, seen: Seen | None = None) -> Fetched | None:
    """The bytes at a path or an http(s) address; None where a server says they are as `seen`.

    Raises DocumentUnreadable for what is no regular file, is too large, answers with no
    success, or redirects to another origin.
    """
    if is_address(source):
        answer = _ask(source, settings, seen)
        return None if answer.status == 304 and seen is not None else _read(source, answer)
    return _open(source, settings)


def _open(source: str, settings: Settings) -> Fetched:
    path = Path(source).expanduser()
    try:
        # Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        data = read_descriptor(descriptor, source, settings)
    except OSError as fault:
        # A folder opens as well, and cannot be read.
        is_folder = isinstance(fault, IsADirectoryError)
        why = "it is not a regular file" if is_folder else (fault.strerror or "").lower()
        raise DocumentUnreadable(source=source, why=why) from None
    except ValueError:
        raise DocumentUnreadable(source=source, why="that is no path") from None
    media_type = "application/json" if path.suffix == ".json" else "application/yaml"
    return Fetched(data, str(path.resolve()), media_type)


def read_descriptor(descriptor: int, source: str, settings: Settings) -> bytes:
    """The bytes of an open regular file, which is closed; DocumentUnreadable if too many."""
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise DocumentUnreadable(source=source, why="it is not a regular file")
        if found.st_size > settings.largest_document:
            raise DocumentUnreadable(source=source, why=_too_large(settings))
        # It may have grown since.
        data = file.read(settings.largest_document + 1)
    if len(data) > settings.largest_document:
        raise DocumentUnreadable(source=source, why=_too_large(settings))
    return data


def fetch(source: str, settings: Settings, *, missing_is: Exception | None = None) -> Fetched:
    """The bytes at an http(s) address; raises `missing_is`, if given, where nothing is there."""
    answer = _ask(source, settings, None)
    if answer.status in (404, 410) and missing_is is not None:
        raise missing_is
    return _read(source, answer)


def _ask(source: str, settings: Settings, seen: Seen | None) -> UpstreamResponse:
    # httpx is worth its import only where something is fetched.
    from ouro_cli.upstream.client import send  # noqa: PLC0415
    from ouro_cli.upstream.redirects import target_of  # noqa: PLC0415

    parts = urlsplit(source)
    if parts.username or parts.password:
        raise DocumentUnreadable(
            source=parts.hostname, why="the address holds a password; leave it out"
        )
    headers = [("Accept", _ACCEPT), ("User-Agent", "ouro")]
    if seen is not None and seen.etag:
        headers.append(("If-None-Match", seen.etag))
    if seen is not None and seen.last_modified:
        headers.append(("If-Modified-Since", seen.last_modified))
    request = UpstreamRequest("GET", source, tuple(headers))
    # A document may be larger than an answer.
    answer = send(request, replace(settings, largest_response=settings.largest_document))
    if isinstance(answer, NoAnswer):
        raise DocumentUnreadable(source=source, why=f"{answer.step}: {answer.why}")
    elsewhere = target_of(answer)
    if elsewhere is not None:
        raise DocumentUnreadable(source=source, why=f"it redirects to {elsewhere}")
    return answer


def _read(source: str, answer: UpstreamResponse) -> Fetched:
    if answer.status != 200:
        raise DocumentUnreadable(source=source, why=f"the server answered {answer.status}")
    media_type = answer.header("content-type") or ""
    return Fetched(
        answer.data,
        answer.url,
        media_type,
        answer.header("etag"),
        answer.header("last-modified"),
    )


def _too_large(settings: Settings) -> str:
    return f"it is larger than {settings.largest_document // 2**20} MiB"
