"""What an import or a sync did, or would do, as JSON and for a person."""

import contextlib
from collections.abc import Iterator
from typing import Any

import typer

from ouro_cli.cli import exits, output
from ouro_cli.errors import DocumentRefused, UsageFault
from ouro_cli.model.service import Authentication
from ouro_cli.usecases.import_service import ImportReport
from ouro_cli.views.route import difference_view, route_view
from ouro_cli.views.service import finding_view, service_view

_MOST = 20
_MOST_DIFFERENCES = 8


def show_report(report: ImportReport, *, is_check: bool, json: bool, jq: str | None) -> None:
    """Print the report; a check that found something otherwise ends with exit status 1."""
    output.show(_view(report), _human, json=json, jq=jq)
    if report.stale_credentials:
        service, names = report.service, ", ".join(report.stale_credentials)
        output.story(
            f"warning: the credential for {names} was set for the service as it was, and is not"
            f" sent to {service.base_url} as it is now: ouro auth set {service.name}"
        )
    if is_check and report.has_changes:
        raise typer.Exit(exits.FAILED)


@contextlib.contextmanager
def telling_faults() -> Iterator[None]:
    """Tell every fault of a document that is refused, each on a line of its own."""
    try:
        yield
    except DocumentRefused as refused:
        for each in refused.details["warnings"]:
            output.story(f"fault: {output.joined(each['pointer'], each['message'])}")
        raise


def read_authentication(text: str | None) -> Authentication | None:
    """The kind that `--authentication` names."""
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
    view = service_view(service)
    del view["warnings"]
    return {
        "service": {**view, "changes": [difference_view(each) for each in report.service_changes]},
        "routes": {
            "added": [route_view(route, service) for route in report.added],
            "changed": [
                {
                    **route_view(each.route, service),
                    "changes": [difference_view(found) for found in each.differences],
                }
                for each in report.changed
            ],
            "removed": [route_view(route, service) for route in report.removed],
            "unchanged": report.unchanged,
        },
        "warnings": [finding_view(each) for each in report.warnings],
    }


def _human(view: dict[str, Any]) -> None:
    service, routes = view["service"], view["routes"]
    output.print_line(f"{service['name']}  {service['metadata']['base_url']}  {_counted(view)}")
    _differences(service["changes"], "  ")
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
            _differences(route.get("changes", []), "      ")
        if len(shown) > _MOST:
            output.print_line(f"  {sign} … and {len(shown) - _MOST} more")
    for finding in view["warnings"][:_MOST]:
        output.story(f"warning: {output.joined(finding['pointer'], finding['message'])}")
    if len(view["warnings"]) > _MOST:
        more = len(view["warnings"]) - _MOST
        output.story(f"warning: … and {more} more: ouro service show {service['name']}")


def _counted(view: dict[str, Any]) -> str:
    routes = view["routes"]
    counts = [
        f"{len(routes[kind])} {kind}" for kind in ("added", "changed", "removed") if routes[kind]
    ]
    if counts and routes["unchanged"]:
        counts.append(f"{routes['unchanged']} unchanged")
    found = [each for route in routes["changed"] for each in route["changes"]]
    breaking = sum(each["is_breaking"] for each in [*found, *view["service"]["changes"]])
    breaking += len(routes["removed"])
    if breaking:
        counts.append(f"{breaking} breaking")
    return ", ".join(counts) or f"no change, {output.counted(routes['unchanged'], 'route')}"


def _differences(found: list[dict[str, Any]], indent: str) -> None:
    for each in found[:_MOST_DIFFERENCES]:
        sign = output.styled("!", "error") if each["is_breaking"] else " "
        output.print_line(f"{indent}{sign} {output.joined(each['where'], each['message'])}")
    if len(found) > _MOST_DIFFERENCES:
        output.print_line(f"{indent}  … and {len(found) - _MOST_DIFFERENCES} more")
