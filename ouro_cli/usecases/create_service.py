"""Make a service without a document, and change what a person says of one."""

from dataclasses import dataclass, replace

from ouro_cli.errors import UsageFault
from ouro_cli.model.identity import slug
from ouro_cli.model.service import Authentication, Service
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.import_service import checked_address, free_name


@dataclass(frozen=True, slots=True)
class ServiceWords:
    """What a person says of a service; None says nothing."""

    name: str | None = None
    base_url: str | None = None
    authentication: Authentication | None = None


def create_service(rt: Runtime, words: ServiceWords) -> Service:
    """Add a service that has a name and a base URL, and no routes yet.

    Raises UsageFault where either is missing, or where another service has the name.
    """
    if not words.name or not words.base_url:
        raise UsageFault(
            why="a service without a document needs a name and a base URL",
            hint="ouro service import --name NAME --base-url URL",
        )
    now, address = rt.now(), checked_address(words.base_url)
    with rt.store.transaction() as tx:
        if any(each.name == slug(words.name) for each in tx.services.all()):
            raise _taken(words.name)
        user_id = tx.people.id_of(rt.settings.user, rt.new_id(), now)
        service = Service(
            id=rt.new_id(),
            user_id=user_id,
            name=free_name(tx, words.name),
            title=words.name,
            base_url=address,
            is_base_url_given=True,
            source="",
            openapi="3.1.0",
            authentication=words.authentication or Authentication.NONE,
            created_at=now,
            updated_at=now,
        )
        tx.services.save(service)
    return service


def update_service(rt: Runtime, service: Service, words: ServiceWords) -> Service:
    """Set what is said of a service; a base URL that was said is moved by no document again."""
    name, base_url = service.name, service.base_url
    if words.base_url is not None:
        base_url = checked_address(words.base_url)
    if words.name is not None:
        name = slug(words.name)
        if not name:
            raise UsageFault(why=f"--name: '{words.name}' has neither letter nor digit")
    updated = replace(
        service,
        name=name,
        base_url=base_url,
        is_base_url_given=service.is_base_url_given or words.base_url is not None,
        authentication=words.authentication or service.authentication,
        updated_at=rt.now(),
    )
    with rt.store.transaction() as tx:
        others = (each for each in tx.services.all(archived=True) if each.id != service.id)
        if any(each.name == name for each in others):
            raise _taken(name)
        tx.services.save(updated)
    return updated


def _taken(name: str) -> UsageFault:
    return UsageFault(
        why=f"another service is called '{slug(name)}'", hint="See all: ouro service list"
    )
