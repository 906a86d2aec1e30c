"""Keep an asset: first its bytes, durably; then, in a transaction, its row."""

import mimetypes
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ouro_cli.model.asset import Asset, AssetType, Lineage
from ouro_cli.model.declaration import normal_extension
from ouro_cli.model.identity import slug
from ouro_cli.runtime import Runtime
from ouro_cli.store.files import Kept

MARKDOWN = "text/markdown"
_DATASET = "application/vnd.sqlite3"
_OCTETS = "application/octet-stream"
_LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class AssetWords:
    """What is said of an asset beside its bytes."""

    name: str = ""
    description: str = ""
    filename: str = ""
    media_type: str = ""
    visibility: str = "private"
    license: str = "ARR"
    lineage: Lineage = field(default_factory=Lineage)


def prepare_file(rt: Runtime, content: Path | Iterable[bytes], words: AssetWords) -> Asset:
    """A file asset whose bytes are kept; its row is not written yet.

    Raises FileUnusable for a path that is no regular file.
    """
    files = rt.store.files
    kept = files.keep_file(content) if isinstance(content, Path) else files.keep(content)
    if isinstance(content, Path) and not words.filename:
        words = replace(words, filename=content.name)
    return _asset(rt, AssetType.FILE, kept, words, {})


def prepare_post(rt: Runtime, markdown: str, words: AssetWords) -> Asset:
    """A post whose Markdown is kept; its row is not written yet."""
    kept = rt.store.files.keep_bytes(markdown.encode("utf-8", "replace"))
    words = replace(words, media_type=MARKDOWN, filename=words.filename or _filename(words, "md"))
    return _asset(rt, AssetType.POST, kept, words, {})


def prepare_dataset(rt: Runtime, rows: Iterable[dict[str, Any]], words: AssetWords) -> Asset:
    """A dataset whose flat rows are kept; its row in the registry is not written yet."""
    # It loads sqlite-utils.
    from ouro_cli.store.datasets import keep_rows  # noqa: PLC0415

    read = keep_rows(rt.store.files, rows)
    words = replace(words, media_type=_DATASET, filename=words.filename or _filename(words, "csv"))
    facts = {"columns": read.columns, "rows": read.rows}
    return _asset(rt, AssetType.DATASET, read.kept, words, facts)


def describe_file(rt: Runtime, kind: AssetType, path: Path, size: int) -> Asset:
    """What a file would be as an asset, as far as its name and size tell; nothing is kept."""
    return _asset(rt, kind, Kept("", size), AssetWords(filename=path.name), {})


def keep_asset(rt: Runtime, asset: Asset) -> Asset:
    """Write a prepared asset's row; return the asset as it is kept."""
    with rt.store.transaction() as tx:
        tx.people.id_of(rt.settings.user, asset.user_id, asset.created_at)
        tx.assets.add(asset)
        return tx.assets.get(asset.id)


def _asset(
    rt: Runtime, kind: AssetType, kept: Kept, words: AssetWords, facts: dict[str, Any]
) -> Asset:
    name = (words.name or words.filename or kind.value)[:_LONGEST_NAME]
    extension = normal_extension(Path(words.filename).suffix) or ""
    now = rt.now()
    return Asset(
        id=rt.new_id(),
        user_id=rt.store.people.find(rt.settings.user) or rt.new_id(),
        creator=rt.settings.user,
        asset_type=kind,
        name=name,
        slug=slug(name) or kind.value,
        filename=words.filename,
        extension=extension,
        media_type=words.media_type or media_type_of(words.filename),
        size=kept.size,
        sha256=kept.sha256,
        description=words.description,
        facts=facts,
        visibility=words.visibility,
        license=words.license,
        lineage=words.lineage,
        created_at=now,
        last_updated=now,
    )


def media_type_of(filename: str) -> str:
    """The media type that a file's name speaks of."""
    extension = normal_extension(Path(filename).suffix)
    if extension in _CHEMICAL:
        return _CHEMICAL[extension]
    return mimetypes.guess_type(filename)[0] or _OCTETS


# What the platform records (contract sections 3.11 and 9.4), and Python does not know everywhere.
_CHEMICAL = {
    "cif": "chemical/x-cif",
    "pdb": "chemical/x-pdb",
    "sdf": "chemical/x-sdf",
    "mol": "chemical/x-mdl-molfile",
    "obj": "model/obj",
}


def _filename(words: AssetWords, extension: str) -> str:
    return f"{slug(words.name) or 'unnamed'}.{extension}"
