"""Request bodies: templates filled in, and values put in their places."""

from typing import Any

import pytest

from ouro_cli.arazzo.payload import filled
from ouro_cli.arazzo.scope import Scope
from ouro_cli.errors import ExpressionFault
from ouro_cli.model.chain import Payload, Replacement, Selector, SelectorKind

SCOPE = Scope(inputs={"id": 7, "say": 'say "hi"\\', "tags": ["a", "b"], "order": {"id": 1}})
JSON = "application/json"


@pytest.mark.parametrize(
    ("payload", "body"),
    [
        (Payload({"pet": {"id": "$inputs.id", "tags": "$inputs.tags"}}, JSON),
         {"pet": {"id": 7, "tags": ["a", "b"]}}),
        (Payload("$inputs.order", JSON), {"id": 1}),
        (Payload('{"id": "{$inputs.id}", "n": {$inputs.id}, "t": {$inputs.tags}}', JSON),
         {"id": "7", "n": 7, "t": ["a", "b"]}),
        (Payload('{"said": "{$inputs.say}"}', JSON), {"said": 'say "hi"\\'}),
        (Payload('{"id": {$inputs.id}}'), {"id": 7}),
        (Payload("<id>{$inputs.id}</id>", "application/xml"), "<id>7</id>"),
        (Payload("id={$inputs.id}", "application/x-www-form-urlencoded"), "id=7"),
        (Payload("{not json {$inputs.id}"), "{not json 7"),
        (Payload(None, JSON), None),
    ],
)  # fmt: skip
def test_a_payload_is_filled_in(payload: Payload, body: Any) -> None:
    assert filled(payload, SCOPE) == body


TEMPLATE = {"pet": {"id": 0, "tags": ["x"]}, "rows": [{"n": 1}, {"n": 2}]}


@pytest.mark.parametrize(
    ("target", "value", "kind", "changed"),
    [
        ("/pet/id", "$inputs.id", None, {"pet": {"id": 7, "tags": ["x"]}}),
        ("/pet/new", "n", None, {"pet": {"id": 0, "tags": ["x"], "new": "n"}}),
        ("/pet/tags/0", "y", None, {"pet": {"id": 0, "tags": ["y"]}}),
        ("/pet/tags/-", "y", None, {"pet": {"id": 0, "tags": ["x", "y"]}}),
        ("$.rows[?@.n == 2].n", 9, SelectorKind.JSONPATH, {"rows": [{"n": 1}, {"n": 9}]}),
        ("$.rows[*].n", 0, None, {"rows": [{"n": 0}, {"n": 0}]}),
    ],
)
def test_a_replacement_is_put_in_its_place(
    target: str, value: Any, kind: SelectorKind | None, changed: dict[str, Any]
) -> None:
    payload = Payload(TEMPLATE, JSON, (Replacement(target, value, kind),))

    assert filled(payload, SCOPE) == TEMPLATE | changed
    assert TEMPLATE == {"pet": {"id": 0, "tags": ["x"]}, "rows": [{"n": 1}, {"n": 2}]}


def test_the_whole_payload_can_be_replaced() -> None:
    whole = Replacement("", Selector("$inputs.order", "/id", SelectorKind.JSONPOINTER))

    assert filled(Payload(TEMPLATE, JSON, (whole,)), SCOPE) == 1


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("/pet/none/deeper", "leads nowhere in the payload at 'none'"),
        ("/pet/tags/4", "leads nowhere in the payload at '4'"),
        ("/pet/id/x", "leads nowhere in the payload at 'x'"),
        ("pet/id", "does not begin with /"),
        ("$.rows[?@.n == 5].n", "leads nowhere in the payload"),
        ("$.rows[", "is no JSONPath"),
    ],
)
def test_a_replacement_that_leads_nowhere_is_told(target: str, why: str) -> None:
    with pytest.raises(ExpressionFault) as fault:
        filled(Payload(TEMPLATE, JSON, (Replacement(target, 1),)), SCOPE)

    assert why in fault.value.message


def test_xpath_is_refused_by_name() -> None:
    payload = Payload("<a/>", "application/xml", (Replacement("/a", 1),))

    with pytest.raises(ExpressionFault, match="XPath is not supported"):
        filled(payload, SCOPE)


def test_a_template_that_is_no_json_once_filled_in_is_told() -> None:
    with pytest.raises(ExpressionFault, match="no JSON once it is filled in"):
        filled(Payload('{"id": {$inputs.id}', JSON), SCOPE)
