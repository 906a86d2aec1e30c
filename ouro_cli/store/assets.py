"""Assets, which runs took and made them, and what was found out about them, as rows."""

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from ouro_cli.model.asset import Asset, AssetLink, AssetType, Lineage, LineageRole, Property
from ouro_cli.model.declaration import Declaration, asset_types
from ouro_cli.model.family import family_of
from ouro_cli.store.rows import json_text, maybe_moment, moment, time_text

Direction = Literal["input", "output"]

_ASSETS = (
    "SELECT asset.*, person.name AS creator FROM asset JOIN person ON person.id = asset.user_id"
)

_ADD = """
    INSERT INTO asset (id, user_id, asset_type, name, slug, description, filename, extension,
        media_type, size, sha256, facts, visibility, license, action_id, lineage_role, source_id,
        family_id, created_at, last_updated, removed_at)
    VALUES (:id, :user_id, :asset_type, :name, :slug, :description, :filename, :extension,
        :media_type, :size, :sha256, :facts, :visibility, :license, :action_id, :lineage_role,
        :source_id, :family_id, :created_at, :last_updated, :removed_at)
"""

_INDEX = "INSERT INTO asset_text (rowid, name, filename, description) VALUES (?, ?, ?, ?)"

MOST_INDEXED = 2_000
"""How many characters of a description a search finds."""


@dataclass(frozen=True, slots=True)
class AssetFilters:
    """Which assets to list; what is None or empty does not narrow."""

    asset_type: AssetType | None = None
    extension: str = ""
    action_id: str | None = None
    route_id: str | None = None
    search: str = ""


