"""Declarations: the assets that a route says it takes and makes, in both spellings."""

import re
from collections.abc import Set
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
    read = _read(operation, "input", INPUT_TYPES, problems)
    return {
        name: _with_filter(each, f"x-ouro-input-assets/{name}", problems)
        for name, each in read.items()
    }


def read_outputs(operation: dict[str, Any], problems: list[str]) -> dict[str, Declaration]:
    """What an operation says it makes: name in the response -> declaration."""
    read = _read(operation, "output", OUTPUT_TYPES, problems)
    return {
        name: _without_faults(each, f"x-ouro-output-assets/{name}", set(read) - {name}, problems)
        for name, each in read.items()
    }


def asset_types(declaration: Declaration) -> list[str]:
    """The types of asset that it is about: its union, or else its one type."""
    return list(declaration.get("asset_types") or [declaration["asset_type"]])


def primary_name(declarations: dict[str, Declaration]) -> str | None:
    """The name of the declaration marked primary, else of the first, the only one as a rule."""
    marked = [name for name, each in declarations.items() if each.get("primary") is True]
    return next(iter([*marked, *declarations]), None)


def legacy_columns(
    inputs: dict[str, Declaration], outputs: dict[str, Declaration]
) -> dict[str, Any]:
    """The plural maps' primary entries in the older columns of a route (contract section 3.5)."""
    taken = inputs.get(primary_name(inputs) or "", {})
    made = outputs.get(primary_name(outputs) or "", {})
    extensions = taken.get("file_extensions") or []
    return {
        "input_type": taken.get("asset_type"),
        "input_filter": taken.get("input_filter"),
        "input_file_extensions": extensions or None,
        "input_file_extension": next(iter(extensions), None),
        "output_type": made.get("asset_type"),
        "output_file_extension": next(iter(made.get("file_extensions") or []), None),
    }


def from_legacy_columns(
    columns: dict[str, Any],
) -> tuple[dict[str, Declaration], dict[str, Declaration]]:
    """The inputs and outputs that the older columns of a route stand for (contract section 3.5).

    The one declaration of each side is named after its asset type.
    """
    sides = []
    for side in ("input", "output"):
        asset_type = columns.get(f"{side}_type")
        if not asset_type:
            sides.append(dict[str, Declaration]())
            continue
        declaration: Declaration = {"asset_type": asset_type, "primary": True}
        single = columns.get(f"{side}_file_extension")
        extensions = columns.get(f"{side}_file_extensions") or ([single] if single else [])
        if extensions:
            declaration["file_extensions"] = list(extensions)
        if side == "input" and columns.get("input_filter"):
            declaration["input_filter"] = columns["input_filter"]
        sides.append({asset_type: declaration})
    return sides[0], sides[1]


def is_expected(declaration: Declaration, body: Any, defaults: dict[str, Any]) -> bool:
    """Whether an output exists for a request's body: its `when` (contract section 3.3).

    `defaults` are those of the body's properties, for what the body leaves out.
    """
    condition = declaration.get("when")
    if not isinstance(condition, dict):
        return True
    given = body if isinstance(body, dict) else {}
    for field, expected in condition.items():
        actual = given[field] if field in given else defaults.get(field)
        choices = expected if isinstance(expected, list) else [expected]
        if actual is None or not any(is_equal(actual, each) for each in choices):
            return False
    return True


def condition_text(declaration: Declaration) -> str:
    """An output's `when` in a person's words: `mode is a or b and include_dataset is true`."""
    condition = declaration.get("when")
    if not isinstance(condition, dict):
        return ""
    return " and ".join(
        f"{field} is {_either(each if isinstance(each, list) else [each])}"
        for field, each in condition.items()
    )


