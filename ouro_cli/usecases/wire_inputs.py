"""Which assets a call takes: found, held against what its route declares, and put in the body."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ouro_cli.errors import AssetDamaged, AssetNotFound, AssetUnfit, FileUnreadable, UsageFault
from ouro_cli.model.asset import Asset, AssetType
from ouro_cli.model.compatibility import unfit, wanted
from ouro_cli.model.declaration import Declaration, primary_name
from ouro_cli.model.identity import is_uuid_prefix, near
from ouro_cli.model.route import Route
from ouro_cli.runtime import Runtime
from ouro_cli.store.assets import AssetFilters
from ouro_cli.store.registry import Nouns
from ouro_cli.usecases.find_reference import find_asset
from ouro_cli.usecases.keep_asset import write_row
from ouro_cli.usecases.prepare_path import outline, prepare_path, rows_in, text_in, type_for
from ouro_cli.wire.asset_object import dataset_object, file_object, post_object
from ouro_cli.wire.faults import Fault
from ouro_cli.wire.inputs import Arguments, Field, Input
from ouro_cli.wire.uploads import Upload

REQUEST_KEY = "input_assets"

_NOWHERE = "https://ouro.invalid/assets/made-when-it-is-sent"
_MOST_SUGGESTED = 3
_MOST_CHECKED = 3
_LOOKED_THROUGH = 500


@dataclass(frozen=True, slots=True)
class WiredInput:
    """An asset under a declared input's name; with `path`, one that is still to be kept."""

    name: str
    declaration: Declaration
    asset: Asset
    is_primary: bool
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class Wiring:
    """All assets that a call takes, of those that its route declares."""

    inputs: tuple[WiredInput, ...] = ()
    declared: dict[str, Declaration] = field(default_factory=dict)

    @property
    def names(self) -> set[str]:
        """The names in the body that they take."""
        return {each.name for each in self.inputs}

    def in_place(self, rt: Runtime, arguments: Arguments) -> Arguments:
        """The arguments with what a service will find in the body, so that it can be checked."""
        fields = [
            Field(each.name, _object(rt, each, _NOWHERE, most_rows=_MOST_CHECKED), False)
            for each in self.inputs
        ]
        # What `name@path` named has become an asset, and is no upload any more.
        others = [
            each
            for each in arguments.fields
            if each.key not in self.names or not isinstance(each.value, Upload)
        ]
        return replace(arguments, fields=(*others, *fields))

    def taken_out(self, values: Input) -> Input:
        """The input without what `in_place` put there: an action keeps references alone."""
        if not self.inputs or not isinstance(values.body, dict):
            return values
        rest = {name: each for name, each in values.body.items() if name not in self.names}
        return replace(values, body=rest or None, has_body=bool(rest))

    def faults_in(self, faults: Iterable[Fault], values: Input) -> list[Fault]:
        """The faults that are the caller's: what the contract puts in the body is none of them."""
        own = [each for each in faults if not self.is_ours(each.where)]
        if self.inputs and values.has_body and not isinstance(values.body, dict):
            own.append(Fault("body", f"has no place for {_either(sorted(self.names))}"))
        return [self._explained(each) for each in own]

    def is_ours(self, where: str) -> bool:
        """Whether a place lies in what the contract puts in the body: `body.structure.url`."""
        place, _, rest = where.partition(".")
        return place == "body" and rest.partition(".")[0] in self.names

    def _explained(self, fault: Fault) -> Fault:
        """A fault with how an asset is given, where one is missing."""
        is_all = fault.where == "body" and not self.inputs
        missing = [name for name in self.declared if is_all or f"body.{name}" == fault.where]
        ways = [f"--input {name}=ASSET ({wanted(self.declared[name])})" for name in missing]
        return replace(fault, why=f"{fault.why}; give {', '.join(ways)}") if ways else fault

    def references(self) -> dict[str, Any]:
        """What an action keeps of them in its request (contract section 4.1)."""
        return {each.name: {"assetId": each.asset.id} for each in self.inputs}

    def objects(self, rt: Runtime, url: str) -> dict[str, Any]:
        """What stands in the body for each of them, files at this address."""
        return {each.name: _object(rt, each, url) for each in self.inputs}

    def kept(self, rt: Runtime) -> "Wiring":
        """The same with the bytes of every path kept; rows are written by `write`.

        Raises FileUnreadable where one cannot be read, AssetUnfit where its content does not fit.
        """
        inputs = []
        for each in self.inputs:
            if each.path is not None:
                asset = prepare_path(rt, each.path, each.asset.asset_type)
                _check(rt, each.name, each.declaration, asset)
                each = replace(each, asset=asset)
            inputs.append(each)
        return Wiring(tuple(inputs), self.declared)

    def write(self, rt: Runtime, tx: Nouns, action_id: str, user_id: str) -> None:
        """Write down what the action takes, in the transaction that writes the action down."""
        for each in self.inputs:
            if each.path is not None:
                write_row(rt, tx, replace(each.asset, user_id=user_id))
            tx.assets.link(action_id, "input", each.name, each.asset.id, is_primary=each.is_primary)


