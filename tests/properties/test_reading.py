"""Reading: whatever comes in, there is a value or one clear fault, and nothing else."""

import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from ouro.models.route import Route as SdkRoute

from ouro_cli.errors import BodyUnreadable, DocumentUnreadable
from ouro_cli.model.action import Body
from ouro_cli.model.json_text import read_json
from ouro_cli.openapi import refs, sample
from ouro_cli.openapi.document import parse
from ouro_cli.openapi.operations import read_operations
from ouro_cli.openapi.schema import as_json_schema
from ouro_cli.openapi.servers import default_security, first_server, security_schemes
from ouro_cli.openapi.yaml_text import YamlFault, read_yaml
from ouro_cli.views.route import route_view
from ouro_cli.wire.credentials import needed
from ouro_cli.wire.fitting import fit
from ouro_cli.wire.inputs import read_arguments
from ouro_cli.wire.message import message_in
from ouro_cli.wire.outcome import Accepted, Failed, Finished, UpstreamResponse, read_outcome
from ouro_cli.wire.webhook import read_log, read_webhook
from tests.builders import a_route, a_service

# Letters, digits, signs and blanks: what every YAML parser takes unescaped between quotes.
PLAIN = st.text(
    st.characters(categories=["L", "N", "P", "S", "Zs"], max_codepoint=0xFFFD), max_size=40
)
SCALARS = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | PLAIN
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)

WORDS = [
    *("type", "properties", "items", "required", "enum", "const", "default", "example"),
    *("examples", "allOf", "anyOf", "oneOf", "not", "$ref", "$id", "nullable", "format"),
    *("pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *(
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "uniqueItems",
        "prefixItems",
        "additionalProperties",
    ),
    *("minProperties", "readOnly", "get", "post", "parameters", "requestBody", "responses"),
    *("content", "application/json", "schema", "name", "in", "style", "explode", "security"),
    *("tags", "summary", "description", "operationId", "deprecated", "components", "schemas"),
    *("a", "b", "additionalOperations", "x-ouro-execution-mode", "x-ouro-input-assets"),
    *(
        "x-ouro-output-assets",
        "x-ouro-input-asset-type",
        "asset_type",
        "asset_types",
        "file_extensions",
    ),
    *(
        "input_filter",
        "primary",
        "when",
        "role",
        "embedded_in",
        "optional",
        "$defs",
        "patternProperties",
    ),
    *("dependentSchemas",),
]
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-3, 2000)
    | st.sampled_from([1.5, 1e300, -0.1])
    | st.sampled_from(["string", "integer", "object", "array", "null", "path", "query", "header"])
    | st.sampled_from(
        ["#", "#/a", "#/a/b", "#/components/schemas/a", "#/components/schemas/b", "#x"]
    )
    | st.sampled_from(
        ["http://127.0.0.1:9/x", "^(a+)+$", "(?<", "file", "3d", "sync", "a", "b", ""]
    )
)
NOISE = st.recursive(
    LEAVES,
    lambda inside: (
        st.lists(inside, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inside, max_size=5)
    ),
    max_leaves=25,
)


@given(st.recursive(SCALARS | NUMBERS, lambda i: st.lists(i) | st.dictionaries(PLAIN, i)))
def test_json_read_as_yaml_is_the_same_value(value: Any) -> None:
    assert read_yaml(json.dumps(value, ensure_ascii=False)) == value


@given(st.text(st.sampled_from("a:-[]{}&*!<|>'\"#,%@`?\n\t 01.ex~\ud800\x01\x85é"), max_size=40))
def test_yaml_gives_a_value_or_one_fault_with_its_line(text: str) -> None:
    try:
        json.dumps(read_yaml(text))
    except YamlFault as fault:
        assert str(fault).startswith("line ")


@given(
    st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace"))
)
@example(b"\xff\xfe{\x00")
def test_bytes_are_a_document_or_one_line_of_why_not(data: bytes) -> None:
    try:
        parse(data, "x")
    except DocumentUnreadable as fault:
        assert "\n" not in fault.message