def _either(values: list[Any]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    words = [str(each).lower() if isinstance(each, bool) else str(each) for each in values]
    return " or ".join(filter(None, [", ".join(words[:-1]), *words[-1:]])) or "nothing"


def is_equal(actual: Any, expected: Any) -> bool:
    """Whether a value is the one that is meant: `true` is never 1, and "3" is 3 (section 3.3)."""
    if isinstance(actual, bool) or isinstance(expected, bool):
        return isinstance(actual, bool) and isinstance(expected, bool) and actual is expected
    if actual == expected:
        return True
    if isinstance(expected, int | float) and isinstance(actual, str):
        try:
            return float(actual) == expected
        except ValueError:
            return False
    return False


def _legacy(operation: dict[str, Any], side: str) -> Declaration:
    asset_type = operation.get(f"x-ouro-{side}-asset-type")
    if not isinstance(asset_type, str):
        return {}
    declaration: Declaration = {"asset_type": asset_type, "primary": True}
    extensions = operation.get(f"x-ouro-{side}-file-extensions") or operation.get(
        f"x-ouro-{side}-file-extension"
    )
    if extensions:
        declaration["file_extensions"] = extensions
    if side == "input" and (family := operation.get("x-ouro-input-asset-filter")):
        declaration["input_filter"] = family
    return declaration


def _read(
    operation: dict[str, Any], side: str, types: frozenset[str], problems: list[str]
) -> dict[str, Declaration]:
    extension = f"x-ouro-{side}-assets"
    legacy = _legacy(operation, side)
    declared = operation.get(extension)
    if declared is None or declared == {}:
        if not legacy:
            return {}
        declared, extension = {legacy["asset_type"]: legacy}, f"x-ouro-{side}-asset-type"
    if not isinstance(declared, dict):
        problems.append(f"{extension}: expected an object, not {type(declared).__name__}")
        return {}
    read: dict[str, Declaration] = {}
    for name, declaration in declared.items():
        where = f"{extension}/{name}"
        if not isinstance(declaration, dict):
            problems.append(f"{where}: expected an object")
            continue
        declaration = _with_one_spelling(declaration)
        if len(declared) == 1 and declaration.get("asset_type", legacy.get("asset_type")) == (
            legacy.get("asset_type")
        ):
            # A single sparse row inherits what the legacy columns say (contract section 3.5).
            declaration = {**legacy, **declaration}
        problem = _problem(declaration, types)
        if problem:
            problems.append(f"{where}: {problem}")
        else:
            read[name] = _tidy(declaration, where, problems)
    return read


def _with_one_spelling(declaration: Declaration) -> Declaration:
    """The declaration with `file_extensions` under that name, and without what is null."""
    stated = {name: value for name, value in declaration.items() if value is not None}
    alias = stated.pop("input_file_extensions", None)
    return stated if alias is None else {"file_extensions": alias, **stated}


def _problem(declaration: Declaration, types: frozenset[str]) -> str | None:
    asset_type = declaration.get("asset_type")
    if not _is_one_of(asset_type, types):
        return f"asset_type {asset_type!r} is none of {', '.join(sorted(types))}"
    union = declaration.get("asset_types")
    if union is None:
        return None
    if not isinstance(union, list) or not union or not all(_is_one_of(u, types) for u in union):
        return "asset_types is no list of asset types"
    if asset_type not in union:
        return f"asset_types does not hold the asset_type '{asset_type}'"
    return None


def _tidy(declaration: Declaration, where: str, problems: list[str]) -> Declaration:
    tidy = _only_booleans(declaration, ("primary",), where, problems)
    for key in ("file_extensions", "contains_file_extensions"):
        if key in tidy:
            tidy[key] = _extensions(tidy[key], f"{where}/{key}", problems)
    return tidy


def _extensions(listed: Any, where: str, problems: list[str]) -> list[str]:
    if not isinstance(listed, list):
        listed = [listed]
    normal = [normal_extension(each) if isinstance(each, str) else None for each in listed]
    if None in normal:
        problems.append(f"{where}: {listed!r} holds what is no file extension")
    return list(dict.fromkeys(each for each in normal if each is not None))


def _with_filter(declaration: Declaration, where: str, problems: list[str]) -> Declaration:
    """An input's declaration, its filter in the one spelling that the contract knows."""
    family = declaration.get("input_filter")
    if family is None:
        return declaration
    known = _FILTER_ALIASES.get(family, family) if isinstance(family, str) else family
    if _is_one_of(known, INPUT_FILTERS):
        return {**declaration, "input_filter": known}
    return _without(declaration, "input_filter", where, "is not known", problems)


def _without_faults(
    declaration: Declaration, where: str, others: set[str], problems: list[str]
) -> Declaration:
    """An output's declaration without the words that say what none of the contract's may say."""
    declaration = _only_booleans(declaration, ("optional",), where, problems)
    if "when" in declaration and not is_condition(declaration["when"]):
        declaration = _without(declaration, "when", where, "is no condition", problems)
    if "role" in declaration and not _is_one_of(declaration["role"], ROLES):
        declaration = _without(declaration, "role", where, "is not known", problems)
    if "embedded_in" in declaration and not _is_one_of(declaration["embedded_in"], others):
        declaration = _without(declaration, "embedded_in", where, "names no other output", problems)
    return declaration


def _only_booleans(
    declaration: Declaration, words: tuple[str, ...], where: str, problems: list[str]
) -> Declaration:
    for word in words:
        if word in declaration and not isinstance(declaration[word], bool):
            declaration = _without(declaration, word, where, "is no boolean", problems)
    return dict(declaration)


def _without(
    declaration: Declaration, word: str, where: str, why: str, problems: list[str]
) -> Declaration:
    problems.append(f"{where}: {word} {declaration[word]!r} {why} and was left out")
    return {name: value for name, value in declaration.items() if name != word}


def is_condition(value: Any) -> bool:
    """Whether this is `{body field: value, or list of values}` (contract section 3.3)."""
    return isinstance(value, dict) and all(
        isinstance(each, bool | int | float | str)
        for expected in value.values()
        for each in (expected if isinstance(expected, list) else [expected])
    )


def _is_one_of(value: Any, words: Set[str]) -> bool:
    return isinstance(value, str) and value in words
