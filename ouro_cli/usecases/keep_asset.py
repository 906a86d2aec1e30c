"""Keep an asset: first its bytes, durably; then, in a transaction, its row."""

import mimetypes
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ouro_cli.errors import AssetDamaged
from ouro_cli.model.asset import Asset, AssetType, Lineage
from ouro_cli.model.declaration import normal_extension
from ouro_cli.model.identity import slug
from ouro_cli.runtime import Runtime
from ouro_cli.store.files import Kept
from ouro_cli.store.registry import Nouns
from ouro_cli.usecases.inspect_bytes import OCTETS, inspect

if TYPE_CHECKING:
    from ouro_cli.store.datasets import KeptRows
    from ouro_cli.store.tables import Table

MARKDOWN = "text/markdown"
_DATASET = "application/vnd.sqlite3"
_LONGEST_NAME = 255
_STALE_SECONDS = 86_400.0


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
    """A file asset whose bytes are kept and looked into; its row is not written yet.

    Raises FileUnreadable for a path that is no regular file.
    """
    files = rt.store.files
    kept = files.keep_file(content) if isinstance(content, Path) else files.keep(content)
    if isinstance(content, Path) and not words.filename:
        words = replace(words, filename=content.name)
    with files.open(kept.sha256) as file:
        found = inspect(file, words.media_type or media_type_of(words.filename))
    words = replace(words, media_type=found.media_type)
    return _asset(rt, AssetType.FILE, kept, words, found.facts)


def prepare_post(rt: Runtime, markdown: str, words: AssetWords) -> Asset:
    """A post whose Markdown is kept; its row is not written yet."""
    kept = rt.store.files.keep_bytes(markdown.encode("utf-8", "replace"))
    words = replace(words, media_type=MARKDOWN, filename=words.filename or _filename(words, "md"))
    return _asset(rt, AssetType.POST, kept, words, {})


def prepare_dataset(rt: Runtime, rows: Iterable[dict[str, Any]], words: AssetWords) -> Asset:
    """A dataset whose flat rows are kept; its row in the registry is not written yet."""
    # Most assets are no datasets, and need none of what reads tables.
    from ouro_cli.store.datasets import keep_rows  # noqa: PLC0415

    return _dataset(rt, keep_rows(rt.store.files, rows), words)


def prepare_table(rt: Runtime, table: "Table", path: Path, words: AssetWords) -> Asset:
    """A dataset that was read from a file and is kept; its row is not written yet.

    Raises FileUnreadable for what is no table.
    """
    from ouro_cli.store.datasets import keep_table  # noqa: PLC0415

    return _dataset(rt, keep_table(rt.store.files, table, path), words)


def _dataset(rt: Runtime, read: "KeptRows", words: AssetWords) -> Asset:
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
        write_row(rt, tx, asset)
        added = tx.assets.get(asset.id)
    rt.store.files.sweep(older_than_seconds=_STALE_SECONDS, now=rt.now().timestamp())
    return added


def write_row(rt: Runtime, tx: Nouns, asset: Asset) -> None:
    """Write a prepared asset's row in a transaction that does more; the one way to do so.

    Raises AssetDamaged where its bytes are gone: whoever removes the last asset that has the
    same ones removes them too, in a transaction.
    """
    if problem := rt.store.files.problem(asset.sha256, asset.size):
        hint = "They were removed meanwhile, so nothing was kept. Try again."
        raise AssetDamaged(name=asset.name, why=problem, hint=hint)
    tx.assets.add(asset)


def _asset(
    rt: Runtime, kind: AssetType, kept: Kept, words: AssetWords, facts: dict[str, Any]
) -> Asset:
    filename = _text(words.filename)
    name = _text(words.name or words.filename or kind.value)
    extension = normal_extension(Path(filename).suffix) or ""
    now = rt.now()
    return Asset(
        id=rt.new_id(),
        user_id=rt.store.people.find(rt.settings.user) or rt.new_id(),
        creator=rt.settings.user,
        asset_type=kind,
        name=name,
        slug=slug(name) or kind.value,
        filename=filename,
        extension=extension,
        media_type=words.media_type or media_type_of(filename),
        size=kept.size,
        sha256=kept.sha256,
        description=_text(words.description, most=2**20),
        facts=facts,
        visibility=words.visibility,
        license=words.license,
        lineage=words.lineage,
        created_at=now,
        last_updated=now,
    )


def _text(text: str, most: int = _LONGEST_NAME) -> str:
    """Text that every row can hold: a file's name may be no Unicode at all."""
    return text[:most].encode("utf-8", "replace").decode()


def media_type_of(filename: str) -> str:
    """The media type that a file's name speaks of."""
    extension = normal_extension(Path(filename).suffix)
    if extension in _CHEMICAL:
        return _CHEMICAL[extension]
    return mimetypes.guess_type(filename)[0] or OCTETS


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
