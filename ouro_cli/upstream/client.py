"""One request out, one answer in: bounded in time and size, no redirect, no cookie, no surprise."""

import contextlib
import logging
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

# httpx imports its own command line, and with it click and rich, whenever they are installed.
_unused = ModuleType("httpx._main")
_unused.main = lambda: None  # type: ignore[attr-defined]
sys.modules.setdefault("httpx._main", _unused)

import httpx  # noqa: E402

from ouro_cli.alarm import alarm  # noqa: E402
from ouro_cli.crash import crash_point  # noqa: E402
from ouro_cli.settings import Settings  # noqa: E402
from ouro_cli.upstream import proxies, redirects  # noqa: E402
from ouro_cli.upstream.answer_body import Received, TooLarge, TooLong, read_body  # noqa: E402
from ouro_cli.upstream.connections import Connections  # noqa: E402
from ouro_cli.upstream.digest import proof_for  # noqa: E402
from ouro_cli.upstream.failures import Way, no_answer  # noqa: E402
from ouro_cli.upstream.resolve import unresolved  # noqa: E402
from ouro_cli.upstream.streams import Onlooker  # noqa: E402
from ouro_cli.wire.forms import FileBytes, WireBody, length_of, pieces_of  # noqa: E402
from ouro_cli.wire.outcome import NoAnswer, UpstreamResponse  # noqa: E402
from ouro_cli.wire.request import UpstreamRequest  # noqa: E402

# Both write whole addresses, and with them the credentials in them, into the log.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).disabled = True

MOST_HEADERS = 200
_PIECE = 2**18


class _FileGone(Exception):
    """A file that belongs to the request is not there, or is not what it was."""


