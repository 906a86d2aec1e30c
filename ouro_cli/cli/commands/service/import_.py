"""`ouro service import`: a document in, a service and its routes out."""

from typing import Annotated, Any

import typer

from ouro_cli.cli import output
from ouro_cli.cli.options import Jq, Json
from ouro_cli.errors import DocumentRefused, UsageFault
from ouro_cli.model.service import Authentication
from ouro_cli.runtime import open_runtime
from ouro_cli.usecases.import_service import ImportReport, import_service
from ouro_cli.views import finding_view, route_view, service_view

_MOST = 20


def command(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="A file, or an http(s) address.")],
    base_url: Annotated[
        str | None,
        typer.Option("--base-url", metavar="URL", help="Where the API is, if not where it says."),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="Call the service this.")
    ] = None,
    authentication: Annotated[
        str | None,
        typer.Option(
            "--authentication",
            metavar="KIND",
            help="None, Ouro, or 'Personal Access Token': how an Ouro service knows its callers.",
        ),
    ] = None,
    allow_refs: Annotated[
        bool | None,
        typer.Option(
            "--allow-refs/--no-allow-refs",
            help="Follow references into files of the document's own folder or origin.",
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse a document that is not to the letter.")
    ] = False,
    json: Json = False,
    jq: Jq = None,
) -> None:
    """Import an API from its OpenAPI document, or bring it in step again.

    Importing the same document again changes nothing: routes keep their ids. Routes that are
    gone from the document are archived, and their actions stay readable.

    \b
    ouro service import openapi.yaml --base-url http://127.0.0.1:9000
    ouro service import https://api.example.com/openapi.json
    """
    rt = open_runtime()
    try:
        report = import_service(
            rt,
            source,
            base_url=base_url,
            name=name,
            authentication=_kind(authentication),
            allow_references=allow_refs,
            strict=strict,
        )
    except DocumentRefused as refused:
        for each in refused.details["warnings"]:
            _tell("fault", each)
        raise
    output.show(_view(report), _human, json=json, jq=jq)


def _kind(text: str | None) -> Authentication | None:
    if text is None:
        return None
    wanted = {kind.value.lower(): kind for kind in Authentication}
    wanted["pat"] = Authentication.PERSONAL_ACCESS_TOKEN
    if text.lower() not in wanted:
        raise UsageFault(
            why=f"--authentication: '{text}' is no kind",
            hint=f"One of: {', '.join(kind.value for kind in Authentication)}.",
        )
    return wanted[text.lower()]


def _view(report: ImportReport) -> dict[str, Any]:
    service = report.service
    routes = {
        "added": [route_view(route, service) for route in report.added],
        "changed": [route_view(route, service) for route in report.changed],
        "removed": [route_view(route, service) for route in report.removed],
        "unchanged": report.unchanged,
    }
    view = service_view(service)
    del view["warnings"]
    return {
        "service": view,
        "routes": routes,
        "warnings": [finding_view(each) for each in report.warnings],
    }


def _human(view: dict[str, Any]) -> None:
    service, routes = view["service"], view["routes"]
    counts = [
        f"{len(routes[kind])} {kind}" for kind in ("added", "changed", "removed") if routes[kind]
    ]
    if counts and routes["unchanged"]:
        counts.append(f"{routes['unchanged']} unchanged")
    told = ", ".join(counts) or f"no change, {routes['unchanged']} routes"
    output.print_line(f"{service['name']}  {service['metadata']['base_url']}  {told}")
    for kind, sign, style in (
        ("added", "+", "success"),
        ("changed", "~", "warning"),
        ("removed", "-", "error"),
    ):
        shown = routes[kind]
        for route in shown[:_MOST]:
            line = f"{route['route']['method']:6} {route['route']['path']}"
            line = f"{route['reference']}  {output.styled(output.one_line(line), 'dim')}"
            output.print_line(f"  {output.styled(sign, style)} {line}")
        if len(shown) > _MOST:
            output.print_line(f"  {sign} … and {len(shown) - _MOST} more")
    for finding in view["warnings"][:_MOST]:
        _tell("warning", finding)
    if len(view["warnings"]) > _MOST:
        more = len(view["warnings"]) - _MOST
        output.story(f"warning: … and {more} more: ouro service show {service['name']}")


def _tell(kind: str, finding: dict[str, str]) -> None:
    output.story(f"{kind}: {output.joined(finding['pointer'], finding['message'])}")
