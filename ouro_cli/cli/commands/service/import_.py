"""`ouro service import`: a document in, a service and its routes out."""

from typing import Annotated

import typer

from ouro_cli.cli import output
from ouro_cli.cli.import_report import read_authentication, show_report, telling_faults
from ouro_cli.cli.options import Authentication, BaseUrl, Check, Jq, Json, Strict
from ouro_cli.errors import UsageFault
from ouro_cli.runtime import open_runtime
from ouro_cli.usecases.create_service import ServiceWords, create_service
from ouro_cli.usecases.import_service import ImportOptions, import_service
from ouro_cli.views.service import service_view


def command(
    source: Annotated[
        str | None, typer.Argument(metavar="[SOURCE]", help="A file, or an http(s) address.")
    ] = None,
    base_url: BaseUrl = None,
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="Call the service this.")
    ] = None,
    authentication: Authentication = None,
    allow_refs: Annotated[
        bool | None,
        typer.Option(
            "--allow-refs/--no-allow-refs",
            help="Follow references into files of the document's own folder or origin.",
        ),
    ] = None,
    strict: Strict = False,
    check: Check = False,
    json: Json = False,
    jq: Jq = None,
) -> None:
    """Import an API from its OpenAPI document, or bring it in step again.

    Importing the same document again changes nothing: routes keep their ids. Routes that are
    gone from the document are archived, and their actions stay readable. Without a document,
    --name and --base-url make a service whose routes are made by hand: ouro route create.

    \b
    ouro service import openapi.yaml --base-url http://127.0.0.1:9000
    ouro service import https://api.example.com/openapi.json
    ouro service import openapi.yaml --check       exit status 1 where anything differs
    """
    rt = open_runtime()
    kind = read_authentication(authentication)
    if source is None:
        if check:
            raise UsageFault(why="--check needs a document to compare with")
        words = ServiceWords(name=name, base_url=base_url, authentication=kind)
        output.show(service_view(create_service(rt, words), 0), _human, json=json, jq=jq)
        return
    options = ImportOptions(
        base_url=base_url,
        name=name,
        authentication=kind,
        allow_references=allow_refs,
        is_strict=strict,
        is_check=check,
    )
    with telling_faults():
        report = import_service(rt, source, options)
    show_report(report, is_check=check, json=json, jq=jq)


def _human(view: dict[str, object]) -> None:
    output.print_line(f"{view['name']}  {view['metadata']['base_url']}  no routes yet")  # type: ignore[index]
    output.story(f"Make one: ouro route create {view['name']} --method POST --path /...")
