"""One request out, one answer in: bounded in time and size, no redirect, no cookie, no surprise."""

import logging
import ssl
import sys
import time
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

# httpx imports its own command line, and with it click and rich, whenever they are installed.
_unused = ModuleType("httpx._main")
_unused.main = lambda: None  # type: ignore[attr-defined]
sys.modules.setdefault("httpx._main", _unused)

import httpx  # noqa: E402

from ouro_cli.alarm import alarm  # noqa: E402
from ouro_cli.settings import Settings  # noqa: E402
from ouro_cli.upstream import redirects  # noqa: E402
from ouro_cli.upstream.digest import proof_for  # noqa: E402
from ouro_cli.upstream.streams import Onlooker  # noqa: E402
from ouro_cli.wire.forms import FileBytes, WireBody, length_of, pieces_of  # noqa: E402
from ouro_cli.wire.outcome import NoAnswer, UpstreamResponse  # noqa: E402
from ouro_cli.wire.request import UpstreamRequest  # noqa: E402

# Both write whole addresses, and with them the credentials in them, into the log.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).disabled = True

MOST_HEADERS = 200
_PIECE = 2**18
_STEPS: tuple[tuple[type[Exception], str, bool], ...] = (
    (httpx.ConnectTimeout, "connect: timed out", False),
    (httpx.ConnectError, "connect", False),
    (httpx.PoolTimeout, "connect: timed out", False),
    (httpx.ProxyError, "proxy", False),
    (httpx.UnsupportedProtocol, "connect", False),
    (httpx.LocalProtocolError, "send", False),
    (httpx.WriteTimeout, "send: timed out", True),
    (httpx.WriteError, "send", True),
    (httpx.ReadTimeout, "read: timed out", True),
    (httpx.RemoteProtocolError, "read", True),
    (httpx.ReadError, "read", True),
    (httpx.HTTPError, "read", True),
)


class _TooLong(Exception):
    """The call's whole time has passed."""


class _TooLarge(Exception):
    """The answer is larger than may be kept."""


class _FileGone(Exception):
    """A file that belongs to the request is not there, or is not what it was."""


class _Content:
    """A body piece by piece, its files read as they go out; each iteration begins anew."""

    def __init__(self, body: WireBody) -> None:
        self._body = body
        for each in pieces_of(body):
            # Before a byte goes out: a request that cannot be finished shall not be begun.
            if isinstance(each, FileBytes) and _size_of(each.path) != each.size:
                raise _FileGone

    def __iter__(self) -> Iterator[bytes]:
        for each in pieces_of(self._body):
            if not isinstance(each, FileBytes):
                yield each
                continue
            left = each.size
            with Path(each.path).open("rb", buffering=0) as file:
                while left and (piece := file.read(min(left, _PIECE))):
                    left -= len(piece)
                    yield piece


def send(
    request: UpstreamRequest, settings: Settings, onlooker: Onlooker | None = None
) -> UpstreamResponse | NoAnswer:
    """Send the request, follow redirects within its origin, and read the whole answer.

    `onlooker` is told of each answer as it comes in. Nothing else is sent twice, but for what a
    digest challenge turned away: that did not run. The call ends after `settings.call_seconds` at
    the latest, and an answer over `settings.largest_response` bytes, as it stands once
    decompressed, is given up.
    """
    deadline = time.monotonic() + settings.call_seconds
    for _ in range(redirects.MOST + 1):
        answer = _send_proven(request, settings, deadline, onlooker)
        if isinstance(answer, NoAnswer):
            return answer
        following = redirects.next_request(request, answer)
        if following is None:
            return answer
        request = following
    return NoAnswer("read", f"more than {redirects.MOST} redirects", was_sent=True)


def _send_proven(
    request: UpstreamRequest, settings: Settings, deadline: float, onlooker: Onlooker | None
) -> UpstreamResponse | NoAnswer:
    answer = _send_once(request, settings, deadline, onlooker)
    if request.digest is None or isinstance(answer, NoAnswer):
        return answer
    proof = proof_for(request, answer)
    if not isinstance(proof, str):
        return proof or answer
    # The proof is for this address alone: where it redirects, the next one asks for its own.
    proven = (*request.secret_headers, ("Authorization", proof))
    return _send_once(replace(request, secret_headers=proven), settings, deadline, onlooker)


