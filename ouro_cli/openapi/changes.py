"""What a new reading of a document changes among the routes that are known."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from ouro_cli.model.route import Operation, Route
from ouro_cli.openapi.operations import references_of
from ouro_cli.openapi.refs import references_in


@dataclass(frozen=True, slots=True)
class Changes:
    """Routes to add, to change (or bring back), to archive; and those that stay.

    `withheld` are routes that a person has removed: they stay away, and follow their document.
    """

    added: list[Operation] = field(default_factory=list)
    changed: list[tuple[Route, Operation]] = field(default_factory=list)
    removed: list[Route] = field(default_factory=list)
    unchanged: list[Route] = field(default_factory=list)
    withheld: list[tuple[Route, Operation]] = field(default_factory=list)


def compare(
    stored: Iterable[Route],
    operations: Iterable[Operation],
    changed_references: Collection[str] = frozenset(),
) -> Changes:
    """Set the known routes against the operations read; method and path identify a route.

    A route is changed where its operation is another, and where it refers to something that has
    changed. An archived route whose operation is there again counts as changed too: it comes
    back as itself. A route made by hand is the document's from the moment the document has it,
    and stays where the document has it not.
    """
    known = {route.stated.key: route for route in stored}
    changes = Changes()
    for operation in operations:
        route = known.pop(operation.key, None)
        if route is None:
            changes.added.append(operation)
        elif route.is_removed:
            changes.withheld.append((route, operation))
        elif _is_changed(route, operation) or (
            changed_references and references_of(operation) & set(changed_references)
        ):
            changes.changed.append((route, operation))
        else:
            changes.unchanged.append(route)
    changes.removed.extend(
        route for route in known.values() if route.archived_at is None and not route.is_by_hand
    )
    return changes


def _is_changed(route: Route, operation: Operation) -> bool:
    # A price that the document states is the whole price: it takes the place of a person's.
    has_other_price = operation.pricing is not None and "pricing" in route.edits
    is_other = route.stated != operation or has_other_price
    return is_other or route.is_by_hand or route.archived_at is not None


def changed_references(before: Mapping[str, str], after: Mapping[str, str]) -> set[str]:
    """The references that lead to something else now, at once or by way of others.

    Both are reference -> JSON text.
    """
    changed = {each for each in before.keys() | after.keys() if before.get(each) != after.get(each)}
    if not changed:
        return set()
    referrers: dict[str, set[str]] = defaultdict(set)
    for reference, text in after.items():
        for target in references_in(text):
            referrers[target].add(reference)
    pending = list(changed)
    while pending:
        following = referrers[pending.pop()] - changed
        changed |= following
        pending.extend(following)
    return changed
