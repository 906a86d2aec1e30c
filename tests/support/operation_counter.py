"""How many operations a document has, counted by other hands: nothing of our reader is used here.

JSON is read by `json`, YAML by PyYAML; the rules are those of the specifications. A path item is an
object with a member per method (OpenAPI 3.1.1 section 4.8.9.1; 2.0 has no `trace`; 3.2 adds `query`
and `additionalOperations`), or refers to one. What begins with `x-` is an extension.
"""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml

METHODS_OF_2 = frozenset({"get", "put", "post", "delete", "options", "head", "patch"})
METHODS_OF_3 = METHODS_OF_2 | {"trace"}
METHODS_OF_32 = METHODS_OF_3 | {"query"}


def read(path: Path) -> Any:
    """The document in a file: JSON, gzipped JSON, or YAML, whose scalars all stay text."""
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    if data.lstrip()[:1] == b"{":
        return json.loads(data)
    return yaml.load(data, Loader=yaml.CBaseLoader)


def count_operations(document: Any) -> int:
    """How many operations there are: pairs of a path, with its slash, and a method."""
    methods = _methods(document)
    found = set()
    paths = document.get("paths")
    for path, item in paths.items() if isinstance(paths, dict) else ():
        if path.startswith("x-"):
            continue
        names: set[str] = set()
        for each in _all_of(document, item):
            names |= {name for name in methods if isinstance(each.get(name), dict)}
            others = each.get("additionalOperations") if "query" in methods else None
            if isinstance(others, dict):
                names |= {name for name, stated in others.items() if isinstance(stated, dict)}
        found |= {("/" + path.removeprefix("/"), name) for name in names}
    return len(found)


def _methods(document: Any) -> frozenset[str]:
    if "swagger" in document:
        return METHODS_OF_2
    return METHODS_OF_32 if str(document.get("openapi")).startswith("3.2") else METHODS_OF_3


def _all_of(document: Any, item: Any) -> Iterator[dict[str, Any]]:
    """The path item itself, and what it refers to inside the document, if it does."""
    for _ in range(20):
        if not isinstance(item, dict):
            return
        yield item
        reference = item.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return
        item = document
        for token in unquote(reference[2:]).split("/"):
            token = token.replace("~1", "/").replace("~0", "~")
            item = item.get(token) if isinstance(item, dict) else None
