"""The arguments and options that more than one command takes, each with its help and completion."""

from collections.abc import Callable
from typing import Annotated

import typer

from ouro_cli.errors import UsageFault
from ouro_cli.model.asset import AssetType

Completer = Callable[[str], list[str]]


def _names(kind: str) -> Completer:
    def complete(incomplete: str) -> list[str]:
        # The registry is opened only when somebody presses the tab key.
        from ouro_cli.cli import complete as completion  # noqa: PLC0415

        return completion.names(kind, incomplete)

    return complete


Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Jq = Annotated[str | None, typer.Option("--jq", metavar="EXPR", help="Filter the JSON with jq.")]
Force = Annotated[bool, typer.Option("--force", help="Replace a file that is there already.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print the action's id alone.")]
Timeout = Annotated[
    str | None,
    typer.Option(
        "--timeout", metavar="TIME", help="Stop waiting after 90s, 10m, 2h; the run goes on."
    ),
]

BaseUrl = Annotated[
    str | None,
    typer.Option("--base-url", metavar="URL", help="Where the API is, if not where it says."),
]
Authentication = Annotated[
    str | None,
    typer.Option(
        "--authentication",
        metavar="KIND",
        help="None, Ouro, or 'Personal Access Token': how an Ouro service knows its callers.",
    ),
]
Check = Annotated[
    bool,
    typer.Option("--check", help="Say what would change, change nothing; exit status 1 if any."),
]
Strict = Annotated[
    bool, typer.Option("--strict", help="Refuse a document that is not to the letter.")
]
Limit = Annotated[int, typer.Option("--limit", metavar="N", min=1, help="At most so many.")]
Offset = Annotated[int, typer.Option("--offset", metavar="N", min=0, help="Pass over so many.")]

ServiceArg = Annotated[
    str,
    typer.Argument(
        metavar="SERVICE", help="A service's name or id.", autocompletion=_names("service")
    ),
]
ServiceOption = Annotated[
    str | None,
    typer.Option(
        "--service", metavar="SERVICE", help="Only this service.", autocompletion=_names("service")
    ),
]
RouteArg = Annotated[
    str,
    typer.Argument(
        metavar="ROUTE",
        help="A route: creator/name-method, service/operationId, or an id.",
        autocompletion=_names("route"),
    ),
]
RouteOption = Annotated[
    str | None,
    typer.Option(
        "--route", metavar="ROUTE", help="Only this route.", autocompletion=_names("route")
    ),
]
ActionArg = Annotated[
    str,
    typer.Argument(
        metavar="ACTION",
        help="An action's id, the beginning of one, or @last.",
        autocompletion=_names("action"),
    ),
]
MaybeActionArg = Annotated[
    str | None,
    typer.Argument(
        metavar="[ACTION]",
        help="An action's id, the beginning of one, or @last.",
        autocompletion=_names("action"),
    ),
]
ActionArgs = Annotated[
    list[str],
    typer.Argument(
        metavar="ACTION...",
        help="Ids of actions, beginnings of ids, or @last.",
        autocompletion=_names("action"),
    ),
]
MaybeActionArgs = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[ACTION]...",
        help="Ids of actions, beginnings of ids, or @last.",
        autocompletion=_names("action"),
    ),
]
ActionOption = Annotated[
    str | None,
    typer.Option(
        "--action",
        metavar="ACTION",
        help="Only what this run made.",
        autocompletion=_names("action"),
    ),
]
AssetArg = Annotated[
    str,
    typer.Argument(
        metavar="ASSET",
        help="An asset's id, the beginning of one, or @last.",
        autocompletion=_names("asset"),
    ),
]
AssetTypeOption = Annotated[
    str | None,
    typer.Option("--type", metavar="TYPE", help="file, dataset or post."),
]


def asset_type_of(text: str | None) -> AssetType | None:
    """The type that `--type` names, if it is given; UsageFault for a word that is none."""
    if text is None:
        return None
    try:
        return AssetType(text.lower())
    except ValueError:
        known = ", ".join(AssetType)
        raise UsageFault(why=f"--type: '{text}' is no type", hint=f"One of: {known}.") from None


def count_of(text: str, option: str, least: int, most: int) -> int:
    """A whole number that an option names; UsageFault where it is none within the bounds."""
    if text.isascii() and text.isdigit() and least <= int(text) <= most:
        return int(text)
    raise UsageFault(why=f"{option}: expected a number from {least} to {most}, not '{text}'")
