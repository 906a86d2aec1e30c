"""What a person can set on a route, as the options of `route create` and `route update`."""

from typing import Annotated, Any

import typer

from ouro_cli.cli.json_argument import read_json_argument
from ouro_cli.errors import UsageFault
from ouro_cli.model.declaration import read_inputs, read_outputs
from ouro_cli.model.declaration_words import HINT, parse_declaration
from ouro_cli.model.poll import read_poll
from ouro_cli.model.price import PriceFault, parse_price

Name = Annotated[str | None, typer.Option("--name", metavar="NAME", help="Call the route this.")]
Description = Annotated[
    str | None, typer.Option("--description", metavar="TEXT", help="Say what it does, in Markdown.")
]
Price = Annotated[
    str | None,
    typer.Option("--price", metavar="PRICE", help="0.05/call, 0.0003/second, or free."),
]
MaxSeconds = Annotated[
    int | None,
    typer.Option("--max-seconds", metavar="N", help="With a price per second: bill at most N."),
]
Currency = Annotated[
    str | None, typer.Option("--currency", metavar="usd|btc", help="What the price is in.")
]
Mode = Annotated[
    str | None,
    typer.Option(
        "--mode", metavar="sync|async", help="Answers at once, or accepts and calls back later."
    ),
]
Idempotent = Annotated[
    bool | None,
    typer.Option(
        "--idempotent/--not-idempotent",
        help="The API runs a call once however often it is sent, so it may be sent again.",
    ),
]
Poll = Annotated[
    str | None,
    typer.Option(
        "--poll",
        metavar="JSON|off",
        help='Where and how its result is asked for: {"path": "/jobs/{id}", "status": "$.state",'
        ' "done": ["ok"], "failed": ["ko"], "result": "$.output", "interval": "5s"}, or @file.'
        " In place of path: url, or operation. off: never.",
    ),
]
InputAsset = Annotated[
    list[str] | None,
    typer.Option(
        "--input-asset",
        metavar="NAME=TYPE[:EXT,...] [WORD]...",
        help="It takes this asset: structure=file:cif,poscar. Words: primary, contains=EXT, "
        "filter=atomic-structure. Or NAME={...}, as x-ouro-input-assets has it.",
    ),
]
OutputAsset = Annotated[
    list[str] | None,
    typer.Option(
        "--output-asset",
        metavar="NAME=TYPE[:EXT,...] [WORD]...",
        help="It makes this asset: relaxed=file:cif. Words: primary, optional, role=version, "
        "inside=OUTPUT, when:FIELD=VALUE. Or NAME={...}, as x-ouro-output-assets has it.",
    ),
]


def read_edits(
    *,
    description: str | None,
    price: str | None,
    max_seconds: int | None,
    currency: str | None,
    mode: str | None,
    inputs: list[str] | None,
    outputs: list[str] | None,
    idempotent: bool | None = None,
    poll: str | None = None,
) -> dict[str, Any]:
    """The options as fields of an operation; what was not given is absent."""
    edits: dict[str, Any] = {}
    if description is not None:
        edits["description"] = description
    if price is not None:
        try:
            typed = parse_price(price, currency=currency, max_seconds=max_seconds)
        except PriceFault as fault:
            raise UsageFault(why=f"--price: {fault}", hint="Nothing was changed.") from None
        edits["pricing"] = typed.as_declaration()
    elif currency is not None or max_seconds is not None:
        raise UsageFault(why="--currency and --max-seconds go with --price")
    if mode is not None:
        if mode not in ("sync", "async"):
            raise UsageFault(why=f"--mode: '{mode}' is neither sync nor async")
        edits["execution_mode"] = mode
    if idempotent is not None:
        edits["idempotent"] = idempotent
    if poll is not None:
        edits["poll"] = _poll(poll)
    for side, texts, read in (("input", inputs, read_inputs), ("output", outputs, read_outputs)):
        if texts is not None:
            edits[f"{side}_assets"] = _declared(side, texts, read)
    return edits


def _poll(text: str) -> Any:
    if text == "off":
        return False
    try:
        return read_poll(read_json_argument(text, "--poll"))
    except ValueError as fault:
        raise UsageFault(why=f"--poll: {fault}", hint="Nothing was changed.") from None


def _declared(side: str, texts: list[str], read: Any) -> dict[str, Any]:
    try:
        declared = dict(map(parse_declaration, texts))
    except ValueError as fault:
        raise UsageFault(why=f"--{side}-asset: {fault}", hint=HINT) from None
    problems: list[str] = []
    found: dict[str, Any] = read({f"x-ouro-{side}-assets": declared}, problems)
    if problems:
        told = "; ".join(each.removeprefix(f"x-ouro-{side}-assets/") for each in problems)
        raise UsageFault(why=f"--{side}-asset: {told}", hint="Nothing was changed.")
    return found
