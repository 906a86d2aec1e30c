"""The registry as the use cases see it: its nouns for reading, and a transaction for writing."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from ouro_cli.store.actions import Actions
from ouro_cli.store.credentials import Credentials, Vault
from ouro_cli.store.database import Database
from ouro_cli.store.services import Services


class Nouns:
    """The registry's nouns on this thread's connection."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @property
    def services(self) -> Services:
        """Services and their routes."""
        return Services(self.database.connection)

    @property
    def actions(self) -> Actions:
        """Actions, their stories and receipts."""
        return Actions(self.database.connection)

    @property
    def credentials(self) -> Credentials:
        """Where credentials lie."""
        return Credentials(self.database.connection)


class Store(Nouns):
    """The registry: read its nouns; write only on what `transaction` hands out."""

    def __init__(self, home: Path) -> None:
        super().__init__(Database(home))
        self.home = home
        self.vault = Vault(home)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Nouns]:
        """All or nothing, durably; nobody else writes meanwhile."""
        with self.database.transaction():
            yield Nouns(self.database)

    def close(self) -> None:
        """Close this thread's connection."""
        self.database.close()
