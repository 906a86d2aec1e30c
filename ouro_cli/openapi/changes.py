"""What a new reading of a document changes among the routes that are known."""

from collections.abc import Iterable
from dataclasses import dataclass

from ouro_cli.model.route import Operation, Route


@dataclass(frozen=True, slots=True)
class Changes:
    """Routes to add, to change, to archive; those that stay; and those that come back."""

    added: list[Operation]
    changed: list[tuple[Route, Operation]]
    removed: list[Route]
    unchanged: list[Route]


def compare(stored: Iterable[Route], operations: Iterable[Operation]) -> Changes:
    """Set the known routes against the operations read; method and path identify a route.

    An archived route whose operation is there again counts as changed: it comes back as itself.
    """
    known = {route.operation.key: route for route in stored}
    changes = Changes([], [], [], [])
    for operation in operations:
        route = known.pop(operation.key, None)
        if route is None:
            changes.added.append(operation)
        elif route.operation != operation or route.archived_at is not None:
            changes.changed.append((route, operation))
        else:
            changes.unchanged.append(route)
    changes.removed.extend(route for route in known.values() if route.archived_at is None)
    return changes
