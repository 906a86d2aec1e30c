"""Real documents, imported by the real use case into registries of their own."""

import dataclasses
import gzip
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ouro_cli.runtime import Runtime
from ouro_cli.store.registry import Store
from ouro_cli.usecases.import_service import ImportOptions, ImportReport, import_service

Import = Callable[[Path], tuple[Runtime, ImportReport]]


@pytest.fixture
def import_real(make_runtime: Any, tmp_path: Path) -> Iterator[Import]:
    """Imports a document's file into a new registry with counted ids and a clock that stands."""
    rt: Runtime = make_runtime()
    number = itertools.count()
    stores: list[Store] = []

    def new(path: Path) -> tuple[Runtime, ImportReport]:
        while stores:
            stores.pop().close()
        folder = tmp_path / f"registry-{next(number)}"
        stores.append(Store(folder))
        ids = (f"00000000-0000-7000-8000-{n:012d}" for n in itertools.count(1))
        mine = dataclasses.replace(rt, store=stores[-1], new_id=ids.__next__)
        options = ImportOptions(base_url="http://127.0.0.1")
        return mine, import_service(mine, str(_unzipped(path, folder)), options)

    yield new
    while stores:
        stores.pop().close()


def _unzipped(path: Path, folder: Path) -> Path:
    if path.suffix != ".gz":
        return path
    plain = folder.with_suffix(".json")
    plain.write_bytes(gzip.decompress(path.read_bytes()))
    return plain
