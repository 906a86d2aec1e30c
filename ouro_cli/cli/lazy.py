"""Every noun and verb with its line of help; a verb's module is imported when it is typed."""

import importlib
import keyword
from typing import Any

import typer
import typer.core
import typer.main

from ouro_cli.cli.exits import hear_signals

NOUNS: dict[str, tuple[str, dict[str, str]]] = {
    "service": (
        "APIs that you have imported.",
        {
            "import": "Import an API from its OpenAPI document, or bring it in step again.",
            "list": "List the services.",
            "show": "Show one service.",
            "update": "Rename a service, or say where it is.",
            "sync": "Bring a service in step with its document.",
            "spec": "Print the document that a service was imported from.",
            "remove": "Remove a service; its actions stay readable.",
        },
    ),
    "route": (
        "What a service can do: one route per operation.",
        {
            "list": "List the routes.",
            "show": "Show how to call a route.",
            "search": "Find routes by what they do.",
            "run": "Run a route and keep what it returns.",
            "create": "Make a route by hand.",
            "update": "Say of a route what its document does not.",
            "remove": "Take a route away; its actions stay readable.",
            "compatible": "List the assets that a route takes.",
        },
    ),
    "action": (
        "Runs of routes, each one kept.",
        {
            "list": "List actions, newest first.",
            "show": "Show one action: request, response, story.",
            "get": "The same as show.",
            "watch": "Watch an action until it ends.",
            "wait": "Wait for one action or many, silently.",
            "resume": "Bring what is still open to its true end.",
            "rerun": "Run an action again, as it was or with changes.",
            "diff": "Compare two actions: request, response, outputs.",
            "assert": "Check what must hold of a kept action.",
            "chain": "Run routes one after the other, or a workflow file; go on where it stopped.",
            "accept-late": "Take a result that came too late for the true one.",
            "logs": "Print what the service wrote while it worked.",
            "chart": "Draw the charts of an action's response.",
            "export": "Write actions into a file, for another registry to go on with.",
            "import": "Take in actions that another registry wrote.",
            "pin": "Have an action kept, whatever is pruned.",
            "unpin": "Let an action be pruned again.",
        },
    ),
    "asset": (
        "Files, datasets and posts that are kept.",
        {
            "add": "Keep a copy of a file as an asset.",
            "list": "List the assets, newest first.",
            "show": "Show one asset: facts, preview, runs.",
            "save": "Save an asset as a file.",
            "query": "Ask a dataset in SQL.",
            "compatible": "List the routes that take an asset.",
            "lineage": "Trace an asset: what it came from, what was made of it.",
            "remove": "Remove an asset and its bytes.",
        },
    ),
    "auth": (
        "Credentials that services ask for.",
        {
            "set": "Set a service's credential.",
            "list": "List where credentials lie; never what they are.",
            "remove": "Remove a service's credential.",
        },
    ),
}

ALONE: dict[str, str] = {
    "listen": "Take the callbacks of running actions.",
    "doctor": "Look the registry over and say what is wrong.",
    "backup": "Write the registry and its assets into one file.",
    "restore": "Put a backup in the place of the registry.",
    "prune": "Remove what ended long ago.",
    "path": "Print where the registry lies.",
    "help": "Explain a topic: errors, settings.",
}

ALIASES = {("action", "get"): "show"}


class RootGroup(typer.core.TyperGroup):
    """`ouro`: the nouns, and the commands that stand alone."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names in the order of the table."""
        return [*NOUNS, *ALONE]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A noun's group, or a stand-in that knows its help; nothing is imported for either."""
        if cmd_name in NOUNS:
            return NounGroup(name=cmd_name, help=NOUNS[cmd_name][0], no_args_is_help=True)
        return _stand_in(cmd_name, ALONE[cmd_name]) if cmd_name in ALONE else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """What was typed, the real one."""
        name = args[0] if args else ""
        if name in ALONE:
            return name, load(f"ouro_cli.cli.commands.{name}", name), args[1:]
        return super().resolve_command(ctx, args)


class NounGroup(typer.core.TyperGroup):
    """`ouro NOUN`: its verbs."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The verbs in the order of the table."""
        return list(NOUNS[self.name or ""][1])

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A stand-in for the verb that knows its help."""
        verbs = NOUNS[self.name or ""][1]
        return _stand_in(cmd_name, verbs[cmd_name]) if cmd_name in verbs else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The verb that was typed, the real one."""
        noun, verb = self.name or "", args[0] if args else ""
        if verb in NOUNS[noun][1]:
            file = ALIASES.get((noun, verb), verb).replace("-", "_")
            file = f"{file}_" if keyword.iskeyword(file) else file
            return verb, load(f"ouro_cli.cli.commands.{noun}.{file}", verb), args[1:]
        return super().resolve_command(ctx, args)


def load(module: str, name: str) -> Any:
    """The command that a module's function `command` makes."""
    app = typer.Typer(add_completion=False)
    app.command(name)(importlib.import_module(module).command)
    hear_signals()
    return typer.main.get_command(app)


def _stand_in(name: str, line: str) -> Any:
    return typer.core.TyperCommand(name, help=line, callback=None)
