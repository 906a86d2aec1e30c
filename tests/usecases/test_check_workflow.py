"""Workflows checked before anything runs: against their documents, with lines."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ouro_cli.arazzo.findings import Finding
from ouro_cli.runtime import Runtime
from ouro_cli.usecases.check_workflow import check_workflow
from ouro_cli.usecases.import_service import ImportOptions, import_service
from ouro_cli.usecases.load_workflow import load_workflow

PET = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
}
SHUT = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "additionalProperties": False}


def _answer(schema: Any) -> dict[str, Any]:
    return {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}


DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Pets", "version": "1"},
    "servers": [{"url": "http://127.0.0.1:9"}],
    "paths": {
        "/pets": {
            "get": {
                "operationId": "listPets",
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer"}},
                    {"name": "X-Team", "in": "header", "schema": {"type": "string"}},
                ],
                "responses": _answer({"type": "array", "items": PET}),
            },
            "post": {
                "operationId": "addPet",
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {"schema": {**PET, "required": ["name"]}},
                        "text/plain": {},
                    },
                },
                "responses": _answer({"$ref": "#/components/schemas/Pet"}),
            },
        },
        "/pets/{id}": {
            "get": {
                "operationId": "getPet",
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}},
                    {"name": "key", "in": "query", "required": True, "schema": {}},
                ],
                "responses": _answer({"$ref": "#/components/schemas/Pet"}),
            },
            "delete": {
                "operationId": "removePet",
                "parameters": [{"name": "id", "in": "path", "required": True}],
                "responses": _answer(SHUT),
            },
        },
    },
    "components": {"schemas": {"Pet": PET}},
}
ADD: dict[str, Any] = {
    "stepId": "add",
    "operationId": "addPet",
    "requestBody": {"payload": {"name": "$inputs.name"}},
    "outputs": {"id": "$response.body#/id", "pet": "$response.body"},
}
GET: dict[str, Any] = {
    "stepId": "get",
    "operationId": "getPet",
    "parameters": [
        {"name": "id", "in": "path", "value": "$steps.add.outputs.id"},
        {"name": "key", "in": "query", "value": "k"},
    ],
    "successCriteria": [{"condition": "$statusCode == 200"}],
    "outputs": {"name": "$response.body#/name"},
}
FLOW: dict[str, Any] = {
    "workflowId": "flow",
    "inputs": {"type": "object", "properties": {"name": {"type": "string"}}},
    "steps": [ADD, GET],
    "outputs": {"name": "$steps.get.outputs.name"},
}
OTHER: dict[str, Any] = {
    "workflowId": "other",
    "inputs": {
        "type": "object",
        "properties": {"count": {"type": "integer"}},
        "required": ["count"],
    },
    "steps": [{"stepId": "list", "operationId": "listPets"}],
    "outputs": {"all": "$steps.list.outputs.pets"},
}

Check = Callable[..., list[Finding]]


@pytest.fixture
def check(make_runtime: Callable[..., Runtime], tmp_path: Path) -> Check:
    """Checks a file of these workflows, beside its document; `file` adds to the file itself."""
    (tmp_path / "pets.json").write_text(json.dumps(DOCUMENT))
    rt = make_runtime()

    def run(*workflows: dict[str, Any], only: str | None = None, **file: Any) -> list[Finding]:
        value = {
            "arazzo": "1.0.1",
            "info": {"title": "Flows", "version": "1"},
            "sourceDescriptions": [{"name": "pets", "url": "pets.json"}],
            "workflows": list(workflows),
            **file,
        }
        path = tmp_path / "flow.json"
        path.write_text(json.dumps(value, indent=1))
        return check_workflow(rt, load_workflow(rt, str(path)), only)

    return run


def with_step(**fields: Any) -> dict[str, Any]:
    """The usual workflow with a second step that is changed so."""
    return FLOW | {"steps": [ADD, {**GET, **fields}]}


def test_nothing_is_said_against_a_good_workflow(check: Check) -> None:
    assert check(FLOW) == []


def test_nothing_is_stored(check: Check, make_runtime: Callable[..., Runtime]) -> None:
    check(FLOW)

    assert make_runtime().store.services.all() == []


GOTO = {"name": "on", "type": "goto"}
ID = {"name": "id", "in": "path", "value": 3}
KEY = {"name": "key", "in": "query", "value": 3}


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ({"operationId": "getPets"}, "no source has an operation 'getPets'; did you mean"),
        ({"operationId": "$sourceDescriptions.shop.getPet"}, "no API is called 'shop'"),
        ({"operationId": "$sourceDescriptions.pets"}, "is not $sourceDescriptions.NAME.ID"),
        ({"operationId": "ada/none-get"}, "No route is called 'ada/none-get'"),
        ({"parameters": [ID]}, "the required query parameter 'key' is not given"),
        ({"parameters": [KEY]}, "the required path parameter 'id' is not given"),
        ({"parameters": [{**ID, "in": "query"}, KEY]}, "required path parameter 'id'"),
        ({"parameters": [{"name": "id", "value": 3}, KEY]}, "needs 'in'"),
        ({"parameters": [ID, KEY, {**ID, "name": "ix"}]}, "has no path parameter 'ix'"),
        ({"parameters": [{**ID, "value": "$steps.add.outputs.pet"}, KEY]}, "takes no list"),
        ({"parameters": [{**ID, "value": "$steps.add.outputs.nose"}, KEY]},
         "no output is called 'nose' (there are: id, pet)"),
        ({"parameters": [{**ID, "value": "$steps.ad.outputs.id"}, KEY]},
         "no step is called 'ad' (steps: add, get)"),
        ({"parameters": [{**ID, "value": "$steps.get.outputs.name"}, KEY]},
         "a step cannot see its own outputs"),
        ({"parameters": [{**ID, "value": "$inputs.age"}, KEY]},
         "no input is called 'age' (there are: name)"),
        ({"parameters": [{**ID, "value": "$response.body#/id"}, KEY]}, "nothing was sent yet"),
        ({"parameters": [{**ID, "value": "$steps.add"}, KEY]}, "expected $steps.STEP.outputs"),
        ({"parameters": [{**ID, "value": "$workflows.no.outputs.x"}, KEY]},
         "no workflow is called 'no'"),
        ({"parameters": [{**ID, "value": "$components.parameters.x"}, KEY]},
         "components/parameters has no 'x'"),
        ({"successCriteria": [{"condition": "$statusCode = 200"}]}, "is no condition"),
        ({"successCriteria": [{"condition": "$steps.no.outputs.x == 1"}]}, "no step is called"),
        ({"successCriteria": [{"condition": "[", "context": "$url", "type": "regex"}]},
         "is no regular expression"),
        ({"successCriteria": [{"condition": "$.a==1", "context": "$url", "type": "jsonpath"}]},
         "is no JSONPath (RFC 9535)"),
        ({"successCriteria": [{"condition": "//a", "context": "$url", "type": "xpath"}]},
         "XPath is not supported"),
        ({"successCriteria": [{"condition": "a", "context": "url", "type": "regex"}]},
         "'url' is no runtime expression"),
        ({"outputs": {"a": "$response.nobody"}}, "goes on with header, query, path or body"),
        ({"outputs": {"a": "$response.body#/tags/x"}}, "has no 'x': it is a list"),
        ({"outputs": {"a": "$response.body#/id/x"}}, "has no 'x': it is integer"),
        ({"outputs": {"a": "$workflow_result"}}, "is no runtime expression"),
        ({"outputs": {"a": "$request.query.none"}}, "neither the step nor its operation has"),
        ({"outputs": {"a": "$response.query.key"}}, "only a request has a query"),
        ({"onSuccess": [{**GOTO, "stepId": "nowhere"}]}, "no step is called 'nowhere'"),
        ({"onFailure": [{**GOTO, "workflowId": "nowhere"}]}, "no workflow is called 'nowhere'"),
        ({"onFailure": [{"name": "a", "type": "retry", "stepId": "no"}]}, "no step is called"),
        ({"onFailure": [{**GOTO, "stepId": "add", "criteria": [{"condition": "'"}]}]},
         "is no condition"),
        ({"dependsOn": ["nowhere"]}, "no step is called 'nowhere'"),
        ({"dependsOn": ["get"]}, "steps wait for each other: get -> get"),
        ({"x-ouro-input-assets": {"photo": "$steps.no.outputs.x"}}, "no step is called 'no'"),
        ({"x-ouro-route": "ada/none-get"}, "No route is called 'ada/none-get'"),
    ],
)  # fmt: skip
def test_an_error_is_told_with_its_line(check: Check, step: dict[str, Any], told: str) -> None:
    errors = [each for each in check(with_step(**step)) if each.is_error]

    assert any(told in each.message for each in errors), errors
    assert all(each.line > 10 for each in errors)


BODY = {"stepId": "get", "operationId": "addPet", "parameters": []}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (None, "the required request body is not given"),
        ({"payload": {"id": 3}}, "the body needs the field 'name'"),
        ({"payload": {"name": "$steps.add.outputs.id"}},
         "$steps.add.outputs.id is a whole number, and a text is expected"),
        ({"payload": {"name": "x", "tags": [3]}}, "is a whole number, and a text is expected"),
        ({"payload": "$steps.add.outputs.id"}, "and an object is expected"),
        ({"payload": {"name": "x"}, "replacements": [{"target": "/a/b", "value": 1}]},
         "/a/b leads nowhere in the payload at 'a'"),
        ({"payload": {"name": "x"}, "replacements": [{"target": "name", "value": 1}]},
         "does not begin with /"),
        ({"payload": {"name": "x"}, "replacements": [{"target": "$.[", "value": 1}]},
         "is no JSONPath"),
        ({"payload": {"name": "x"}, "replacements": [{"target": "/name", "value": "$inputs.x"}]},
         "no input is called 'x'"),
    ],
)  # fmt: skip
def test_a_body_is_held_against_its_schema(check: Check, body: Any, told: str) -> None:
    step = BODY if body is None else BODY | {"requestBody": body}
    flow = FLOW | {"steps": [ADD, {**step, "outputs": {"name": "$response.body#/name"}}]}

    errors = [each.message for each in check(flow) if each.is_error]

    assert any(told in each for each in errors), errors


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ({"outputs": {"name": "$response.body#/nose"}}, "has no 'nose' in its schema"),
        ({"parameters": [ID, KEY, {**KEY, "name": "more"}]}, "has no query parameter 'more'"),
        ({"parameters": [ID, KEY, {**ID, "name": "b", "in": "body"}]}, "of Arazzo 1.0.0 alone"),
        ({"outputs": {"name": "constant"}}, "'constant' is no runtime expression"),
        ({"outputs": {"name": "$response.body.name"}}, "writes $response.body#/name"),
    ],
)
def test_what_may_still_go_well_is_a_warning(check: Check, step: Any, told: str) -> None:
    assert any(told in each.message for each in check(with_step(**step)))


def test_a_field_that_a_closed_schema_has_not_is_an_error(check: Check) -> None:
    step = {
        "stepId": "get",
        "operationId": "removePet",
        "parameters": [ID],
        "outputs": {"name": "$response.body#/no"},
    }

    findings = check(FLOW | {"steps": [ADD, step]})

    assert [each.is_error for each in findings] == [True]


def test_headers_of_credentials_need_no_declaration(check: Check) -> None:
    header = {"name": "Authorization", "in": "header", "value": "$inputs.name"}

    assert check(with_step(parameters=[ID, KEY, header])) == []


def test_parameters_of_the_workflow_count_as_given(check: Check) -> None:
    assert check(with_step(parameters=[ID]) | {"parameters": [KEY]})[0].is_error is False


def test_a_step_that_only_a_jump_makes_come_first_may_be_referred_to(check: Check) -> None:
    late = {
        "stepId": "late",
        "operationId": "listPets",
        "outputs": {"first": "$response.body#/0/id"},
        "onSuccess": [{**GOTO, "stepId": "get"}],
    }
    get = {**GET, "parameters": [{**ID, "value": "$steps.late.outputs.first"}, KEY]}
    jump = {**ADD, "onSuccess": [{**GOTO, "stepId": "late"}]}

    assert check(FLOW | {"steps": [jump, get, late]}) == []
    get_only = check(FLOW | {"steps": [ADD, get, {**late, "onSuccess": []}]})
    assert "step late runs only after step get" in get_only[0].message


def test_a_workflow_as_a_step_is_held_against_its_inputs_and_outputs(check: Check) -> None:
    def called(value: Any, output: str = "$outputs.all") -> list[str]:
        step = {
            "stepId": "run",
            "workflowId": "other",
            "parameters": [{"name": "count", "value": value}],
            "outputs": {"x": output},
        }
        return [each.message for each in check({**FLOW, "steps": [step], "outputs": {}}, OTHER)]

    rest = "$steps.list.outputs.pets: no output is called 'pets' (there are none)"
    assert called(3) == [rest]
    assert any("a text, and a whole number is expected" in each for each in called("three"))
    assert any("workflow other has no output 'none'" in each for each in called(3, "$outputs.none"))
    missing = {"stepId": "run", "workflowId": "other"}
    told = [each.message for each in check({**FLOW, "steps": [missing], "outputs": {}}, OTHER)]
    assert "the required input 'count' of other is not given" in told


def test_a_workflow_as_a_step_has_no_status(check: Check) -> None:
    step = {
        "stepId": "run",
        "workflowId": "other",
        "parameters": [{"name": "count", "value": 1}],
        "successCriteria": [{"condition": "$statusCode == 200"}],
    }

    told = check({**FLOW, "steps": [step], "outputs": {}}, {**OTHER, "outputs": {}})

    assert ["$statusCode: a workflow has none" in each.message for each in told] == [True]
    assert not told[0].is_error


# Shapes of the specification's own sample workflows, which cannot be installed.
@pytest.mark.parametrize(
    ("step", "told"),
    [
        ({"outputs": {"name": "$outputs[0].id"}}, "a name must follow $outputs."),
        ({"outputs": {"name": "$workflow_order_id"}}, "is no runtime expression"),
        ({"outputs": {"name": "$response.headers.Location"}}, "goes on with header"),
        ({"successCriteria": [
            {"context": "$response.body", "type": "jsonpath", "condition": "$.token != null"}
        ]}, "is no JSONPath"),
        ({"onSuccess": [{"name": "a", "type": "end", "condition": "$statusCode == 200"}]},
         "has no field 'condition'"),
        ({"operationId": "pets.getPet"}, "no source has an operation 'pets.getPet'"),
        ({"operationId": None, "operationPath":
          "{$sourceDescriptions.pets.url}#/paths/~1pets~1{id}"}, "leads to no operation"),
    ],
)  # fmt: skip
def test_what_the_samples_do_against_the_text_is_told(check: Check, step: Any, told: str) -> None:
    changed = {name: each for name, each in {**GET, **step}.items() if each is not None}

    assert any(told in each.message for each in check(FLOW | {"steps": [ADD, changed]}))


def test_workflows_that_wait_for_each_other_are_told(check: Check) -> None:
    told = check({**FLOW, "dependsOn": ["other"]}, {**OTHER, "dependsOn": ["flow"]})

    assert any("workflows wait for each other: flow -> other -> flow" in t.message for t in told)


def test_only_what_a_workflow_leads_to_is_checked(check: Check) -> None:
    assert check(FLOW, OTHER, only="flow") == []
    assert (
        "no workflow is called 'no' (workflows: flow, other)"
        in check(FLOW, OTHER, only="no")[0].message
    )


def test_several_sources_want_an_operation_to_be_named_with_its_own(check: Check) -> None:
    sources = [{"name": "pets", "url": "pets.json"}, {"name": "more", "url": "pets.json"}]

    told = check(FLOW, sourceDescriptions=sources)

    assert all("'addPet' is in several sources: pets, more" in t.message for t in told[:1])


def test_a_source_that_is_nowhere_is_one_finding(check: Check) -> None:
    told = check(FLOW, sourceDescriptions=[{"name": "pets", "url": "gone.json"}])

    assert [each.pointer for each in told] == ["#/sourceDescriptions/0/url"]
    assert "no such file" in told[0].message


def test_workflows_of_another_file_are_read_beside_it(check: Check, tmp_path: Path) -> None:
    other = {
        "arazzo": "1.0.1",
        "info": {"title": "Other", "version": "1"},
        "sourceDescriptions": [{"name": "pets", "url": "pets.json"}],
        "workflows": [{**OTHER, "inputs": {"type": "object"}, "outputs": {}}],
    }
    (tmp_path / "other.json").write_text(json.dumps(other))
    sources = [
        {"name": "pets", "url": "pets.json"},
        {"name": "more", "url": "other.json", "type": "arazzo"},
    ]
    step = {"stepId": "run", "workflowId": "$sourceDescriptions.more.other"}
    wrong = {"stepId": "run2", "workflowId": "$sourceDescriptions.more.none"}

    assert check({**FLOW, "steps": [step], "outputs": {}}, sourceDescriptions=sources) == []
    told = check({**FLOW, "steps": [wrong], "outputs": {}}, sourceDescriptions=sources)
    assert "no workflow is called 'none' (workflows: other)" in told[0].message


def test_a_service_of_the_sources_name_stands_for_it(
    check: Check, make_runtime: Callable[..., Runtime], tmp_path: Path
) -> None:
    import_service(make_runtime(), str(tmp_path / "pets.json"), ImportOptions(name="zoo"))

    told = check(FLOW, sourceDescriptions=[{"name": "zoo", "url": "gone.json"}])

    assert [each.is_error for each in told] == [False]
    assert "the service zoo stands for it, read from" in told[0].message


def test_our_own_reference_stands_for_an_operation(
    check: Check, make_runtime: Callable[..., Runtime], tmp_path: Path
) -> None:
    import_service(make_runtime(), str(tmp_path / "pets.json"), ImportOptions(name="zoo"))
    ours = {**GET, "x-ouro-route": "zoo/getPet"}
    del ours["operationId"]

    assert check(FLOW | {"steps": [ADD, ours]}) == []
    assert check(with_step(operationId="zoo/getPet")) == []
