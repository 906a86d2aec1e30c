"""Whether criteria are met, by the specification's own rules, and why not."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ouro_cli.arazzo.conditions import read_condition
from ouro_cli.arazzo.criteria import is_met, why_not
from ouro_cli.arazzo.scope import Exchange, Scope
from ouro_cli.errors import ExpressionFault
from ouro_cli.model.chain import Criterion, CriterionKind

SCOPE = Scope(
    inputs={"wanted": "Sold", "pattern": "2\\d+", "limit": "10", "quote": "it's"},
    exchange=Exchange(
        status=204,
        response_headers={"X-Left": "7"},
        response_body={"status": "sold", "pets": [{"n": 1}, {"n": 2}], "ok": False, "none": None},
    ),
)


@pytest.mark.parametrize(
    "condition",
    [
        "$statusCode == 204",
        "$statusCode != 200",
        "$statusCode >= 200 && $statusCode < 300",
        "$statusCode == 200 || $statusCode == 204",
        "!($statusCode == 200)",
        "!$response.body#/ok",
        "true || false && false",
        "(true || false) && !false",
        "1 < 2 == true",
        "$response.body#/status == 'SOLD'",
        "$response.body.status == $inputs.wanted",
        "$response.body.pets[1].n == 2",
        "$response.body#/pets[0]['n'] == 1",
        "$response.header.x-left < 10",
        "$inputs.limit > 9",
        "'10' > '9'",
        "'b' > 'A'",
        "$response.body#/ok == false",
        "$response.body#/none == null",
        "$response.body#/missing/altogether == null",
        "$response.body.pets != null",
        "$inputs.quote == 'IT''S'",
        "{$statusCode == 204}",
        "-1.5e1 == -15",
        "$response.body#/pets/0/n==1",
    ],
)
def test_a_condition_is_met(condition: str) -> None:
    assert why_not(Criterion(condition), SCOPE) is None


@pytest.mark.parametrize(
    "condition",
    [
        "$statusCode == 200",
        "null > 1",
        "null == false",
        "$response.body#/none",
        "$response.body#/missing == 0",
        "'a' > 1",
        "false",
        "$response.body#/ok",
        "true == 1 && false",
    ],
)
def test_a_condition_is_not_met(condition: str) -> None:
    assert not is_met(Criterion(condition), SCOPE)


def test_what_stands_against_a_condition_is_told_with_its_values() -> None:
    told = why_not(Criterion("$statusCode == 200 && $response.body#/x == 'y'"), SCOPE)

    assert told == (
        "$statusCode == 200 && $response.body#/x == 'y' is not met"
        " ($statusCode is 204, $response.body#/x is not there)"
    )


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ("$response.body#/status == sold", "'sold' stands in no quotes"),
        ('$response.body#/status == "sold"', "single quotes"),
        ("$statusCode ==", "it ends too early"),
        ("$statusCode = 200", "cannot be read"),
        ("($statusCode == 200", "a ) is missing"),
        ("$statusCode == 200)", "was not expected"),
        ("$response.body#/pets[-1] == 1", "an index counts from 0"),
        ("$response.body#/pets[0 == 1", "a ] is missing"),
        ("== 1", "a value is missing before '=='"),
        ("", "it ends too early"),
        ("!" * 60 + "true", "nested deeper"),
        ("$nothing.x == 1", "is no runtime expression"),
        ("1e999 == 1", "out of range"),
        ("'open", "cannot be read"),
    ],
)
def test_what_is_no_condition_is_told_and_not_met(condition: str, why: str) -> None:
    with pytest.raises(ExpressionFault) as fault:
        read_condition(condition)

    assert why in fault.value.message
    assert not is_met(Criterion(condition), SCOPE)


@pytest.mark.parametrize(
    ("condition", "context", "met"),
    [
        ("^2\\d{2}$", "$statusCode", True),
        ("^20$", "$statusCode", False),
        ("^({$inputs.pattern})$", "$statusCode", True),
        ("sold|gone", "$response.body#/status", True),
        ("SOLD", "$response.body#/status", False),
        ("^$", "$response.body#/none", False),
        ("x", "$response.body#/missing", False),
        ("(", "$statusCode", False),
    ],
)
def test_a_regex_is_looked_for_in_its_context(condition: str, context: str, met: bool) -> None:
    assert is_met(Criterion(condition, CriterionKind.REGEX, context), SCOPE) is met


@pytest.mark.parametrize(
    ("condition", "context", "met"),
    [
        ("$.pets[?@.n > 1]", "$response.body", True),
        ("$.pets[?(@.n > 2)]", "$response.body", False),
        ("$[?count(@.*) > 0]", "$response.body", True),
        ("$[?length(@) == 4]", "$response.body", True),
        ("$.pets[*]", "$response.body", True),
        ("$.ok", "$response.body", True),
        ("$[?@.n == 2]", "$response.body#/pets", True),
        ("$[?(@ == '{$inputs.wanted}')]", "$response.body", False),
        ("$[?match(@, 's.*d')]", "$response.body", True),
        ("$[?search(@, '^o')]", "$response.body", False),
        ("$.pets[", "$response.body", False),
        ("$.x", "$statusCode", False),
        ("$.x", "$response.body#/missing", False),
    ],
)
def test_a_jsonpath_is_met_where_it_selects_anything(
    condition: str, context: str, met: bool
) -> None:
    assert is_met(Criterion(condition, CriterionKind.JSONPATH, context), SCOPE) is met


def test_xpath_is_refused_by_name() -> None:
    told = why_not(Criterion("//pet", CriterionKind.XPATH, "$response.body"), SCOPE)

    assert told == "XPath is not supported; jsonpath and jsonpointer are"


@pytest.mark.parametrize(
    ("kind", "condition"),
    [
        (CriterionKind.REGEX, "^(a+)+(?=b)$"),
        (CriterionKind.JSONPATH, "$[?match(@, '(a+)+b')]"),
        (CriterionKind.JSONPATH, "$[?search(@, '(a|a)*(?=b)$')]"),
    ],
)
def test_no_pattern_keeps_us_busy(kind: CriterionKind, condition: str) -> None:
    body = "a" * 5_000 + "!" if kind is CriterionKind.REGEX else ["a" * 5_000 + "!"]
    scope = Scope(exchange=Exchange(response_body=body))
    began = time.monotonic()

    assert not is_met(Criterion(condition, kind, "$response.body"), scope)
    assert time.monotonic() - began < 5


@given(st.text() | st.text("$'\"()[]{}<>=!&|. 19eabstauCode#/", max_size=40))
def test_every_text_is_a_condition_or_one_line_that_says_why_not(text: str) -> None:
    for kind in CriterionKind:
        told = why_not(Criterion(text, kind, "$response.body"), SCOPE)
        assert told is None or isinstance(told, str)
