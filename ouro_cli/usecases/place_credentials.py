"""Put the credentials that a call needs into their places; refuse the call where one is missing."""

from collections.abc import Iterator

from ouro_cli import safety
from ouro_cli.errors import MissingCredential
from ouro_cli.model.route import Operation
from ouro_cli.model.service import Service
from ouro_cli.runtime import Runtime
from ouro_cli.store.credentials import Credential
from ouro_cli.wire import credentials


def place_credentials(rt: Runtime, service: Service, operation: Operation) -> credentials.Placed:
    """The credentials that a call to this operation needs, in their places.

    Raises MissingCredential where one is needed and not set, or is set for another origin.
    """
    held = {
        credential.scheme: secret
        for credential, secret in read_credentials(rt, service.id)
        if credential.origin == credentials.origin_of(service.base_url)
    }
    names, missing = credentials.needed(service, operation, set(held))
    if missing is not None:
        raise MissingCredential(service=service.name, scheme=missing)
    placed = credentials.Placed()
    for name in names:
        placed += credentials.place(service, name, held[name])
    return placed


def read_credentials(rt: Runtime, service_id: str) -> Iterator[tuple[Credential, str]]:
    """A service's credentials and their secrets, which from now on are redacted everywhere."""
    for credential in rt.store.credentials.all(service_id):
        secret = rt.store.vault.read(credential)
        if secret is not None:
            safety.remember_secret(secret)
            yield credential, secret
