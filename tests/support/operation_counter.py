"""How many operations a document has, counted without any of the reader's code."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml

METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace", "query"}


def count_in_file(path: Path) -> int:
    """The operations of the document in this file, JSON or YAML."""
    text = path.read_text(encoding="utf-8-sig")
    return count_operations(json.loads(text) if text.lstrip()[:1] == "{" else yaml.safe_load(text))


def count_operations(document: Any) -> int:
    """One for each path and method; a path item by reference counts as what it refers to."""
    count = 0
    for path, item in (document.get("paths") or {}).items():
        if str(path).startswith("x-"):
            continue
        seen: list[str] = []
        methods: set[str] = set()
        while isinstance(item, dict):
            methods |= {key.upper() for key in item if key in METHODS and item[key] is not None}
            methods |= set(item.get("additionalOperations") or ())
            reference = item.get("$ref")
            if not isinstance(reference, str) or reference in seen:
                break
            seen.append(reference)
            item = _behind(document, reference)
        count += len(methods)
    return count


def _behind(document: Any, reference: str) -> Any:
    if not reference.startswith("#/"):
        return None
    value = document
    for step in unquote(reference[2:]).split("/"):
        step = step.replace("~1", "/").replace("~0", "~")
        value = value[int(step)] if isinstance(value, list) else (value or {}).get(step)
    return value
