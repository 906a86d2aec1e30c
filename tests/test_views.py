"""Views: what they emit is what the official client reads."""

import itertools
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from ouro.models.action import Action as SdkAction
from ouro.models.action import ActionLog as SdkActionLog
from ouro.models.asset import Asset as SdkAsset
from ouro.models.route import Route as SdkRoute

from ouro_cli.model.action import ActionStatus, Body, Event, Receipt, Source
from ouro_cli.model.declaration import read_inputs, read_outputs
from ouro_cli.model.service import Authentication, Finding
from ouro_cli.views.action import (
    action_row_view,
    action_view,
    duration_text,
    log_view,
    receipt_view,
)
from ouro_cli.views.route import route_row_view, route_view
from ouro_cli.views.service import service_view
from ouro_cli.views.words import seconds_text
from tests.builders import NOW, a_parameter, a_route, a_service, an_action, an_operation

TYPES = ["file", "dataset", "post", "comment", "route", "video", None, ["file"]]
WORDS: list[dict[str, Any]] = [
    {},
    {"primary": True},
    {"primary": "yes"},
    {"file_extensions": [".CIF", "xyz", "123"]},
    {"input_file_extensions": "cif"},
    {"file_extensions": None, "contains_file_extensions": ["png"]},
    {"input_filter": "3d"},
    {"input_filter": "audio"},
    {"input_filter": ["audio"]},
    {"asset_types": ["file", "post"]},
    {"asset_types": []},
    {"when": {"n": [1, "a", True]}},
    {"when": {"n": None}},
    {"optional": 3},
    {"role": "version", "embedded_in": "other"},
    {"role": {}, "embedded_in": "nobody"},
    {"description": {"json": {}}, "colour": [1]},
]
LEGACY: list[dict[str, Any]] = [
    {},
    {"x-ouro-input-asset-type": "file", "x-ouro-input-asset-filter": "3d"},
    {"x-ouro-output-asset-type": "post", "x-ouro-input-file-extension": "cif"},
]
CORPUS = list(itertools.product(TYPES, WORDS, LEGACY))


def _operation_with(declared: tuple[Any, dict[str, Any], dict[str, Any]]) -> dict[str, Any]:
    asset_type, words, legacy = declared
    row = words if asset_type is None else {"asset_type": asset_type, **words}
    both = {"data": row, "other": {"asset_type": "post"}} if "role" in words else {"data": row}
    return {"x-ouro-input-assets": both, "x-ouro-output-assets": both, **legacy}


def test_the_corpus_of_declarations_is_large() -> None:
    assert len(CORPUS) >= 200


def test_the_official_client_reads_every_route_whatever_it_declares() -> None:
    for declared in CORPUS:
        operation = _operation_with(declared)
        route = a_route(
            input_assets=read_inputs(operation, []), output_assets=read_outputs(operation, [])
        )
        view = json.loads(json.dumps(route_view(route, a_service())))
        assert SdkRoute.model_validate(view).route is not None, declared


def test_a_route_keeps_the_older_columns_in_step_with_the_primary_declarations() -> None:
    route = a_route(
        input_assets={
            "a": {"asset_type": "dataset"},
            "b": {
                "asset_type": "file",
                "primary": True,
                "file_extensions": ["cif", "xyz"],
                "input_filter": "atomic structure",
            },
        },
        output_assets={"report": {"asset_type": "file", "file_extensions": ["png"]}},
    )
    columns = route_view(route, a_service())["route"]
    assert {key: columns[key] for key in columns if key.startswith(("input_", "output_"))} == {
        "input_assets": route.operation.input_assets,
        "output_assets": route.operation.output_assets,
        "input_type": "file",
        "input_filter": "atomic structure",
        "input_file_extensions": ["cif", "xyz"],
        "input_file_extension": "cif",
        "output_type": "file",
        "output_file_extension": "png",
    }


def test_the_official_client_reads_a_routes_operation() -> None:
    route = a_route(
        "PUT",
        "/items/{item_id}",
        summary="Put an item",
        description="Puts it.",
        parameters=[a_parameter("item_id", "path"), a_parameter("ouro-route-id", "header")],
        body={"$ref": "#/components/schemas/Item"},
        responses={"200": {"description": "ok"}},
        security=[{"key": []}],
        execution_mode="async",
    )
    read = SdkRoute.model_validate(route_view(route, a_service()))
    assert read.route is not None
    assert (read.route.method, read.route.path) == ("PUT", "/items/{item_id}")
    assert read.route.execution_mode == "async"
    assert (read.name, str(read.parent_id)) == ("Put an item", a_service().id)


