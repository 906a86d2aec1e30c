"""Whether an asset fits a declaration, and what would (contract section 3.11)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ouro_cli.model.asset import Asset
from ouro_cli.model.declaration import Declaration, asset_types
from ouro_cli.model.route import Route

# A family's media types; a file from Python may come as octet-stream, so extensions count too.
_FAMILIES: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "audio": (
        frozenset(
            f"audio/{kind}"
            for kind in (
                *("mpeg", "wav", "x-wav", "ogg", "flac", "x-flac", "aac", "x-aiff", "aiff", "midi"),
                *("x-ms-wma", "amr", "mp4"),
            )
        ),
        frozenset({"mp3", "wav", "ogg", "flac", "aac", "aiff", "aif", "mid", "midi", "wma", "amr"}),
    ),
    "video": (
        frozenset(
            f"video/{kind}"
            for kind in (
                *("mp4", "webm", "ogg", "avi", "x-msvideo", "mpeg", "quicktime", "x-ms-wmv"),
                *("x-flv",),
            )
        ),
        frozenset({"mp4", "webm", "ogv", "avi", "mpeg", "mpg", "mov", "wmv", "flv"}),
    ),
    "image": (
        frozenset(
            f"image/{kind}"
            for kind in (
                *("png", "jpeg", "webp", "gif", "svg+xml", "bmp", "tiff"),
                *("vnd.microsoft.icon", "x-icon"),
            )
        ),
        frozenset({"png", "jpg", "jpeg", "webp", "gif", "svg", "bmp", "tif", "tiff", "ico"}),
    ),
    "pdf": (frozenset({"application/pdf"}), frozenset({"pdf"})),
    "3d model": (frozenset({"model/obj"}), frozenset({"obj"})),
    "atomic structure": (
        frozenset(
            {
                *("chemical/x-cif", "chemical/x-pdb", "chemical/x-sdf", "chemical/x-mdl-sdfile"),
                *("chemical/x-mdl-molfile", "text/cif"),
            }
        ),
        frozenset({"cif", "pdb", "sdf", "mol"}),
    ),
}


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


def family_of(family: str) -> tuple[frozenset[str], frozenset[str]]:
    """The media types and the file extensions of a broad family of files."""
    return _FAMILIES.get(family, (frozenset(), frozenset()))


def is_of_family(asset: Asset, family: str) -> bool:
    """Whether a file is of a broad family, by its media type or else its extension."""
    media_types, extensions = family_of(family)
    return asset.media_type in media_types or asset.extension in extensions


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
