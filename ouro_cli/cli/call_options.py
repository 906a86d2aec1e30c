"""The words and options that say what a route is called with, for every command that calls one."""

from typing import Annotated

import typer

Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[WORD]...",
        help="key=text, key:=json, key=@file, key:=@file.json, key@file, key==query, Name:header.",
    ),
]
Body = Annotated[
    str | None,
    typer.Option("--body", metavar="BODY", help="The body: JSON or text, @file, or - for stdin."),
]
Param = Annotated[
    list[str] | None, typer.Option("--param", metavar="K=V", help="A path parameter.")
]
Query = Annotated[
    list[str] | None, typer.Option("--query", metavar="K=V", help="A query parameter.")
]
Header = Annotated[list[str] | None, typer.Option("--header", metavar="K=V", help="A header.")]
Inputs = Annotated[
    list[str] | None,
    typer.Option(
        "--input",
        metavar="[NAME=]ASSET",
        help="An asset for a declared input: its id, or a file, which is kept first.",
    ),
]
