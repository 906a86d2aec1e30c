"""Which actions are of no use to anything that stays, and their removal, row by row."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from ouro_cli.store.references import references
from ouro_cli.store.rows import time_text
from ouro_cli.store.search_index import rebuild_indexes

_DOOMED = """
    CREATE TEMP TABLE doomed AS SELECT id FROM action
    WHERE status NOT IN ('queued', 'in-progress') AND finished_at < :before AND pinned_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM fetch WHERE action_id = action.id)
        AND id NOT IN (
            WITH RECURSIVE live (id) AS (
                SELECT id FROM chain WHERE status = 'in-progress'
                UNION SELECT chain.id FROM chain JOIN live ON chain.parent_id = live.id
            )
            SELECT action_id FROM chain_step JOIN live ON live.id = chain_id
            WHERE action_id IS NOT NULL
        )
        AND NOT EXISTS (SELECT 1 FROM batch_row JOIN batch ON batch.id = batch_id
            WHERE action_id = action.id AND batch.status <> 'done')
"""

# What holds runs together and ended as long ago, once all that it held is gone. A chain that is a
# step goes with the one that it is a step of; a batch that was stopped may still go on.
_ENDED_CHAINS = """
    DELETE FROM chain WHERE status <> 'in-progress' AND finished_at < :before AND parent_id IS NULL
        AND NOT EXISTS (SELECT 1 FROM batch_row WHERE batch_row.chain_id = chain.id)
        AND id NOT IN (
            WITH RECURSIVE family (root, id) AS (
                SELECT id, id FROM chain WHERE parent_id IS NULL
                UNION SELECT root, chain.id FROM chain JOIN family ON chain.parent_id = family.id
            )
            SELECT root FROM family JOIN chain_step ON chain_step.chain_id = family.id
            WHERE action_id IS NOT NULL
        )
"""

_ORPHANS = """
    DELETE FROM chain WHERE parent_id IS NOT NULL
        AND parent_id NOT IN (SELECT id FROM chain)
"""

_ENDED_BATCHES = """
    DELETE FROM batch WHERE status = 'done' AND finished_at < :before AND id NOT IN (
        SELECT batch_id FROM batch_row WHERE action_id IS NOT NULL OR chain_id IS NOT NULL
    )
"""

# What is needed by what stays: a run that made what a later run took, what a kept asset is
# derived from, what a kept run found something out about; and the run that another repeats.
_SPARED = """
    DELETE FROM doomed WHERE id IN (
        SELECT action_id FROM asset WHERE action_id IN (SELECT id FROM doomed) AND id IN (
            SELECT asset_id FROM action_asset WHERE action_id NOT IN (SELECT id FROM doomed)
            UNION SELECT asset_id FROM property WHERE action_id NOT IN (SELECT id FROM doomed)
            UNION SELECT source_id FROM asset
                WHERE action_id IS NULL OR action_id NOT IN (SELECT id FROM doomed)
            UNION SELECT family_id FROM asset
                WHERE action_id IS NULL OR action_id NOT IN (SELECT id FROM doomed)
        )
        UNION
        SELECT rerun_of FROM action
        WHERE rerun_of IS NOT NULL AND id NOT IN (SELECT id FROM doomed)
    )
"""

_OF_ACTIONS = ("link", "fetch", "property", "attempt", "receipt", "event", "action_asset")
_GONE = "IN (SELECT id FROM doomed)"


@dataclass(frozen=True, slots=True)
class Doomed:
    """What is to go: ids of actions, how many assets, and the sha256s that nothing else names."""

    action_ids: list[str]
    assets: int
    idle: list[str]
    row_bytes: int


def doom(connection: sqlite3.Connection, before: datetime, *, keep_assets: bool) -> Doomed:
    """Choose the actions that ended before this, and note them for `remove_doomed`.

    Inside a transaction; nothing is removed yet.
    """
    connection.execute("DROP TABLE IF EXISTS temp.doomed")
    connection.execute(_DOOMED, {"before": time_text(before)})
    while connection.execute(_SPARED).rowcount:
        pass
    ids = [row[0] for row in connection.execute("SELECT id FROM doomed")]
    made = f"SELECT count(*) FROM asset WHERE action_id {_GONE} AND removed_at IS NULL"
    weighed = f"""
        SELECT coalesce((SELECT sum(length(request) + coalesce(length(response), 0)) FROM action
            WHERE id {_GONE}), 0) + coalesce((SELECT sum(length(data)) FROM receipt
            WHERE action_id {_GONE}), 0)
    """
    return Doomed(
        action_ids=ids,
        assets=0 if keep_assets else connection.execute(made).fetchone()[0],
        idle=_idle(connection, ids, keep_assets=keep_assets),
        row_bytes=connection.execute(weighed).fetchone()[0],
    )


def _idle(connection: sqlite3.Connection, ids: list[str], *, keep_assets: bool) -> list[str]:
    """What those actions name and nothing that stays does."""
    theirs = {each.sha256 for each in references(connection, ids)}
    staying = f"SELECT id FROM action WHERE id NOT {_GONE}"
    others = [row[0] for row in connection.execute(staying)]
    kept = {each.sha256 for each in references(connection, others)}
    # Assets that no run that goes has made stay, whoever took them.
    stays = "" if keep_assets else f" AND (action_id IS NULL OR action_id NOT {_GONE})"
    shas = connection.execute(f"SELECT sha256 FROM asset WHERE removed_at IS NULL{stays}")
    return sorted(theirs - kept - {row[0] for row in shas})


def remove_doomed(connection: sqlite3.Connection, before: datetime, *, keep_assets: bool) -> None:
    """Remove the rows of what `doom` chose, and all that a search knows of them.

    Chains and batches that ended before this, and hold nothing any more, go with them.
    """
    connection.execute("PRAGMA defer_foreign_keys = ON")
    for table in _OF_ACTIONS:
        connection.execute(f"DELETE FROM {table} WHERE action_id {_GONE}")
    if keep_assets:
        connection.execute(f"UPDATE asset SET action_id = NULL WHERE action_id {_GONE}")
    else:
        made = f"(SELECT id FROM asset WHERE action_id {_GONE})"
        for table in ("property", "link", "action_asset"):
            connection.execute(f"DELETE FROM {table} WHERE asset_id IN {made}")
        connection.execute(f"DELETE FROM asset WHERE action_id {_GONE}")
    connection.execute(f"DELETE FROM action WHERE id {_GONE}")
    connection.execute("DROP TABLE temp.doomed")
    _remove_holders(connection, before)
    # An index forgets words for good only where it is made anew.
    rebuild_indexes(connection)


def _remove_holders(connection: sqlite3.Connection, before: datetime) -> None:
    values = {"before": time_text(before)}
    connection.execute(_ENDED_CHAINS, values)
    while connection.execute(_ORPHANS).rowcount:
        pass
    connection.execute("DELETE FROM chain_step WHERE chain_id NOT IN (SELECT id FROM chain)")
    connection.execute(_ENDED_BATCHES, values)
    connection.execute("DELETE FROM batch_row WHERE batch_id NOT IN (SELECT id FROM batch)")


def pin(connection: sqlite3.Connection, action_id: str, at: datetime | None) -> None:
    """Note that an action is to be kept from this moment on, or with None that it need not."""
    connection.execute("UPDATE action SET pinned_at = ? WHERE id = ?", (time_text(at), action_id))
