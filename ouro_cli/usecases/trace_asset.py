"""Trace an asset: what it came from and what was made of it, through which runs."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice

from ouro_cli.model.asset import Asset, AssetLink
from ouro_cli.model.trace import DEEPEST, MOST_ASSETS, WIDEST, Trace, TracedAsset, TracedRun
from ouro_cli.runtime import Runtime

MOST_DERIVED = 200
"""How many assets of a family are named one by one (the platform's limit)."""

_Steps = tuple[list[TracedRun], int]
"""The runs to go on with, each with its assets, and how many further ones there are."""


def trace_asset(rt: Runtime, asset: Asset) -> Trace:
    """The asset with all that leads to it and from it, as far as a trace goes.

    It tells the same story as the actions themselves, for it is read from their own inputs and
    outputs.
    """
    tracer = _Tracer(rt)
    derived = list(islice(_derived(rt, asset), MOST_DERIVED + 1))
    return Trace(
        asset=asset,
        up=tracer.follow(asset, tracer.backward),
        down=tracer.follow(asset, tracer.forward),
        sources=list(_sources(rt, asset)),
        derived=derived[:MOST_DERIVED],
        is_truncated=len(derived) > MOST_DERIVED,
    )


class _Tracer:
    def __init__(self, rt: Runtime) -> None:
        self._store = rt.store
        self._left = MOST_ASSETS

    def follow(self, asset: Asset, steps: Callable[[Asset], _Steps]) -> TracedAsset:
        """The tree that these steps lead through; each asset's own are told once."""
        self._left = MOST_ASSETS
        return self._told(asset, "", steps, {asset.id}, DEEPEST)

    def backward(self, asset: Asset) -> _Steps:
        """The run that made the asset, and what that took."""
        made_by = [each for each, _ in self._store.assets.runs(asset.id, "output")]
        if not made_by and asset.lineage.action_id is not None:
            made_by = [asset.lineage.action_id]
        found = self._store.actions.brief(made_by[:WIDEST])
        runs = [TracedRun(each, _named(each.inputs)) for each in found.values()]
        source_id = asset.lineage.source_id
        if source_id is not None and source_id not in {
            each.asset.id for run in runs for each in run.assets
        }:
            runs.append(TracedRun(None, [TracedAsset(self._store.assets.get(source_id))]))
        return runs, len(made_by) - len(found)

    def forward(self, asset: Asset) -> _Steps:
        """The runs that took the asset, newest first, and what each of them made."""
        taken_by = [each for each, _ in self._store.assets.runs(asset.id, "input")]
        shown = list(dict.fromkeys(taken_by))[:WIDEST]
        found = self._store.actions.brief(shown)
        runs = [TracedRun(found[each], _named(found[each].outputs)) for each in shown]
        # What was made by one of the runs is told there; the rest belongs to the asset itself.
        parts = self._store.assets.children(asset.id)
        beside = [each for each in parts if each.lineage.action_id not in taken_by]
        if beside:
            runs.append(TracedRun(None, [TracedAsset(each) for each in beside]))
        return runs, len(set(taken_by)) - len(shown)

    def _told(
        self,
        asset: Asset,
        name: str,
        steps: Callable[[Asset], _Steps],
        told: set[str],
        depth: int,
    ) -> TracedAsset:
        following, more = steps(asset)
        if depth == 0 or self._left <= 0:
            return TracedAsset(asset, name, is_cut=bool(following))
        runs = []
        for run in following:
            nodes = []
            for each in run.assets[:WIDEST]:
                self._left -= 1
                # Nothing comes from itself; and what two ways lead to is told at the first.
                if each.asset.id in told:
                    nodes.append(replace(each, is_told_above=True))
                    continue
                told.add(each.asset.id)
                nodes.append(self._told(each.asset, each.name, steps, told, depth - 1))
            runs.append(replace(run, assets=nodes, more=max(0, len(run.assets) - WIDEST)))
        return TracedAsset(asset, name, runs, more)


def _named(links: Iterable[AssetLink]) -> list[TracedAsset]:
    return [TracedAsset(each.asset, each.name) for each in links]


def _sources(rt: Runtime, asset: Asset) -> Iterator[Asset]:
    seen = {asset.id}
    while (source_id := asset.lineage.source_id) is not None and source_id not in seen:
        seen.add(source_id)
        asset = rt.store.assets.get(source_id)
        yield asset


def _derived(rt: Runtime, asset: Asset) -> Iterator[Asset]:
    if asset.lineage.source_id is not None:
        yield from rt.store.assets.children(asset.id)
        return
    seen, pending = {asset.id}, [asset]
    while pending:
        for each in rt.store.assets.children(pending.pop(0).id):
            if each.id not in seen:
                seen.add(each.id)
                pending.append(each)
                yield each
