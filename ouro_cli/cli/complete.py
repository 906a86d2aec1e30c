"""What the tab key offers: names of services and routes, recent actions and assets."""

from ouro_cli.runtime import open_runtime
from ouro_cli.store.action_search import Filters

_MOST = 30


def names(kind: str, incomplete: str) -> list[str]:
    """The names of this kind that begin so; none where there is no registry yet."""
    rt = open_runtime()
    if not rt.store.database.path.exists():
        return []
    try:
        match kind:
            case "service":
                found = rt.store.services.names(incomplete)
            case "route":
                found = rt.store.routes.references()
            case "asset":
                # The tab key after an action's name need not load what assets are.
                from ouro_cli.store.assets import AssetFilters  # noqa: PLC0415

                kept = rt.store.assets.newest(AssetFilters(), limit=_MOST)
                found = ["@last", *(asset.id for asset in kept)]
            case _:
                recent = rt.store.action_search.newest(Filters(), limit=_MOST)
                found = ["@last", *(action.id for action in recent)]
    finally:
        rt.store.close()
    return [each for each in found if each.startswith(incomplete)]
