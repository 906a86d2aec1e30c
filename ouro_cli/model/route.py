"""A route: one method and path of a service, with what it takes and makes."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ouro_cli.model.declaration import Declaration
from ouro_cli.model.identity import slug

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "QUERY", "TRACE"})
"""Methods that ask and change nothing (RFC 9110 section 9.2.1)."""

IDEMPOTENT_METHODS = SAFE_METHODS | {"PUT", "DELETE"}
"""Methods of which two calls are as good as one (RFC 9110 section 9.2.2)."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A route as its document states it: all that a new import may change.

    `parameters` are OpenAPI parameter objects, those of the path item merged in; schemas
    keep their `$ref`s, which lead into the service's components. `servers` are the operation's
    own or its path item's; `pricing` is what a run costs, as `x-ouro-pricing` spells it, None
    where nothing is said of it; `fills_properties` and `response_charts` are what runs find out
    of assets and what is drawn of an answer, as contract sections 3.8 and 3.9 spell them;
    `callbacks` names the calls that it says the API makes in return; `poll` is where and how its
    result is asked for, as `model.poll.read_poll` reads it, False where it never is; `idempotent`
    is true where it says that the API runs a call once however often it is sent, None where it
    says nothing.
    """

    method: str
    path: str
    summary: str = ""
    description: str = ""
    operation_id: str = ""
    tags: tuple[str, ...] = ()
    parameters: tuple[dict[str, Any], ...] = ()
    request_body: dict[str, Any] | None = None
    responses: dict[str, Any] = field(default_factory=dict)
    security: list[dict[str, list[str]]] | None = None
    execution_mode: str = "sync"
    input_assets: dict[str, Declaration] = field(default_factory=dict)
    output_assets: dict[str, Declaration] = field(default_factory=dict)
    pricing: dict[str, Any] | None = None
    fills_properties: tuple[Declaration, ...] = ()
    response_charts: tuple[Declaration, ...] = ()
    extensions: dict[str, Any] = field(default_factory=dict)
    servers: tuple[dict[str, Any], ...] = ()
    callbacks: tuple[str, ...] = ()
    poll: dict[str, Any] | bool | None = None
    deprecated: bool = False
    idempotent: bool | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What identifies a route through every import."""
        return (self.method, self.path)

    @property
    def name(self) -> str:
        """What a person calls it: its summary, else method and path (contract section 1)."""
        return (self.summary.strip() or f"{self.method} {self.path}")[:255]

    @property
    def slug(self) -> str:
        """The name in an address: the summary, else the path, and the method."""
        return slug_of(self.summary if slug(self.summary) else self.path, self.method)

    @property
    def is_async(self) -> bool:
        """Whether it says that it accepts first and sends the result later."""
        return self.execution_mode == "async"

    @property
    def is_safe(self) -> bool:
        """Whether it only asks."""
        return self.method in SAFE_METHODS

    @property
    def is_repeatable(self) -> bool:
        """Whether calling it twice is as good as once: by its method, or because it says so.

        A document says so with `x-ouro-idempotent`, or by a header parameter `Idempotency-Key`.
        """
        if self.idempotent is not None:
            return self.idempotent
        return self.method in IDEMPOTENT_METHODS or any(
            each.lower() == "idempotency-key" for each in self.parameters_in("header")
        )

    def parameters_in(self, place: str) -> dict[str, dict[str, Any]]:
        """Its parameters in `path`, `query`, `header` or `cookie`, by name."""
        return {each["name"]: each for each in self.parameters if each["in"] == place}


def slug_of(name: str, method: str) -> str:
    """A route's name as it stands in an address: `name-method`."""
    return f"{slug(name) or 'root'}-{method.lower()}"


EDITABLE = (
    "description",
    "pricing",
    "execution_mode",
    "input_assets",
    "output_assets",
    "poll",
    "idempotent",
)
"""What of an operation a person can set otherwise than its document does."""


@dataclass(frozen=True, slots=True)
class Route:
    """An operation of a service that the registry knows, under an id and a slug that stay.

    `stated` is the operation as its document states it. `edits` are what a person has set over
    it, by field: those of `EDITABLE`, `name`, and `is_removed` for a route that shall stay away
    though the document has it. They survive every import.
    """

    id: str
    service_id: str
    user_id: str
    creator: str
    name: str
    slug: str
    stated: Operation
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None
    edits: dict[str, Any] = field(default_factory=dict)
    is_by_hand: bool = False

    @property
    def operation(self) -> Operation:
        """The operation as it counts: as stated, with a person's edits."""
        own = {name: self.edits[name] for name in EDITABLE if name in self.edits}
        return replace(self.stated, **own) if own else self.stated

    @property
    def reference(self) -> str:
        """How a person names it: `creator/name-method`."""
        return f"{self.creator}/{self.slug}"

    @property
    def is_removed(self) -> bool:
        """Whether a person took it away, and not its document."""
        return self.edits.get("is_removed") is True
