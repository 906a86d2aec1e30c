"""The operations that a document states."""

import json
from typing import Any

import pytest

from ouro_cli.model.route import Operation
from ouro_cli.openapi.document import parse
from ouro_cli.openapi.operations import Reading, read_operations


def read(paths: Any, **rest: Any) -> Reading:
    """What a document with these paths says."""
    document = {"openapi": "3.1.0", "info": {}, "paths": paths, **rest}
    return read_operations(parse(json.dumps(document).encode(), "x"))


def only(paths: Any, **rest: Any) -> Operation:
    """The one operation of a document that has nothing to warn of."""
    reading = read(paths, **rest)
    assert reading.warnings == []
    return reading.operations[0]


def warned(reading: Reading) -> list[tuple[str, str]]:
    return [(each.pointer, each.message) for each in reading.warnings]


def names(operation: Operation, place: str) -> list[str]:
    return list(operation.parameters_in(place))


LEADS_OUT = "leads out of the document, and is not followed; see --allow-refs"
ITEM = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}


def test_an_operation_is_read_whole() -> None:
    operation = only(
        {
            "/items": {
                "post": {
                    "operationId": "addItem",
                    "summary": "Add an item",
                    "description": "Adds it.",
                    "tags": ["items", 2],
                    "deprecated": True,
                    "security": [{"key": []}],
                    "requestBody": {"content": {"application/json": {"schema": {}}}},
                    "responses": {201: {"description": "there"}, "x-note": {}, "default": None},
                    "x-ouro-execution-mode": "async",
                    "x-ouro-input-assets": {"structure": {"asset_type": "file"}},
                    "x-ouro-output-assets": {"report": {"asset_type": "post"}},
                    "x-internal": [1],
                }
            }
        }
    )
    assert operation == Operation(
        method="POST",
        path="/items",
        summary="Add an item",
        description="Adds it.",
        operation_id="addItem",
        tags=("items", "2"),
        request_body={"content": {"application/json": {"schema": {}}}},
        responses={"201": {"description": "there"}},
        security=[{"key": []}],
        execution_mode="async",
        input_assets={"structure": {"asset_type": "file"}},
        output_assets={"report": {"asset_type": "post"}},
        extensions={
            "x-ouro-execution-mode": "async",
            "x-ouro-input-assets": {"structure": {"asset_type": "file"}},
            "x-ouro-output-assets": {"report": {"asset_type": "post"}},
            "x-internal": [1],
        },
        deprecated=True,
    )


def test_an_operation_need_not_say_anything() -> None:
    assert only({"/": {"get": {}}}) == Operation("GET", "/")


def test_every_method_is_a_route_of_its_own() -> None:
    methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"]
    reading = read({"/a": {method: {} for method in methods}, "x-note": {}})
    assert [each.method for each in reading.operations] == [each.upper() for each in methods]


def test_openapi_3_2_names_methods_of_its_own() -> None:
    reading = read({"/a": {"additionalOperations": {"COPY": {"summary": "Copy"}, "NO WAY": {}}}})
    assert [(each.method, each.summary) for each in reading.operations] == [("COPY", "Copy")]
    assert warned(reading) == [("#/paths/~1a/additionalOperations/NO WAY", "is no method")]


def test_an_operations_own_parameters_win_over_those_of_its_path() -> None:
    shared = [ITEM, {"name": "q", "in": "query", "description": "shared"}]
    own = [{"name": "q", "in": "query", "description": "own"}, {"name": "q", "in": "header"}]
    operation = only({"/items/{id}": {"parameters": shared, "get": {"parameters": own}}})
    assert [(each["in"], each["name"]) for each in operation.parameters] == [
        ("path", "id"),
        ("query", "q"),
        ("header", "q"),
    ]
    assert operation.parameters_in("query")["q"]["description"] == "own"


def test_references_to_parameters_bodies_answers_and_paths_are_followed() -> None:
    components = {
        "pathItems": {
            "Item": {
                "parameters": [{"$ref": "#/components/parameters/Id"}],
                "put": {
                    "requestBody": {"$ref": "#/components/requestBodies/Item"},
                    "responses": {"200": {"$ref": "#/components/responses/Ok"}},
                },
            }
        },
        "parameters": {"Id": {"$ref": "#/components/parameters/TheId"}, "TheId": ITEM},
        "requestBodies": {"Item": {"content": {"application/json": {}}}},
        "responses": {"Ok": {"description": "ok"}},
    }
    paths = {"/items/{id}": {"$ref": "#/components/pathItems/Item"}}
    operation = only(paths, components=components)
    assert operation.parameters == (ITEM,)
    assert operation.request_body == {"content": {"application/json": {}}}
    assert operation.responses == {"200": {"description": "ok"}}


