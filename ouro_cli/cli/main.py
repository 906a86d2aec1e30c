"""Where the program begins: one way in, and one place where errors become exit codes."""

import os
import signal
import sys
import traceback
from typing import Annotated, Any

import typer
import typer.main

from ouro_cli import __version__
from ouro_cli.cli import exits
from ouro_cli.cli.lazy import RootGroup
from ouro_cli.cli.output import one_line, show_error, story
from ouro_cli.errors import Fault, OuroError, RegistryUnavailable, UsageFault
from ouro_cli.runtime import close_runtimes
from ouro_cli.safety import redact
from ouro_cli.settings import read_settings
from ouro_cli.store import database

app = typer.Typer(cls=RootGroup, no_args_is_help=True)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ouro {__version__}")
        raise typer.Exit


@app.callback()
def root(
    _version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", is_eager=True, callback=_show_version),
    ] = False,
    home: Annotated[
        str, typer.Option("--home", metavar="DIR", help="Where the registry lies.")
    ] = "",
    debug: Annotated[
        bool, typer.Option("--debug", help="Show a traceback where ouro itself fails.")
    ] = False,
) -> None:
    """Call, record, compose and trace any HTTP API described by OpenAPI.

    \b
    ouro service import openapi.yaml          import an API
    ouro route list                           see what it can do
    ouro route run ada/predict-post x=1       run a route
    ouro action list                          see every run
    """
    # The environment, since the processes that we start shall mean the same.
    if home:
        os.environ["OURO_HOME"] = home
    if debug:
        os.environ["OURO_DEBUG"] = "1"


def main() -> int:
    """Run the command in `sys.argv`; the number to exit with, once all is flushed and closed."""
    os.umask(0o077)
    _keep_standard_streams()
    database.announce = story
    try:
        exit_code = _run("--json" in sys.argv)
        sys.stdout.flush()
    except KeyboardInterrupt:
        exit_code = exits.INTERRUPTED
    except exits.Terminated as stopped:
        exit_code = stopped.exit_code
    except BrokenPipeError:
        # `ouro ... | head -1`: whoever reads may stop; it is no fault.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        exit_code = 141
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    close_runtimes()
    return exit_code


def _run(as_json: bool) -> int:
    try:
        # A root with a callback is run as it stands; errors come to us, not to the terminal.
        result: Any = typer.main.get_command(app).main(
            prog_name=os.path.basename(sys.argv[0]) if sys.argv[0] else "ouro",  # noqa: PTH119
            standalone_mode=False,
        )
        return result if isinstance(result, int) else 0
    except OuroError as fault:
        show_error(fault, json=as_json)
        return exits.exit_code_of(fault)
    except typer.Exit as left:
        return left.exit_code
    except typer.Abort:
        story("ouro: stopped; nothing was changed.")
        return exits.NOTHING_SENT
    except BrokenPipeError:
        raise
    except Exception as fault:
        return _unexpected(fault, as_json)


def _unexpected(fault: Exception, as_json: bool) -> int:
    if hasattr(fault, "format_message"):
        # The parser's own: a wrong option, a missing argument; or help, printed for want of any.
        if not fault.format_message():
            return exits.NOTHING_SENT
        context = getattr(fault, "ctx", None)
        where = context.command_path if context is not None else "ouro"
        usage = UsageFault(why=fault.format_message(), hint=f"See: {where} --help")
        show_error(usage, json=as_json)
        return exits.NOTHING_SENT
    if type(fault).__module__ == "sqlite3" or isinstance(fault, OSError):
        where = getattr(fault, "filename", None) or read_settings().home
        why = one_line(getattr(fault, "strerror", None) or fault)
        show_error(RegistryUnavailable(path=where, why=why), json=as_json)
        return exits.REGISTRY_FAILED
    if os.environ.get("OURO_DEBUG"):
        traceback.print_exception(fault)
    show_error(
        Fault(why=f"{type(fault).__name__}: {one_line(fault)}", report=_report(fault)), json=as_json
    )
    return exits.FAULT


def _report(fault: Exception) -> str:
    """Write down what happened, without the values that were at hand; return where it lies."""
    try:
        path = read_settings().home / "fault.log"
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(redact("".join(traceback.format_exception(fault))))
    except (OSError, OuroError):
        return "nowhere: it could not be written"
    return str(path)


def _keep_standard_streams() -> None:
    # A closed stdin, stdout or stderr would give its number to the next file that is opened.
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115