def wire_inputs(
    rt: Runtime, route: Route, given: Iterable[str], uploads: Iterable[tuple[str, Upload]]
) -> Wiring:
    """The assets that were given for a route, each as `name=ASSET`, or as the ASSET alone.

    An ASSET is an id, the beginning of one, `@last`, or a file's path; `uploads` are `name@path`
    words, of which those that name no declared input are left to others. Raises UsageFault for a
    name that the route does not declare, AssetNotFound, FileUnreadable, AssetDamaged, and
    AssetUnfit, which says what would fit. Nothing is kept yet.
    """
    declarations = route.operation.input_assets
    primary = primary_name(declarations)
    found: dict[str, WiredInput] = {}
    for name, text, is_path in [
        *((*split_input(route, each), False) for each in given),
        *((name, each.path, True) for name, each in uploads if name in declarations),
    ]:
        if name in found:
            raise UsageFault(why=f"input {name} is given twice", hint="Nothing was sent.")
        declaration = declarations[name]
        asset, path = _find(rt, name, declaration, text, is_path=is_path)
        _check(rt, name, declaration, asset)
        found[name] = WiredInput(name, declaration, asset, name == primary, path)
    return Wiring(tuple(found.values()), declarations)


def wire_asset(rt: Runtime, route: Route, name: str, text: str) -> WiredInput:
    """The asset of this id under a declared input's name; what looks like a path is none.

    Raises AssetNotFound, AmbiguousReference, AssetUnfit and AssetDamaged.
    """
    if not is_uuid_prefix(text.lower()):
        raise AssetNotFound(name=text, hint=f"For {name} an asset's id is wanted.")
    declarations = route.operation.input_assets
    asset = find_asset(rt, text)
    _check(rt, name, declarations[name], asset)
    return WiredInput(name, declarations[name], asset, name == primary_name(declarations))


def wire_file(rt: Runtime, route: Route, name: str, path: Path) -> WiredInput:
    """A file for a declared input, which is kept once all else is well.

    Raises FileUnreadable and AssetUnfit.
    """
    declarations = route.operation.input_assets
    asset, found = _find(rt, name, declarations[name], str(path), is_path=True)
    _check(rt, name, declarations[name], asset)
    return WiredInput(name, declarations[name], asset, name == primary_name(declarations), found)


def split_input(route: Route, text: str) -> tuple[str, str]:
    """The name and the asset in what was typed; a route's only input needs no name.

    Raises UsageFault where the route has no such input, or it has to be said which one is meant.
    """
    declarations = route.operation.input_assets
    if not declarations:
        raise UsageFault(
            why=f"{route.reference} takes no assets",
            hint=f"Nothing was sent. See what it takes: ouro route show {route.reference}",
        )
    name, equals, rest = text.partition("=")
    if equals and name in declarations:
        return name, rest
    is_file = Path(text).expanduser().exists()
    if len(declarations) == 1 and (not equals or is_file):
        return next(iter(declarations)), text
    close = near(name, declarations, 1)
    why = (
        f"{route.reference} has no input '{name}'"
        if equals
        else f"it has to be said which input '{text}' is"
    )
    guess = f"Did you mean {close[0]}? " if close and equals else ""
    hint = f"{guess}It takes {', '.join(declarations)}: --input {next(iter(declarations))}=ASSET"
    raise UsageFault(why=why, hint=hint)


