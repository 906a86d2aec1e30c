"""Keep a file of this machine, or what stands on stdin, as an asset of the type that it has."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ouro_cli.errors import FileUnreadable
from ouro_cli.model.asset import Asset, AssetType
from ouro_cli.model.declaration import normal_extension
from ouro_cli.runtime import Runtime
from ouro_cli.store.files import open_regular
from ouro_cli.store.tables import FORMATS, looks_like, read_table
from ouro_cli.usecases.keep_asset import (
    AssetWords,
    keep_asset,
    prepare_file,
    prepare_post,
    prepare_table,
)

_MARKDOWN = ("md", "markdown")
_LONGEST_POST = 64 * 2**20
_HEAD = 64 * 2**10


@dataclass(frozen=True, slots=True)
class AddWords:
    """What a person says of what is added; a type of None is found out."""

    asset_type: AssetType | None = None
    name: str = ""
    description: str = ""


def add_asset(rt: Runtime, path: Path, words: AddWords) -> Asset:
    """Keep a file as an asset: a table as a dataset, Markdown as a post, all else as it is.

    Raises FileUnreadable for what is no regular file, or not of the type that it is said to have.
    """
    return _add(rt, path, path.name, words)


def add_stream(rt: Runtime, stream: BinaryIO, words: AddWords) -> Asset:
    """Keep what stands in a stream as an asset, as if it were a file of the name in `words`."""
    with rt.store.files.draft() as (descriptor, draft):
        with open(descriptor, "wb", closefd=False) as file:
            shutil.copyfileobj(stream, file)
        try:
            return _add(rt, draft, words.name.replace("\\", "/").rsplit("/", 1)[-1], words)
        except FileUnreadable as fault:
            raise FileUnreadable(**fault.facts | {"path": "stdin"}) from None


def _add(rt: Runtime, path: Path, filename: str, words: AddWords) -> Asset:
    extension = normal_extension(Path(filename).suffix) or ""
    said = AssetWords(name=words.name, description=words.description, filename=filename)
    titled = AssetWords(
        name=words.name or Path(filename).stem, description=words.description, filename=filename
    )
    with open_regular(path) as file:
        head = file.read(_HEAD)
    guessed = looks_like(head) if extension in ("", "json") else ""
    match words.asset_type or _type_of(extension):
        case AssetType.DATASET:
            form = FORMATS.get(extension) or looks_like(head) or "csv"
            return keep_asset(rt, prepare_table(rt, read_table(path, form), path, titled))
        case AssetType.POST:
            return keep_asset(rt, prepare_post(rt, _markdown(path), titled))
        case None if guessed:
            try:
                prepared = prepare_table(rt, read_table(path, guessed), path, titled)
            except FileUnreadable:
                prepared = prepare_file(rt, path, said)
            return keep_asset(rt, prepared)
        case _:
            return keep_asset(rt, prepare_file(rt, path, said))


def _type_of(extension: str) -> AssetType | None:
    """The type that a file's extension alone speaks of; JSON can be rows or anything else."""
    if extension in _MARKDOWN:
        return AssetType.POST
    return AssetType.DATASET if extension in FORMATS and extension != "json" else None


def _markdown(path: Path) -> str:
    with open_regular(path) as file:
        data = file.read(_LONGEST_POST + 1)
    if len(data) > _LONGEST_POST:
        why = f"a post is at most {_LONGEST_POST // 2**20} MiB"
        raise FileUnreadable(path=path, why=why, hint="Keep it as it is: --type file.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        why = f"it is not UTF-8 at byte {fault.start}"
        raise FileUnreadable(path=path, why=why, hint="Keep it as it is: --type file.") from None
