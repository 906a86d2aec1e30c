"""Read what an asset keeps; whoever needs bytes that are damaged is told so in one line."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ouro_cli.errors import AssetDamaged, UsageFault
from ouro_cli.model.asset import Asset, AssetType
from ouro_cli.runtime import Runtime

if TYPE_CHECKING:
    from ouro_cli.store.datasets import Rows

_CHUNK = 2**20

FORMATS = {
    AssetType.FILE: (),
    AssetType.DATASET: ("csv", "json", "ndjson"),
    AssetType.POST: ("md", "html"),
}
"""The formats that an asset can be given out in, the usual one first; a file is as it is."""


def asset_path(rt: Runtime, asset: Asset, *, deeply: bool = False) -> Path:
    """Where an asset's bytes lie; AssetDamaged where they are not there, or not as many.

    `deeply` reads them all, and holds them against their sha256.
    """
    problem = rt.store.files.problem(asset.sha256, asset.size, deeply=deeply)
    if problem:
        raise AssetDamaged(name=asset.id, why=problem)
    return rt.store.files.path_of(asset.sha256)


def open_asset(rt: Runtime, asset: Asset) -> io.BufferedReader:
    """An asset's bytes, to be read; AssetDamaged where they are not there."""
    asset_path(rt, asset)
    return rt.store.files.open(asset.sha256)


def asset_rows(rt: Runtime, asset: Asset, *, limit: int = -1) -> "Rows":
    """The rows of a dataset."""
    from ouro_cli.store.datasets import read_rows  # noqa: PLC0415, only a dataset needs it

    return read_rows(asset_path(rt, asset), limit=limit)


def query_asset(rt: Runtime, asset: Asset, sql: str) -> "Rows":
    """What a dataset answers to a question in SQL; QueryRefused where it may not be asked."""
    from ouro_cli.store.datasets import query_rows  # noqa: PLC0415, only a dataset needs it

    if asset.asset_type is not AssetType.DATASET:
        raise UsageFault(
            why=f"{asset.id} is a {asset.asset_type.value}, and only a dataset can be queried",
            hint="See them: ouro asset list --type dataset",
        )
    return query_rows(asset_path(rt, asset, deeply=True), table_name(asset), sql)


def table_name(asset: Asset) -> str:
    """What a dataset's table is called in a question, as its metadata says."""
    return asset.slug.replace("-", "_") or "dataset"


def asset_format(asset: Asset, wanted: str | None) -> str:
    """The format to give an asset out in; UsageFault for one that it cannot have."""
    known = FORMATS[asset.asset_type]
    if wanted is None:
        return known[0] if known else ""
    if wanted in known:
        return wanted
    if not known:
        raise UsageFault(why="--format: a file is given out as it is")
    kind = asset.asset_type.value
    raise UsageFault(why=f"--format: a {kind} is {' or '.join(known)}, not '{wanted}'")


def asset_parts(rt: Runtime, asset: Asset, form: str) -> Iterator[bytes]:
    """An asset's bytes in a format of `FORMATS`, part by part, in constant memory.

    Raises AssetDamaged, at the end too, where the bytes are not those that were kept.
    """
    if asset.asset_type is AssetType.DATASET:
        from ouro_cli.store.datasets import read_rows  # noqa: PLC0415, only a dataset needs it
        from ouro_cli.store.exports import PARTS  # noqa: PLC0415

        return PARTS[form](read_rows(asset_path(rt, asset, deeply=True)))
    parts = _kept_parts(rt, asset)
    return _page(asset.name, b"".join(parts)) if form == "html" else parts


def _kept_parts(rt: Runtime, asset: Asset) -> Iterator[bytes]:
    # It loads OpenSSL.
    import hashlib  # noqa: PLC0415

    digest = hashlib.sha256()
    with open_asset(rt, asset) as file:
        while part := file.read(_CHUNK):
            digest.update(part)
            yield part
    if digest.hexdigest() != asset.sha256:
        raise AssetDamaged(name=asset.id, why="damaged: they are not what was kept")


def _page(title: str, markdown: bytes) -> Iterator[bytes]:
    import html  # noqa: PLC0415

    # Only this format needs it.
    from markdown_it import MarkdownIt  # noqa: PLC0415

    # Tags in the Markdown are shown, not obeyed: it may have come from anywhere.
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    body = reader.render(markdown.decode("utf-8", "replace"))
    head = f'<!doctype html>\n<meta charset="utf-8">\n<title>{html.escape(title)}</title>\n'
    yield (head + body).encode()
