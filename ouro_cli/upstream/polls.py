"""A question for a result: to the service itself with its credentials, elsewhere without any."""

import time
from dataclasses import replace

from ouro_cli.alarm import alarm
from ouro_cli.errors import FetchFailed
from ouro_cli.settings import Settings
from ouro_cli.upstream import client, downloads, redirects
from ouro_cli.upstream.failures import no_answer
from ouro_cli.wire.outcome import NoAnswer, UpstreamResponse
from ouro_cli.wire.request import UpstreamRequest

# isort: split
# After the client, which keeps httpx from loading its own command line.
import httpx


def ask(
    request: UpstreamRequest, service_url: str, settings: Settings
) -> UpstreamResponse | NoAnswer:
    """Ask at an address that the service named; what leads out of its origin is asked barely.

    At another origin no header of the request is sent, and none of its credentials; nor is
    anything inward reached, unless the service is there too.
    """
    url = request.url
    if redirects.is_same_origin(url, service_url):
        answer = client.send(request, settings)
        if isinstance(answer, NoAnswer):
            return answer
        target = redirects.target_of(answer)
        if target is None or redirects.is_same_origin(target, service_url):
            return answer
        url = target
    # It is held in memory, so it may be as large as an answer, not as a file.
    largest = min(settings.largest_file, settings.largest_response)
    return _ask_barely(url, service_url, replace(settings, largest_file=largest))


def _ask_barely(url: str, service_url: str, settings: Settings) -> UpstreamResponse | NoAnswer:
    deadline = time.monotonic() + settings.call_seconds
    try:
        with alarm(settings.call_seconds, downloads.give_up):
            for _ in range(redirects.MOST + 1):
                answer = _read(url, service_url, settings, deadline)
                target = redirects.target_of(answer)
                if target is None:
                    return answer
                url = target
    except downloads.TooLong:
        why = f"timed out after {settings.call_seconds:g} seconds"
        return NoAnswer("read", why, was_sent=True)
    except FetchFailed as fault:
        return NoAnswer("connect", str(fault.facts["why"]), was_sent=False)
    except (httpx.InvalidURL, UnicodeError, ValueError):
        return NoAnswer("connect", "that is no address", was_sent=False)
    except httpx.HTTPError as fault:
        return no_answer(fault)
    return NoAnswer("read", f"more than {redirects.MOST} redirects", was_sent=True)


def _read(url: str, service_url: str, settings: Settings, deadline: float) -> UpstreamResponse:
    with downloads.answering(url, service_url, settings, deadline) as response:
        data = b"".join(downloads.parts_of(url, response, settings, deadline))
        headers = tuple(response.headers.multi_items())
        return UpstreamResponse(response.status_code, headers, data, url)
