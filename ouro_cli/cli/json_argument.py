"""JSON that is given as an option: the text itself, or @file with JSON or YAML in it."""

from pathlib import Path
from typing import Any

from ouro_cli.errors import UsageFault
from ouro_cli.wire.inputs import WordFault, read_json

LARGEST = 64 * 2**20


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
    content = read_text_file(name)
    if not name.lower().endswith((".yaml", ".yml")):
        return read_json(content, name)
    from ouro_cli.openapi.yaml_text import YamlFault, read_yaml  # noqa: PLC0415

    try:
        return read_yaml(content)
    except YamlFault as fault:
        raise WordFault(f"{name}: invalid YAML at {fault}") from None


def read_text_file(name: str) -> str:
    """The text of a regular file; WordFault says why it cannot be read."""
    path = Path(name).expanduser()
    try:
        if not path.is_file():
            why = "is not a regular file" if path.exists() else "no such file"
            raise WordFault(f"cannot read {name}: {why}")
        if path.stat().st_size > LARGEST:
            raise WordFault(f"{name}: larger than {LARGEST // 2**20} MiB")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as fault:
        raise WordFault(f"{name}: not UTF-8 at byte {fault.start}") from None
    except OSError as fault:
        raise WordFault(f"cannot read {name}: {(fault.strerror or '').lower()}") from None
