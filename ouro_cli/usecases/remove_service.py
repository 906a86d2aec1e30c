"""Remove a service: nothing of it can be run any more, and all that it has done stays readable."""

from dataclasses import replace

from ouro_cli.model.service import Service
from ouro_cli.runtime import Runtime


def remove_service(rt: Runtime, service: Service) -> Service:
    """Archive the service and its routes, and take its credentials away."""
    now = rt.now()
    archived = replace(service, archived_at=now, updated_at=now)
    credentials = rt.store.credentials.all(service.id)
    with rt.store.transaction() as tx:
        tx.services.save(archived)
        routes = tx.routes.of_service(service.id)
        tx.routes.save(replace(route, archived_at=now, updated_at=now) for route in routes)
        for credential in credentials:
            tx.credentials.remove(service.id, credential.scheme)
    for credential in credentials:
        rt.store.vault.remove(credential)
    return archived