def test_schemas_keep_their_references_and_what_they_reach_is_kept_beside() -> None:
    schemas = {
        "Tree": {"properties": {"children": {"items": {"$ref": "#/components/schemas/Tree"}}}},
        "Leaf": {"$ref": "#/components/schemas/Tree"},
        "Other": {},
    }
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Leaf"}}}}
    reading = read({"/a": {"post": {"requestBody": body}}}, components={"schemas": schemas})
    assert reading.operations[0].request_body == body
    assert {key: json.loads(text) for key, text in reading.components.items()} == {
        "#/components/schemas/Leaf": schemas["Leaf"],
        "#/components/schemas/Tree": schemas["Tree"],
    }


def test_a_property_may_be_called_ref() -> None:
    # Kubernetes has one.
    schema = {
        "properties": {"$ref": {"type": "string"}, "other": {"$ref": "#/components/schemas/A"}}
    }
    body = {"content": {"application/json": {"schema": schema}}}
    reading = read(
        {"/a": {"post": {"requestBody": body}}}, components={"schemas": {"A": {"type": "string"}}}
    )
    assert reading.warnings == []
    assert list(reading.components) == ["#/components/schemas/A"]


def test_references_are_escaped_and_percent_encoded() -> None:
    schemas = {"a/b": {"type": "string"}, "c d": {"type": "integer"}, "e~f": {"type": "null"}}
    content = {
        "a/json": {"schema": {"$ref": "#/components/schemas/a~1b"}},
        "b/json": {"schema": {"$ref": "#/components/schemas/c%20d"}},
        "c/json": {"schema": {"$ref": "#/components/schemas/e~0f"}},
    }
    paths = {"/a": {"post": {"requestBody": {"content": content}}}}
    reading = read(paths, components={"schemas": schemas})
    assert reading.warnings == []
    assert sorted(map(json.loads, reading.components.values()), key=str) == sorted(
        schemas.values(), key=str
    )


def test_what_is_referred_to_and_missing_is_a_warning_with_its_pointer() -> None:
    schema = {"items": {"$ref": "#/components/schemas/Nowhere"}, "not": {"$ref": "http://x/y"}}
    paths = {"/a": {"get": {"parameters": [{"name": "q", "in": "query", "schema": schema}]}}}
    place = "#/paths/~1a/get/parameters/0/schema"
    assert warned(read(paths)) == [
        (f"{place}/items", "#/components/schemas/Nowhere is not there"),
        (f"{place}/not", f"http://x/y {LEADS_OUT}"),
    ]


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        ("#/components/parameters/Nowhere", "#/components/parameters/Nowhere leads nowhere"),
        ("http://169.254.169.254/p", f"http://169.254.169.254/p {LEADS_OUT}"),
        ("file:///etc/passwd", f"file:///etc/passwd {LEADS_OUT}"),
        ("#Anchor", "#Anchor is no JSON pointer"),
        ("#/paths/~1a/get/parameters/0", "a reference leads to itself"),
    ],
)
def test_a_parameter_that_cannot_be_found_is_left_out(reference: str, why: str) -> None:
    reading = read({"/a": {"get": {"parameters": [{"$ref": reference}]}}})
    assert reading.operations[0].parameters == ()
    assert warned(reading)[0] == ("#/paths/~1a/get/parameters/0", why)


def test_a_schema_may_be_the_document_itself_and_nothing_is_made_of_it() -> None:
    body = {"content": {"application/json": {"schema": {"items": {"$ref": "#"}}}}}
    reading = read({"/a": {"post": {"requestBody": body}}})
    assert (reading.components, reading.warnings) == ({}, [])


def test_a_place_in_the_path_that_nobody_declared_is_taken_as_text() -> None:
    reading = read({"/items/{id}/{id}/parts/{part}": {"get": {"parameters": [ITEM]}}})
    assert names(reading.operations[0], "path") == ["id", "part"]
    assert reading.operations[0].parameters_in("path")["part"]["schema"] == {"type": "string"}
    assert warned(reading) == [
        (
            "#/paths/~1items~1{id}~1{id}~1parts~1{part}/get",
            "the path parameter 'part' is not declared; taken as text",
        )
    ]