@given(
    st.dictionaries(st.sampled_from(["get", "post", "parameters", "additionalOperations"]), NOISE),
    NOISE,
    st.sampled_from(["3.0.3", "3.1.0"]),
)
def test_any_document_is_read_and_every_route_of_it_can_be_described_and_called(
    item: Any, rest: Any, openapi: str
) -> None:
    value = {"openapi": openapi, "paths": {"/{a}/x": item, "/y": rest}, "components": rest}
    document = parse(json.dumps(value).encode(), "x")
    first_server(document.value)
    service = a_service(
        openapi=openapi,
        security=default_security(document.value),
        security_schemes=security_schemes(document.value),
    )
    reading = read_operations(document)
    components = {reference: json.loads(text) for reference, text in reading.components.items()}
    for operation in reading.operations:
        route = a_route(operation=operation)
        SdkRoute.model_validate(route_view(route, service))
        needed(service, operation, set())
        arguments = read_arguments(["a=1", "b[]=x", "q==2"], read_file=str)
        fit(arguments, route, components, openapi)


@given(
    st.dictionaries(
        st.sampled_from(["get", "post"]),
        st.fixed_dictionaries(
            {},
            optional={
                "parameters": st.lists(
                    st.fixed_dictionaries(
                        {
                            "name": st.sampled_from(["a", "b"]),
                            "in": st.sampled_from(["path", "query"]),
                        },
                        optional={
                            "schema": NOISE,
                            "style": NOISE,
                            "explode": NOISE,
                            "content": NOISE,
                        },
                    )
                ),
                "requestBody": st.fixed_dictionaries(
                    {"content": st.fixed_dictionaries({"application/json": NOISE})},
                    optional={"required": NOISE},
                ),
                "x-ouro-input-assets": NOISE,
                "x-ouro-output-assets": NOISE,
            },
        ),
    )
)
def test_an_operation_that_is_nearly_right_is_read_and_can_be_called(item: Any) -> None:
    document = parse(json.dumps({"openapi": "3.0.0", "paths": {"/{a}": item}}).encode(), "x")
    for operation in read_operations(document).operations:
        route = a_route(operation=operation)
        SdkRoute.model_validate(route_view(route, a_service()))
        fit(read_arguments(["a=1", "b=[2]"], read_file=str), route, {}, "3.0.0")


@given(NOISE, NOISE, NOISE, st.sampled_from(["3.0.3", "3.1.0"]), st.booleans())
def test_any_schema_has_an_example_and_judges_or_keeps_silent(
    schema: Any, a: Any, b: Any, openapi: str, everything: bool
) -> None:
    components = {"#/components/schemas/a": a, "#/components/schemas/b": b}
    json_schemas = {key: as_json_schema(value, openapi) for key, value in components.items()}
    bundled = refs.bundle(as_json_schema(schema, openapi), json_schemas)
    made = sample.example_of({}, bundled, everything=everything)
    json.dumps(made)
    arguments = read_arguments(["a[b]=1"], body=made, has_body=True, read_file=str)
    fit(arguments, a_route(body=schema), components, openapi)


@given(st.binary(max_size=80) | NOISE.map(lambda value: json.dumps(value).encode()))
def test_a_callback_says_something_or_is_refused(data: bytes) -> None:
    for read in (read_webhook, read_log):
        try:
            read(data)
        except BodyUnreadable:
            continue


@given(NOISE, NOISE)
def test_a_failed_callback_always_has_a_message_where_it_is_looked_for(
    response: Any, error: Any
) -> None:
    payload = {"status": "failed", "response": response, "error": error}
    outcome = read_webhook(json.dumps(payload).encode())
    assert isinstance(outcome, Failed)
    kept = outcome.body.value
    assert kept.get("message") or kept["error"]["message"] or message_in(kept["error"])


@given(
    st.integers(200, 599),
    st.sampled_from(["application/json", "text/html", ""]),
    st.binary(max_size=40) | NOISE.map(lambda value: json.dumps(value).encode()),
    st.text(max_size=20),
)
def test_an_answer_always_means_one_of_three_things(
    status: int, media_type: str, data: bytes, location: str
) -> None:
    headers = (("Content-Type", media_type), ("Location", location))
    outcome = read_outcome(UpstreamResponse(status, headers, data, "http://x/y"), "http://x")
    assert isinstance(outcome, Finished | Accepted | Failed)
    if isinstance(outcome, Failed):
        assert outcome.body.value["error"]["message"]


@given(st.binary(max_size=60))
def test_a_body_can_always_be_shown(data: bytes) -> None:
    json.dumps(Body(data).value)


@given(NOISE)
def test_what_is_read_strictly_can_be_written_and_read_again(value: Any) -> None:
    assert read_json(json.dumps(value)) == value
