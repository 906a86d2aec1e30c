"""`ouro asset query`: ask a dataset in SQL."""

import itertools
import sys
from typing import Annotated, Any

import typer

from ouro_cli.cli import output
from ouro_cli.cli.options import AssetArg, Jq, Json, count_of
from ouro_cli.errors import UsageFault
from ouro_cli.runtime import open_runtime
from ouro_cli.usecases.find_reference import find_asset
from ouro_cli.usecases.read_asset import query_asset


def command(
    asset: AssetArg,
    sql: Annotated[
        str,
        typer.Argument(metavar="SQL", help="A question; the table is {{table}}, or rows."),
    ],
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    limit: Annotated[
        str, typer.Option("--limit", metavar="N", help="At most so many rows.")
    ] = "1000",
    json: Json = False,
    jq: Jq = None,
) -> None:
    """Ask a dataset a question in SQL, which can read it and change nothing, for ten seconds.

    \b
    ouro asset query @last "select formula, max(band_gap) from {{table}} group by formula"
    ouro asset query 0198c7 "select * from rows where is_stable" --csv > stable.csv
    """
    most = count_of(limit, "--limit", 1, 10**9)
    if as_csv and (json or jq is not None):
        raise UsageFault(why="--csv and --json are two things", hint="Choose one of them.")
    rt = open_runtime()
    rows = query_asset(rt, find_asset(rt, asset), sql)
    if as_csv:
        # Most questions are asked by people, who see a table.
        from ouro_cli.store.exports import csv_parts  # noqa: PLC0415

        asked = rows.first(most)
        for part in csv_parts(asked):
            sys.stdout.buffer.write(part)
        sys.stdout.buffer.flush()
        _more(next(rows.values, None) is not None, most)
        return
    found = list(itertools.islice(rows, most))
    view = {"rows": found, "has_more": next(rows.values, None) is not None}
    output.show(view, lambda shown: _human(shown, rows.names, most), json=json, jq=jq)


def _human(view: dict[str, Any], names: list[str], most: int) -> None:
    if not view["rows"]:
        output.story("No rows.")
        return
    shown = [[output.cell(row[name]) for name in names] for row in view["rows"]]
    output.table(shown, names)
    _more(view["has_more"], most)


def _more(has_more: bool, most: int) -> None:
    if has_more:
        output.story(f"There are more than {most} rows: --limit N")
