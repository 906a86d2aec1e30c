"""`ouro auth set`: give a service its credential, never on the command line."""

import getpass
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from ouro_cli.cli import output
from ouro_cli.cli.options import Jq, Json, ServiceArg
from ouro_cli.errors import CredentialRefused, UsageFault
from ouro_cli.runtime import open_runtime
from ouro_cli.usecases.find_reference import find_service
from ouro_cli.usecases.set_credential import credential_view, plan_credential, set_credential


def command(
    service: ServiceArg,
    scheme: Annotated[
        str | None,
        typer.Option("--scheme", metavar="NAME", help="Which of the document's security schemes."),
    ] = None,
    from_env: Annotated[
        str | None,
        typer.Option(
            "--from-env", metavar="NAME", help="Read it from this variable at every call."
        ),
    ] = None,
    from_file: Annotated[
        str | None, typer.Option("--from-file", metavar="PATH", help="Read it from this file now.")
    ] = None,
    from_stdin: Annotated[
        bool, typer.Option("--from-stdin", help="Read it from stdin now.")
    ] = False,
    store: Annotated[
        str | None,
        typer.Option(
            "--store",
            metavar="PLACE",
            help="keyring, or file (mode 0600 in the registry's folder).",
        ),
    ] = None,
    json: Json = False,
    jq: Jq = None,
) -> None:
    """Set a service's credential: a token, a key, or user:password.

    It is never read from the command line, and never lies in the registry. It is sent to the
    service's own origin alone.

    \b
    ouro auth set library --scheme HTTPBearer --from-env LIBRARY_TOKEN
    pass show library | ouro auth set library --from-stdin --store file
    """
    if sum((from_env is not None, from_file is not None, from_stdin)) > 1:
        raise UsageFault(why="choose one of --from-env, --from-file and --from-stdin")
    if store not in (None, "keyring", "file"):
        raise UsageFault(why=f"--store: '{store}' is neither keyring nor file")
    rt = open_runtime()
    found = find_service(rt, service)
    credential = plan_credential(rt, found, scheme=scheme, variable=from_env, store=store)
    secret = None
    if from_env is None:
        secret = _read_secret(from_file, from_stdin=from_stdin)
    elif not os.environ.get(from_env):
        output.story(f"Note: {from_env} is not set at the moment.")
    set_credential(rt, credential, secret)
    output.show(credential_view(rt, credential), _human, json=json, jq=jq)


def _human(view: dict[str, Any]) -> None:
    origin = f"for {view['origin']}"
    output.print_line(output.joined(view["service"], view["scheme"], view["place"], origin))


def _read_secret(path: str | None, *, from_stdin: bool) -> str:
    if path is not None:
        try:
            text = Path(path).expanduser().read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as fault:
            why = getattr(fault, "strerror", None) or "it is not UTF-8"
            raise CredentialRefused(why=f"cannot read {path}: {why.lower()}") from None
    elif from_stdin:
        text = sys.stdin.read()
    elif sys.stdin.isatty() and sys.stdout.isatty():
        text = getpass.getpass("Secret (not shown): ")
    else:
        raise UsageFault(
            why="there is no terminal to ask for the secret",
            hint="Use --from-env NAME, --from-file PATH or --from-stdin.",
        )
    trimmed = text.strip().lstrip("\ufeff")
    if not trimmed:
        raise CredentialRefused(why="the secret is empty")
    if trimmed != text.rstrip("\r\n"):
        output.story("Note: blanks around the secret were left out.")
    return trimmed
