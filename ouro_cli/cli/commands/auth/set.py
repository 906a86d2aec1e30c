"""`ouro auth set`: give a service its credential, never on the command line."""

import getpass
import os
import sys
import webbrowser
from pathlib import Path
from typing import Annotated, Any

import typer

from ouro_cli.cli import output
from ouro_cli.cli.options import Jq, Json, ServiceArg
from ouro_cli.errors import CredentialRefused, UsageFault
from ouro_cli.model.grant import Flow, Tokens
from ouro_cli.runtime import Runtime, open_runtime
from ouro_cli.safety import remember_secret
from ouro_cli.store.credentials import Credential
from ouro_cli.usecases.find_reference import find_service
from ouro_cli.usecases.set_credential import (
    CredentialWords,
    credential_view,
    plan_credential,
    set_credential,
)

_MOST = 3


def command(
    service: ServiceArg,
    words: Annotated[list[str] | None, typer.Argument(hidden=True)] = None,
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
    client_id: Annotated[
        str | None,
        typer.Option(
            "--client-id", metavar="ID", help="OAuth 2: have tokens given to this client."
        ),
    ] = None,
    flow: Annotated[
        str | None,
        typer.Option("--flow", metavar="FLOW", help=f"OAuth 2: {', '.join(Flow)}."),
    ] = None,
    scope: Annotated[
        list[str] | None,
        typer.Option("--scope", metavar="SCOPE", help="OAuth 2: ask for these alone."),
    ] = None,
    token_url: Annotated[
        str | None,
        typer.Option("--token-url", metavar="URL", help="OAuth 2: where the document says none."),
    ] = None,
    authorization_url: Annotated[
        str | None,
        typer.Option("--authorization-url", metavar="URL", help="OAuth 2: likewise."),
    ] = None,
    value: Annotated[str | None, typer.Option("--value", "--token", hidden=True)] = None,
    json: Json = False,
    jq: Jq = None,
) -> None:
    """Set a service's credential: a token, a key, user:password, or an OAuth 2 client.

    It is never read from the command line, and never lies in the registry. It is sent to the
    service's own origin alone.

    \b
    ouro auth set library --scheme HTTPBearer --from-env LIBRARY_TOKEN
    pass show library | ouro auth set library --from-stdin --store file
    ouro auth set photos --client-id 8f3a                        opens the browser
    ouro auth set photos --client-id 8f3a --from-env PHOTOS_SECRET     in a CI job
    """
    if words or value is not None:
        raise CredentialRefused(
            why="secrets on the command line are seen by others",
            hint="Use --from-stdin, --from-env NAME or --from-file PATH. Replace this one.",
        )
    if sum((from_env is not None, from_file is not None, from_stdin)) > 1:
        raise UsageFault(why="choose one of --from-env, --from-file and --from-stdin")
    if store not in (None, "keyring", "file"):
        raise UsageFault(why=f"--store: '{store}' is neither keyring nor file")
    if client_id is None and (flow or scope or token_url or authorization_url):
        raise UsageFault(why="--flow, --scope and the addresses go with --client-id")
    rt = open_runtime()
    found = find_service(rt, service)
    said = CredentialWords(scheme=scheme, variable=from_env, store=store)
    if client_id is None:
        credential = plan_credential(rt, found, said)
        secret = _secret(from_env, from_file, from_stdin=from_stdin)
        set_credential(rt, credential, secret)
    else:
        # It loads oauthlib.
        from ouro_cli.usecases.plan_grant import GrantWords  # noqa: PLC0415

        grant = GrantWords(
            client_id=client_id,
            has_secret=from_env is not None or from_file is not None or from_stdin,
            flow=flow,
            scopes=tuple(scope or ()),
            token_url=token_url,
            authorization_url=authorization_url,
        )
        secret = None
        if from_file is not None or from_stdin:
            secret = _read_secret(from_file, from_stdin=from_stdin)
        credential = plan_credential(rt, found, said, grant)
        set_credential(rt, credential, secret, _tokens(rt, credential, secret))
    output.show(credential_view(rt, credential), _human, json=json, jq=jq)


def _human(view: dict[str, Any]) -> None:
    origin = f"for {view['origin']}"
    output.print_line(output.joined(view["service"], view["scheme"], view["place"], origin))
    count = len(view["routes"])
    shown = ", ".join(view["routes"][:_MOST]) + (", …" if count > _MOST else "")
    if count:
        output.story(f"Opens {output.counted(count, 'route')}: {output.one_line(shown)}")
    if view["lacking_scopes"]:
        lacking = output.one_line(", ".join(view["lacking_scopes"]))
        output.story(f"Some of them ask for scopes that it lacks: {lacking}")


def _secret(variable: str | None, path: str | None, *, from_stdin: bool) -> str | None:
    if variable is None:
        return _read_secret(path, from_stdin=from_stdin)
    if not os.environ.get(variable):
        output.story(f"Note: {variable} is not set at the moment.")
    return None


def _tokens(rt: Runtime, credential: Credential, secret: str | None) -> Tokens | None:
    """The grant's first tokens; none yet for a client whose secret is not at hand."""
    # They load oauthlib.
    from ouro_cli.usecases.authorize import Person, authorize  # noqa: PLC0415

    assert credential.grant is not None
    if credential.place.startswith("env:"):
        secret = rt.store.vault.read(credential)
    if secret is not None:
        remember_secret(secret)
    elif credential.place.startswith("env:"):
        output.story(f"Note: {credential.place[4:]} is not set at the moment.")
        return None
    return authorize(rt, credential.grant, secret, Person(show=_show_address))


def _show_address(address: str, code: str) -> None:
    if code:
        output.story(f"Open this address, and type {output.one_line(code)}:")
    else:
        output.story("Open this address, and say yes:")
    # As it is: the address is what has to be opened, and holds no secret.
    output.story(output.one_line(address))
    if not code and sys.stdin.isatty() and sys.stdout.isatty():
        webbrowser.open(address)


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