def test_a_path_parameter_without_a_place_in_the_path_is_left_out() -> None:
    reading = read({"/items": {"get": {"parameters": [ITEM]}}})
    assert reading.operations[0].parameters == ()
    assert warned(reading) == [
        ("#/paths/~1items/get", "the path parameter 'id' is not in the path; left out")
    ]


def test_headers_that_openapi_gives_no_say_over_are_left_out() -> None:
    parameters = [
        {"name": name, "in": "header"} for name in ("Accept", "content-type", "AUTHORIZATION", "X")
    ]
    assert names(only({"/a": {"get": {"parameters": parameters}}}), "header") == ["X"]


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("schema", [1]),
        ("schema", "string"),
        ("content", []),
        ("style", ["form"]),
        ("explode", "yes"),
        ("required", "true"),
        ("description", {}),
    ],
)
def test_of_a_parameter_only_what_cannot_be_read_is_left_out(word: str, value: Any) -> None:
    parameters = [{"name": "q", "in": "query", word: value}]
    reading = read({"/a": {"get": {"parameters": parameters}}})
    assert reading.operations[0].parameters == ({"name": "q", "in": "query"},)
    assert warned(reading) == [(f"#/paths/~1a/get/parameters/0/{word}", "cannot be read; left out")]


def test_a_parameters_schema_may_be_true() -> None:
    parameters = [{"name": "q", "in": "query", "schema": True}]
    assert names(only({"/a": {"get": {"parameters": parameters}}}), "query") == ["q"]


@pytest.mark.parametrize(
    ("paths", "pointer", "message"),
    [
        pytest.param(None, "#/paths", "is no object: the document has no routes", id="paths"),
        pytest.param([], "#/paths", "is no object: the document has no routes", id="paths list"),
        pytest.param({"/a": []}, "#/paths/~1a", "is no path item", id="path item"),
        pytest.param({"/a": {"get": []}}, "#/paths/~1a/get", "is no operation", id="operation"),
        pytest.param(
            {"/a": {"get": {"parameters": {"q": {}}}}},
            "#/paths/~1a/get/parameters",
            "is no list of parameters; left out",
            id="parameters",
        ),
        pytest.param(
            {"/a": {"get": {"parameters": [{"in": "query"}]}}},
            "#/paths/~1a/get/parameters/0",
            "is no parameter; left out",
            id="nameless parameter",
        ),
        pytest.param(
            {"/a": {"get": {"parameters": [{"name": "q", "in": ["query"]}]}}},
            "#/paths/~1a/get/parameters/0",
            "is no parameter; left out",
            id="parameter in several places",
        ),
        pytest.param(
            {"/a": {"post": {"requestBody": {"content": []}}}},
            "#/paths/~1a/post/requestBody",
            "is no request body; left out",
            id="body",
        ),
        pytest.param(
            {"/a": {"get": {"x-ouro-execution-mode": "later"}}},
            "#/paths/~1a/get",
            "x-ouro-execution-mode 'later' is neither sync nor async",
            id="mode",
        ),
        pytest.param(
            {"/a": {"get": {"x-ouro-input-assets": {"a": {"asset_type": []}}}}},
            "#/paths/~1a/get",
            "x-ouro-input-assets/a: asset_type [] is none of comment, dataset, file, post, route",
            id="declaration",
        ),
        pytest.param({"a": {"get": {}}}, "#/paths/a", "does not start with a slash", id="slash"),
    ],
)
def test_what_cannot_be_read_is_a_warning(paths: Any, pointer: str, message: str) -> None:
    assert warned(read(paths)) == [(pointer, message)]


def test_a_document_of_webhooks_alone_needs_no_paths() -> None:
    document = b'{"openapi": "3.1.0", "info": {}, "webhooks": {}}'
    reading = read_operations(parse(document, "x"))
    assert (reading.operations, reading.warnings) == ([], [])


def test_two_paths_that_are_one_route_are_read_once() -> None:
    reading = read({"pets": {"get": {"summary": "first"}}, "/pets": {"get": {}, "post": {}}})
    assert [(each.key, each.summary) for each in reading.operations] == [
        (("GET", "/pets"), "first"),
        (("POST", "/pets"), ""),
    ]
    assert warned(reading)[-1] == (
        "#/paths/~1pets/get",
        "stands twice; the later one was left out",
    )


def test_answers_that_are_no_object_are_passed_over() -> None:
    assert only({"/a": {"get": {"responses": ["200"]}}}).responses == {}


def test_a_document_is_read_the_same_every_time() -> None:
    paths = {"/a/{x}": {"get": {"parameters": [{"name": n, "in": "path"} for n in "pqrstu"]}}}
    assert read(paths) == read(paths)


