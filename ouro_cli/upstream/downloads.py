"""Results that lie at an address: fetched without credentials, bounded in time and size."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from ouro_cli.alarm import alarm
from ouro_cli.errors import FetchFailed
from ouro_cli.settings import Settings
from ouro_cli.upstream import client, proxies, redirects
from ouro_cli.upstream.answer_body import decoded
from ouro_cli.upstream.failures import no_answer
from ouro_cli.upstream.reach import reachable_ip
from ouro_cli.upstream.tls import tls_for
from ouro_cli.wire.outcome import UpstreamResponse

# isort: split
# After the client, which keeps httpx from loading its own command line.
import httpx

_PASSING = frozenset({408, 409, 423, 425, 429})


@dataclass(frozen=True, slots=True)
class Download:
    """An answer whose body is still to be read, part by part; reading it may raise FetchFailed."""

    url: str
    media_type: str
    disposition: str
    parts: Iterator[bytes]


class TooLong(Exception):
    """The whole time has passed."""


@contextlib.contextmanager
def download(url: str, service_url: str, settings: Settings) -> Iterator[Download]:
    """What lies at an address that a service named; FetchFailed where it cannot be had.

    Redirects are followed within the origin. It takes `settings.fetch_seconds` at the most, and
    what is larger than `settings.largest_file` bytes is given up.
    """
    deadline = time.monotonic() + settings.fetch_seconds
    shown = url.partition("?")[0][:200]
    try:
        with alarm(settings.fetch_seconds, give_up), contextlib.ExitStack() as stack:
            yield stack.enter_context(_followed(url, service_url, settings, deadline))
    except TooLong:
        why = f"it took longer than {settings.fetch_seconds:g} seconds"
        raise FetchFailed(url=shown, why=why) from None
    except (httpx.InvalidURL, UnicodeError) as fault:
        raise FetchFailed(url=shown, why="that is no address", is_lasting=True) from fault
    except httpx.HTTPError as fault:
        failed = no_answer(fault)
        raise FetchFailed(url=shown, why=f"{failed.step}: {failed.why}") from None


@contextlib.contextmanager
def _followed(
    url: str, service_url: str, settings: Settings, deadline: float
) -> Iterator[Download]:
    for _ in range(redirects.MOST + 1):
        with answering(url, service_url, settings, deadline) as response:
            target = redirects.target_of(
                UpstreamResponse(
                    response.status_code, tuple(response.headers.multi_items()), b"", url
                )
            )
            if target is None:
                _check(url, response)
                yield Download(
                    url=url,
                    media_type=response.headers.get("content-type", ""),
                    disposition=response.headers.get("content-disposition", ""),
                    parts=parts_of(url, response, settings, deadline),
                )
                return
        if not redirects.is_same_origin(target, url):
            raise _lasting(url, "it redirects to another origin")
        url = target
    raise _lasting(url, f"more than {redirects.MOST} redirects")


@contextlib.contextmanager
def answering(
    url: str, service_url: str, settings: Settings, deadline: float
) -> Iterator[httpx.Response]:
    """The answer of an address that a service named, asked without any credential.

    Its body is still to be read. Raises FetchFailed where the address may not be reached.
    """
    left = max(deadline - time.monotonic(), 0.001)
    timeout = httpx.Timeout(left, connect=min(left, settings.connect_seconds))
    parts = urlsplit(url)
    ip = reachable_ip(url, service_url)
    # The name was resolved and judged: to ask for it again could lead elsewhere. A proxy asks
    # for it itself, from where it stands.
    host = f"[{ip}]" if ":" in ip else ip
    proxy = proxies.proxy_for(url)
    pinned = urlunsplit(parts._replace(netloc=f"{host}:{parts.port}" if parts.port else host))
    headers = [("Host", parts.netloc), ("Accept-Encoding", "gzip, identity"), ("Accept", "*/*")]
    with (
        httpx.Client(
            verify=tls_for(url), timeout=timeout, trust_env=False, proxy=proxy, headers={}
        ) as http,
        http.stream(
            "GET",
            url if proxy is not None else pinned,
            headers=[*headers, ("User-Agent", "ouro")],
            extensions={"sni_hostname": parts.hostname or ""},
        ) as response,
    ):
        yield response


def _check(url: str, response: httpx.Response) -> None:
    if len(response.headers) > client.MOST_HEADERS:
        raise httpx.RemoteProtocolError("too many headers")
    status = response.status_code
    if status != 200:
        passing = status >= 500 or status in _PASSING
        why = f"the server answered {status}"
        raise FetchFailed(url=url.partition("?")[0][:200], why=why, is_lasting=not passing)


def parts_of(
    url: str, response: httpx.Response, settings: Settings, deadline: float
) -> Iterator[bytes]:
    """Its body, part by part, without its gzip; TooLong or FetchFailed where that has an end."""
    encoding = response.headers.get("content-encoding", "")
    size = 0
    for part in decoded(response.iter_raw(), encoding, settings.largest_file):
        size += len(part)
        if size > settings.largest_file:
            raise _lasting(url, f"it is larger than {settings.largest_file} bytes")
        if time.monotonic() > deadline:
            raise TooLong
        yield part


def _lasting(url: str, why: str) -> FetchFailed:
    return FetchFailed(url=url.partition("?")[0][:200], why=why, is_lasting=True)


def give_up() -> None:
    """What an alarm calls when the whole time has passed."""
    raise TooLong
