"""Take in actions that another registry handed on, and go on waiting where it was."""

import json
import sqlite3
from pathlib import Path
from typing import Any

from ouro_cli.errors import BundleRefused
from ouro_cli.model.upkeep import Imported
from ouro_cli.runtime import Runtime
from ouro_cli.store.bundles import Merge, Merged, Tables
from ouro_cli.store.database import LATEST
from ouro_cli.store.parcels import Parcel, Part, open_parcel
from ouro_cli.store.references import references
from ouro_cli.store.registry import Nouns
from ouro_cli.store.rows import time_text
from ouro_cli.usecases.export_actions import KIND, ROWS
from ouro_cli.usecases.restore_backup import is_asset, told_missing

_FIRST_VERSION = 4
"""The first version of a registry whose actions could be handed on."""


def import_actions(rt: Runtime, path: Path) -> Imported:
    """Take in what `export_actions` wrote; again changes nothing.

    Of an action that is here already, a newer state is taken; a final word that is here is never
    changed. Raises BundleRefused for what is not wholly such a file; then nothing was changed.
    """
    with open_parcel(path, KIND, _has_place) as parcel:
        parcel.verify()
        tables = _tables(parcel)
        for name in parcel.parts:
            if name != ROWS:
                rt.store.files.keep(parcel.read(name))
        try:
            with rt.store.transaction() as tx:
                at = time_text(rt.now()) or ""
                try:
                    merged = Merge(tx.database.connection, tables, at).take_in()
                    _read_back(rt, tx, parcel, merged)
                except (sqlite3.IntegrityError, sqlite3.ProgrammingError) as fault:
                    raise ValueError(f"its rows do not fit together: {fault}") from fault
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as fault:
            raise _refused(parcel, str(fault)) from fault
    return Imported(tuple(merged.new), tuple(merged.went_on), tuple(merged.unchanged))


def _has_place(part: Part) -> bool:
    return part.name == ROWS or is_asset(part)


def _tables(parcel: Parcel) -> Tables:
    version = parcel.manifest.get("registry_version")
    if not isinstance(version, int) or not _FIRST_VERSION <= version <= LATEST:
        why = f"it is of a registry of version {version!s:.20}, and this ouro knows {LATEST}"
        raise _refused(parcel, why, hint="Install a newer ouro; nothing was changed.")
    if ROWS not in parcel.parts:
        raise _refused(parcel, f"it holds no {ROWS}")
    try:
        tables: Any = json.loads(b"".join(parcel.read(ROWS)))
    except (ValueError, RecursionError):
        raise _refused(parcel, f"its {ROWS} is no JSON") from None
    if not (isinstance(tables, dict) and all(isinstance(each, list) for each in tables.values())):
        raise _refused(parcel, f"its {ROWS} holds no tables")
    return tables


def _read_back(rt: Runtime, tx: Nouns, parcel: Parcel, merged: Merged) -> None:
    """What was taken in reads as what it should be, and its bytes are here."""
    taken = [*merged.new, *merged.went_on, *merged.unchanged]
    for action_id in taken:
        action = tx.actions.get(action_id)
        tx.services.get(tx.routes.get(action.route.id).service_id)
        tx.events.after([action_id], 0)
        tx.receipts.of_action(action_id)
    tx.fetches.pending(taken)
    told = len(told_missing(parcel))
    for each in references(tx.database.connection, [*merged.new, *merged.went_on]):
        if each.is_needed and rt.store.files.problem(each.sha256, each.size):
            told -= 1
            if told < 0:
                raise ValueError(f"it lacks the bytes of {each.by[:100]}")
    failed = tx.database.connection.execute("PRAGMA foreign_key_check").fetchone()
    if failed is not None:
        raise ValueError(f"its rows name a {failed['parent']} that is not there")


def _refused(parcel: Parcel, why: str, hint: str | None = None) -> BundleRefused:
    facts = {} if hint is None else {"hint": hint}
    return BundleRefused(path=parcel.path, why=why, **facts)
