"""Workflow files as they are read: what they say, and every fault with its line."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ouro_cli.arazzo.document import read_workflow_file, workflows_of
from ouro_cli.errors import DocumentUnreadable, OuroError, WorkflowRefused
from ouro_cli.model.chain import (
    FollowUpKind,
    OperationTarget,
    ParameterPlace,
    ReceiveTarget,
    Selector,
    WorkflowTarget,
)

WHOLE = """\
arazzo: 1.0.1
info: {title: Pets, version: 2.0.0}
sourceDescriptions:
  - {name: pets, url: ./pets.yaml, type: openapi}
  - {name: more, url: ./more.arazzo.yaml, type: arazzo}
workflows:
  - workflowId: buy
    inputs: {$ref: '#/components/inputs/order'}
    dependsOn: [$sourceDescriptions.more.login]
    parameters:
      - {name: X-Team, in: header, value: blue}
    failureActions:
      - {reference: $components.failureActions.again}
    steps:
      - stepId: find
        operationId: findPets
        parameters:
          - {reference: $components.parameters.page, value: 3}
        successCriteria:
          - condition: $statusCode == 200
          - {context: $response.body, condition: '$.pets[*]', type: jsonpath}
        onSuccess:
          - {name: on, type: goto, stepId: order}
        outputs: {pet: '$response.body#/pets/0'}
      - stepId: order
        operationPath: '{$sourceDescriptions.pets.url}#/paths/~1orders/post'
        requestBody:
          contentType: application/json
          payload: {pet: $steps.find.outputs.pet}
          replacements: [{target: /count, value: 1}]
        x-ouro-input-assets: {photo: $steps.find.outputs.photo}
      - stepId: rest
        workflowId: $sourceDescriptions.more.pack
        parameters: [{name: what, value: pet}]
      - stepId: ours
        x-ouro-route: ada/find-get
    outputs: {pet: $steps.find.outputs.pet}
components:
  inputs:
    order: {type: object, properties: {count: {type: integer}}}
  parameters:
    page: {name: page, in: query, value: 1}
  failureActions:
    again: {name: again, type: retry, retryAfter: 0.5, retryLimit: 4}
