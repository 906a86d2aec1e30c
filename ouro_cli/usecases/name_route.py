"""Give routes their names and slugs: a clash gets a number, and what has a slug keeps it."""

from dataclasses import replace
from datetime import datetime

from ouro_cli.model.route import Operation, Route, slug_of
from ouro_cli.model.service import Service
from ouro_cli.runtime import Runtime
from ouro_cli.store.registry import Nouns


class Namer:
    """Makes the new routes of a service, no two of them alike in name."""

    def __init__(self, rt: Runtime, nouns: Nouns, service: Service) -> None:
        self._rt = rt
        self._service = service
        self._creator = nouns.people.name_of(service.user_id) or rt.settings.user
        self._taken = dict(nouns.routes.slugs(service.user_id))
        self._numbers: dict[str, int] = {}

    def new_route(self, operation: Operation, now: datetime, *, by_hand: bool = False) -> Route:
        """A route of this operation, under an id and a slug of its own."""
        route = Route(
            id=self._rt.new_id(),
            service_id=self._service.id,
            user_id=self._service.user_id,
            creator=self._creator,
            name=operation.name,
            slug="",
            stated=operation,
            created_at=now,
            updated_at=now,
            is_by_hand=by_hand,
        )
        return self.renamed(route, operation.name, wanted=operation.slug)

    def renamed(self, route: Route, name: str, *, wanted: str = "") -> Route:
        """The route under another name, and the slug that follows from it."""
        method = route.stated.method
        wanted = wanted or slug_of(name, method)
        stem = wanted.removesuffix(f"-{method.lower()}")
        free, shown = wanted, name
        # All lower numbers are taken: of thousands that share a summary none tries them again.
        number = self._numbers.get(wanted, 0)
        while self._taken.get(free, route.id) != route.id:
            number += 1
            free, shown = f"{stem}-{number}-{method.lower()}", f"{name} {number}"
        self._numbers[wanted] = number
        self._taken[free] = route.id
        return replace(route, name=shown[:255], slug=free)
