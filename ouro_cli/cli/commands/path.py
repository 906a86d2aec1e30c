"""`ouro path`: where things lie."""

from typing import Any

from ouro_cli.cli import output
from ouro_cli.cli.options import Jq, Json
from ouro_cli.runtime import open_runtime


def command(json: Json = False, jq: Jq = None) -> None:
    """Print where the registry lies."""
    home = open_runtime().settings.home
    view = {
        "home": str(home),
        "registry": str(home / "registry.db"),
        "config": str(home / "config.toml"),
    }
    output.show(view, _human, json=json, jq=jq)


def _human(view: dict[str, Any]) -> None:
    output.print_line(view["home"])