"""


def test_a_file_is_read_whole() -> None:
    read = read_workflow_file(WHOLE.encode(), "buy.yaml")

    workflow = read.file.workflow("buy")
    assert workflow is not None
    find, order, rest, ours = workflow.steps
    assert [each.name for each in read.file.sources] == ["pets", "more"]
    assert workflow.inputs is not None
    assert workflow.inputs["components"]["inputs"]["order"]["type"] == "object"
    assert workflow.depends_on == ("$sourceDescriptions.more.login",)
    assert workflow.on_failure[0].retry_limit == 4
    assert workflow.on_failure[0].retry_after == 0.5
    assert find.target == OperationTarget(operation_id="findPets")
    assert (find.parameters[0].name, find.parameters[0].value) == ("page", 3)
    assert find.parameters[0].place is ParameterPlace.QUERY
    assert find.on_success[0].kind is FollowUpKind.GOTO
    assert find.line == 15
    assert order.body is not None
    assert order.body.replacements[0].target == "/count"
    assert order.input_assets == {"photo": "$steps.find.outputs.photo"}
    assert rest.target == WorkflowTarget("$sourceDescriptions.more.pack")
    assert rest.parameters[0].place is ParameterPlace.INPUT
    assert ours.target == OperationTarget(route="ada/find-get")
    assert read.warnings == ()


def test_json_says_the_same_as_yaml_and_the_value_is_enough() -> None:
    read = read_workflow_file(WHOLE.encode(), "buy.yaml")
    again = read_workflow_file(json.dumps(read.document, indent=2).encode(), "buy.json")

    assert again.document == read.document
    assert again.file.workflows[0].steps[0].line > 1
    assert workflows_of(read.document).workflows[0].steps[0].outputs == {
        "pet": "$response.body#/pets/0"
    }


def changed(**fields: Any) -> bytes:
    """A small file with these fields in its one step."""
    step = {"stepId": "one", "operationId": "findPets"} | fields
    value = {
        "arazzo": "1.0.1",
        "info": {"title": "Pets", "version": "1"},
        "sourceDescriptions": [{"name": "pets", "url": "pets.yaml"}],
        "workflows": [{"workflowId": "w", "steps": [step]}],
    }
    return json.dumps(value, indent=1).encode()


def test_a_step_of_arazzo_1_1_receives_what_its_correlation_names() -> None:
    data = changed().replace(b"1.0.1", b"1.1.0")
    value = json.loads(data)
    value["workflows"][0]["steps"] += [
        {"stepId": "other", "operationId": "b", "dependsOn": []},
        {
            "stepId": "got",
            "channelPath": "{$sourceDescriptions.pets.url}#/channels/done",
            "action": "receive",
            "correlationId": "$steps.one.outputs.id",
            "timeout": 6000,
            "outputs": {
                "id": {"context": "$message.payload", "selector": "$.id", "type": "jsonpath"}
            },
        },
        {"stepId": "last", "operationId": "x", "action": "receive"},
    ]

    steps = workflows_of(value).workflows[0].steps

    assert steps[1].depends_on == ()
    assert steps[2].target == ReceiveTarget("one")
    assert steps[2].timeout_seconds == 6.0
    assert isinstance(steps[2].outputs["id"], Selector)
    assert steps[3].target == ReceiveTarget("got")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"stepId": 3}, "is a number, expected a text"),
        ({"stepId": ""}, "the stepId is empty"),
        ({"operationId": None}, "is nothing, expected a text"),
        ({"workflowId": "w"}, "operationId and workflowId exclude each other"),
        ({"successCriteria": []}, "is empty; at least one must stand in it"),
        ({"successCriteria": [{"condition": "x", "type": "xml"}]}, "is none of: simple, regex"),
        ({"successCriteria": [{"condition": "x", "type": "regex"}]}, "needs the field 'context'"),
        ({"successCriteria": [{"context": "$url"}]}, "needs the field 'condition'"),
        (
            {"successCriteria": [
                {"condition": "$", "context": "$url", "type": {"type": "jsonpath", "version": "1"}}
            ]},
            "is none of: rfc9535, draft-goessner-dispatch-jsonpath-00",
        ),
        ({"onFailure": [{"name": "a", "type": "goto"}]}, "a goto needs a stepId or a workflowId"),
        ({"onFailure": [{"name": "a", "type": "try"}]}, "is none of: end, goto, retry"),
        ({"onSuccess": [{"name": "a", "type": "retry"}]}, "is none of: end, goto"),
        (
            {"onFailure": [{"name": "a", "type": "retry", "retryAfter": -1}]},
            "expected a number that is not negative",
        ),
        (
            {"onFailure": [{"name": "a", "type": "retry", "retryLimit": 1.5}]},
            "expected a whole number",
        ),
        (
            {"onFailure": [{"name": "a", "type": "end"}, {"name": "a", "type": "end"}]},
            "'a' stands twice in onFailure",
        ),
        (
            {"onFailure": [{"reference": "$components.failureActions.no"}]},
            "is not in components/failureActions",
        ),
        ({"outputs": {"a b": "$url"}}, "'a b' is no name"),
        ({"outputs": {"a": 3}}, "expected an expression"),
        ({"parameters": [{"name": "a", "in": "body?", "value": 1}]}, "is none of: path, query"),
        ({"parameters": [{"name": "a", "in": "query"}]}, "needs the field 'value'"),
        ({"requestBody": {"replacements": [{"target": "/a"}]}}, "needs the field 'value'"),
        ({"requestBody": 3}, "is a number, expected a request body object"),
        ({"x-ouro-input-assets": {"a": 3}}, "is no object of names"),
        ({"x-ouro-route": 3}, "is no text"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_line_and_pointer(fields: dict[str, Any], told: str) -> None:
    with pytest.raises(WorkflowRefused) as refused:
        read_workflow_file(changed(**fields), "w.json")

    faults = [each for each in refused.value.findings if told in each["message"]]
    assert faults, refused.value.findings
    assert faults[0]["pointer"].startswith("#/workflows/0/steps/0")
    assert faults[0]["line"] > 10


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"operation": "x"}, "a step object has no field 'operation'; it is not read"),
        ({"timeout": 5}, "'timeout' is of Arazzo 1.1, and the file says 1.0"),
        (
            {"onFailure": [{"name": "a", "type": "end", "retryLimit": 1}]},
            "only a retry has 'retryLimit'",
        ),
    ],
)
def test_what_stands_in_nobodys_way_is_a_warning(fields: dict[str, Any], told: str) -> None:
    read = read_workflow_file(changed(**fields), "w.json")

    assert told in read.warnings[0].message
    assert read.warnings[0].line > 10


def test_extensions_are_nobodys_business() -> None:
    assert read_workflow_file(changed(**{"x-mine": {"a": 1}}), "w.json").warnings == ()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "it is empty"),
        (b"- 1", "it holds a list, not an Arazzo workflow"),
        (b"openapi: 3.1.0", "it is no Arazzo workflow, but openapi"),
        (b"a: 1", "it has no 'arazzo' field"),
        (b"arazzo: 2.0.0", "Arazzo version 2.0.0 is not supported"),
        (b"arazzo: 1.0.1\narazzo: 1.0.1", "stands twice"),
        (b"arazzo: [", "invalid YAML"),
        (b"arazzo: '1.0.1'\n" + b"# " + b"x" * (10 * 2**20), "it is larger than 10 MB"),
    ],
)
def test_what_is_no_workflow_file_is_named_for_what_it_is(data: bytes, why: str) -> None:
    with pytest.raises(DocumentUnreadable) as fault:
        read_workflow_file(data, "w.yaml")

    assert why in fault.value.message


def test_the_first_fault_and_the_number_of_all_are_one_line() -> None:
    with pytest.raises(WorkflowRefused) as refused:
        read_workflow_file(b"arazzo: 1.0.1\ninfo: {}\nsourceDescriptions: []\n", "w.yaml")

    assert refused.value.message == (
        "w.yaml is no workflow that can be run:"
        " line 1: a description object needs the field 'workflows' (and 3 more)"
    )


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
_FIELDS = st.dictionaries(
    st.sampled_from(
        ["stepId", "operationId", "workflowId", "parameters", "requestBody", "successCriteria",
         "onFailure", "onSuccess", "outputs", "dependsOn", "timeout", "action", "channelPath"]
    ),
    _JSON,
)  # fmt: skip


@given(_FIELDS)
def test_every_step_is_read_or_refused_in_one_line(fields: dict[str, Any]) -> None:
    try:
        read_workflow_file(changed(**fields), "w.json")
    except OuroError as fault:
        assert "\n" not in fault.message.strip()
