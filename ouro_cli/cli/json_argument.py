"""JSON that is given as an option: the text itself, or @file with JSON or YAML in it."""

from typing import Any

from ouro_cli.cli.given import read_text
from ouro_cli.errors import UsageFault
from ouro_cli.wire.inputs import WordFault, read_json


def read_json_argument(text: str, option: str) -> Any:
    """The value that the option's text holds; UsageFault, with the place, where it holds none."""
    try:
        return _read(text, option)
    except WordFault as fault:
        raise UsageFault(why=str(fault), hint="Nothing was changed.") from None


def _read(text: str, option: str) -> Any:
    if not text.startswith("@"):
        return read_json(text, option)
    name = text[1:]
    content = read_text(name)
    if not name.lower().endswith((".yaml", ".yml")):
        return read_json(content, name)
    from ouro_cli.openapi.yaml_text import YamlFault, read_yaml  # noqa: PLC0415

    try:
        return read_yaml(content)
    except YamlFault as fault:
        raise WordFault(f"{name}: invalid YAML at {fault}") from None
