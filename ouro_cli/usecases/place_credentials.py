"""Put the credentials that a call needs into their places; refuse the call where one is missing."""

from ouro_cli import safety
from ouro_cli.errors import MissingCredential
from ouro_cli.model.route import Operation
from ouro_cli.model.service import Service
from ouro_cli.runtime import Runtime
from ouro_cli.wire import credentials


def place_credentials(rt: Runtime, service: Service, operation: Operation) -> credentials.Placed:
    """The credentials that a call to this operation needs, in their places.

    Raises MissingCredential where one is needed and not set, or is set for another origin.
    """
    held: dict[str, str] = {}
    for credential in rt.store.credentials.all(service.id):
        if credential.origin == credentials.origin_of(service.base_url):
            secret = rt.store.vault.read(credential)
            if secret is not None:
                safety.remember_secret(secret)
                held[credential.scheme] = secret
    names, missing = credentials.needed(service, operation, set(held))
    if missing is not None:
        raise MissingCredential(service=service.name, scheme=missing)
    placed = credentials.Placed()
    for name in names:
        placed += credentials.place(service, name, held[name])
    return placed
