"""The registry as the use cases see it: its nouns for reading, and a transaction for writing."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ouro_cli.store.database import Database

if TYPE_CHECKING:
    from ouro_cli.model.action import Beside
    from ouro_cli.store.action_search import ActionSearch
    from ouro_cli.store.actions import Actions
    from ouro_cli.store.assets import Assets
    from ouro_cli.store.attempts import Attempts
    from ouro_cli.store.batches import Batches
    from ouro_cli.store.callbacks import Callbacks
    from ouro_cli.store.chains import Chains
    from ouro_cli.store.credentials import Credentials, Vault
    from ouro_cli.store.declarations import Declarations
    from ouro_cli.store.events import Events
    from ouro_cli.store.fetches import Fetches
    from ouro_cli.store.files import Files
    from ouro_cli.store.links import Links
    from ouro_cli.store.pace import Pace
    from ouro_cli.store.people import People
    from ouro_cli.store.polls import Polls
    from ouro_cli.store.receipts import Receipts
    from ouro_cli.store.routes import Routes
    from ouro_cli.store.services import Services


class Nouns:
    """The registry's nouns on this thread's connection; each is loaded when it is first used."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @property
    def people(self) -> "People":
        """Who runs routes."""
        from ouro_cli.store.people import People  # noqa: PLC0415

        return People(self.database.connection)

    @property
    def services(self) -> "Services":
        """Services and their documents."""
        from ouro_cli.store.services import Services  # noqa: PLC0415

        return Services(self.database.connection)

    @property
    def routes(self) -> "Routes":
        """What services can do."""
        from ouro_cli.store.routes import Routes  # noqa: PLC0415

        return Routes(self.database.connection)

    @property
    def declarations(self) -> "Declarations":
        """What routes take and make."""
        from ouro_cli.store.declarations import Declarations  # noqa: PLC0415

        return Declarations(self.database.connection)

    @property
    def actions(self) -> "Actions":
        """Actions."""
        from ouro_cli.store.actions import Actions  # noqa: PLC0415

        return Actions(self.database.connection, self._beside)

    @property
    def attempts(self) -> "Attempts":
        """Each time that an action's request went out."""
        from ouro_cli.store.attempts import Attempts  # noqa: PLC0415

        return Attempts(self.database.connection)

    @property
    def batches(self) -> "Batches":
        """Tables whose rows are run."""
        from ouro_cli.store.batches import Batches  # noqa: PLC0415

        return Batches(self.database.connection)

    @property
    def pace(self) -> "Pace":
        """When the next call of a service may start."""
        from ouro_cli.store.pace import Pace  # noqa: PLC0415

        return Pace(self.database.connection)

    @property
    def action_search(self) -> "ActionSearch":
        """Actions by what they are, and by their words."""
        from ouro_cli.store.action_search import ActionSearch  # noqa: PLC0415

        return ActionSearch(self.database.connection)

    @property
    def events(self) -> "Events":
        """The stories of actions."""
        from ouro_cli.store.events import Events  # noqa: PLC0415

        return Events(self.database.connection)

    @property
    def assets(self) -> "Assets":
        """Files, datasets and posts."""
        from ouro_cli.store.assets import Assets  # noqa: PLC0415

        return Assets(self.database.connection)

    @property
    def fetches(self) -> "Fetches":
        """Results that are still to be fetched."""
        from ouro_cli.store.fetches import Fetches  # noqa: PLC0415

        return Fetches(self.database.connection)

    @property
    def links(self) -> "Links":
        """Addresses at which services fetch inputs."""
        from ouro_cli.store.links import Links  # noqa: PLC0415

        return Links(self.database.connection)

    @property
    def callbacks(self) -> "Callbacks":
        """Who may call back."""
        from ouro_cli.store.callbacks import Callbacks  # noqa: PLC0415

        return Callbacks(self.database.connection)

    @property
    def polls(self) -> "Polls":
        """Results that are asked for."""
        from ouro_cli.store.polls import Polls  # noqa: PLC0415

        return Polls(self.database.connection)

    @property
    def receipts(self) -> "Receipts":
        """Callbacks that arrived."""
        from ouro_cli.store.receipts import Receipts  # noqa: PLC0415

        return Receipts(self.database.connection)

    @property
    def chains(self) -> "Chains":
        """Chains, and the visits of their steps."""
        from ouro_cli.store.chains import Chains  # noqa: PLC0415

        return Chains(self.database.connection)

    @property
    def credentials(self) -> "Credentials":
        """Where credentials lie."""
        from ouro_cli.store.credentials import Credentials  # noqa: PLC0415

        return Credentials(self.database.connection)

    def _beside(self, sha256: str) -> "Beside":
        """Kept bytes that a row refers to."""
        # To hash takes long to load, and hardly any row refers to bytes.
        from ouro_cli.store.files import Files  # noqa: PLC0415

        return Files(self.database.path.parent).beside(sha256)


class Store(Nouns):
    """The registry: read its nouns; write only on what `transaction` hands out."""

    def __init__(self, home: Path) -> None:
        super().__init__(Database(home))
        self.home = home

    @property
    def vault(self) -> "Vault":
        """The secrets themselves."""
        from ouro_cli.store.credentials import Vault  # noqa: PLC0415

        return Vault(self.home)

    @property
    def files(self) -> "Files":
        """The bytes that are kept beside the database."""
        from ouro_cli.store.files import Files  # noqa: PLC0415

        return Files(self.home)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Nouns]:
        """All or nothing, durably; nobody else writes meanwhile."""
        with self.database.transaction():
            yield Nouns(self.database)

    def counts(self) -> dict[str, int]:
        """How many services, routes, actions and assets there are."""
        from ouro_cli.store.contents import counts_of  # noqa: PLC0415

        return counts_of(self.database.connection)

    def close(self) -> None:
        """Close this thread's connection."""
        self.database.close()
