"""A registry with assets, routes that declare what they take and make, and runs between them."""

from pathlib import Path
from typing import Any

from ouro_cli.model.action import ActionStatus, Body, Source
from ouro_cli.model.asset import Asset, Lineage, LineageRole
from ouro_cli.model.route import Route
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.find_reference import find_route
from ouro_cli.usecases.import_service import ImportOptions, import_service
from ouro_cli.usecases.keep_asset import AssetWords, keep_asset, prepare_file, prepare_post
from tests.support.upstream import json_body, write_document


class Lab:
    """Assets and runs, made by hand; what a run takes and makes is said, not sent."""

    def __init__(self, rt: Runtime, folder: Path) -> None:
        self.rt = rt
        self._folder = folder

    def routes(self, *operations: dict[str, Any]) -> None:
        """Import a document of these operations; each is a POST with any body."""
        whole = [{"method": "post", "requestBody": json_body(), **each} for each in operations]
        path = write_document(self._folder, *whole)
        import_service(self.rt, path, ImportOptions(base_url="http://127.0.0.1:9"))

    def route(self, name: str) -> Route:
        """The route `ada/NAME-post`."""
        return find_route(self.rt, f"ada/{name}-post")

    def file(self, name: str, **lineage: Any) -> Asset:
        """A kept file of this name."""
        words = AssetWords(filename=name, lineage=_lineage(**lineage))
        return keep_asset(self.rt, prepare_file(self.rt, [name.encode()], words))

    def post(self, name: str) -> Asset:
        """A kept post of this name."""
        return keep_asset(self.rt, prepare_post(self.rt, "text", AssetWords(name=name)))

    def run(
        self,
        route: str,
        inputs: dict[str, Asset] | None = None,
        *,
        user: str = "ada",
        status: ActionStatus = ActionStatus.SUCCESS,
        response: bytes = b"{}",
    ) -> str:
        """A run that took these assets, the first as the primary one, and ended; its id."""
        rt, action_id = self.rt, self.rt.new_id()
        with rt.store.transaction() as tx:
            user_id = tx.people.id_of(user, rt.new_id(), rt.now())
            request: dict[str, Any] = {"body": {}, "parameters": None, "query": None}
            tx.actions.add(action_id, self.route(route).id, user_id, request, "test", rt.now())
            for number, (name, asset) in enumerate((inputs or {}).items()):
                tx.assets.link(action_id, "input", name, asset.id, is_primary=not number)
            tx.actions.finish(
                action_id,
                status,
                body=Body(response),
                status_code=200,
                ended_by=Source.RESPONSE,
                at=rt.now(),
                ack_at=None,
            )
        return action_id

    def made(self, action_id: str, name: str, asset: Asset, *, primary: bool = False) -> Asset:
        """Say that a run made an asset."""
        with self.rt.store.transaction() as tx:
            tx.assets.link(action_id, "output", name, asset.id, is_primary=primary)
        return asset


def _lineage(
    action_id: str | None = None,
    source: Asset | None = None,
    role: LineageRole = LineageRole.RESULT,
) -> Lineage:
    if source is None:
        return Lineage(action_id)
    return Lineage(action_id, role, source.id, source.lineage.family_id or source.id)
