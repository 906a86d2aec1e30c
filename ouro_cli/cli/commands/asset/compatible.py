"""`ouro asset compatible`: what can be done with an asset."""

import sys
from typing import Annotated, Any

import typer

from ouro_cli.cli import output
from ouro_cli.cli.lazy import load
from ouro_cli.cli.options import AssetArg, Jq, Json, Limit, Offset
from ouro_cli.errors import UsageFault
from ouro_cli.model.declaration import OUTPUT_TYPES, asset_types, normal_extension
from ouro_cli.model.price import read_price
from ouro_cli.runtime import open_runtime
from ouro_cli.usecases.find_reference import find_asset
from ouro_cli.usecases.find_routes import Order, OutputFilter, Wish, find_routes
from ouro_cli.views.route import found_route_view


def command(
    asset: AssetArg,
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WORD]...", help="With --run: what else the route is given."),
    ] = None,
    query: Annotated[
        str | None,
        typer.Option("--query", metavar="WORDS", help="Only those that do this, the best first."),
    ] = None,
    sort: Annotated[
        str,
        typer.Option(
            "--sort",
            metavar="ORDER",
            help="popular, recent, updated, or used: those that you ran, the latest first.",
        ),
    ] = "popular",
    output_type: Annotated[
        str | None,
        typer.Option("--output-type", metavar="TYPE", help="It makes a file, dataset or post."),
    ] = None,
    output_extension: Annotated[
        str | None,
        typer.Option("--output-extension", metavar="EXT", help="It makes files of this kind."),
    ] = None,
    contains_extension: Annotated[
        str | None,
        typer.Option(
            "--contains-extension", metavar="EXT", help="It makes archives with these files in."
        ),
    ] = None,
    limit: Limit = 20,
    offset: Offset = 0,
    run: Annotated[
        bool, typer.Option("--run", help="Choose one of them on the terminal, and run it.")
    ] = False,
    json: Json = False,
    jq: Jq = None,
) -> None:
    """List the routes that take this asset, the most used first.

    \b
    ouro asset compatible @last --query "relax the structure"
    ouro asset compatible @last --output-type dataset --sort used
    """
    wish = Wish(
        query=query or "",
        order=_order(sort),
        output=OutputFilter(
            _type(output_type),
            _extension(output_extension, "--output-extension"),
            _extension(contains_extension, "--contains-extension"),
        ),
        limit=limit,
        offset=offset,
    )
    if words and not run:
        raise UsageFault(why=f"'{words[0]}' goes with --run")
    rt = open_runtime()
    found = find_asset(rt, asset)
    page = find_routes(rt, found, wish)
    view = {
        "routes": [found_route_view(each) for each in page.routes],
        "has_more": page.has_more,
        "total": page.total,
    }
    if not run:
        output.show(view, lambda shown: _human(shown, offset + limit), json=json, jq=jq)
        return
    chosen = _chosen(view, found.id)
    _run(chosen["reference"], f"{chosen['inputs'][0]}={found.id}", words or [], json=json, jq=jq)


def _human(view: dict[str, Any], following: int, *, numbered: bool = False) -> None:
    if not view["routes"]:
        output.story("No route takes this asset so. See what routes take: ouro route show ROUTE")
        return
    rows = [
        [
            *([str(number)] if numbered else []),
            each["reference"],
            "|".join(each["inputs"]),
            _makes(each),
            "" if each["pricing"] is None else str(read_price(each["pricing"])),
            str(each["total_uses"]),
            each["name"],
        ]
        for number, each in enumerate(view["routes"], 1)
    ]
    headers = (*(("",) if numbered else ()), "route", "as", "makes", "price", "runs", "name")
    output.table(rows, headers)
    if view["has_more"]:
        output.story(f"{view['total']} in all; more: --offset {following}")


def _makes(view: dict[str, Any]) -> str:
    kinds = [
        kind + "".join(f" .{each}" for each in declaration.get("file_extensions") or ())
        for declaration in view["output_assets"].values()
        for kind in asset_types(declaration)
    ]
    return ", ".join(dict.fromkeys(kinds)) or "-"


def _chosen(view: dict[str, Any], asset_id: str) -> dict[str, Any]:
    routes: list[dict[str, Any]] = view["routes"]
    if not routes:
        raise UsageFault(why="no route takes this asset so", hint="Nothing was sent.")
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        first = routes[0]
        line = f"ouro route run {first['reference']} --input {first['inputs'][0]}={asset_id}"
        raise UsageFault(why="--run needs a terminal to choose on", hint=f"Or run one: {line}")
    _human(view, 0, numbered=True)

    def read_number(text: str) -> int:
        if text.isascii() and text.isdigit() and 1 <= int(text) <= len(routes):
            return int(text)
        raise typer.BadParameter(f"a number from 1 to {len(routes)}")

    number: int = typer.prompt("Which one?", default="1", value_proc=read_number)
    return routes[number - 1]


def _run(reference: str, given: str, words: list[str], *, json: bool, jq: str | None) -> None:
    """Run the route as `ouro route run` does."""
    options = [*(["--json"] if json else []), *([] if jq is None else ["--jq", jq])]
    command = load("ouro_cli.cli.commands.route.run", "run")
    # What stands after the two dashes is no option, whatever a route or a file is called.
    arguments = [*options, "--input", given, "--", reference, *words]
    raise typer.Exit(command.main(arguments, "ouro route run", standalone_mode=False) or 0)


def _order(text: str) -> Order:
    try:
        return Order(text.lower())
    except ValueError:
        orders = ", ".join(Order)
        raise UsageFault(why=f"--sort: '{text}' is none of {orders}") from None


def _type(text: str | None) -> str:
    if text is None or text in OUTPUT_TYPES:
        return text or ""
    raise UsageFault(why=f"--output-type: '{text}' is none of {', '.join(sorted(OUTPUT_TYPES))}")


def _extension(text: str | None, option: str) -> str:
    if text is None:
        return ""
    extension = normal_extension(text)
    if extension is None:
        raise UsageFault(why=f"{option}: '{text}' is no file extension")
    return extension
