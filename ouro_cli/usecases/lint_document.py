"""Hold a document against the standard that it names: for `--strict`, and never otherwise."""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jsonschema_rs

from ouro_cli.errors import UsageFault
from ouro_cli.model.service import Finding
from ouro_cli.openapi import refs
from ouro_cli.openapi.document import Document

_MOST = 1_000
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def lint_document(document: Document) -> list[Finding]:
    """What the OpenAPI Initiative's JSON Schema of its version has against the document.

    Raises UsageFault where the package that carries these schemas is not installed.
    """
    version = document.openapi[:3]
    schema = _schema_of(version)
    registry = None
    if version in ("3.1", "3.2"):
        # The standard's own leaves schemas open; here they are JSON Schema's.
        registry = jsonschema_rs.Registry([(schema["$id"], schema)])
        schema = {
            "$schema": _DIALECT,
            "$id": "urn:ouro:lint",
            "$ref": schema["$id"],
            "$defs": {"schema": {"$dynamicAnchor": "meta", "$ref": _DIALECT}},
        }
    validator = jsonschema_rs.validator_for(schema, registry=registry, offline=True)
    found = []
    for error in validator.iter_errors(document.stated):
        place, message = _deepest(error)
        found.append(Finding(refs.pointer(*place), message))
        if len(found) == _MOST:
            break
    return found


def _schema_of(version: str) -> Any:
    """The OpenAPI Initiative's schema, from the package that carries it; which is not loaded."""
    found = find_spec("openapi_spec_validator")
    if found is None or found.origin is None:
        raise UsageFault(
            why="--strict needs the 'openapi-spec-validator' package",
            hint="pip install 'ouro-cli[strict]'",
        )
    path = Path(found.origin).parent / "resources" / "schemas" / f"v{version}" / "schema.json"
    return json.loads(path.read_text(encoding="utf-8"))


def _deepest(error: Any) -> tuple[list[Any], str]:
    """Of a choice that nothing fits, what the choice that comes nearest lacks."""
    place, message = list(error.instance_path), str(error.message)
    branches = [branch for branch in getattr(error.kind, "context", None) or () if branch]
    if branches:
        faults = [list(map(_deepest, branch)) for branch in branches]
        nearest = min(faults, key=lambda each: (len(each), -max(len(at) for at, _ in each)))
        deepest = max(nearest, key=lambda each: len(each[0]))
        if len(deepest[0]) > len(place):
            return deepest
    return place, message if len(message) <= 200 else f"{message[:199]}…"
