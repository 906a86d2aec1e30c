"""What an expression can see: inputs, what came of steps and workflows, and one exchange."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Exchange:
    """What a step sent and what came back, as values; a header's name is of any case."""

    url: str = ""
    method: str = ""
    status: int | None = None
    request_headers: Mapping[str, str] = field(default_factory=dict)
    request_query: Mapping[str, Any] = field(default_factory=dict)
    request_path: Mapping[str, Any] = field(default_factory=dict)
    request_body: Any = None
    response_headers: Mapping[str, str] = field(default_factory=dict)
    response_body: Any = None


@dataclass(frozen=True, slots=True)
class Scope:
    """All that expressions of a workflow are worked out from, at one moment of its run.

    `steps` are the outputs of each step by its id, `workflows` `{"inputs": {}, "outputs": {}}` by
    theirs; `exchange` is the one of the step that is being judged, None before it. `sources` are
    the addresses of source descriptions by name.
    """

    inputs: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    steps: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    workflows: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    exchange: Exchange | None = None
    sources: Mapping[str, str] = field(default_factory=dict)
    components: Mapping[str, Any] = field(default_factory=dict)
