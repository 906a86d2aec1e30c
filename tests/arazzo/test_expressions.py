"""What runtime expressions are worth, and that no text is too odd to be told off in one line."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ouro_cli.arazzo.expressions import evaluate
from ouro_cli.arazzo.references import is_expression
from ouro_cli.arazzo.scope import Exchange, Scope
from ouro_cli.errors import ExpressionFault, NothingThere
from ouro_cli.model.chain import Selector, SelectorKind

EXCHANGE = Exchange(
    url="http://api.test/pets?limit=2",
    method="GET",
    status=200,
    request_headers={"X-Asked": "1"},
    request_query={"limit": 2},
    request_path={"id": "p1"},
    request_body={"user": {"uuid": "u1"}},
    response_headers={"X-Rate-Limit": "7", "Server": "test"},
    response_body={"items": [{"id": 3, "a/b": "slash", "m~n": "tilde"}], "none": None},
)
SCOPE = Scope(
    inputs={"name": "Ada", "count": 2, "my.dotted": True, "deep": {"list": [1, 2]}},
    outputs={"total": 9},
    steps={"find": {"pet": {"id": 3, "url": "u"}, "flag": False}},
    workflows={"login": {"inputs": {"user": "ada"}, "outputs": {"token": "t"}}},
    exchange=EXCHANGE,
    sources={"pets": "./pets.yaml"},
    components={"parameters": {"page": {"name": "page", "in": "query", "value": "$inputs.count"}}},
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$url", "http://api.test/pets?limit=2"),
        ("$method", "GET"),
        ("$statusCode", 200),
        ("$request.header.x-asked", "1"),
        ("$request.query.limit", 2),
        ("$request.path.id", "p1"),
        ("$request.body#/user/uuid", "u1"),
        ("$response.header.x-rate-limit", "7"),
        ("$response.body#/items/0/id", 3),
        ("$response.body#/items/0/a~1b", "slash"),
        ("$response.body#/items/0/m~0n", "tilde"),
        ("$response.body#/none", None),
        ("$response.body.items[0].id", 3),
        ("$message.payload#/items/0/id", 3),
        ("$message.header.server", "test"),
        ("$inputs.name", "Ada"),
        ("$inputs.my.dotted", True),
        ("$inputs.deep#/list/1", 2),
        ("$inputs.deep.list[1]", 2),
        ("$outputs.total", 9),
        ("$steps.find.outputs.pet", {"id": 3, "url": "u"}),
        ("$steps.find.outputs.pet#/id", 3),
        ("$steps.find.outputs.flag", False),
        ("$workflows.login.inputs.user", "ada"),
        ("$workflows.login.outputs.token", "t"),
        ("$sourceDescriptions.pets.url", "./pets.yaml"),
        ("$components.parameters.page", 2),
    ],
)
def test_an_expression_has_the_value_and_type_of_what_it_refers_to(text: str, value: Any) -> None:
    assert evaluate(text, SCOPE) == value
    assert type(evaluate(text, SCOPE)) is type(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Hello {$inputs.name}, {$inputs.count} of {$inputs.my.dotted}", "Hello Ada, 2 of true"),
        ("{$response.body#/none}", "null"),
        ("pet={$steps.find.outputs.pet}", 'pet={"id": 3, "url": "u"}'),
        ("{id} and {$price} stay", "{id} and {$price} stay"),
    ],
)
def test_expressions_in_braces_are_put_into_the_text(text: str, value: str) -> None:
    assert evaluate(text, SCOPE) == value


@pytest.mark.parametrize("constant", ["$5.00", "$", "$inputsomething", "plain", 3, None, True])
def test_what_is_no_expression_is_a_constant(constant: Any) -> None:
    assert evaluate(constant, SCOPE) == constant


def test_lists_and_objects_are_gone_through() -> None:
    assert evaluate({"a": ["$inputs.count", {"b": "{$inputs.name}!"}]}, SCOPE) == {
        "a": [2, {"b": "Ada!"}]
    }


def test_what_an_expression_gives_is_never_read_as_one_again() -> None:
    scope = Scope(inputs={"sly": "$inputs.secret", "secret": "s", "file": "@/etc/passwd"})

    assert evaluate("$inputs.sly", scope) == "$inputs.secret"
    assert evaluate("{$inputs.sly} {$inputs.file}", scope) == "$inputs.secret @/etc/passwd"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("$steps.find.outputs.pet#/name", "no 'name' in it (keys: id, url)"),
        ("$steps.find.outputs.nose", "step find has no output 'nose' (outputs: pet, flag)"),
        ("$steps.later.outputs.x", "step later has not run (steps: find)"),
        ("$inputs.age", "the workflow has no input 'age'"),
        ("$response.body#/items/1", "no '1' at /items (a list of 1)"),
        ("$response.body#/items/01", "no '01' at /items (a list of 1)"),
        ("$response.header.X-None", "no such header (headers: X-Rate-Limit, Server)"),
        ("$sourceDescriptions.shop.url", "no source is called 'shop' (sources: pets)"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(text: str, told: str) -> None:
    with pytest.raises(NothingThere) as fault:
        evaluate(text, SCOPE)

    assert told in str(fault.value)


@pytest.mark.parametrize(
    "text",
    [
        "$inputs",
        "$inputs.",
        "$statusCode.x",
        "$request.cookie.a",
        "$response.header.",
        "$response.header.a b",
        "$response.body/a",
        "$response.body#a",
        "$response.body#/a~2",
        "$response.body.",
        "$steps.find",
        "$steps.find.outputs.",
        "$workflows.login.token",
        "$components.x",
        "a {$steps.find} b",
    ],
)
def test_what_only_begins_as_an_expression_is_refused(text: str) -> None:
    with pytest.raises(ExpressionFault, match="is no runtime expression"):
        evaluate(text, SCOPE)


def test_a_selector_object_selects_from_its_context() -> None:
    one = Selector("$response.body", "$.items[0].id", SelectorKind.JSONPATH)
    many = Selector("$response.body", "$.items[*].id", SelectorKind.JSONPATH)
    placed = Selector("$response.body", "/items/0/id", SelectorKind.JSONPOINTER)

    assert evaluate({"one": one, "many": many, "placed": placed}, SCOPE) == {
        "one": 3,
        "many": [3],
        "placed": 3,
    }


def test_xpath_is_refused_by_name() -> None:
    with pytest.raises(ExpressionFault, match="XPath is not supported"):
        evaluate(Selector("$response.body", "/a", SelectorKind.XPATH), SCOPE)


_ROOTS = st.sampled_from(
    ["$inputs.", "$steps.", "$response.body", "$request.header.", "$workflows.", "$components."]
)


@given(st.text() | st.builds(str.__add__, _ROOTS, st.text()) | st.text("{}$.#/~[]' =", max_size=30))
def test_every_text_has_a_value_or_one_line_that_says_why_not(text: str) -> None:
    try:
        evaluate(text, SCOPE)
    except ExpressionFault as fault:
        assert fault.message
    else:
        assert not is_expression(text) or evaluate(text, SCOPE) is not ...
