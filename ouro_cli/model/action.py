"""An action: one run of a route, durable from before its first byte is sent."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, BinaryIO

from ouro_cli.errors import FileUnreadable
from ouro_cli.model.asset import AssetLink
from ouro_cli.model.json_text import read_json
from ouro_cli.model.poll import Poll
from ouro_cli.model.streams import is_stream, items_of


class ActionStatus(StrEnum):
    """An action's life, in the words of the wire (contract section 8)."""

    QUEUED = "queued"
    IN_PROGRESS = "in-progress"
    SUCCESS = "success"
    ERROR = "error"
    TIMED_OUT = "timed-out"

    @property
    def is_final(self) -> bool:
        """Whether nothing can change it any more."""
        return self not in OPEN


OPEN = (ActionStatus.QUEUED, ActionStatus.IN_PROGRESS)


class Source(StrEnum):
    """Where the word came from that ended an action."""

    RESPONSE = "response"
    WEBHOOK = "webhook"
    SILENCE = "silence"
    LATE = "late"
    UNKNOWN = "unknown"
    POLL = "poll"


_PIECE = 2**20

MOST_READ = 16 * 2**20
"""How many bytes of a body that lies in a file are ever read as one value."""


@dataclass(frozen=True, slots=True)
class Beside:
    """Bytes that lie in a file beside the registry, under their sha256; `open` gives them."""

    sha256: str
    size: int
    path: str
    open: Callable[[], BinaryIO] = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Body:
    """Bytes as they came, and what their sender called them; JSON is only a view of them.

    `beside` are bytes too many for a row. Where `is_head` is true they are the body, and `data`
    only the first of them; else they are what the API said behind an error that we tell of.
    """

    data: bytes
    media_type: str = "application/json"
    beside: Beside | None = None
    is_head: bool = False

    @property
    def is_cut(self) -> bool:
        """Whether the body is more than is ever read as one value."""
        return self.is_head and self.beside is not None and self.beside.size > MOST_READ

    @property
    def value(self) -> Any:
        """The JSON value that the bytes hold; else their text; None where there are none.

        Of a body that `is_cut` it is the text of its head.
        """
        if not self.data:
            return None
        whole = Body(self._whole(), self.media_type) if self.is_head else self
        if not _may_be_json(whole):
            return whole.text
        try:
            return read_json(whole.data)
        except ValueError:
            return whole.text

    @property
    def events(self) -> list[Any] | None:
        """The value of each event or line, where the bytes are a stream of them; else None."""
        if not is_stream(self.media_type):
            return None
        data = self._whole() if self.is_head else self.data
        return [each.value for each in items_of(data, self.media_type)]

    @property
    def last_value(self) -> Any:
        """The value, however large the body is; of a stream the last object in it."""
        if self.is_cut and self.beside is not None:
            with self.beside.open() as file:
                return Body(file.read(), self.media_type).last_value
        events = self.events
        if events is None:
            return self.value
        return next((each for each in reversed(events) if isinstance(each, dict)), None)

    @property
    def text(self) -> str:
        """The bytes as text; what is no UTF-8 shows as the replacement character."""
        return self.data.decode("utf-8", "replace")

    @property
    def is_text(self) -> bool:
        """Whether the bytes are worth searching for words."""
        kind = self.media_type.split(";", 1)[0].strip().lower()
        return not kind or kind.startswith("text/") or kind.endswith(("json", "xml", "yaml"))

    def parts(self) -> Iterator[bytes]:
        """All bytes that are kept of what the API sent, part by part; FileUnreadable if gone."""
        if self.beside is None:
            yield self.data
            return
        with self.beside.open() as file:
            yield from iter(lambda: file.read(_PIECE), b"")

    def _whole(self) -> bytes:
        if self.beside is None or self.is_cut:
            return self.data
        try:
            with self.beside.open() as file:
                return file.read()
        except (OSError, FileUnreadable):
            return self.data