class Assets:
    """The assets that the registry keeps."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def add(self, asset: Asset) -> None:
        """Write an asset down; its bytes are kept already."""
        added = self._db.execute(_ADD, _row(asset))
        words = (asset.name, asset.filename, asset.description[:MOST_INDEXED])
        self._db.execute(_INDEX, (added.lastrowid, *words))

    def find(self, asset_id: str) -> Asset | None:
        """The asset with this id, removed or not."""
        row = self._db.execute(f"{_ASSETS} WHERE asset.id = ?", (asset_id,)).fetchone()
        return None if row is None else _asset(row)

    def get(self, asset_id: str) -> Asset:
        """The asset with this id, which must be there."""
        found = self.find(asset_id)
        if found is None:
            raise LookupError(asset_id)
        return found

    def newest_id(self, user_id: str | None) -> str | None:
        """The id of the newest asset that was not removed, of one person or of all."""
        row = self._db.execute(
            "SELECT id FROM asset WHERE removed_at IS NULL AND (:user IS NULL OR user_id = :user)"
            " ORDER BY seq DESC LIMIT 1",
            {"user": user_id},
        ).fetchone()
        return None if row is None else str(row["id"])

    def newest(self, filters: AssetFilters, *, limit: int, offset: int = 0) -> list[Asset]:
        """The assets that fit and were not removed, newest first."""
        where, values = _where(filters)
        rows = self._db.execute(
            f"{_ASSETS} WHERE {where} ORDER BY asset.seq DESC LIMIT :limit OFFSET :offset",
            {**values, "limit": limit, "offset": offset},
        )
        return [_asset(row) for row in rows]

    def all(self) -> Iterable[Asset]:
        """Every asset that was not removed, oldest first."""
        for row in self._db.execute(f"{_ASSETS} WHERE removed_at IS NULL ORDER BY asset.seq"):
            yield _asset(row)

    def candidates(self, declaration: Declaration) -> Iterator[Asset]:
        """The assets that may fit a declaration, newest first.

        Those that SQL can tell to be unfit are left out; the others are for the rules to judge.
        """
        where, values = _may_fit(declaration)
        for row in self._db.execute(f"{_ASSETS} WHERE {where} ORDER BY asset.seq DESC", values):
            yield _asset(row)

    def remove(self, asset_id: str, at: datetime) -> None:
        """Note that an asset was removed; its row stays, for the runs that took or made it."""
        self._db.execute(
            "UPDATE asset SET removed_at = :at, last_updated = :at WHERE id = :id",
            {"id": asset_id, "at": time_text(at)},
        )

    def set_lineage(self, asset_id: str, lineage: Lineage) -> None:
        """Say anew where an asset came from."""
        self._db.execute(
            "UPDATE asset SET lineage_role = ?, source_id = ?, family_id = ? WHERE id = ?",
            (lineage.role.value, lineage.source_id, lineage.family_id, asset_id),
        )

    def link(
        self, action_id: str, direction: Direction, name: str, asset_id: str, *, is_primary: bool
    ) -> None:
        """Note that a run took or made an asset under this name; again changes nothing."""
        self._db.execute(
            "INSERT INTO action_asset (action_id, direction, name, asset_id, is_primary)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (action_id, direction, name, asset_id, int(is_primary)),
        )

    def links(self, action_ids: Iterable[str], direction: Direction) -> dict[str, list[AssetLink]]:
        """What each of these runs took or made: action id -> links, the primary one first."""
        ids = list(action_ids)
        marks = ",".join("?" * len(ids))
        rows = self._db.execute(
            "SELECT asset.*, person.name AS creator, action_asset.name AS link_name,"
            " action_asset.action_id AS link_action, is_primary FROM action_asset"
            " JOIN asset ON asset.id = asset_id JOIN person ON person.id = asset.user_id"
            f" WHERE action_asset.action_id IN ({marks}) AND direction = ?"
            " ORDER BY is_primary DESC, action_asset.rowid",
            (*ids, direction),
        )
        found: dict[str, list[AssetLink]] = {}
        for row in rows:
            link = AssetLink(row["link_name"], _asset(row), bool(row["is_primary"]))
            found.setdefault(row["link_action"], []).append(link)
        return found

    def runs(self, asset_id: str, direction: Direction) -> list[tuple[str, str]]:
        """The runs that took or made an asset, newest first: (action id, name)."""
        rows = self._db.execute(
            "SELECT action_id, action_asset.name FROM action_asset"
            " JOIN action ON action.id = action_id WHERE asset_id = ? AND direction = ?"
            " ORDER BY action.seq DESC",
            (asset_id, direction),
        )
        return [(row["action_id"], row["name"]) for row in rows]

    def children(self, asset_id: str) -> list[Asset]:
        """The assets whose source is this one, oldest first."""
        rows = self._db.execute(f"{_ASSETS} WHERE source_id = ? ORDER BY asset.seq", (asset_id,))
        return [_asset(row) for row in rows]

    def record(self, found: Property) -> None:
        """Keep what a run found out about an asset; again changes nothing."""
        self._db.execute(
            "INSERT INTO property (id, asset_id, action_id, property, method, value, unit,"
            " uncertainty, conditions, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (
                *(found.id, found.asset_id, found.action_id, found.property, found.method),
                *(json_text(found.value), found.unit, json_text(found.uncertainty)),
                *(json_text(found.conditions), time_text(found.created_at)),
            ),
        )

    def properties(self, asset_id: str) -> list[Property]:
        """What is known of an asset, newest first."""
        rows = self._db.execute(
            "SELECT * FROM property WHERE asset_id = ? ORDER BY created_at DESC, property",
            (asset_id,),
        )
        return [_property(row) for row in rows]


def _where(filters: AssetFilters) -> tuple[str, dict[str, Any]]:
    conditions, values = ["removed_at IS NULL"], dict[str, Any]()
    if filters.asset_type is not None:
        conditions.append("asset_type = :asset_type")
        values["asset_type"] = filters.asset_type.value
    if filters.extension:
        conditions.append("extension = :extension")
        values["extension"] = filters.extension
    if filters.action_id is not None:
        conditions.append("asset.action_id = :action_id")
        values["action_id"] = filters.action_id
    if filters.route_id is not None:
        conditions.append("asset.action_id IN (SELECT id FROM action WHERE route_id = :route_id)")
        values["route_id"] = filters.route_id
    tokens = re.findall(r"\w+", filters.search)
    if tokens:
        conditions.append("seq IN (SELECT rowid FROM asset_text WHERE asset_text MATCH :words)")
        values["words"] = " ".join(f'"{token}"' for token in tokens) + "*"
    return " AND ".join(conditions), values


def _may_fit(declaration: Declaration) -> tuple[str, dict[str, Any]]:
    kinds = asset_types(declaration)
    if kinds == ["file"]:
        # One type, said plainly: then its index gives the newest first.
        of_type, may_be_other = "asset.asset_type = 'file'", ""
    else:
        # Only files have extensions and families; whatever else is of a wanted type fits.
        of_type = "asset.asset_type IN (SELECT value FROM json_each(:kinds))"
        may_be_other = "asset.asset_type <> 'file' OR "
    conditions = ["removed_at IS NULL", of_type]
    values = {"kinds": json_text(kinds)}
    if extensions := declaration.get("file_extensions"):
        conditions.append(
            f"({may_be_other}extension IN (SELECT value FROM json_each(:extensions)))"
        )
        values["extensions"] = json_text(extensions)
    if family := declaration.get("input_filter"):
        media_types, of_family = family_of(family)
        conditions.append(
            f"({may_be_other}media_type IN (SELECT value FROM json_each(:media_types))"
            " OR extension IN (SELECT value FROM json_each(:of_family)))"
        )
        values["media_types"] = json_text(sorted(media_types))
        values["of_family"] = json_text(sorted(of_family))
    if declaration.get("contains_file_extensions"):
        conditions.append(f"({may_be_other}json_extract(facts, '$.archive') IS NOT NULL)")
    return " AND ".join(conditions), values


def _row(asset: Asset) -> dict[str, Any]:
    return {
        "id": asset.id,
        "user_id": asset.user_id,
        "asset_type": asset.asset_type.value,
        "name": asset.name,
        "slug": asset.slug,
        "description": asset.description,
        "filename": asset.filename,
        "extension": asset.extension,
        "media_type": asset.media_type,
        "size": asset.size,
        "sha256": asset.sha256,
        "facts": json_text(asset.facts),
        "visibility": asset.visibility,
        "license": asset.license,
        "action_id": asset.lineage.action_id,
        "lineage_role": asset.lineage.role.value,
        "source_id": asset.lineage.source_id,
        "family_id": asset.lineage.family_id,
        "created_at": time_text(asset.created_at),
        "last_updated": time_text(asset.last_updated),
        "removed_at": time_text(asset.removed_at),
    }


def _asset(row: sqlite3.Row) -> Asset:
    return Asset(
        seq=row["seq"],
        id=row["id"],
        user_id=row["user_id"],
        creator=row["creator"],
        asset_type=AssetType(row["asset_type"]),
        name=row["name"],
        slug=row["slug"],
        filename=row["filename"],
        extension=row["extension"],
        media_type=row["media_type"],
        size=row["size"],
        sha256=row["sha256"],
        description=row["description"],
        facts=json.loads(row["facts"]),
        visibility=row["visibility"],
        license=row["license"],
        lineage=Lineage(
            action_id=row["action_id"],
            role=LineageRole(row["lineage_role"]),
            source_id=row["source_id"],
            family_id=row["family_id"],
        ),
        created_at=moment(row["created_at"]),
        last_updated=moment(row["last_updated"]),
        removed_at=maybe_moment(row["removed_at"]),
    )


def _property(row: sqlite3.Row) -> Property:
    return Property(
        id=row["id"],
        asset_id=row["asset_id"],
        action_id=row["action_id"],
        property=row["property"],
        method=row["method"],
        value=json.loads(row["value"]),
        unit=row["unit"],
        uncertainty=json.loads(row["uncertainty"] or "null"),
        conditions=json.loads(row["conditions"]),
        created_at=moment(row["created_at"]),
    )
