"""`ouro service sync`: a service brought in step with its document."""

from ouro_cli.cli.import_report import show_report, telling_faults
from ouro_cli.cli.options import Check, Jq, Json, ServiceArg, Strict
from ouro_cli.runtime import open_runtime
from ouro_cli.usecases.find_reference import find_service
from ouro_cli.usecases.import_service import ImportOptions
from ouro_cli.usecases.sync_service import sync_service


def command(
    service: ServiceArg,
    strict: Strict = False,
    check: Check = False,
    json: Json = False,
    jq: Jq = None,
) -> None:
    """Bring a service in step with its document, and say what changed, field by field.

    Ids, actions, and what you have set with `ouro route update` stay. A line with ! is a change
    that can break a call that was right before. Where the document is as it was, one conditional
    request finds that out.

    \b
    ouro service sync materials
    ouro service sync materials --check       exit status 1 where anything differs
    """
    rt = open_runtime()
    options = ImportOptions(is_strict=strict, is_check=check)
    with telling_faults():
        report = sync_service(rt, find_service(rt, service), options)
    show_report(report, is_check=check, json=json, jq=jq)
