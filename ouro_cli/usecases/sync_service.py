"""Bring a service in step with its document, wherever that lies now."""

from ouro_cli.errors import UsageFault
from ouro_cli.model.service import Service
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.import_service import ImportOptions, ImportReport, import_service


def sync_service(rt: Runtime, service: Service, options: ImportOptions) -> ImportReport:
    """Import the service's document anew, from where it came from, as `import_service` does.

    A document that is as it was last seen costs one conditional request, and changes nothing.
    Raises UsageFault for a service without a document.
    """
    if not service.source:
        raise UsageFault(
            why=f"service '{service.name}' has no document to follow",
            hint=f"Give it one: ouro service import SOURCE --name {service.name}",
        )
    # What is kept of a document of several files is no file that could be as it was.
    seen = None if service.allows_references else rt.store.services.seen(service.id)
    return import_service(rt, service.source, options, known=service, seen=seen)