def test_the_official_client_reads_a_route_that_says_nothing_of_itself() -> None:
    read = SdkRoute.model_validate(route_view(a_route("GET", "/"), a_service()))
    assert read.route is not None
    assert (read.route.parameters, read.route.request_body) == (None, None)


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"status": ActionStatus.QUEUED}, id="queued"),
        pytest.param(
            {"status": ActionStatus.IN_PROGRESS, "started_at": NOW, "ack_at": NOW}, id="accepted"
        ),
        pytest.param({"response": Body(b'{"n": 1}'), "finished_at": NOW}, id="success"),
        pytest.param({"response": Body(b"<p>", "text/html"), "finished_at": NOW}, id="text"),
        pytest.param(
            {
                "status": ActionStatus.ERROR,
                "response": Body(b'{"statusCode": 500, "error": {"message": "no"}}'),
                "upstream_status_code": 500,
                "ended_by": Source.RESPONSE,
                "finished_at": NOW,
            },
            id="error",
        ),
        pytest.param({"status": ActionStatus.TIMED_OUT, "ended_by": Source.SILENCE}, id="silence"),
    ],
)
def test_the_official_client_reads_an_action(facts: dict[str, Any]) -> None:
    action = an_action(**facts)
    read = SdkAction.model_validate(json.loads(json.dumps(action_view(action))))
    assert (str(read.id), read.status) == (action.id, action.status.value)
    assert read.response == (action.response.value if action.response else None)
    assert read.route is not None and read.route["name"] == "Predict"


def test_the_official_client_reads_an_action_of_a_list() -> None:
    view = action_row_view(an_action(response=Body(b"[1]")))
    assert SdkAction.model_validate(view).response is None
    assert view["request"] == {"formula": "NaCl"}


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        pytest.param(None, None, id="none"),
        pytest.param(Body(b""), None, id="empty"),
        pytest.param(Body(b'{"a": 1}'), {"a": 1}, id="object"),
        pytest.param(Body(b"[1]"), {"_raw": [1]}, id="list"),
        pytest.param(Body(b"hi", "text/plain"), {"_raw": "hi"}, id="text"),
    ],
)
def test_final_data_is_always_an_object(response: Body | None, expected: Any) -> None:
    assert action_view(an_action(response=response))["final_data"] == expected


def test_an_actions_times_are_utc_with_microseconds_and_offset() -> None:
    assert action_view(an_action())["created_at"] == "2026-01-31T12:00:00.000000+00:00"


def test_the_official_client_reads_a_service() -> None:
    service = a_service(
        authentication=Authentication.OURO,
        description="What *things* are made of",
        warnings=(Finding("#/info", "is no object"),),
    )
    view = service_view(service, routes=3)
    read = SdkAsset.model_validate(view)
    assert (str(read.id), read.name) == (service.id, "materials")
    assert view["metadata"]["authentication"] == "Ouro"
    assert view["warnings"] == [{"pointer": "#/info", "message": "is no object"}]
    assert view["route_count"] == 3


@pytest.mark.parametrize(
    ("source", "key"),
    [("https://api.test/openapi.json", "spec_url"), ("./openapi.yaml", "spec_path")],
)
def test_a_services_source_stands_where_the_contract_keeps_it(source: str, key: str) -> None:
    assert service_view(a_service(source=source))["metadata"][key] == source


def test_a_route_in_a_list_says_how_to_call_it() -> None:
    row = {"id": "1", "creator": "ada", "slug": "x-get", "name": "X", "method": "GET", "path": "/x"}
    view = route_row_view({**row, "service": "s"})
    assert (view["reference"], view["service"]) == ("ada/x-get", "s")


@pytest.mark.parametrize(("kind", "origin"), [("log", "app"), ("sent", "ouro")])
def test_a_log_line_says_whether_the_service_wrote_it(kind: str, origin: str) -> None:
    action = an_action()
    view = log_view(Event(7, action.id, NOW, kind, "info", "hello"), action)
    read = SdkActionLog.model_validate(view)
    assert (read.origin, read.message, str(read.asset_id)) == (origin, "hello", action.route.id)


def test_a_log_line_keeps_its_id() -> None:
    first, second = (
        [log_view(Event(seq, "a", NOW, "log", "info", ""), an_action())["id"] for seq in (1, 2)]
        for _ in range(2)
    )
    assert first == second
    assert first[0] != first[1]


def test_a_receipt_shows_what_arrived() -> None:
    view = receipt_view(Receipt("1", "2", NOW, "late", Body(b'{"status": "success"}')))
    assert (view["verdict"], view["body"]) == ("late", {"status": "success"})


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0s"),
        (0.44, "0.4s"),
        (9.94, "9.9s"),
        (9.96, "10s"),
        (59.4, "59s"),
        (59.6, "1m00s"),
        (185, "3m05s"),
        (3599.6, "1h00m"),
        (7380, "2h03m"),
        (-5, "0s"),
    ],
)
def test_seconds_are_written_as_people_write_them(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text


def test_an_action_lasts_from_its_start_to_its_end() -> None:
    action = an_action(
        started_at=NOW + timedelta(seconds=100), finished_at=NOW + timedelta(seconds=112)
    )
    assert duration_text(action) == "12s"


def test_an_action_that_never_started_lasts_from_when_it_was_made() -> None:
    assert duration_text(an_action(finished_at=NOW + timedelta(seconds=75))) == "1m15s"


def test_an_open_action_has_no_duration_yet() -> None:
    assert duration_text(an_action(ActionStatus.IN_PROGRESS)) == ""


def test_every_id_in_a_view_is_a_uuid() -> None:
    operation = an_operation()
    for view in (
        service_view(a_service()),
        route_view(a_route(operation=operation), a_service()),
        action_view(an_action()),
    ):
        for key in ("id", "user_id", "org_id", "team_id", "parent_id", "route_id"):
            assert key not in view or UUID(view[key])
