"""Which output of earlier steps goes where in the next: by name, by type and declaration, by word.

Nothing is guessed: what could mean several is refused, with the line that decides.
"""

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from ouro_cli.errors import UsageFault
from ouro_cli.model.asset import Asset
from ouro_cli.model.compatibility import unfit, wanted
from ouro_cli.model.declaration import Declaration, asset_types

PLACES = ("body", "path", "query", "header", "cookie")
INPUT = "input"

_DATA = ("final_data", "response")
_MAP = re.compile(r"(?:([^=]+?):)?([^=:]+)=(.+)", re.DOTALL)
_MOST_KEYS = 12


@dataclass(frozen=True, slots=True)
class Offer:
    """What a step gives to those behind it; `number` counts the steps of the line from 1.

    `assets` are those that it made, or what it says that it makes; `fields` are the names in its
    response with their JSON types, None where nothing is known of them; `data` is the response
    itself, where the step has ended (`is_known`).
    """

    number: int
    step: str
    assets: Mapping[str, Asset | Declaration] = field(default_factory=dict)
    fields: Mapping[str, AbstractSet[str]] | None = None
    data: Any = None
    is_known: bool = False


@dataclass(frozen=True, slots=True)
class Need:
    """What a step has to be given and was not: assets by name, and `(place, name)` with types.

    `known` are all places that it has, required or not.
    """

    number: int
    step: str
    route: str
    assets: Mapping[str, Declaration] = field(default_factory=dict)
    fields: Mapping[tuple[str, str], AbstractSet[str]] = field(default_factory=dict)
    known: AbstractSet[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Wire:
    """A place of a step, and the output of an earlier one that goes there.

    `target` begins with a place, or with `input` and the name of a declared input; `source` is
    the way into the response, and a single name for an asset.
    """

    target: tuple[str, ...]
    step: str
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """What `--map` says: `[ROUTE:]TARGET=SOURCE`; `route` is a reference, a number, or empty."""

    text: str
    route: str
    target: tuple[str, ...]
    source: tuple[str, ...]


def read_rule(text: str) -> Rule:
    """A rule as it was typed; UsageFault where it is none."""
    read = _MAP.fullmatch(text)
    if read is None:
        raise UsageFault(
            why=f"--map {text}: no target and source",
            hint="Nothing was sent. Write it like structure=relaxed, body.T=final_data.T.",
        )
    route, target, source = read.groups()
    return Rule(text, route or "", tuple(target.split(".")), tuple(source.split(".")))


def wires_for(need: Need, offers: Sequence[Offer], rules: Sequence[Rule]) -> list[Wire]:
    """What a step takes of those before it, the nearest first; `rules` come before all else.

    Raises UsageFault for a rule that leads nowhere, and where it has to be said what is meant. What
    nobody offers is left open: the route says itself what it lacks.
    """
    wires = [_by_rule(need, offers, rule) for rule in rules]
    told = {each.target[:2] for each in wires}
    wires += _assets(need, offers, {target[1] for target in told if target[0] == INPUT})
    for place, kinds in need.fields.items():
        if place not in told:
            wires += _field(need, offers, place, kinds)
    return wires


def rules_of(rules: Sequence[Rule], need: Need, needs: Sequence[Need]) -> list[Rule]:
    """The rules that are this step's; UsageFault for one that could be that of several."""
    own = []
    for rule in rules:
        named = [each for each in needs if _is_of(rule, each)]
        if len(named) > 1:
            named = [each for each in named if _target_in(each, rule.target) is not None]
        if len(named) > 1:
            first = f"--map {named[0].number}:{rule.text}"
            raise UsageFault(
                why=f"--map {rule.text} could be for step"
                f" {' or '.join(str(each.number) for each in named)}",
                hint=f"Nothing was sent. Say which: {first}",
            )
        if not named:
            steps = ", ".join(f"{each.number} ({each.route})" for each in needs)
            raise UsageFault(
                why=f"--map {rule.text}: no step takes '{'.'.join(rule.target)}'",
                hint=f"Nothing was sent. The steps that are given something: {steps}.",
            )
        if named == [need]:
            own.append(rule)
    return own


def _is_of(rule: Rule, need: Need) -> bool:
    if rule.route:
        return rule.route in (str(need.number), need.step, need.route)
    return True


def _target_in(need: Need, target: tuple[str, ...]) -> tuple[str, ...] | None:
    """The place that a rule's target names in a step; None where it has none of that name."""
    if target[0] == INPUT and len(target) == 2 and target[1] in need.assets:
        return target
    if target[0] in PLACES and len(target) > 1:
        is_open = not any(place == target[0] for place, _ in need.known)
        return target if is_open or target[:2] in need.known else None
    if len(target) == 1 and target[0] in need.assets:
        return INPUT, target[0]
    places = [place for place in PLACES if (place, target[0]) in need.known]
    return (places[0], *target) if places else None


def _by_rule(need: Need, offers: Sequence[Offer], rule: Rule) -> Wire:
    target = _target_in(need, rule.target)
    if target is None:
        names = [*need.assets, *sorted(f"{place}.{name}" for place, name in need.known)]
        raise UsageFault(
            why=f"--map {rule.text}: {need.route} has no '{'.'.join(rule.target)}'",
            hint=f"Nothing was sent. It takes: {', '.join(names) or 'nothing'}.",
        )
    source, searched = rule.source, list(offers)
    named = [each for each in offers if source[0] in (str(each.number), each.step)]
    if named and len(source) > 1:
        searched, source = named[:1], source[1:]
    for offer in searched:
        if len(source) == 1 and source[0] in offer.assets:
            if target[0] == INPUT:
                _refuse_unfit(need, target[1], offer, source[0])
            return Wire(target, offer.step, source)
    if target[0] == INPUT and source[0] not in _DATA:
        _refuse_source(need, searched, rule)
    path = source[1:] if source[0] in _DATA else source
    for offer in searched:
        if _may_hold(offer, path):
            return Wire(target, offer.step, path)
    raise _missing(need, searched[0], path)


def _may_hold(offer: Offer, path: tuple[str, ...]) -> bool:
    if offer.is_known:
        return _is_there(offer.data, path)
    return offer.fields is None or not path or path[0] in offer.fields


def _is_there(data: Any, path: tuple[str, ...]) -> bool:
    for step in path:
        if isinstance(data, dict) and step in data:
            data = data[step]
        elif isinstance(data, list) and step.isdigit() and int(step) < len(data):
            data = data[int(step)]
        else:
            return False
    return True


def _missing(need: Need, offer: Offer, path: tuple[str, ...]) -> UsageFault:
    """`step 2: $.a.b not in output of step 1 (keys: id, url)`."""
    names = list(offer.data) if isinstance(offer.data, dict) else sorted(offer.fields or ())
    return UsageFault(
        why=f"step {need.number}: $.{'.'.join(path)} not in output of step {offer.number}"
        f" ({_keys(names)})",
        hint="Nothing was sent.",
    )


def _keys(names: Sequence[str]) -> str:
    if not names:
        return "it has no keys"
    more = f", {len(names) - _MOST_KEYS} more" if len(names) > _MOST_KEYS else ""
    return f"keys: {', '.join(names[:_MOST_KEYS])}{more}"


def _refuse_source(need: Need, offers: Sequence[Offer], rule: Rule) -> None:
    made = [f"{name} (step {each.number})" for each in offers for name in each.assets]
    raise UsageFault(
        why=f"--map {rule.text}: no step before step {need.number} makes '{'.'.join(rule.source)}'",
        hint=f"Nothing was sent. They make: {', '.join(made) or 'no assets'}.",
    )


def _refuse_unfit(need: Need, name: str, offer: Offer, source: str) -> None:
    why = _why_unfit(offer.assets[source], need.assets[name])
    if why:
        raise UsageFault(
            why=f"step {need.number}: {source} of step {offer.number} does not fit {name}",
            hint=f"It {why}. Nothing was sent.",
        )


def _why_unfit(made: Asset | Declaration, taken: Declaration) -> str:
    """Why what a step makes does not fit; empty where it does, or may."""
    if isinstance(made, Asset):
        return unfit(made, taken)
    kinds, needed = asset_types(made), asset_types(taken)
    if not set(kinds) & set(needed):
        return f"is a {' or '.join(kinds)}, and {wanted(taken)} is wanted"
    own, allowed = made.get("file_extensions"), taken.get("file_extensions")
    if own and allowed and not set(own) & set(allowed):
        return f"is .{' or .'.join(own)}, and {wanted(taken)} is wanted"
    return ""


def _assets(need: Need, offers: Sequence[Offer], told: AbstractSet[str]) -> list[Wire]:
    """Each declared input from the nearest step that makes something fit for it."""
    wires: list[Wire] = []
    open_names = [name for name in need.assets if name not in told]
    for offer in offers:
        fits = {
            name: [each for each in offer.assets if not _why_unfit(offer.assets[each], declared)]
            for name, declared in need.assets.items()
            if name in open_names
        }
        by_name = [name for name, found in fits.items() if name in found]
        wires += [Wire((INPUT, name), offer.step, (name,)) for name in by_name]
        taken = {each.source[0] for each in wires if each.step == offer.step}
        open_names = [name for name in open_names if name not in by_name]
        left = {name: [each for each in fits[name] if each not in taken] for name in open_names}
        left = {name: found for name, found in left.items() if found}
        chosen = [found[0] for found in left.values()]
        unclear = {
            name: found
            for name, found in left.items()
            if len(found) > 1 or chosen.count(found[0]) > 1
        }
        if unclear:
            raise _ambiguous(need, offer, unclear)
        for name, found in left.items():
            wires.append(Wire((INPUT, name), offer.step, (found[0],)))
            open_names.remove(name)
    return wires


def _ambiguous(need: Need, offer: Offer, left: Mapping[str, list[str]]) -> UsageFault:
    name, found = next(iter(left.items()))
    if len(found) > 1:
        why = f"{name} of step {need.number} ({need.route}) could be {' or '.join(found)}"
        ways = " or ".join(f"--map {name}={each}" for each in found)
    else:
        why = (
            f"{found[0]} of step {offer.number} could be {' or '.join(left)}"
            f" of step {need.number} ({need.route})"
        )
        ways = " or ".join(f"--map {each}={found[0]}" for each in left)
    return UsageFault(why=why, hint=f"Nothing was sent. Say which: {ways}")


def _field(
    need: Need, offers: Sequence[Offer], place: tuple[str, str], kinds: AbstractSet[str]
) -> list[Wire]:
    name = place[1]
    for offer in offers:
        if offer.is_known:
            if _is_there(offer.data, (name,)):
                return [Wire(place, offer.step, (name,))]
            continue
        found = None if offer.fields is None else offer.fields.get(name)
        if found is None:
            continue
        if kinds and found and not _may_be(found, kinds, is_text=place[0] != "body"):
            raise UsageFault(
                why=f"step {need.number}: {name} of step {offer.number} is {_either(found)},"
                f" and {need.route} takes {_either(kinds)}",
                hint=f"Nothing was sent. Say what else goes there: --map {'.'.join(place)}=FIELD",
            )
        return [Wire(place, offer.step, (name,))]
    blind = next((each for each in offers if not each.is_known and each.fields is None), None)
    if blind is not None:
        # Its document does not say what it answers: whether it has the field is seen then.
        return [Wire(place, blind.step, (name,))]
    if not offers:
        return []
    nearest = offers[0]
    names = [*nearest.data] if isinstance(nearest.data, dict) else sorted(nearest.fields or ())
    raise UsageFault(
        why=f"step {need.number} ({need.route}) needs {'.'.join(place)}, which is not in output of"
        f" step {nearest.number} ({_keys(names)})",
        hint=f"Nothing was sent. Say where it comes from: --map {'.'.join(place)}=FIELD",
    )


def _may_be(found: AbstractSet[str], kinds: AbstractSet[str], *, is_text: bool) -> bool:
    if is_text or found & kinds:
        # In an address or a header all is text.
        return True
    return ("number" in kinds and "integer" in found) or ("integer" in kinds and "number" in found)


def _either(kinds: AbstractSet[str]) -> str:
    return " or ".join(sorted(kinds))
