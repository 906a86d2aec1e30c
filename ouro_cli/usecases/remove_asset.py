"""Remove an asset: it is found no more, and its bytes go unless something else needs the same."""

from ouro_cli.model.asset import Asset
from ouro_cli.runtime import Runtime


def remove_asset(rt: Runtime, asset: Asset) -> Asset:
    """Take an asset away; its row stays, for the runs that took or made it."""
    with rt.store.transaction() as tx:
        tx.assets.remove(asset.id, rt.now())
        removed = tx.assets.get(asset.id)
    # Nobody can come to need the bytes meanwhile: an asset's row is written in a transaction too.
    with rt.store.transaction() as tx:
        if not tx.assets.is_kept(asset.sha256) and not tx.actions.holds(asset.sha256):
            rt.store.files.remove(asset.sha256)
    return removed
