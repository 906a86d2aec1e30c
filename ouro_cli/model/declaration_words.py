"""Declarations as a person types them: `structure=file:cif,poscar primary`."""

from typing import Any

from ouro_cli.model.declaration import Declaration
from ouro_cli.model.json_text import read_json

_FLAGS = frozenset({"primary", "optional"})
_KEYS = {
    "filter": "input_filter",
    "contains": "contains_file_extensions",
    "role": "role",
    "inside": "embedded_in",
}
_WHEN = "when:"

HINT = "Like structure=file:cif,poscar, with words after it, or as JSON: structure={...}."


def parse_declaration(text: str) -> tuple[str, Declaration]:
    """What a person typed: a name, and the asset declared under it.

    `NAME=TYPE|TYPE:EXT,EXT`, and words after blanks: `primary`, `optional`, `filter=FAMILY` (a
    dash for its blank), `contains=EXT,EXT`, `role=ROLE`, `inside=OUTPUT`, `when:FIELD=VALUE|VALUE`
    with values in JSON or as text. Or `NAME={...}`, the declaration as the contract spells it.
    ValueError where it is none; the words themselves are judged with all other declarations.
    """
    name, equals, said = text.strip().partition("=")
    if not name or not equals or not said.strip():
        raise ValueError(f"'{text}' is no declaration")
    if said.lstrip().startswith("{"):
        return name, _from_json(said, name)
    first, *words = said.split()
    declaration = _typed(first)
    for word in words:
        _add(declaration, word)
    return name, declaration


def _from_json(text: str, name: str) -> Declaration:
    try:
        return dict(read_json(text, unlike_keys=True))
    except ValueError as fault:
        raise ValueError(f"{name}: invalid JSON: {fault}") from None


def _typed(text: str) -> Declaration:
    kinds, _, extensions = text.partition(":")
    asset_types = [each for each in kinds.split("|") if each]
    declaration: Declaration = {"asset_type": next(iter(asset_types), "")}
    if len(asset_types) > 1:
        declaration["asset_types"] = asset_types
    if extensions:
        declaration["file_extensions"] = extensions.split(",")
    return declaration


def _add(declaration: Declaration, word: str) -> None:
    key, equals, value = word.partition("=")
    if word in _FLAGS:
        declaration[word] = True
    elif key.startswith(_WHEN) and len(key) > len(_WHEN) and equals:
        declaration.setdefault("when", {})[key.removeprefix(_WHEN)] = _values(value)
    elif key == "contains" and value:
        declaration[_KEYS[key]] = value.split(",")
    elif key in _KEYS and value:
        declaration[_KEYS[key]] = value.replace("-", " ") if key == "filter" else value
    else:
        raise ValueError(f"'{word}' is none of the words of a declaration")


def _values(text: str) -> Any:
    values = [_value(each) for each in text.split("|")]
    return values if len(values) > 1 else values[0]


def _value(text: str) -> Any:
    """A JSON scalar, or the text itself."""
    try:
        value = read_json(text)
    except ValueError:
        return text
    return value if isinstance(value, bool | int | float | str) else text
