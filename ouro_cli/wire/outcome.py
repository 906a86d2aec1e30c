"""What an answer, a callback or silence says about an action, as one of three values."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from ouro_cli.model.action import Body

RETRYABLE = frozenset({408, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class UpstreamResponse:
    """What came back: status, headers in their order, and the body's bytes."""

    status: int
    headers: tuple[tuple[str, str], ...]
    data: bytes
    url: str = ""

    def header(self, name: str) -> str | None:
        """The first header of this name, whatever its case."""
        wanted = name.lower()
        return next((value for each, value in self.headers if each.lower() == wanted), None)

    @property
    def body(self) -> Body:
        """The body with the media type that the answer gave it."""
        return Body(self.data, self.header("content-type") or "")


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """No answer came: at which step it failed (connect, send, read ...), and why.

    `was_sent` is false where the request certainly never reached the API.
    """

    step: str
    why: str
    was_sent: bool


@dataclass(frozen=True, slots=True)
class Finished:
    """The action succeeded with this body."""

    body: Body
    status: int | None = None


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
            return Failed(external_error(said, status, service_url))
        said = f"the request was sent, and no answer came ({said}); the API may have run it"
        return Failed(external_error(said, status, service_url, code="outcome_unknown"))
    if response.status == 202:
        return Accepted(202, _poll_url(response))
    if 200 <= response.status < 300:
        return Finished(response.body, response.status)
    value = response.body.value
    message = message_in(value) or f"the API answered {response.status}"
    details = value.get("detail") if isinstance(value, dict) else None
    envelope = external_error(
        message,
        response.status,
        service_url,
        upstream_status=response.status,
        details=details if isinstance(details, list) else None,
        upstream_body=value,
    )
    return Failed(envelope, response.status)


def external_error(
    message: str,
    status: int,
    service_url: str,
    *,
    code: str = "external_service_error",
    upstream_status: int | None = None,
    details: Any = None,
    upstream_body: Any = None,
) -> Body:
    """The contract's error envelope (section 5.2) as a body."""
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
    return json_body({"statusCode": status, "error": error})


def message_in(value: Any) -> str:
    """The message inside an error of any common shape; empty where there is none (section 0)."""
    return _message(value, _DEEPEST_MESSAGE).encode("utf-8", "replace").decode()


_DEEPEST_MESSAGE = 10
_LONGEST_MESSAGE = 1_000
_MOST_ENTRIES = 20


def _message(value: Any, depth: int) -> str:
    if isinstance(value, str):
        text = value.strip()
        # A page that says sorry, in HTML, is no message.
        return "" if text.startswith("<") else text[:_LONGEST_MESSAGE]
    if not isinstance(value, dict) or depth == 0:
        return ""
    for key in ("message", "detail", "error", "errors", "title", "msg"):
        found = value.get(key)
        if isinstance(found, list) and found:
            return "; ".join(map(_entry_message, found[:_MOST_ENTRIES]))[:_LONGEST_MESSAGE]
        said = _message(found, depth - 1)
        if said:
            return said
    return ""


def json_body(value: Any) -> Body:
    """A JSON value as a body."""
    return Body(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def _entry_message(entry: Any) -> str:
    """One of several errors: `body.name: Field required`, as FastAPI lists them."""
    if not isinstance(entry, dict):
        return str(entry)
    place = entry.get("loc")
    where = ".".join(map(str, place)) if isinstance(place, list) else ""
    said = _message({**entry, "message": entry.get("msg") or entry.get("message")}, 2)
    return ": ".join(part for part in (where, said or "is invalid") if part)


def _poll_url(response: UpstreamResponse) -> str | None:
    for name in ("operation-location", "location"):
        where = response.header(name)
        if where:
            try:
                address = urljoin(response.url, where)
            except ValueError:
                continue
            if address.startswith(("http://", "https://")):
                return address
    return None
