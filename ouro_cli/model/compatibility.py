"""Whether an asset fits a declaration, and what would (contract section 3.11)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ouro_cli.model.asset import Asset
from ouro_cli.model.declaration import Declaration, asset_types
from ouro_cli.model.family import is_of_family
from ouro_cli.model.route import Route


@dataclass(frozen=True, slots=True)
class FoundRoute:
    """A route that takes an asset: under which names, and how much it is used.

    `total_uses` counts the runs of all; `last_used_at` is when the caller ran it last.
    """

    route: Route
    service: str
    inputs: tuple[str, ...]
    total_uses: int
    last_used_at: datetime | None


def unfit(asset: Asset, declaration: Declaration) -> str:
    """Why the asset does not fit what is declared, in a person's words; empty where it does."""
    kinds = asset_types(declaration)
    if asset.asset_type.value not in kinds:
        return f"is a {asset.asset_type.value}, and {_a(kinds)} is wanted"
    if asset.asset_type.value != "file":
        return ""
    wanted = declaration.get("file_extensions")
    if wanted and asset.extension not in wanted:
        own = f"is .{asset.extension}" if asset.extension else "has no extension"
        return f"{own}, and .{' or .'.join(wanted)} is wanted"
    family = declaration.get("input_filter")
    if family and not is_of_family(asset, family):
        return f"is {asset.media_type}, and {family} is wanted"
    inside = declaration.get("contains_file_extensions")
    if inside and not set(inside) <= set(_extensions_inside(asset)):
        return f"is no archive that holds .{' and .'.join(inside)}"
    return ""


def wanted(declaration: Declaration) -> str:
    """What would fit, in a person's words: `a file, .cif or .poscar`."""
    kinds = asset_types(declaration)
    parts = [_a(kinds)]
    if declaration.get("file_extensions"):
        parts.append(f".{' or .'.join(declaration['file_extensions'])}")
    if declaration.get("input_filter"):
        parts.append(str(declaration["input_filter"]))
    if declaration.get("contains_file_extensions"):
        parts.append(f"a zip with .{' and .'.join(declaration['contains_file_extensions'])} in it")
    return ", ".join(parts)


def _extensions_inside(asset: Asset) -> list[str]:
    archive: Any = asset.facts.get("archive")
    return list(archive.get("extensions", ())) if isinstance(archive, dict) else []


def _a(kinds: list[str]) -> str:
    return " or ".join(f"a {kind}" for kind in kinds)
