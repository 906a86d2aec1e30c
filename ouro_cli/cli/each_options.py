"""The options of commands that run something for each row of a table."""

from typing import Annotated

import typer

EachTable = Annotated[
    str | None,
    typer.Option(
        "--each",
        metavar="TABLE",
        help="Run it for each row of a CSV, JSON Lines or Parquet file, or of a dataset, or for"
        " each file of a folder.",
    ),
]
Concurrency = Annotated[
    int | None,
    typer.Option(
        "--concurrency", metavar="N", min=1, max=256, help="With --each: so many at once; 8."
    ),
]
RateOption = Annotated[
    str | None,
    typer.Option(
        "--rate", metavar="N/s", help="With --each: start no more than 10/s, 100/m, 1000/h."
    ),
]
StopAfter = Annotated[
    int | None,
    typer.Option(
        "--stop-after-failures",
        metavar="N",
        min=1,
        help="With --each: start no more once so many have failed.",
    ),
]
Into = Annotated[
    str | None,
    typer.Option("--into", metavar="NAME", help="With --each: keep the results as this dataset."),
]
MapOption = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="COLUMN=PLACE",
        help="With --each: where a column goes: a name, body.a.b, query.x, path.x, input.x.",
    ),
]
IgnoreColumns = Annotated[
    bool,
    typer.Option("--ignore-columns", help="With --each: leave out columns that have no place."),
]
Again = Annotated[
    bool, typer.Option("--again", help="With --each: run all rows once more, though all were.")
]
