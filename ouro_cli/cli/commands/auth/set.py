"""`ouro auth set`: give a service its credential, never on the command line."""

import os
import sys
from typing import Annotated, Any

import typer

from ouro_cli.cli import output
from ouro_cli.cli.browser import open_browser
from ouro_cli.cli.options import Jq, Json, ServiceArg
from ouro_cli.cli.secret_input import SecretSource, refuse_secret_in_argv
from ouro_cli.errors import UsageFault
from ouro_cli.model.grant import Flow, Tokens
from ouro_cli.runtime import Runtime, open_runtime
from ouro_cli.safety import remember_secret
from ouro_cli.settings import read_duration, read_port
from ouro_cli.store.credentials import Credential
from ouro_cli.usecases.find_reference import find_service
from ouro_cli.usecases.set_credential import CredentialWords, plan_credential, set_credential
from ouro_cli.usecases.view_credential import credential_view

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
    redirect_port: Annotated[
        str,
        typer.Option(
            "--redirect-port", metavar="PORT", help="OAuth 2: where the client wants a fixed one."
        ),
    ] = "0",
    timeout: Annotated[
        str,
        typer.Option("--timeout", metavar="TIME", help="How long to wait for a person's yes."),
    ] = "5m",
    value: Annotated[
        str | None,
        typer.Option("--value", "--secret", "--password", "--token", "--key", hidden=True),
    ] = None,
    client_secret: Annotated[str | None, typer.Option("--client-secret", hidden=True)] = None,
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
    if words or value is not None or client_secret is not None:
        refuse_secret_in_argv()
    source = SecretSource(from_env, from_file, from_stdin)
    source.check()
    if store not in (None, "keyring", "file"):
        raise UsageFault(why=f"--store: '{store}' is neither keyring nor file")
    if client_id is None and (flow or scope or token_url or authorization_url):
        raise UsageFault(why="--flow, --scope and the addresses go with --client-id")
    patience, port = read_duration(timeout, "--timeout"), read_port(redirect_port, 0)
    rt = open_runtime()
    found = find_service(rt, service)
    said = CredentialWords(scheme=scheme, variable=from_env, store=store)
    if client_id is None:
        credential = plan_credential(rt, found, said)
        set_credential(rt, credential, _secret(rt, credential, source, "Secret"))
    else:
        # It loads oauthlib.
        from ouro_cli.usecases.plan_grant import GrantWords  # noqa: PLC0415

        grant = GrantWords(
            client_id=client_id,
            has_secret=source.is_given,
            flow=flow,
            scopes=tuple(scope or ()),
            token_url=token_url,
            authorization_url=authorization_url,
            is_remote=bool(os.environ.get("SSH_CONNECTION")),
        )
        credential = plan_credential(rt, found, said, grant, _note)
        secret = _secret(rt, credential, source, "Client secret") if source.is_given else None
        set_credential(rt, credential, secret, _tokens(rt, credential, secret, patience, port))
    output.show(credential_view(rt, credential), _human, json=json, jq=jq)


def _human(view: dict[str, Any]) -> None:
    origin = f"for {view['origin']}"
    output.print_line(output.joined(view["service"], view["scheme"], view["place"], origin))
    count = len(view["routes"])
    shown = ", ".join(view["routes"][:_MOST]) + (", …" if count > _MOST else "")
    if count:
        output.story(f"Opens {output.counted(count, 'route')}: {output.one_line(shown)}")
    elif not view["partners"]:
        output.story("No route of the service asks for it.")
    if view["partners"]:
        partners = output.one_line(" and ".join(view["partners"]))
        output.story(f"Some routes ask for more beside it: {partners}")
    if view["lacking_scopes"]:
        lacking = output.one_line(", ".join(view["lacking_scopes"]))
        output.story(f"Some of them ask for scopes that it lacks: {lacking}")


def _note(text: str) -> None:
    output.story(output.one_line(f"Note: {text}."))


def _secret(rt: Runtime, credential: Credential, source: SecretSource, prompt: str) -> str | None:
    """The secret; None where a variable holds it that is not set now."""
    if source.variable is None:
        return source.read(prompt)
    secret = rt.store.vault.read(credential)
    if secret is None:
        _note(f"{source.variable} is not set at the moment")
    return secret


def _tokens(
    rt: Runtime, credential: Credential, secret: str | None, patience: float, port: int
) -> Tokens | None:
    """The grant's first tokens; none yet for a client whose secret is not at hand."""
    # They load oauthlib.
    from ouro_cli.usecases.authorize import Person, authorize  # noqa: PLC0415

    assert credential.grant is not None
    if secret is not None:
        remember_secret(secret)
    elif credential.place:
        return None
    is_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    person = Person(
        show=_show_address,
        patience=patience,
        terminal=sys.stdin.fileno() if is_terminal else None,
        port=port,
    )
    return authorize(rt, credential.grant, secret, person)


def _show_address(address: str, code: str) -> None:
    is_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if code:
        output.story(f"Open this address, and type {output.one_line(code)}:")
    else:
        output.story("Open this address, and say yes:")
    # As it is: the address is what has to be opened, and holds no secret.
    output.story(output.one_line(address))
    if is_terminal and not code:
        output.story("If the browser ends at a page that cannot be reached, type its address here.")
        open_browser(address)
