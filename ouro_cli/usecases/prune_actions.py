"""Remove what ended long ago and nothing that stays needs: rows first, then bytes."""

from datetime import timedelta

from ouro_cli.crash import crash_point
from ouro_cli.model.action import Action
from ouro_cli.model.upkeep import Pruned
from ouro_cli.runtime import Runtime
from ouro_cli.store.pruning import Doomed, doom, pin, remove_doomed
from ouro_cli.store.references import COPIES, is_named


class _NotYet(Exception):
    """Ends a transaction in which nothing is to stay."""


def plan_pruning(rt: Runtime, older_than: float, *, keep_assets: bool = False) -> Pruned:
    """What pruning would remove; nothing is changed."""
    found: Doomed | None = None
    try:
        with rt.store.transaction() as tx:
            before = rt.now() - timedelta(seconds=older_than)
            found = doom(tx.database.connection, before, keep_assets=keep_assets)
            raise _NotYet
    except _NotYet:
        pass
    assert found is not None
    return _told(rt, found, is_done=False)


def prune_actions(rt: Runtime, older_than: float, *, keep_assets: bool = False) -> Pruned:
    """Remove actions that ended so many seconds ago, with their stories and what they made.

    Never what is open, pinned, or needed by what stays. Afterwards no text of theirs is in the
    registry's files any more.
    """
    with rt.store.transaction() as tx:
        before = rt.now() - timedelta(seconds=older_than)
        found = doom(tx.database.connection, before, keep_assets=keep_assets)
        told = _told(rt, found, is_done=True)
        if found.action_ids:
            remove_doomed(tx.database.connection, before, keep_assets=keep_assets)
    crash_point("S4")
    for sha256 in found.idle:
        # Nobody can come to need the bytes meanwhile: a row is written in a transaction too.
        with rt.store.transaction() as tx:
            if not is_named(tx.database.connection, sha256):
                rt.store.files.remove(sha256)
    rt.store.database.checkpoint()
    return told


def pin_action(rt: Runtime, action: Action, *, is_pinned: bool = True) -> Action:
    """Have an action kept by every pruning, or no longer."""
    with rt.store.transaction() as tx:
        at = (action.pinned_at or rt.now()) if is_pinned else None
        pin(tx.database.connection, action.id, at)
        return tx.actions.get(action.id)


def _told(rt: Runtime, found: Doomed, *, is_done: bool) -> Pruned:
    sizes = dict(rt.store.files.all())
    return Pruned(
        action_ids=tuple(found.action_ids),
        assets=found.assets,
        files=sum(each in sizes for each in found.idle),
        file_bytes=sum(sizes.get(each, 0) for each in found.idle),
        row_bytes=found.row_bytes,
        is_done=is_done,
        copies=tuple(sorted(rt.settings.home.glob(COPIES))),
    )