def test_an_operations_own_servers_come_before_its_paths() -> None:
    operations = read(
        {
            "/a": {
                "servers": [{"url": "https://path.test"}],
                "get": {},
                "put": {"servers": [{"url": "https://own.test"}]},
            },
            "/b": {"get": {}},
        },
        servers=[{"url": "https://root.test"}],
    )
    assert {(each.method, each.path): each.servers for each in operations.operations} == {
        ("GET", "/a"): ({"url": "https://path.test"},),
        ("PUT", "/a"): ({"url": "https://own.test"},),
        ("GET", "/b"): (),
    }
    assert operations.servers == ({"url": "https://root.test"},)


@pytest.mark.parametrize(
    ("stated", "pointer", "why"),
    [
        ([{"url": "javascript:alert(1)"}], "/0", "the server's scheme 'javascript' is not called"),
        ([{"url": "file:///etc/passwd"}], "/0", "the server's scheme 'file' is not called"),
        ([{"url": "wss://a.test"}], "/0", "the server's scheme 'wss' is not called"),
        ([{"url": "http://["}], "/0", "the server's url is no address"),
        ([{}], "/0", "is no server"),
        ([1], "/0", "is no server"),
        ({"url": "https://a.test"}, "", "is no list of servers"),
    ],
)
def test_a_server_that_cannot_be_called_is_left_out(stated: Any, pointer: str, why: str) -> None:
    reading = read({"/a": {"get": {"servers": stated}}})
    assert reading.operations[0].servers == ()
    assert warned(reading) == [(f"#/paths/~1a/get/servers{pointer}", f"{why}; left out")]


def test_webhooks_and_callbacks_are_listed() -> None:
    reading = read(
        {
            "/a": {
                "post": {
                    "callbacks": {
                        "done": {"{$request.body#/url}": {"post": {}, "summary": "S"}},
                        "shared": {"$ref": "#/components/callbacks/Shared"},
                        "noise": 1,
                    }
                }
            }
        },
        webhooks={
            "new": {"post": {"summary": "New"}, "get": 1},
            "old": {"$ref": "#/components/pathItems/Old"},
        },
        components={
            "callbacks": {"Shared": {"https://b.test": {"put": {}}}},
            "pathItems": {"Old": {"delete": {}}},
        },
    )
    assert reading.warnings == []
    assert reading.operations[0].callbacks == (
        "done POST {$request.body#/url}",
        "shared PUT https://b.test",
    )
    assert reading.webhooks == (
        {"name": "new", "method": "POST", "summary": "New"},
        {"name": "old", "method": "DELETE", "summary": ""},
    )


def test_a_path_item_says_more_than_what_it_refers_to() -> None:
    reading = read(
        {"/a": {"$ref": "#/components/pathItems/A%20B", "put": {"summary": "Own"}}},
        components={"pathItems": {"A B": {"get": {}, "put": {"summary": "Other"}}}},
    )
    assert [(each.method, each.summary) for each in reading.operations] == [
        ("GET", ""),
        ("PUT", "Own"),
    ]


def test_a_reference_in_quoted_data_is_none() -> None:
    body = {"content": {"application/json": {"example": {"$ref": "#/gone"}, "schema": {}}}}
    only({"/a": {"post": {"requestBody": body, "x-more": {"$ref": "http://x.test"}}}})


def test_links_of_an_answer_are_read_with_their_references() -> None:
    link = {"operationId": "getJob", "parameters": {"id": "$response.body#/id"}}
    stated = {"responses": {"202": {"links": {"job": {"$ref": "#/components/links/Job"}}}}}
    operation = only({"/jobs": {"post": stated}}, components={"links": {"Job": link}})

    assert operation.responses["202"]["links"] == {"job": link}


@pytest.mark.parametrize(
    ("words", "read_as"),
    [
        (False, False),
        ({"path": "/jobs/{id}"}, {"path": "/jobs/{id}", "method": "GET", "done": [], "failed": []}),
    ],
)
def test_a_document_says_where_a_result_is_asked_for(words: Any, read_as: Any) -> None:
    assert only({"/jobs": {"post": {"x-ouro-poll": words}}}).poll == read_as


def test_what_it_says_of_asking_and_cannot_be_read_is_left_out() -> None:
    reading = read({"/jobs": {"post": {"x-ouro-poll": {"interval": "soon"}}}})

    assert reading.operations[0].poll is None
    assert warned(reading) == [
        ("#/paths/~1jobs/post/x-ouro-poll", "'interval' is no time such as 5s; left out")
    ]
