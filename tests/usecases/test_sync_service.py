"""A service follows its document; what a person has set stays."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ouro_cli.errors import UsageFault
from ouro_cli.model.action import ActionStatus
from ouro_cli.model.service import Service
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.create_service import ServiceWords, create_service, update_service
from ouro_cli.usecases.edit_route import RouteEdits, create_route, remove_route, update_route
from ouro_cli.usecases.import_service import ImportOptions, ImportReport, import_service
from ouro_cli.usecases.set_credential import CredentialWords, plan_credential, set_credential
from ouro_cli.usecases.start_action import RouteCall, start_action
from ouro_cli.usecases.sync_service import sync_service
from ouro_cli.wire.inputs import Arguments
from tests.conftest import MakeRuntime
from tests.support.upstream import Call, Reply, Upstream, document, json_body, serving

WORK = {"method": "post", "path": "/work", "summary": "Work", "requestBody": json_body()}
PLAY = {"method": "get", "path": "/play", "summary": "Play"}
PRICE = {"model": "per_call", "unit_cost": 0.05, "currency": "usd"}


class Published:
    """A document at an address, which a test may change."""

    def __init__(self) -> None:
        self.value: dict[str, Any] = document(WORK, PLAY)
        self.state = "one"

    def __call__(self, call: Call) -> Reply:
        if call.headers.get("if-none-match") == self.state:
            return Reply(304)
        return Reply(200, self.value, {"etag": self.state})

    def change(self, *operations: dict[str, Any], **extra: Any) -> None:
        """Publish another document."""
        self.value, self.state = document(*operations, **extra), self.state + "+"


@pytest.fixture
def published() -> Published:
    return Published()


@pytest.fixture
def upstream(published: Published) -> Iterator[Upstream]:
    with serving(published) as upstream:
        yield upstream


@pytest.fixture
def rt(make_runtime: MakeRuntime) -> Runtime:
    return make_runtime()


@pytest.fixture
def service(rt: Runtime, upstream: Upstream) -> Service:
    return import_service(rt, f"{upstream.url}/openapi.json").service


def synced(rt: Runtime, service: Service, **options: Any) -> ImportReport:
    current = rt.store.services.get(service.id)
    return sync_service(rt, current, ImportOptions(**options))


def route_id(rt: Runtime, slug: str) -> str:
    route = rt.store.routes.find_by_slug("ada", slug)
    assert route is not None
    return route.id


def test_a_document_that_is_as_it_was_costs_one_conditional_request(
    rt: Runtime, upstream: Upstream, service: Service
) -> None:
    report = synced(rt, service)
    assert not report.has_changes
    assert report.unchanged == 2
    assert [call.headers.get("if-none-match") for call in upstream.calls] == [None, "one"]


def test_a_file_that_is_as_it_was_is_not_read_anew(rt: Runtime, tmp_path: Path) -> None:
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(document(WORK)))
    options = ImportOptions(base_url="http://127.0.0.1:9")
    service = import_service(rt, str(path), options).service
    assert not synced(rt, service).has_changes
    path.write_text(json.dumps(document(WORK, PLAY)))
    assert [each.slug for each in synced(rt, service).added] == ["play-get"]


def test_what_was_added_changed_and_removed_is_said(
    rt: Runtime, published: Published, service: Service
) -> None:
    schema = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
    rest = {"method": "put", "path": "/rest", "summary": "Rest"}
    published.change({**WORK, "requestBody": json_body(schema)}, rest)
    report = synced(rt, service)
    assert [each.slug for each in report.added] == ["rest-put"]
    assert [each.slug for each in report.removed] == ["play-get"]
    [changed] = report.changed
    assert [(each.where, str(each), each.is_breaking) for each in changed.differences] == [
        ("body", "type nothing -> object", True),
        ("body.n", "is new", True),
    ]


def test_a_check_says_the_same_and_changes_nothing(
    rt: Runtime, published: Published, service: Service
) -> None:
    published.change(WORK, info={"title": "Test", "version": "2"})
    before = _everything(rt)
    checked = synced(rt, service, is_check=True)
    assert _everything(rt) == before
    done = synced(rt, service)
    assert checked.has_changes
    assert (checked.removed, checked.service_changes) == (done.removed, done.service_changes)
    assert [str(each) for each in done.service_changes] == ["version 1 -> 2"]
    assert not synced(rt, service, is_check=True).has_changes


def _everything(rt: Runtime) -> list[list[tuple[Any, ...]]]:
    tables = ("service", "route", "document", "component", "person")
    read = rt.store.database.connection.execute
    return [list(map(tuple, read(f"SELECT * FROM {table}"))) for table in tables]


def test_ids_actions_and_edits_survive(rt: Runtime, published: Published, service: Service) -> None:
    kept = route_id(rt, "work-post")
    action = start_action(rt, RouteCall("ada/work-post", Arguments()))
    edits = {"description": "Mine", "output_assets": {"doc": {"asset_type": "post"}}}
    update_route(rt, rt.store.routes.get(kept), RouteEdits(name="Toil", fields=edits))
    published.change({**WORK, "summary": "Labour", "description": "Theirs"})
    synced(rt, service)
    route = rt.store.routes.get(kept)
    assert (route.reference, route.name) == ("ada/toil-post", "Toil")
    assert route.operation.description == "Mine"
    assert route.stated.description == "Theirs"
    assert list(route.operation.output_assets) == ["doc"]
    assert rt.store.actions.get(action.id).status is ActionStatus.QUEUED


def test_a_slug_survives_a_new_summary(rt: Runtime, published: Published, service: Service) -> None:
    published.change({**WORK, "summary": "Labour"})
    [changed] = synced(rt, service).changed
    assert (changed.route.name, changed.route.slug) == ("Labour", "work-post")


def test_a_price_that_the_document_states_takes_the_place_of_a_persons(
    rt: Runtime, published: Published, service: Service
) -> None:
    route = rt.store.routes.get(route_id(rt, "work-post"))
    own = {**PRICE, "unit_cost": 9}
    update_route(rt, route, RouteEdits(fields={"pricing": own}))
    published.change({**WORK, "description": "Nothing of a price"})
    synced(rt, service)
    assert rt.store.routes.get(route.id).operation.pricing == own
    published.change({**WORK, "x-ouro-pricing": PRICE})
    synced(rt, service)
    assert rt.store.routes.get(route.id).operation.pricing == PRICE


def test_a_price_edited_beside_a_document_that_states_one_gives_way(
    rt: Runtime, published: Published, service: Service
) -> None:
    published.change({**WORK, "x-ouro-pricing": PRICE})
    synced(rt, service)
    route = rt.store.routes.get(route_id(rt, "work-post"))
    update_route(rt, route, RouteEdits(fields={"pricing": {"model": "free"}}))
    published.change({**WORK, "x-ouro-pricing": PRICE}, info={"title": "Test", "version": "3"})
    synced(rt, service)
    assert rt.store.routes.get(route.id).operation.pricing == PRICE


def test_a_price_stays_where_the_document_says_nothing_of_it_any_more(
    rt: Runtime, published: Published, service: Service
) -> None:
    published.change({**WORK, "x-ouro-pricing": PRICE})
    synced(rt, service)
    published.change(WORK)
    synced(rt, service)
    assert rt.store.routes.get(route_id(rt, "work-post")).operation.pricing == PRICE


def test_a_price_that_cannot_be_is_a_warning(
    rt: Runtime, published: Published, service: Service
) -> None:
    published.change({**WORK, "x-ouro-pricing": {**PRICE, "unit_cost": -1}})
    report = synced(rt, service)
    assert [(each.pointer, each.message) for each in report.warnings] == [
        ("#/paths/~1work/post/x-ouro-pricing", "is not above zero; left out")
    ]


def test_a_route_that_a_person_removed_stays_away_and_comes_back_as_itself(
    rt: Runtime, published: Published, service: Service
) -> None:
    removed = remove_route(rt, rt.store.routes.get(route_id(rt, "play-get")))
    published.change(WORK, {**PLAY, "description": "Anew"})
    report = synced(rt, service)
    assert (report.added, report.changed, report.removed) == ([], [], [])
    back = create_route(rt, service, "GET", "/play", {})
    assert (back.id, back.stated.description, back.archived_at) == (removed.id, "Anew", None)


def test_a_base_url_that_a_person_gave_is_moved_by_no_document(
    rt: Runtime, published: Published, service: Service
) -> None:
    update_service(rt, service, ServiceWords(base_url="http://127.0.0.1:7/v1/"))
    published.change(WORK, servers=[{"url": "http://127.0.0.1:8"}])
    assert synced(rt, service).service.base_url == "http://127.0.0.1:7/v1"


def test_a_credential_does_not_move_with_the_server(
    rt: Runtime, published: Published, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THE_TOKEN", "a-long-secret")
    credential = plan_credential(rt, service, CredentialWords(variable="THE_TOKEN"))
    set_credential(rt, credential, None)
    published.change(WORK, servers=[{"url": "http://127.0.0.1:8"}])
    report = synced(rt, service)
    assert report.stale_credentials == ("ouro",)
    assert [(each.field, each.is_breaking) for each in report.service_changes] == [
        ("base_url", True)
    ]


def test_a_service_without_a_document_has_nothing_to_follow(rt: Runtime) -> None:
    words = ServiceWords(name="By hand", base_url="http://127.0.0.1:9")
    service = create_service(rt, words)
    with pytest.raises(UsageFault, match="has no document"):
        sync_service(rt, service, ImportOptions())
    with pytest.raises(UsageFault, match="another service is called"):
        create_service(rt, words)