class _Content:
    """A body piece by piece, its files read as they go out; each iteration begins anew."""

    def __init__(self, body: WireBody) -> None:
        self._body = body
        self.sent = 0
        for each in pieces_of(body):
            # Before a byte goes out: a request that cannot be finished shall not be begun.
            if isinstance(each, FileBytes) and _size_of(each.path) != each.size:
                raise _FileGone

    def __iter__(self) -> Iterator[bytes]:
        self.sent = 0
        for part in self._parts():
            yield part
            self.sent += len(part)
            crash_point("R4")

    def _parts(self) -> Iterator[bytes]:
        for each in pieces_of(self._body):
            if not isinstance(each, FileBytes):
                piece = min(_PIECE, (len(each) + 1) // 2) or 1
                yield from (each[at : at + piece] for at in range(0, len(each), piece))
                continue
            left = each.size
            with Path(each.path).open("rb", buffering=0) as file:
                while left and (part := file.read(min(left, _PIECE))):
                    left -= len(part)
                    yield part


def send(
    request: UpstreamRequest,
    settings: Settings,
    onlooker: Onlooker | None = None,
    connections: Connections | None = None,
) -> UpstreamResponse | NoAnswer:
    """Send the request, follow redirects within its origin, and read the whole answer.

    `onlooker` is told of each answer as it comes in. Nothing else is sent twice, but for what a
    digest challenge turned away: that did not run. The call ends after `settings.call_seconds` at
    the latest. An answer over `settings.largest_response` bytes, as it stands once decompressed,
    is given up; what came of it, or of one that was cut off, lies in the draft that the request
    names. Without `connections` it has one of its own.
    """
    deadline = time.monotonic() + settings.call_seconds
    for followed in range(redirects.MOST + 1):
        answer = _send_proven(request, settings, deadline, onlooker, connections)
        if followed:
            answer = replace(answer, facts={**answer.facts, "redirects": followed})
        if isinstance(answer, NoAnswer):
            return answer
        following = redirects.next_request(request, answer)
        if following is None:
            return answer
        request = following
    why = f"more than {redirects.MOST} redirects"
    return NoAnswer("read", why, was_sent=True, is_lasting=True, facts=answer.facts)


def _send_proven(
    request: UpstreamRequest,
    settings: Settings,
    deadline: float,
    onlooker: Onlooker | None,
    connections: Connections | None,
) -> UpstreamResponse | NoAnswer:
    answer = _send_once(request, settings, deadline, onlooker, connections)
    if request.digest is None or isinstance(answer, NoAnswer):
        return answer
    proof = proof_for(request, answer)
    if not isinstance(proof, str):
        return proof or answer
    # The proof is for this address alone: where it redirects, the next one asks for its own.
    proven = (*request.secret_headers, ("Authorization", proof))
    proven_request = replace(request, secret_headers=proven)
    return _send_once(proven_request, settings, deadline, onlooker, connections)


def _send_once(
    request: UpstreamRequest,
    settings: Settings,
    deadline: float,
    onlooker: Onlooker | None,
    connections: Connections | None,
) -> UpstreamResponse | NoAnswer:
    proxy = proxies.proxy_for(request.url)
    facts: dict[str, Any] = {}
    if proxy is not None:
        facts["proxy"] = proxies.shown(proxy)
    if not request.verify and request.url.lower().startswith("https:"):
        facts["tls_verify"] = False
    try:
        content = None if request.body is None else _Content(request.body)
        answer = (
            None if proxy is not None else _not_found(request.url, settings, deadline, connections)
        ) or _exchange(request, content, proxy, settings, deadline, onlooker, connections)
    except _FileGone:
        why = "a file of the request is no longer kept"
        return NoAnswer("send", why, was_sent=False, is_lasting=True)
    except ImportError:
        why = "a SOCKS proxy is named, and none can be used"
        return NoAnswer("proxy", why, was_sent=False, is_lasting=True)
    except (httpx.InvalidURL, UnicodeError, ValueError) as fault:
        why = f"the request cannot be written ({type(fault).__name__})"
        return NoAnswer("send", why, was_sent=False, is_lasting=True)
    if content is not None:
        facts["bytes_sent"] = content.sent
    return replace(answer, facts=facts)


def _not_found(
    url: str, settings: Settings, deadline: float, connections: Connections | None
) -> NoAnswer | None:
    seconds = min(max(deadline - time.monotonic(), 0.001), settings.connect_seconds)
    ask = unresolved if connections is None else connections.unresolved
    return ask(httpx.URL(url).host, seconds)


def _exchange(
    request: UpstreamRequest,
    content: _Content | None,
    proxy: str | None,
    settings: Settings,
    deadline: float,
    onlooker: Onlooker | None,
    connections: Connections | None,
) -> UpstreamResponse | NoAnswer:
    """One request out and its answer in, over one connection."""
    left = max(deadline - time.monotonic(), 0.001)
    timeout = httpx.Timeout(left, connect=min(left, settings.connect_seconds))
    headers = [*request.headers, *request.secret_headers, ("Accept-Encoding", "gzip, identity")]
    if request.body is not None:
        headers.append(("Content-Length", str(length_of(request.body))))
    received, status = Received(request.draft), None
    lines = connections or Connections()
    try:
        verify = lines.tls(request.full_url, is_verified=request.verify)
    except OSError as fault:
        what = (fault.strerror or "no certificate").lower()
        why = f"the certificates to trust cannot be read ({what})"
        return NoAnswer("tls", why, was_sent=False, is_lasting=True)
    with contextlib.closing(received), contextlib.ExitStack() as ending:
        if connections is None:
            ending.callback(lines.close)
        line = lines.line(verify, proxy)
        way = Way(line.sockets)
        try:
            with (
                # httpx's own limits start anew with every byte that drips in.
                alarm(left, _give_up),
                way.cut_after(left),
                line.client.stream(
                    request.method,
                    request.full_url,
                    content=content,
                    headers=_raw(headers),
                    timeout=timeout,
                    extensions={"trace": way},
                ) as response,
            ):
                status = response.status_code
                if len(response.headers) > MOST_HEADERS:
                    raise httpx.RemoteProtocolError("too many headers")
                read_body(response, received, settings, deadline, onlooker)
                return UpstreamResponse(
                    status=status,
                    headers=tuple(response.headers.multi_items()),
                    data=received.data,
                    url=request.url,
                    draft=received.in_file,
                )
        except TooLong:
            failed = _too_long(way, settings)
        except TooLarge:
            why = f"the answer is larger than {settings.largest_response} bytes"
            failed = NoAnswer("read", why, was_sent=True, is_lasting=True)
        except OSError as fault:
            what = "the answer cannot be written" if status else "the request cannot be read"
            why = f"{what} ({(fault.strerror or 'the disk failed').lower()})"
            return NoAnswer(way.step, why, way.is_sent, is_lasting=True, status=status)
        except httpx.HTTPError as fault:
            failed = no_answer(fault, way, proxied=proxy is not None)
            if way.is_late:
                failed = _too_long(way, settings)
        return replace(failed, status=status, partial=_partial(received))


def _too_long(way: Way, settings: Settings) -> NoAnswer:
    why = f"timed out after {settings.call_seconds:g} seconds"
    return NoAnswer(way.step, why, way.is_sent, is_lasting=True)


def _partial(received: Received) -> Any:
    # What came is worth much less than the word that it was not all.
    with contextlib.suppress(OSError):
        return received.partial()
    return None


def _size_of(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except OSError:
        return -1


def _raw(headers: list[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("ascii"), value.encode("utf-8")) for name, value in headers]


def _give_up() -> None:
    raise TooLong
