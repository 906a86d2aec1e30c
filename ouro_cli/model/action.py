"""An action: one run of a route, durable from before its first byte is sent."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, BinaryIO

from ouro_cli.errors import FileUnreadable
from ouro_cli.model.asset import AssetLink
from ouro_cli.model.json_text import read_json


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
    UNKNOWN = "unknown"


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
    def whole_value(self) -> Any:
        """`value`, however large the body is."""
        if not self.is_cut or self.beside is None:
            return self.value
        with self.beside.open() as file:
            return Body(file.read(), self.media_type).value

    @property
    def text(self) -> str:
        """The bytes as text; what is no UTF-8 shows as the replacement character."""
        return self.data.decode("utf-8", "replace")

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
    may be silent before we give it up, where that is not left to the settings; `inputs` and
    `outputs` are the assets that it took and made. `rerun_of` is the action that it does again;
    `next_attempt_at` is set while it waits to be sent once more.
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
    silence_seconds: float | None = None
    rerun_of: str | None = None
    next_attempt_at: datetime | None = None
    response: Body | None = None
    inputs: tuple[AssetLink, ...] = ()
    outputs: tuple[AssetLink, ...] = ()

    @property
    def is_final(self) -> bool:
        """Whether it has ended."""
        return self.status.is_final

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
    """A callback that arrived with the right token, and what became of it."""

    id: str
    action_id: str
    received_at: datetime
    verdict: str
    body: Body = field(repr=False)


def _may_be_json(body: Body) -> bool:
    kind = body.media_type.split(";", 1)[0].strip().lower()
    return not kind or kind.endswith("json")
