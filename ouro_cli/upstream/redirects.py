"""Which redirects are followed: those within one origin, so that no secret can go elsewhere."""

from dataclasses import replace
from urllib.parse import SplitResult, urljoin, urlsplit

from ouro_cli.wire.outcome import UpstreamResponse
from ouro_cli.wire.request import UpstreamRequest

MOST = 5

_STATUSES = frozenset({301, 302, 303, 307, 308})
_BODY_HEADERS = frozenset({"content-type", "content-length", "content-encoding"})


def target_of(response: UpstreamResponse) -> str | None:
    """Where an answer redirects to; None where it does not."""
    where = response.header("location")
    if response.status not in _STATUSES or not where:
        return None
    try:
        return urljoin(response.url, where)
    except ValueError:
        return None


def is_same_origin(url: str, other: str) -> bool:
    """Whether two addresses share scheme, host and port."""
    return _origin(url) == _origin(other)


def why_refused(target: str, url: str) -> str:
    """Why a redirect from `url` is not followed, without what may be secret; empty where it is."""
    try:
        parts = urlsplit(target)
        has_password = parts.username is not None or parts.password is not None
    except ValueError:
        return "it redirects to what is no address; that was not followed"
    if has_password:
        return f"it redirects to {_shown(parts)} with a password of its own; that was not followed"
    if not is_same_origin(target, url):
        return f"it redirects to another origin, {_shown(parts)}; nothing was sent there"
    return ""


def _shown(parts: SplitResult) -> str:
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"[:200]


def next_request(request: UpstreamRequest, response: UpstreamResponse) -> UpstreamRequest | None:
    """The request to send instead, where the answer redirects within its own origin.

    After 303, and after 301 and 302 of a POST, that is a GET without the body (RFC 9110
    section 15.4); after 307 and 308 it is the same request.
    """
    target = target_of(response)
    if target is None or why_refused(target, request.url):
        return None
    if response.status == 303 or (response.status in (301, 302) and request.method == "POST"):
        kept = tuple(each for each in request.headers if each[0].lower() not in _BODY_HEADERS)
        return replace(request, method="GET", url=target, headers=kept, body=None)
    return replace(request, url=target)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return ("", None, None)
    return (parts.scheme.lower(), parts.hostname, port)
