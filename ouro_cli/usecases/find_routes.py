"""Which routes take an asset, and which assets a route takes: what fits, both ways."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from ouro_cli.model.asset import Asset
from ouro_cli.model.compatibility import FoundRoute, unfit
from ouro_cli.model.declaration import Declaration, asset_types
from ouro_cli.model.route import Route
from ouro_cli.runtime import Runtime
from ouro_cli.store.declarations import Use, read_words


class Order(StrEnum):
    """How routes are sorted (contract section 3.11); `used` are only those that one has run."""

    POPULAR = "popular"
    RECENT = "recent"
    UPDATED = "updated"
    USED = "used"


@dataclass(frozen=True, slots=True)
class OutputFilter:
    """What a route has to make, all of it as one output; what is empty does not narrow."""

    asset_type: str = ""
    extension: str = ""
    contains_extension: str = ""

    def lets_in(self, output: Declaration) -> bool:
        """Whether a declared output is what is wanted."""
        return (
            (not self.asset_type or self.asset_type in asset_types(output))
            and (not self.extension or self.extension in output.get("file_extensions", ()))
            and (
                not self.contains_extension
                or self.contains_extension in output.get("contains_file_extensions", ())
            )
        )


@dataclass(frozen=True, slots=True)
class Wish:
    """Which of the routes that fit to find, and in which order; a `query` sorts by itself."""

    query: str = ""
    order: Order = Order.POPULAR
    output: OutputFilter = OutputFilter()
    limit: int | None = None
    offset: int = 0


@dataclass(frozen=True, slots=True)
class FoundRoutes:
    """One page of routes, and how many there are in all."""

    routes: list[FoundRoute]
    total: int
    has_more: bool


@dataclass(frozen=True, slots=True)
class FittingAssets:
    """An input of a route, and the newest assets that fit it."""

    name: str
    declaration: Declaration
    assets: list[Asset]
    has_more: bool


def find_routes(rt: Runtime, asset: Asset, wish: Wish) -> FoundRoutes:
    """The routes that take an asset, as the contract's compatible routes (section 3.11)."""
    fitting = _fitting_inputs(rt, asset)
    if wish.output != OutputFilter():
        makers = _makers(rt, wish.output)
        fitting = {route_id: names for route_id, names in fitting.items() if route_id in makers}
    me = rt.store.people.find(rt.settings.user) or ""
    uses = rt.store.declarations.uses(fitting, me)
    if wish.query.strip():
        ids = _by_intent(rt, wish.query, fitting)
    else:
        ids = _sorted(fitting, uses, wish.order)
    end = len(ids) if wish.limit is None else wish.offset + wish.limit
    services = {each.id: each.name for each in rt.store.services.all()}
    page = [
        _found(rt, each, fitting[each], uses[each], services) for each in ids[wish.offset : end]
    ]
    return FoundRoutes(page, len(ids), end < len(ids))


def fitting_assets(
    rt: Runtime, route: Route, *, limit: int, offset: int = 0
) -> list[FittingAssets]:
    """For each input of a route the assets that fit it, newest first."""
    found = []
    for name, declaration in route.operation.input_assets.items():
        fit = (
            each for each in rt.store.assets.candidates(declaration) if not unfit(each, declaration)
        )
        page = list(islice(fit, offset, offset + limit + 1))
        found.append(FittingAssets(name, declaration, page[:limit], len(page) > limit))
    return found


def _fitting_inputs(rt: Runtime, asset: Asset) -> dict[str, tuple[str, ...]]:
    """Route id -> the names of its inputs that the asset fits."""
    is_fit = _remembered(lambda declaration: not unfit(asset, declaration))
    fitting: dict[str, tuple[str, ...]] = {}
    for route_id, name, words in rt.store.declarations.takers(asset.asset_type.value):
        if is_fit(words):
            fitting[route_id] = (*fitting.get(route_id, ()), name)
    return fitting


def _makers(rt: Runtime, wanted: OutputFilter) -> set[str]:
    is_wanted = _remembered(wanted.lets_in)
    return {route_id for route_id, words in rt.store.declarations.makers() if is_wanted(words)}


def _remembered(judge: Callable[[Declaration], bool]) -> Callable[[str], bool]:
    """A judgement of declarations as rows hold them; thousands of routes declare the same."""
    judged: dict[str, bool] = {}

    def verdict(words: str) -> bool:
        if words not in judged:
            judged[words] = judge(read_words(words))
        return judged[words]

    return verdict


def _sorted(fitting: Collection[str], uses: dict[str, Use], order: Order) -> list[str]:
    # Ids are in the order of time, so the newest is first where all else is equal.
    ids = sorted(fitting, reverse=True)
    match order:
        case Order.POPULAR:
            return sorted(ids, key=lambda each: -uses[each].count)
        case Order.RECENT:
            return sorted(ids, key=lambda each: uses[each].created_at, reverse=True)
        case Order.UPDATED:
            return sorted(ids, key=lambda each: uses[each].updated_at, reverse=True)
        case Order.USED:
            mine = [each for each in ids if uses[each].last_own]
            return sorted(mine, key=lambda each: -uses[each].last_own)


def _by_intent(rt: Runtime, query: str, fitting: Collection[str]) -> list[str]:
    """Those that a person's words describe, the most relevant first."""
    rows = rt.store.routes.search(query, service_id=None, limit=len(fitting), among=fitting)
    return [row["id"] for row in rows]


def _found(
    rt: Runtime, route_id: str, names: tuple[str, ...], use: Use, services: dict[str, str]
) -> FoundRoute:
    route = rt.store.routes.get(route_id)
    last = rt.store.declarations.run_at(use.last_own) if use.last_own else None
    return FoundRoute(route, services.get(route.service_id, ""), names, use.count, last)