def _send_once(
    request: UpstreamRequest, settings: Settings, deadline: float, onlooker: Onlooker | None
) -> UpstreamResponse | NoAnswer:
    left = max(deadline - time.monotonic(), 0.001)
    url = request.full_url
    timeout = httpx.Timeout(left, connect=min(left, settings.connect_seconds))
    headers = [*request.headers, *request.secret_headers, ("Accept-Encoding", "gzip, identity")]
    try:
        content: bytes | _Content | None = None
        if isinstance(request.body, bytes):
            content = request.body
        elif request.body is not None:
            content = _Content(request.body)
            headers.append(("Content-Length", str(length_of(request.body))))
        with (
            httpx.Client(
                verify=tls_for(url), timeout=timeout, trust_env=may_use_proxy(url), headers={}
            ) as client,
            # httpx's own limits start anew with every byte that drips in.
            alarm(left, _give_up),
            client.stream(request.method, url, content=content, headers=_raw(headers)) as response,
        ):
            data = _read(response, settings.largest_response, deadline, onlooker)
            return UpstreamResponse(
                status=response.status_code,
                headers=tuple(response.headers.multi_items()),
                data=data,
                url=request.url,
            )
    except _TooLong:
        return NoAnswer("read", f"timed out after {settings.call_seconds:g} seconds", was_sent=True)
    except _TooLarge:
        return NoAnswer(
            "read", f"the answer is larger than {settings.largest_response} bytes", was_sent=True
        )
    except _FileGone:
        return NoAnswer("send", "a file of the request is no longer kept", was_sent=False)
    except (httpx.InvalidURL, UnicodeError, ValueError) as fault:
        return NoAnswer("send", f"the request cannot be written ({type(fault).__name__})", False)
    except httpx.HTTPError as fault:
        return no_answer(fault)


def _size_of(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except OSError:
        return -1


def _raw(headers: list[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("ascii"), value.encode("utf-8")) for name, value in headers]


def tls_for(url: str) -> ssl.SSLContext | bool:
    """What httpx is to verify with; certificates are read only where they are needed."""
    # Certificates are read only for an address that needs them: it takes longer than a call.
    return True if url.startswith("https:") else _NO_TLS


_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def may_use_proxy(url: str) -> bool:
    """Whether a proxy of the environment may stand between; never before this machine."""
    host = httpx.URL(url).host
    return host not in ("localhost", "::1") and not host.startswith("127.")


def _read(
    response: httpx.Response, largest: int, deadline: float, onlooker: Onlooker | None
) -> bytes:
    if len(response.headers) > MOST_HEADERS:
        raise httpx.RemoteProtocolError("too many headers")
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if onlooker is not None:
        onlooker.begins(response.status_code, response.headers.get("content-type", ""))
    parts: list[bytes] = []
    size = 0
    for part in decoded(response.iter_raw(), encoding, largest):
        size += len(part)
        if size > largest:
            raise _TooLarge
        if time.monotonic() > deadline:
            raise _TooLong
        parts.append(part)
        if onlooker is not None:
            onlooker.takes(part)
    return b"".join(parts)


def decoded(raw: Iterator[bytes], encoding: str, largest: int) -> Iterator[bytes]:
    """The body without its gzip; any other encoding was not asked for, and stays as it is."""
    if encoding not in ("gzip", "x-gzip"):
        yield from raw
        return
    unzip = zlib.decompressobj(16 + zlib.MAX_WBITS)
    piece = min(largest + 1, 2**20)
    try:
        for part in raw:
            while part:
                yield unzip.decompress(part, piece)
                part = unzip.unconsumed_tail
                if unzip.eof and unzip.unused_data:
                    part, unzip = unzip.unused_data, zlib.decompressobj(16 + zlib.MAX_WBITS)
    except zlib.error:
        raise httpx.RemoteProtocolError("the answer is no gzip") from None
    if not unzip.eof:
        raise httpx.RemoteProtocolError("the answer ends too early")


def _give_up() -> None:
    raise _TooLong


def no_answer(fault: httpx.HTTPError) -> NoAnswer:
    """What a failure of httpx says, without any address."""
    for kind, step, was_sent in _STEPS:
        if isinstance(fault, kind):
            step, _, what = step.partition(": ")
            return NoAnswer(step, what or _reason(fault), was_sent)
    raise AssertionError("unreachable")


def _reason(fault: BaseException) -> str:
    """Why, in the operating system's words: httpx's own may hold the whole address."""
    seen: BaseException | None = fault
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return f"the certificate is not trusted ({seen.verify_message})"
        if isinstance(seen, OSError) and seen.strerror:
            return seen.strerror.lower()
        seen = seen.__cause__ or seen.__context__
    text = str(fault).split("http", 1)[0].strip()
    return text.lower() or type(fault).__name__
