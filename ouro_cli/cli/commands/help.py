"""`ouro help`: what does not fit under a single command."""

import inspect
from dataclasses import fields
from typing import Annotated, Any

import typer

from ouro_cli import errors
from ouro_cli.cli import exits, output
from ouro_cli.cli.exits import exit_code_of
from ouro_cli.cli.options import Jq, Json
from ouro_cli.errors import OuroError, UsageFault
from ouro_cli.settings import NAMES, Settings
from ouro_cli.wire.outcome import ACTION_CODES

_TOPICS = ("errors", "settings")


def command(
    topic: Annotated[
        str, typer.Argument(metavar="TOPIC", help=f"One of: {', '.join(_TOPICS)}.")
    ] = "errors",
    json: Json = False,
    jq: Jq = None,
) -> None:
    """Explain a topic: errors, settings."""
    if topic not in _TOPICS:
        raise UsageFault(why=f"there is no help on '{topic}'", hint=f"On: {', '.join(_TOPICS)}.")
    view = {"errors": _errors()} if topic == "errors" else {"settings": _settings()}
    output.show(view, _human, json=json, jq=jq)


def _human(view: dict[str, Any]) -> None:
    if "errors" in view:
        rows = [[each["code"], str(each["exit"]), each["message"]] for each in view["errors"]]
        output.table(rows, ("code", "exit", "message"))
    else:
        rows = [[each["name"], each["variable"], each["value"]] for each in view["settings"]]
        output.table(rows, ("setting", "variable", "default"))


def _errors() -> list[dict[str, Any]]:
    kinds = [
        kind
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, OuroError) and kind is not OuroError
    ]
    of_actions = [
        {"code": code, "exit": exits.FAILED, "message": message}
        for code, message in ACTION_CODES.items()
    ]
    return of_actions + [
        {
            "code": kind.code,
            "exit": exit_code_of(kind.__new__(kind)),
            "message": (kind.__doc__ or "").strip().splitlines()[0],
        }
        for kind in sorted(kinds, key=lambda kind: kind.code)
    ]


def _settings() -> list[dict[str, Any]]:
    defaults = {each.name: each.default for each in fields(Settings)}
    aliases = {
        "silence": "silence_seconds",
        "connect_timeout": "connect_seconds",
        "call_timeout": "call_seconds",
        "callback_timeout": "callback_seconds",
        "fetch_timeout": "fetch_seconds",
    }
    said = {
        "user": "your login name",
        "link": "as long as the run, and an hour more",
        "hosts": "none but our own",
        "public_url": "none",
    }
    return [
        {
            "name": name,
            "variable": f"OURO_{name.upper()}",
            "value": said.get(name) or str(defaults.get(aliases.get(name, name), "")),
        }
        for name in sorted(NAMES)
    ]
