"""`ouro asset add`: keep a file, a dataset or a post."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from ouro_cli.cli import output
from ouro_cli.cli.assets import headline
from ouro_cli.cli.options import AssetTypeOption, Jq, Json, asset_type_of
from ouro_cli.errors import UsageFault
from ouro_cli.runtime import open_runtime
from ouro_cli.usecases.add_asset import AddWords, add_asset, add_stream
from ouro_cli.views.asset import asset_view


def command(
    path: Annotated[
        str, typer.Argument(metavar="PATH", help="A file, or - for what stands on stdin.")
    ],
    kind: AssetTypeOption = None,
    name: Annotated[
        str, typer.Option("--name", metavar="NAME", help="Call it this, not as the file.")
    ] = "",
    description: Annotated[
        str, typer.Option("--description", metavar="TEXT", help="Say what it is.")
    ] = "",
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print the asset's id alone.")
    ] = False,
    json: Json = False,
    jq: Jq = None,
) -> None:
    """Keep a copy of a file as an asset, which routes take and nobody changes.

    CSV, TSV, rows of JSON, NDJSON and Parquet become a dataset, Markdown a post, all else a file
    as it is; --type decides otherwise.

    \b
    ouro asset add Fe.cif
    ouro asset add measurements.csv --name "Band gaps"
    curl -s https://example.com/data.csv | ouro asset add - --name data.csv
    """
    rt = open_runtime()
    words = AddWords(asset_type_of(kind), name, description)
    if path != "-":
        added = add_asset(rt, Path(path), words)
    elif not name:
        raise UsageFault(why="what stands on stdin needs a name", hint="Give it one: --name NAME")
    else:
        added = add_stream(rt, sys.stdin.buffer, words)
    view = asset_view(added)
    if quiet and not json and jq is None:
        output.print_line(added.id)
        return
    output.show(view, _human, json=json, jq=jq)


def _human(view: dict[str, Any]) -> None:
    output.print_line(headline(view))
