"""Which kept bytes the rows of a registry name: those of assets, of uploads, of large responses."""

import contextlib
import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ouro_cli.store.contents import read_only
from ouro_cli.wire.uploads import KEPT_KEY, kept_in

_SHA256 = re.compile("[0-9a-f]{64}")

COPIES = "registry-*.db"
"""Which files beside the registry are earlier states of it."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Bytes that a row names: their sha256; their size, where the row says; who names them.

    What is not needed may well be gone: what a run that has ended once uploaded.
    """

    sha256: str
    size: int | None
    by: str
    is_needed: bool = True


def references(
    connection: sqlite3.Connection, action_ids: Iterable[str] | None = None
) -> Iterator[Reference]:
    """What the rows name, of all actions and assets or of these actions alone."""
    only = None if action_ids is None else json.dumps(list(action_ids))
    assets = (
        "SELECT id, name, sha256, size FROM asset WHERE removed_at IS NULL AND (:only IS NULL OR id"
        " IN (SELECT asset_id FROM action_asset WHERE action_id IN (SELECT value FROM"
        " json_each(:only)))) ORDER BY seq"
    )
    for asset_id, name, sha256, size in connection.execute(assets, {"only": only}):
        yield Reference(sha256, size, f"{asset_id} {name}")
    if only is None and _has_batches(connection):
        for batch_id, sha256, is_open in connection.execute(
            "SELECT id, sha256, status <> 'done' FROM batch"
        ):
            yield Reference(sha256, None, f"the table of batch {batch_id}", is_needed=bool(is_open))
    actions = (
        "SELECT id, request, response_sha256, status IN ('queued', 'in-progress') FROM action"
        " WHERE (response_sha256 IS NOT NULL OR instr(request, :key))"
        " AND (:only IS NULL OR id IN (SELECT value FROM json_each(:only))) ORDER BY seq"
    )
    for action_id, request, response, is_open in connection.execute(
        actions, {"only": only, "key": KEPT_KEY}
    ):
        if response is not None:
            yield Reference(response, None, f"the response of action {action_id}")
        if KEPT_KEY in request:
            for kept in kept_in(json.loads(request)):
                name = f"{kept.filename or 'an upload'} of action {action_id}"
                yield Reference(kept.sha256, kept.size, name, is_needed=bool(is_open))
    if action_ids is None:
        yield from _of_chains(connection)


def _of_chains(connection: sqlite3.Connection) -> Iterator[Reference]:
    """What the steps of chains upload; one that has ended may still be begun again."""
    chains = (
        "SELECT id, document, status = 'in-progress' FROM chain WHERE instr(document, :key)"
        " ORDER BY seq"
    )
    for chain_id, document, is_open in connection.execute(chains, {"key": KEPT_KEY}):
        for kept in kept_in(json.loads(document)):
            name = f"{kept.filename or 'an upload'} of chain {chain_id}"
            yield Reference(kept.sha256, kept.size, name, is_needed=bool(is_open))


def _has_batches(connection: sqlite3.Connection) -> bool:
    """Whether the registry is of a version that knows batches."""
    known = "SELECT 1 FROM sqlite_schema WHERE name = 'batch'"
    return connection.execute(known).fetchone() is not None


def is_sha256(text: str) -> bool:
    """Whether a text is a sha256 in hexadecimal, and so fit to be part of a path."""
    return _SHA256.fullmatch(text) is not None


def is_named(connection: sqlite3.Connection, sha256: str) -> bool:
    """Whether any row needs these bytes: an asset, a response, an upload that may still go out."""
    asked = (
        "SELECT EXISTS (SELECT 1 FROM asset WHERE sha256 = :sha AND removed_at IS NULL)"
        " OR EXISTS (SELECT 1 FROM action WHERE response_sha256 = :sha)"
        " OR EXISTS (SELECT 1 FROM batch WHERE sha256 = :sha AND status <> 'done')"
        " OR EXISTS (SELECT 1 FROM action WHERE status IN ('queued', 'in-progress')"
        " AND instr(request, :sha))"
        " OR EXISTS (SELECT 1 FROM chain WHERE status = 'in-progress' AND instr(document, :sha))"
    )
    return bool(connection.execute(asked, {"sha": sha256}).fetchone()[0])


def named_by_copies(home: Path) -> set[str]:
    """What earlier states of the registry, kept beside it, name; sqlite3.Error where one is bad."""
    found: set[str] = set()
    for path in home.glob(COPIES):
        with contextlib.closing(read_only(path)) as connection:
            # An older one has fewer columns.
            for table, column in (
                *(("asset", "sha256"), ("action", "response_sha256"), ("batch", "sha256")),
            ):
                names = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
                if column in names:
                    rows = connection.execute(f"SELECT {column} FROM {table}")
                    found.update(row[0] for row in rows if row[0])
            for (request,) in connection.execute(
                "SELECT request FROM action WHERE instr(request, ?)", (KEPT_KEY,)
            ):
                found.update(kept.sha256 for kept in kept_in(json.loads(request)))
            if connection.execute("PRAGMA table_info(chain)").fetchone():
                found.update(each.sha256 for each in _of_chains(connection))
    return found
