"""Write down what a run made, in the transaction that ends it; the bytes are kept already."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ouro_cli.model.action import Action
from ouro_cli.model.asset import Asset
from ouro_cli.model.declaration import Declaration
from ouro_cli.model.fetch import Fetch
from ouro_cli.model.lineage import Sibling, lineages
from ouro_cli.runtime import Runtime
from ouro_cli.store.registry import Nouns
from ouro_cli.usecases.keep_asset import write_row


@dataclass(frozen=True, slots=True)
class Made:
    """An output whose bytes are kept; its row is not written yet, unless it is there already."""

    name: str
    asset: Asset
    declaration: Declaration
    is_primary: bool = False
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class Outputs:
    """What is to be written where the run ends: assets, addresses to be fetched, and notes.

    `response` is the answer's JSON value as it is kept.
    """

    action: Action
    response: Any = None
    made: tuple[Made, ...] = ()
    awaited: tuple[Fetch, ...] = ()
    notes: tuple[str, ...] = ()


def write_outputs(rt: Runtime, tx: Nouns, outputs: Outputs) -> None:
    """Write down what a run made, in the transaction that ends it."""
    action = outputs.action
    write_made(rt, tx, action, outputs.made)
    for fetch in outputs.awaited:
        tx.fetches.add(fetch)
    for note in outputs.notes:
        tx.events.tell(action.id, "note", note, at=rt.now(), level="warning")


def write_made(rt: Runtime, tx: Nouns, action: Action, made: Sequence[Made]) -> None:
    """Write assets that a run made, and say anew of each of its outputs where it came from.

    One whose bytes were removed meanwhile, with another asset that had the same, becomes a note.
    """
    declarations = tx.routes.get(action.route.id).operation.output_assets
    there = tx.assets.links([action.id], "output").get(action.id, [])
    before = {
        link.name: Made(
            link.name,
            link.asset,
            declarations.get(link.name, {}),
            link.is_primary,
            link.asset.lineage.action_id == action.id,
        )
        for link in there
    }
    new = {each.name: each for each in made if each.name not in before}
    for each in list(new.values()):
        if each.is_new and (problem := rt.store.files.problem(each.asset.sha256, each.asset.size)):
            del new[each.name]
            note = f"output {each.name} was not kept: its bytes are {problem}"
            tx.events.tell(action.id, "note", note, at=rt.now(), level="warning")
    everything = before | new
    found = lineages(
        [
            Sibling(
                each.name,
                each.asset.id,
                each.declaration,
                each.is_primary,
                None if each.is_new else each.asset.lineage,
            )
            for each in everything.values()
        ],
        next((link.asset for link in action.inputs if link.is_primary), None),
        action.id,
    )
    # Each behind the one it comes from, and those that are there already last.
    for name in [*(each for each in found if each in new), *before]:
        each, lineage = everything[name], found[name]
        if name in before:
            if lineage != each.asset.lineage:
                tx.assets.set_lineage(each.asset.id, lineage)
            continue
        if each.is_new:
            write_row(rt, tx, replace(each.asset, lineage=lineage))
        tx.assets.link(action.id, "output", name, each.asset.id, is_primary=each.is_primary)
