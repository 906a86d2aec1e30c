"""`ouro service show`: one API, its routes, and what of its document could not be read."""

from typing import Any

from ouro_cli.cli import output
from ouro_cli.cli.options import Jq, Json, ServiceArg
from ouro_cli.runtime import open_runtime
from ouro_cli.usecases.find_reference import find_service
from ouro_cli.views.route import route_row_view
from ouro_cli.views.service import service_view


def command(service: ServiceArg, json: Json = False, jq: Jq = None) -> None:
    """Show one service: where it is, what it can do, and what could not be read."""
    rt = open_runtime()
    found = find_service(rt, service)
    routes = [route_row_view(row) for row in rt.store.routes.rows(found.id)]
    view = {**service_view(found, len(routes)), "routes": routes}
    output.show(view, _human, json=json, jq=jq)


def _human(view: dict[str, Any]) -> None:
    metadata = view["metadata"]
    name = output.styled(view["name"], "bold")
    output.print_line(f"{name}  {output.one_line(view['title'])} {metadata['version']}".rstrip())
    if view["description"]["text"]:
        output.print_line(output.one_line(view["description"]["text"]))
    source = metadata.get("spec_url") or metadata.get("spec_path")
    facts = {
        "id": view["id"],
        "base URL": metadata["base_url"],
        "document": f"OpenAPI {metadata['openapi']}, {source}" if source else "none; made by hand",
        "authentication": metadata["authentication"],
        "imported": output.ago(view["last_updated"]),
    }
    output.section("Facts", (f"{key:16}{output.one_line(value)}" for key, value in facts.items()))
    output.section(
        f"Routes ({view['route_count']})",
        (
            f"{each['method']:7} {output.one_line(each['path'])}  {each['reference']}"
            for each in view["routes"]
        ),
    )
    output.section(
        "Webhooks",
        (
            f"{each['method']:7} {output.joined(each['name'], each['summary'])}"
            for each in view["webhooks"]
        ),
    )
    output.section(
        "What could not be read",
        (
            f"{output.one_line(each['pointer'])} {output.one_line(each['message'])}"
            for each in view["warnings"]
        ),
    )
