"""`ouro service spec`: the document itself, as it was imported."""

import json as json_library

from ouro_cli.cli import output
from ouro_cli.cli.options import Jq, Json, ServiceArg
from ouro_cli.errors import UsageFault
from ouro_cli.openapi.document import read_value
from ouro_cli.runtime import open_runtime
from ouro_cli.usecases.find_reference import find_service


def command(service: ServiceArg, json: Json = False, jq: Jq = None) -> None:
    """Print the document that a service was imported from; with --json always as JSON.

    Files that it refers to, where --allow-refs followed them, are in it.
    """
    rt = open_runtime()
    found = find_service(rt, service)
    if not found.source:
        raise UsageFault(
            why=f"service '{found.name}' has no document",
            hint=f"Its routes were made by hand: ouro route list --service {found.name}",
        )
    data, _ = rt.store.services.document(found.id)
    if json or jq:
        value = read_value(data, found.source)
        output.show(value, output.print_value, json=json, jq=jq)
        return
    text = data.decode("utf-8", "replace")
    if text.lstrip().startswith("{"):
        text = json_library.dumps(json_library.loads(text), ensure_ascii=False, indent=2)
    output.print_text(text)