def _find(
    rt: Runtime, name: str, declaration: Declaration, text: str, *, is_path: bool
) -> tuple[Asset, Path | None]:
    path = Path(text).expanduser()
    if not is_path and (text == "@last" or is_uuid_prefix(text.lower())):
        try:
            return find_asset(rt, text), None
        except AssetNotFound:
            if not path.exists():
                raise
    kind = type_for(path, declaration)
    if kind is None:
        needs = wanted(declaration)
        raise AssetUnfit(why=f"{text} does not fit {name}: {needs} is wanted, by its id")
    try:
        return outline(rt, path, kind), path
    except FileUnreadable as fault:
        if not fault.is_missing:
            raise
        hint = f"For {name}, give an asset's id or the path of a file: {wanted(declaration)}."
        raise FileUnreadable(path=text, why="no such file, and no asset's id", hint=hint) from None


def _check(rt: Runtime, name: str, declaration: Declaration, asset: Asset) -> None:
    """Raise AssetUnfit where the asset does not fit, AssetDamaged where its bytes are gone."""
    is_outline = not asset.sha256
    judged = declaration
    if is_outline:
        # What an archive holds is known once it is kept.
        judged = {key: each for key, each in judged.items() if key != "contains_file_extensions"}
    why = unfit(asset, judged)
    if why:
        raise AssetUnfit(
            why=f"{asset.name} {asset.id if not is_outline else ''} does not fit {name}: it {why}",
            hint=f"{_suggestion(rt, declaration)} Nothing was sent.",
        )
    if not is_outline:
        problem = rt.store.files.problem(asset.sha256, asset.size)
        if problem:
            raise AssetDamaged(name=f"{asset.id} ({asset.name})", why=problem)


def _suggestion(rt: Runtime, declaration: Declaration) -> str:
    """What would fit, and the newest stored assets that do."""
    fitting = [
        f"{each.id} ({each.name})"
        for each in rt.store.assets.newest(AssetFilters(), limit=_LOOKED_THROUGH)
        if not unfit(each, declaration)
    ]
    stored = ", ".join(fitting[:_MOST_SUGGESTED]) or "none that is kept"
    return f"It takes {wanted(declaration)}; these fit: {stored}."


def _object(
    rt: Runtime, wired: WiredInput, url: str, *, most_rows: int | None = None
) -> dict[str, Any]:
    asset, path = wired.asset, wired.path
    is_outline = path is not None and not asset.sha256
    if asset.asset_type is AssetType.DATASET:
        rows = (
            rows_in(path) if is_outline and path is not None else stored_rows(rt, asset, most_rows)
        )
        return dataset_object(asset, rows[:most_rows])
    if asset.asset_type is AssetType.POST:
        text = text_in(path) if is_outline and path is not None else stored_text(rt, asset)
        return post_object(asset, text)
    return file_object(asset, url)


def stored_rows(rt: Runtime, asset: Asset, most: int | None = None) -> list[dict[str, Any]]:
    """The rows of a kept dataset, or the first of them; AssetDamaged where they are no rows."""
    # Only a dataset needs it.
    from ouro_cli.store.datasets import read_rows  # noqa: PLC0415

    path = rt.store.files.path_of(asset.sha256)
    try:
        return list(read_rows(path, limit=-1 if most is None else most))
    except sqlite3.Error as fault:
        raise AssetDamaged(name=f"{asset.id} ({asset.name})", why=f"damaged: {fault}") from None


def stored_text(rt: Runtime, asset: Asset) -> str:
    """The Markdown of a kept post."""
    with rt.store.files.open(asset.sha256) as file:
        return file.read().decode("utf-8", "replace")


def _either(names: list[str]) -> str:
    return " or ".join(f"'{name}'" for name in names)
