"""How many operations a document has, counted by other hands: nothing of our reader is used here.

JSON is read by `json`, YAML by PyYAML; the rules are those of the specifications. A path item is an
object with a member per method (OpenAPI 3.1.1 section 4.8.9.1; 2.0 has no `trace`; 3.2 adds `query`
and `additionalOperations`), or refers to one. What begins with `x-` is an extension.
"""

import gzip
import json
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
        item = _behind(document, item)
        if not isinstance(item, dict):
            continue
        names = [each for each in methods if isinstance(item.get(each), dict)]
        if "query" in methods:
            others = item.get("additionalOperations")
            if isinstance(others, dict):
                names += [each for each, stated in others.items() if isinstance(stated, dict)]
        found |= {("/" + path.removeprefix("/"), name) for name in names}
    return len(found)


def _methods(document: Any) -> frozenset[str]:
    if "swagger" in document:
        return METHODS_OF_2
    return METHODS_OF_32 if str(document.get("openapi")).startswith("3.2") else METHODS_OF_3


def _behind(document: Any, item: Any) -> Any:
    """The path item itself, or what it refers to inside the document."""
    for _ in range(20):
        reference = item.get("$ref") if isinstance(item, dict) else None
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return item
        item = document
        for token in unquote(reference[2:]).split("/"):
            token = token.replace("~1", "/").replace("~0", "~")
            item = item.get(token) if isinstance(item, dict) else None
    return None