@dataclass(frozen=True, slots=True)
class RouteReference:
    """Which route an action ran, as far as a list of actions shows it."""

    id: str
    name: str
    creator: str
    slug: str
    method: str
    service_id: str
    service: str

    @property
    def reference(self) -> str:
        """How a person names it: `creator/name-method`."""
        return f"{self.creator}/{self.slug}"


@dataclass(frozen=True, slots=True)
class Action:
    """One run of a route.

    `request` echoes what the caller gave: `body`, `parameters` (path), `query`, `headers`.
    `owner` names the process that sends it; `ack_at` is set once the API answered;
    `callback_url` is where the API was told to post its result; `silence_seconds` is how long it
    may be silent before we give it up, where that is not left to the settings; `poll` is how its
    result is asked for, where it is; `rerun_of` is the action that it does again;
    `next_attempt_at` is set while it waits to be sent once more; `pinned_at` is when a person asked
    that it be kept, `imported_at` when it came from another registry; `chain` is the chain that it
    is a step of, and which; `inputs` and `outputs` are
    the assets that it took and made.
    """

    seq: int
    id: str
    route: RouteReference
    user_id: str
    user_name: str
    status: ActionStatus
    request: dict[str, Any]
    created_at: datetime
    last_updated: datetime
    started_at: datetime | None = None
    ack_at: datetime | None = None
    finished_at: datetime | None = None
    last_activity_at: datetime | None = None
    upstream_status_code: int | None = None
    ended_by: Source | None = None
    owner: str | None = None
    callback_url: str | None = None
    token_hash: str | None = field(default=None, repr=False)
    poll_url: str | None = None
    poll: Poll | None = None
    silence_seconds: float | None = None
    rerun_of: str | None = None
    next_attempt_at: datetime | None = None
    response: Body | None = None
    pinned_at: datetime | None = None
    imported_at: datetime | None = None
    batch: tuple[str, int] | None = None
    chain: tuple[str, str] | None = None
    inputs: tuple[AssetLink, ...] = ()
    outputs: tuple[AssetLink, ...] = ()

    @property
    def is_final(self) -> bool:
        """Whether it has ended."""
        return self.status.is_final

    @property
    def is_given_up(self) -> bool:
        """Whether it ended without a word of the API: then a late one may still be accepted."""
        return self.ended_by in (Source.SILENCE, Source.UNKNOWN) or (
            self.status is ActionStatus.ERROR and self.error_code == "outcome_unknown"
        )

    @property
    def error_code(self) -> str:
        """The stable word for why it failed, where its response is the contract's envelope."""
        value = None if self.response is None else self.response.value
        error = value.get("error") if isinstance(value, dict) else None
        code = error.get("code") if isinstance(error, dict) else None
        return code if isinstance(code, str) else ""

    @property
    def is_accepted(self) -> bool:
        """Whether the API took it and owes the result."""
        return self.status is ActionStatus.IN_PROGRESS and self.ack_at is not None


@dataclass(frozen=True, slots=True)
class Event:
    """One line in an action's story, ordered by `seq`; a `log` is a line that the service wrote."""

    seq: int
    action_id: str
    at: datetime
    kind: str
    level: str
    message: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """A result that arrived, and what became of it: settled, duplicate, late or unreadable.

    `body` is a callback's whole payload, or what an answer held; `status` is what it says of the
    run; `accepted_at` is when a person took it for the true one after the end.
    """

    id: str
    action_id: str
    received_at: datetime
    verdict: str
    body: Body = field(repr=False)
    source: Source = Source.WEBHOOK
    status: ActionStatus | None = None
    accepted_at: datetime | None = None


def late_receipt(receipts: list[Receipt]) -> Receipt | None:
    """The first of the results that came too late: the word that would have been the final one."""
    return next((each for each in receipts if each.verdict == "late"), None)


def _may_be_json(body: Body) -> bool:
    kind = body.media_type.split(";", 1)[0].strip().lower()
    return not kind or (kind.endswith("json") and not is_stream(kind))
