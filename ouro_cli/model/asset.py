"""An asset: a file, a dataset or a post, kept under an id, with where it came from."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class AssetType(StrEnum):
    """What kind of thing an asset is, in the words of the wire."""

    FILE = "file"
    DATASET = "dataset"
    POST = "post"


class LineageRole(StrEnum):
    """What an output is to what it came from (contract section 3.4)."""

    NEW = "new"
    VERSION = "version"
    RESULT = "result"
    SUPPORTING = "supporting"


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where an asset came from: the run that made it, its source, and the root of its family."""

    action_id: str | None = None
    role: LineageRole = LineageRole.NEW
    source_id: str | None = None
    family_id: str | None = None


@dataclass(frozen=True, slots=True)
class Asset:
    """A kept thing.

    `sha256` and `size` (bytes) are those of what is kept: a file's bytes, a post's Markdown, the
    SQLite file that holds a dataset's rows. `extension` has no dot. `facts` is what was found out
    by looking inside: `archive` (a zip's entries), `columns` and `rows` (a dataset's).
    """

    id: str
    user_id: str
    creator: str
    asset_type: AssetType
    name: str
    slug: str
    filename: str
    extension: str
    media_type: str
    size: int
    sha256: str
    created_at: datetime
    last_updated: datetime
    description: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    visibility: str = "private"
    license: str = "ARR"
    lineage: Lineage = field(default_factory=Lineage)
    removed_at: datetime | None = None
    seq: int = 0


@dataclass(frozen=True, slots=True)
class AssetLink:
    """An asset that a run took or made, under the name that the route gives it."""

    name: str
    asset: Asset
    is_primary: bool


@dataclass(frozen=True, slots=True)
class Property:
    """What a run found out about an asset (contract section 3.8)."""

    id: str
    asset_id: str
    action_id: str
    property: str
    value: Any
    created_at: datetime
    method: str = ""
    unit: str | None = None
    uncertainty: Any = None
    conditions: dict[str, Any] = field(default_factory=dict)
