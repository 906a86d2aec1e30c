"""The assets of an action as they go out with its request: resolved when it is sent, not before."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from ouro_cli.errors import AssetDamaged, AssetNotFound
from ouro_cli.model.asset import Asset, AssetType
from ouro_cli.runtime import Runtime
from ouro_cli.store.registry import Nouns
from ouro_cli.usecases.wire_inputs import stored_rows, stored_text
from ouro_cli.wire.asset_object import dataset_object, file_object, post_object
from ouro_cli.wire.inputs import Input
from ouro_cli.wire.webhook import new_token, token_hash


@dataclass(frozen=True, slots=True)
class SentInputs:
    """What an action's assets become in its body; files have a token that opens their address."""

    objects: dict[str, dict[str, Any]]
    files: dict[str, tuple[Asset, str]]

    @property
    def secrets(self) -> tuple[str, ...]:
        """What opens the addresses of its files: to be kept out of everything."""
        return tuple(token for _, token in self.files.values())

    def in_body(self, values: Input, listener_url: str) -> Input:
        """The input with every asset in its place; a body is made where there is none."""
        if not self.objects and not self.files:
            return values
        files = {
            name: file_object(asset, f"{listener_url}/assets/{token}/{_quoted(asset)}")
            for name, (asset, token) in self.files.items()
        }
        given = values.body if isinstance(values.body, dict) else {}
        return replace(values, body={**given, **self.objects, **files}, has_body=True)

    def write(self, rt: Runtime, tx: Nouns, action_id: str) -> None:
        """Note the addresses of the files, in the transaction that claims the action."""
        lives = rt.settings.link_seconds
        expires_at = None if lives is None else rt.now() + timedelta(seconds=lives)
        for asset, token in self.files.values():
            tx.links.add(token_hash(token), asset.id, action_id, expires_at)


def read_inputs(rt: Runtime, assets: Iterable[tuple[str, Asset]]) -> SentInputs:
    """The assets that an action takes, each by its name there, read as they are kept now.

    Raises AssetNotFound for an asset that was removed since, AssetDamaged for lost bytes.
    """
    objects: dict[str, dict[str, Any]] = {}
    files: dict[str, tuple[Asset, str]] = {}
    for name, asset in assets:
        if asset.removed_at is not None:
            raise AssetNotFound(name=asset.id, hint="It was there once, and was removed.")
        problem = rt.store.files.problem(asset.sha256, asset.size)
        if problem:
            raise AssetDamaged(name=f"{asset.id} ({asset.name})", why=problem)
        match asset.asset_type:
            case AssetType.DATASET:
                objects[name] = dataset_object(asset, stored_rows(rt, asset))
            case AssetType.POST:
                objects[name] = post_object(asset, stored_text(rt, asset))
            case _:
                files[name] = (asset, new_token())
    return SentInputs(objects, files)


def _quoted(asset: Asset) -> str:
    return quote(asset.filename or asset.name, safe="") or "file"
