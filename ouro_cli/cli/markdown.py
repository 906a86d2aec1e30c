"""Markdown from a document's descriptions, drawn for a terminal."""

import sys

from rich.console import Console
from rich.markdown import Markdown
from rich.theme import Theme

from ouro_cli.cli.output import terminal_width
from ouro_cli.safety import redact_values, safe


def print_markdown(text: str) -> None:
    """Draw Markdown on stdout; links are shown as text, so that none can pass for another."""
    console = Console(
        file=sys.stdout,
        width=min(terminal_width(), 100),
        markup=False,
        emoji=False,
        highlight=False,
        theme=Theme({"markdown.code": "bold"}),
    )
    console.print(Markdown(safe(redact_values(text)), hyperlinks=False))
