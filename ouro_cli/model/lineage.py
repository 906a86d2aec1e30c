"""Where a run's outputs come from, and what they are to it (contract section 3.4)."""

from collections.abc import Iterable
from dataclasses import dataclass

from ouro_cli.model.asset import Asset, Lineage, LineageRole
from ouro_cli.model.declaration import ROLES, Declaration


@dataclass(frozen=True, slots=True)
class Sibling:
    """One output of a run: `own` is where it comes from if that is settled by other means."""

    name: str
    asset_id: str
    declaration: Declaration
    is_primary: bool
    own: Lineage | None = None


def lineages(
    siblings: Iterable[Sibling], primary_input: Asset | None, action_id: str
) -> dict[str, Lineage]:
    """The lineage of each output by name; an output stands behind the one it comes from."""
    return _Family(list(siblings), primary_input, action_id).lineages()


class _Family:
    def __init__(
        self, siblings: list[Sibling], primary_input: Asset | None, action_id: str
    ) -> None:
        self._siblings = {each.name: each for each in siblings}
        self._primary = next((each for each in siblings if each.is_primary), None)
        self._input = primary_input
        self._action_id = action_id
        self._found: dict[str, Lineage] = {}

    def lineages(self) -> dict[str, Lineage]:
        for each in self._siblings.values():
            self._settle(each, frozenset())
        return self._found

    def _settle(self, sibling: Sibling, on_the_way: frozenset[str]) -> Lineage:
        if sibling.name in self._found:
            return self._found[sibling.name]
        on_the_way |= {sibling.name}
        lineage = sibling.own or self._lineage(sibling, on_the_way)
        self._found[sibling.name] = lineage
        return lineage

    def _lineage(self, sibling: Sibling, on_the_way: frozenset[str]) -> Lineage:
        post = self._siblings.get(sibling.declaration.get("embedded_in", ""))
        is_embedded = post is not None and post.name not in on_the_way
        if is_embedded:
            source = post
        elif self._input is not None:
            family = self._input.lineage.family_id or self._input.id
            return Lineage(self._action_id, _role(sibling, False), self._input.id, family)
        else:
            source = None if sibling.is_primary else self._primary
        if source is None or source.name in on_the_way:
            return Lineage(self._action_id, LineageRole.NEW)
        family = self._settle(source, on_the_way).family_id or source.asset_id
        return Lineage(self._action_id, _role(sibling, is_embedded), source.asset_id, family)


def _role(sibling: Sibling, is_embedded: bool) -> LineageRole:
    declared = sibling.declaration.get("role")
    if declared in ROLES:
        return LineageRole(declared)
    return LineageRole.SUPPORTING if is_embedded else LineageRole.RESULT
