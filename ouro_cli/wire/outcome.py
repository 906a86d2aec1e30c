"""What an answer, a callback or silence says about an action, as one of three values."""

import json
import re
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from ouro_cli.model.action import Beside, Body
from ouro_cli.wire.message import message_in

_OTHER_FAULT = re.compile(r'\berror="?(?!invalid_token)\w')

ACTION_CODES = {
    "external_service_error": "The API answered with an error, or could not be reached.",
    "outcome_unknown": "The request was sent and no answer was seen: the API may have run it.",
    "answer_incomplete": "The answer was cut off, or larger than may be kept.",
    "stream_broken": "The answer was a stream, and broke off; what came is kept.",
    "redirect_refused": "The API redirects to where no request of ours may follow.",
}
"""Codes that an action ends with in `error`, and what they say; `ouro help errors` lists them."""

_ON_THE_WAY = frozenset({"dns", "connect", "tls", "proxy"})

RETRYABLE = frozenset({408, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Draft:
    """Bytes of an answer that lie in a file of ours, and are not kept yet; `head` are the first."""

    path: str
    size: int
    head: bytes = field(repr=False)
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class UpstreamResponse:
    """What came back: status, headers in their order, and the body's bytes.

    `facts` say which way it took, as an attempt keeps them. A body too large to be held lies in
    the `draft`, later `beside` the registry, and `data` is its head.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    data: bytes
    url: str = ""
    facts: dict[str, Any] = field(default_factory=dict, compare=False)
    draft: Draft | None = field(default=None, compare=False)
    beside: Beside | None = field(default=None, compare=False)

    def header(self, name: str) -> str | None:
        """The first header of this name, whatever its case."""
        wanted = name.lower()
        return next((value for each, value in self.headers if each.lower() == wanted), None)

    @property
    def body(self) -> Body:
        """The body with the media type that the answer gave it."""
        kind, is_head = self.header("content-type") or "", self.beside is not None
        return Body(self.data, kind, self.beside, is_head=is_head)


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """No answer came: at which step it failed (dns, connect, tls, proxy, send, read), and why.

    `was_sent` is false where the request certainly never reached the API; `is_lasting` is true
    where another attempt would end no better. Of an answer that was cut off, or grew too large,
    there are its `status` and, in `partial`, later `beside` the registry, what came of it.
    """

    step: str
    why: str
    was_sent: bool
    is_lasting: bool = field(default=False, compare=False)
    status: int | None = field(default=None, compare=False)
    partial: Draft | None = field(default=None, compare=False)
    beside: Beside | None = field(default=None, compare=False)
    facts: dict[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Finished:
    """The action succeeded with this body; `disposition` is its Content-Disposition."""

    body: Body
    status: int | None = None
    disposition: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The API took it and owes the result: wait for the callback, or ask at `poll_url`."""

    status: int
    poll_url: str | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The action failed; `body` holds the contract's error envelope."""

    body: Body
    status: int | None = None


@dataclass(frozen=True, slots=True)
class TimedOut:
    """The API went silent; `body` holds the evidence."""

    body: Body


Outcome = Finished | Accepted | Failed | TimedOut


def read_outcome(response: UpstreamResponse | NoAnswer, service_url: str) -> Outcome:
    """What the answer to an action's request means (contract section 5.2)."""
    if isinstance(response, NoAnswer):
        status = 504 if "timed out" in response.why else 502
        said = f"{response.step}: {response.why}"
        if not response.was_sent:
            if response.step in _ON_THE_WAY:
                host = urlsplit(service_url).netloc.rpartition("@")[2]
                why = response.why if response.step == "connect" else said
                said = f"cannot reach {host}: {why}"
            return Failed(external_error(said, status, service_url))
        said = f"the request was sent, and no answer came ({said}); the API may have run it"
        return Failed(external_error(said, status, service_url, code="outcome_unknown"))
    if response.status == 202:
        return Accepted(202)
    if 200 <= response.status < 300:
        disposition = response.header("content-disposition") or ""
        return Finished(response.body, response.status, disposition)
    value = response.body.value
    message = message_in(value) or f"the API answered {response.status}"
    details = value.get("detail") if isinstance(value, dict) else None
    envelope = external_error(
        message,
        response.status,
        service_url,
        upstream_status=response.status,
        details=details if isinstance(details, list) else None,
        upstream_body=value if response.beside is None else None,
    )
    return Failed(replace(envelope, beside=response.beside), response.status)


def is_token_refused(response: UpstreamResponse) -> bool:
    """Whether the answer refuses the access token itself (RFC 6750 section 3.1).

    An API that says 401 and no more may mean that; one that names another fault does not.
    """
    challenge = response.header("www-authenticate") or ""
    return response.status == 401 and not _OTHER_FAULT.search(challenge)


def external_error(
    message: str,
    status: int,
    service_url: str,
    *,
    code: str = "external_service_error",
    upstream_status: int | None = None,
    details: Any = None,
    upstream_body: Any = None,
    **more: Any,
) -> Body:
    """The contract's error envelope (section 5.2) as a body; `more` stands in it as it is."""
    error: dict[str, Any] = {
        "type": "external_service_error",
        "code": code,
        "message": message,
        "status": status,
        "serviceUrl": service_url,
        "retryable": status in RETRYABLE,
    }
    if upstream_status is not None:
        error["upstreamStatus"] = upstream_status
    if details is not None:
        error["details"] = details
    if upstream_body is not None:
        error["body"] = upstream_body
    error |= more
    return json_body({"statusCode": status, "error": error})


def json_body(value: Any) -> Body:
    """A JSON value as a body."""
    return Body(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"))
