"""Hand actions on: all that belongs to them in one file, for another registry to wait with."""

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ouro_cli import __version__
from ouro_cli.errors import ActionNotMovable, FileExists
from ouro_cli.model.action import Action, ActionStatus
from ouro_cli.model.upkeep import Exported
from ouro_cli.runtime import Runtime
from ouro_cli.store.bundles import rows_of
from ouro_cli.store.database import LATEST
from ouro_cli.store.files import open_regular
from ouro_cli.store.parcels import write_parcel
from ouro_cli.store.references import references
from ouro_cli.store.rows import time_text
from ouro_cli.usecases.back_up import asset_name, part_of

KIND = "ouro-bundle"
ROWS = "bundle.json"


def export_actions(
    rt: Runtime, actions: Sequence[Action], path: Path, *, force: bool = False
) -> Exported:
    """Write actions, their stories, assets, route and service into one file; no credential.

    Raises ActionNotMovable for one whose request may still go out: only one registry may send it.
    """
    if not force and path.is_file():
        raise FileExists(path=path)
    ids = [each.id for each in actions]
    with rt.store.files.workroom() as room:
        missing: list[str] = []
        held: dict[str, Path] = {}
        # In a transaction, so that nobody sends, settles or removes anything meanwhile.
        with rt.store.transaction() as tx:
            for each in ids:
                _check_movable(tx.actions.get(each))
            rows = rows_of(tx.database.connection, ids)
            for named in references(tx.database.connection, ids):
                problem = rt.store.files.problem(named.sha256, named.size)
                if not problem:
                    rt.store.files.hold(named.sha256, room)
                    held[named.sha256] = room / named.sha256
                elif named.is_needed:
                    missing.append(f"{named.by}: {problem}")
        (room / ROWS).write_text(json.dumps(rows, ensure_ascii=True), encoding="ascii")
        facts: dict[str, Any] = {
            "made_by": f"ouro {__version__}",
            "made_at": time_text(rt.now()),
            "registry_version": LATEST,
            "actions": ids,
            "missing": missing,
        }
        sources = {ROWS: room / ROWS, **{asset_name(sha): at for sha, at in held.items()}}
        parts = [
            (part_of(name, source), partial(open_regular, source))
            for name, source in sources.items()
        ]
        size = write_parcel(path, KIND, facts, parts, force=force)
    return Exported(path, size, tuple(ids), len(held), tuple(missing))


def _check_movable(action: Action) -> None:
    if action.is_final or action.is_accepted:
        return
    if action.status is ActionStatus.QUEUED:
        why = "it has not been sent, and only one registry may send it"
        hint = f"Send it here first: ouro action watch {action.id}"
    else:
        why = "it was sent, and no answer has been seen yet"
        hint = f"Once the API has accepted it, it can be: ouro action show {action.id}"
    raise ActionNotMovable(action_id=action.id, why=why, hint=f"{hint}. Nothing was written.")
