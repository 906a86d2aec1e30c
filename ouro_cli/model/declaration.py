"""Declarations: the assets that a route says it takes and makes, in both spellings."""

import re
from typing import Any

INPUT_TYPES = frozenset({"file", "dataset", "post", "comment", "route"})
OUTPUT_TYPES = INPUT_TYPES - {"route"}
INPUT_FILTERS = frozenset({"audio", "video", "image", "pdf", "3d model", "atomic structure"})
ROLES = frozenset({"new", "version", "result", "supporting"})

_FILTER_ALIASES = {"3d": "3d model"}

Declaration = dict[str, Any]
"""One declared asset as contract section 3.1 or 3.2 spells it; keys we do not know are kept."""


def normal_extension(text: str) -> str | None:
    """A file extension without dots, in lower case; None where it cannot be one."""
    plain = re.sub(r"[^a-z0-9]", "", text.lower())
    return plain if plain and not plain.isdigit() and len(plain) <= 12 else None


def read_inputs(operation: dict[str, Any], problems: list[str]) -> dict[str, Declaration]:
    """What an operation says it takes: name in the request's body -> declaration.

    Reads `x-ouro-input-assets` and, where that is missing, the legacy extensions (contract
    section 3.5), whose key in the body is the asset type's own name. What cannot be read is
    left out and said in `problems`.
    """
    legacy = _legacy(
        operation.get("x-ouro-input-asset-type"),
        operation.get("x-ouro-input-file-extensions")
        or operation.get("x-ouro-input-file-extension"),
    )
    if legacy and (family := operation.get("x-ouro-input-asset-filter")):
        legacy["input_filter"] = family
    declared = operation.get("x-ouro-input-assets")
    return _read("x-ouro-input-assets", declared, legacy, INPUT_TYPES, problems)


def read_outputs(operation: dict[str, Any], problems: list[str]) -> dict[str, Declaration]:
    """What an operation says it makes: name in the response -> declaration."""
    legacy = _legacy(
        operation.get("x-ouro-output-asset-type"),
        operation.get("x-ouro-output-file-extensions")
        or operation.get("x-ouro-output-file-extension"),
    )
    declared = operation.get("x-ouro-output-assets")
    return _read("x-ouro-output-assets", declared, legacy, OUTPUT_TYPES, problems)


def primary_of(declarations: dict[str, Declaration]) -> Declaration | None:
    """The declaration marked primary, else the first, which is the only one as a rule."""
    marked = [each for each in declarations.values() if each.get("primary") is True]
    return next(iter([*marked, *declarations.values()]), None)


def _legacy(asset_type: Any, extensions: Any) -> Declaration:
    if not isinstance(asset_type, str):
        return {}
    declaration: Declaration = {"asset_type": asset_type, "primary": True}
    if isinstance(extensions, str):
        extensions = [extensions]
    if extensions:
        declaration["file_extensions"] = extensions
    return declaration


def _read(
    extension: str, declared: Any, legacy: Declaration, types: frozenset[str], problems: list[str]
) -> dict[str, Declaration]:
    if declared is None:
        declared = {legacy["asset_type"]: legacy} if legacy else {}
    if not isinstance(declared, dict):
        problems.append(f"{extension}: expected an object, not {type(declared).__name__}")
        return {}
    read: dict[str, Declaration] = {}
    for name, declaration in declared.items():
        if not isinstance(declaration, dict):
            problems.append(f"{extension}/{name}: expected an object")
            continue
        if len(declared) == 1:
            # A single sparse row inherits what the legacy columns say (contract section 3.5).
            declaration = {**legacy, **declaration}
        problem = _problem(declaration, types)
        if problem:
            problems.append(f"{extension}/{name}: {problem}")
        else:
            read[name] = _tidy(declaration, f"{extension}/{name}", problems)
    return read


def _problem(declaration: Declaration, types: frozenset[str]) -> str | None:
    asset_type = declaration.get("asset_type")
    if asset_type not in types:
        return f"asset_type {asset_type!r} is none of {', '.join(sorted(types))}"
    union = declaration.get("asset_types")
    if union is None:
        return None
    if not isinstance(union, list) or not union or any(each not in types for each in union):
        return "asset_types is no list of asset types"
    if asset_type not in union:
        return f"asset_types does not hold the asset_type '{asset_type}'"
    return None


def _tidy(declaration: Declaration, where: str, problems: list[str]) -> Declaration:
    tidy = dict(declaration)
    if "input_file_extensions" in tidy:
        tidy.setdefault("file_extensions", tidy.pop("input_file_extensions"))
    for key in ("file_extensions", "contains_file_extensions"):
        if key in tidy:
            tidy[key] = _extensions(tidy[key], f"{where}/{key}", problems)
    family = tidy.get("input_filter")
    if family is not None:
        family = _FILTER_ALIASES.get(family, family) if isinstance(family, str) else family
        if family in INPUT_FILTERS:
            tidy["input_filter"] = family
        else:
            problems.append(f"{where}: input_filter {family!r} is not known and was left out")
            del tidy["input_filter"]
    return tidy


def _extensions(listed: Any, where: str, problems: list[str]) -> list[str]:
    if not isinstance(listed, list):
        listed = [listed]
    normal = [normal_extension(each) if isinstance(each, str) else None for each in listed]
    if None in normal:
        problems.append(f"{where}: {listed!r} holds what is no file extension")
    return [each for each in normal if each is not None]
