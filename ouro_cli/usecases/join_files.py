"""Join a document with the files beside it that it refers to."""

import json
from dataclasses import replace
from typing import Any

from ouro_cli.errors import DocumentUnreadable
from ouro_cli.model.service import Finding
from ouro_cli.openapi import bundle, document
from ouro_cli.runtime import Runtime
from ouro_cli.upstream.documents import Fetched
from ouro_cli.upstream.neighbours import Neighbours, OutOfBounds


def join_files(rt: Runtime, fetched: Fetched, source: str) -> tuple[document.Document, Fetched]:
    """The document with all files that it refers to in it, and its bytes as they are to be kept.

    A file that is not there, or may not be read, is a warning; one that cannot be fetched now, or
    is neither JSON nor YAML, is DocumentUnreadable: what it says is not to be forgotten.
    """
    neighbours = Neighbours(fetched, rt.settings)

    def read(address: str) -> tuple[Any, str]:
        try:
            found = neighbours.read(address)
        except OutOfBounds as fault:
            raise bundle.NotFollowed(str(fault)) from None
        return document.read_value(found.data, address), found.source

    def join(value: Any, warnings: list[Finding]) -> Any:
        return bundle.join(value, neighbours.address, read, warnings)

    joined = document.parse(fetched.data, source, join)
    if bundle.FILES not in joined.stated:
        return joined, fetched
    try:
        data = json.dumps(joined.stated, ensure_ascii=False).encode()
    except (RecursionError, UnicodeEncodeError):
        raise DocumentUnreadable(source=source, why="its files cannot be kept as one") from None
    # An ETag is that of the first file alone, and says nothing of the others.
    return joined, replace(fetched, data=data, media_type="application/json", etag=None)
