"""Routes made by hand, and what a person sets on a route."""

from typing import Any

import pytest

from ouro_cli.errors import InvalidInput, UsageFault
from ouro_cli.model.service import Service
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.create_service import ServiceWords, create_service
from ouro_cli.usecases.edit_route import RouteEdits, create_route, remove_route, update_route
from ouro_cli.usecases.import_service import ImportOptions, import_service
from tests.conftest import MakeRuntime
from tests.support.upstream import json_body, write_document


@pytest.fixture
def rt(make_runtime: MakeRuntime) -> Runtime:
    return make_runtime()


@pytest.fixture
def service(rt: Runtime) -> Service:
    return create_service(rt, ServiceWords(name="lab", base_url="http://127.0.0.1:9"))


def test_places_in_the_path_are_parameters(rt: Runtime, service: Service) -> None:
    route = create_route(rt, service, "GET", "/items/{item_id}", {"summary": "An item"})
    assert route.reference == "ada/an-item-get"
    assert route.is_by_hand
    assert list(route.operation.parameters_in("path")) == ["item_id"]


def test_a_post_of_which_nothing_is_said_takes_any_json(rt: Runtime, service: Service) -> None:
    post = create_route(rt, service, "POST", "/x", {})
    get = create_route(rt, service, "GET", "/x", {})
    assert post.operation.request_body == {"content": {"application/json": {"schema": {}}}}
    assert get.operation.request_body is None


def test_a_name_that_another_has_gets_a_number(rt: Runtime, service: Service) -> None:
    names = [
        create_route(rt, service, "GET", path, {"summary": "Same"}).reference
        for path in ("/a", "/b", "/c")
    ]
    assert names == ["ada/same-get", "ada/same-1-get", "ada/same-2-get"]


def test_a_method_of_any_name_is_a_route(rt: Runtime, service: Service) -> None:
    assert create_route(rt, service, "PURGE", "/x", {}).operation.key == ("PURGE", "/x")


@pytest.mark.parametrize(
    ("operation", "why"),
    [
        ({"parameters": [{"name": "a", "in": "nowhere"}]}, "parameters/0 is no parameter"),
        ({"requestBody": {"content": []}}, "requestBody is no request body"),
        ({"x-ouro-pricing": {"model": "per_call"}}, "x-ouro-pricing names no amount"),
        (
            {"requestBody": json_body({"$ref": "#/components/schemas/None"})},
            "#/components/schemas/None is not there",
        ),
    ],
)
def test_what_cannot_be_read_makes_no_route(
    rt: Runtime, service: Service, operation: dict[str, Any], why: str
) -> None:
    with pytest.raises(InvalidInput, match=why):
        create_route(rt, service, "POST", "/x", operation)
    assert rt.store.routes.rows() == []


def test_a_route_that_is_there_is_not_made_again(rt: Runtime, service: Service) -> None:
    create_route(rt, service, "GET", "/x", {})
    with pytest.raises(UsageFault, match="has GET /x already"):
        create_route(rt, service, "GET", "/x", {})


def test_no_document_takes_a_route_by_hand_away_and_one_may_take_it_over(
    rt: Runtime, tmp_path: Any
) -> None:
    listed = {"method": "get", "path": "/listed", "summary": "Listed"}
    options = ImportOptions(base_url="http://127.0.0.1:9")
    service = import_service(rt, write_document(tmp_path, listed), options).service
    mine = create_route(rt, service, "GET", "/mine", {})
    again = import_service(rt, write_document(tmp_path, listed), options)
    assert (again.removed, again.unchanged) == ([], 1)
    theirs = {"method": "get", "path": "/mine", "summary": "Theirs"}
    taken = import_service(rt, write_document(tmp_path, listed, theirs), options)
    assert [each.route.id for each in taken.changed] == [mine.id]
    gone = import_service(rt, write_document(tmp_path, listed), options)
    assert [each.id for each in gone.removed] == [mine.id]


def test_a_new_name_is_a_new_reference_and_reset_takes_it_back(
    rt: Runtime, service: Service
) -> None:
    route = create_route(rt, service, "GET", "/x", {"summary": "First"})
    renamed = update_route(rt, route, RouteEdits(name="Second"))
    assert (renamed.reference, renamed.id) == ("ada/second-get", route.id)
    back = update_route(rt, renamed, RouteEdits(), reset=True)
    assert (back.reference, back.name, back.edits) == ("ada/first-get", "First", {})


def test_what_was_set_is_set_over_and_not_forgotten(rt: Runtime, service: Service) -> None:
    route = create_route(rt, service, "GET", "/x", {})
    update_route(rt, route, RouteEdits(fields={"description": "One"}))
    done = update_route(rt, route, RouteEdits(fields={"execution_mode": "async"}))
    assert done.edits == {"description": "One", "execution_mode": "async"}
    assert done.operation.is_async


def test_a_removed_route_made_by_hand_comes_back_as_itself(rt: Runtime, service: Service) -> None:
    route = create_route(rt, service, "GET", "/x", {"description": "Mine"})
    remove_route(rt, route)
    back = create_route(rt, service, "GET", "/x", {})
    assert (back.id, back.is_by_hand, back.stated.description) == (route.id, True, "Mine")
