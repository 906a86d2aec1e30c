"""Names that can be taken for others, and findings that are told once."""

import json
from typing import Any

import pytest

from ouro_cli.model.service import Finding
from ouro_cli.openapi.document import parse
from ouro_cli.openapi.findings import MOST_ALIKE, told_once
from ouro_cli.openapi.operations import read_operations


def warned(paths: Any) -> list[tuple[str, str]]:
    document = json.dumps({"openapi": "3.1.0", "info": {}, "paths": paths})
    reading = read_operations(parse(document.encode(), "x"))
    return [(each.pointer, each.message) for each in reading.warnings]


def test_an_operation_id_that_two_have_is_named_with_both_places() -> None:
    assert warned({"/a": {"get": {"operationId": "x"}}, "/b": {"put": {"operationId": "x"}}}) == [
        ("#/paths/~1b/put", "the operationId 'x' is also that of #/paths/~1a/get")
    ]


def test_paths_that_differ_in_their_names_alone_are_told() -> None:
    stated = {"parameters": [{"name": "a", "in": "path", "schema": {}}], "get": {}}
    other = {"parameters": [{"name": "b", "in": "path", "schema": {}}], "get": {}, "put": {}}
    assert warned({"/x/{a}": stated, "/x/{b}": other}) == [
        ("#/paths/~1x~1{b}/get", "is the same path as '/x/{a}' but for the names in it")
    ]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("p\u0430y", "mixes scripts in 'p\u0430y', which may look like another"),
        ("\u03bfpen", "mixes scripts in '\u03bfpen', which may look like another"),
        ("pay\u202e", "has a name with characters that cannot be seen"),
        ("pa\u200dy", "has a name with characters that cannot be seen"),
        ("pay\x00", "has a name with characters that cannot be seen"),
        ("pay\x1b[2J", "has a name with characters that cannot be seen"),
    ],
)
def test_a_name_that_may_deceive_is_told(name: str, why: str) -> None:
    assert warned({"/a": {"get": {"operationId": name}}}) == [("#/paths/~1a/get", why)]
    assert warned({f"/{name}": {"get": {}}})[0][1] == why


@pytest.mark.parametrize(
    "name", ["plata", "платёж", "ödeme", "支付", "x" * 10_000, "--help", ";rm"]
)
def test_an_honest_name_is_not_told(name: str) -> None:
    assert warned({"/a": {"get": {"operationId": name}}}) == []


def test_findings_that_are_alike_are_told_once() -> None:
    alike = [Finding(f"#/{number}", f"the name '{number}' is odd") for number in range(500)]
    other = Finding("#/x", "is no operation")
    assert told_once([*alike, other]) == [
        Finding("#/0", "the name '0' is odd (and so at 499 more places)"),
        other,
    ]


def test_a_few_that_are_alike_are_all_told_and_repetitions_are_not() -> None:
    few = [Finding(f"#/{number}", "is odd") for number in range(MOST_ALIKE)]
    assert told_once([*few, *few]) == few
