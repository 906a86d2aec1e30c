"""Properties that a route's runs find out: as declared, and as a response says them."""

from typing import Any

import pytest

from ouro_cli.model.dot_path import as_number, value_at
from ouro_cli.model.property import conditions_in, is_met, read_properties, subject_of

TC: dict[str, Any] = {"property": "curie_temperature", "value": "Tc_K"}


def _read(*declared: Any) -> tuple[list[dict[str, Any]], list[str]]:
    problems: list[str] = []
    read = read_properties(list(declared), ["structure"], ["relaxed"], problems)
    return list(read), problems


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"unit": "K", "uncertainty": "spread", "method": "Monte Carlo"},
        {"subject": {"input": "structure"}},
        {"subject": {"output": "relaxed"}},
        {"conditions": {"temperature": "T_K"}},
        {"when": {"mode": ["a", "b"]}},
        {"requires": {"a": 1}},
        {"requires": {"a": [1, "b", True]}},
        {"requires": {"a.b": {"min": 0.5}}},
        {"requires": {"a.b": {"min": 0, "max": 1}}},
        {"colour": "blue"},
    ],
)
def test_a_declaration_is_kept_as_it_is(words: dict[str, Any]) -> None:
    assert _read({**TC, **words}) == ([{**TC, **words}], [])


@pytest.mark.parametrize(
    ("declaration", "problem"),
    [
        ("curie", "expected an object"),
        ({"value": "x"}, "property None is no text"),
        ({"property": "", "value": "x"}, "property '' is no text"),
        ({"property": "tc"}, "value None is no text"),
        ({**TC, "subject": "structure"}, "subject is neither"),
        ({**TC, "subject": {}}, "subject is neither"),
        ({**TC, "subject": {"input": "structure", "output": "relaxed"}}, "subject is neither"),
        ({**TC, "subject": {"route": "structure"}}, "subject is neither"),
        ({**TC, "subject": {"output": "structure"}}, "which is no output of the route"),
        ({**TC, "subject": {"input": "relaxed"}}, "which is no input of the route"),
        ({**TC, "subject": {"input": ["structure"]}}, "which is no input of the route"),
        ({**TC, "when": "always"}, "when is no condition"),
        ({**TC, "requires": ["a"]}, "requires is no object"),
        ({**TC, "requires": {"a": []}}, "expected a value, a list of values or a range"),
        ({**TC, "requires": {"a": None}}, "expected a value, a list of values or a range"),
        ({**TC, "requires": {"a": [{}]}}, "expected a value, a list of values or a range"),
        ({**TC, "requires": {"a": {}}}, "a range takes the numbers min, max or both"),
        ({**TC, "requires": {"a": {"least": 1}}}, "a range takes the numbers"),
        ({**TC, "requires": {"a": {"min": True}}}, "a range takes the numbers"),
        ({**TC, "requires": {"a": {"min": "1"}}}, "a range takes the numbers"),
    ],
)
def test_what_cannot_be_read_is_left_out_and_said(declaration: Any, problem: str) -> None:
    read, problems = _read(TC, declaration)
    assert read == [TC]
    assert len(problems) == 1
    assert problems[0].startswith("x-ouro-properties/1: ")
    assert problem in problems[0]


@pytest.mark.parametrize(
    "words", [{"unit": 1}, {"uncertainty": []}, {"method": {}}, {"conditions": {"T": 300}}]
)
def test_only_the_faulty_word_is_left_out(words: dict[str, Any]) -> None:
    read, problems = _read({**TC, **words})
    assert read == [TC]
    assert next(iter(words)) in problems[0]


def test_a_property_stands_twice_only_with_another_method() -> None:
    read, problems = _read(TC, {**TC, "method": "DFT"}, {**TC, "value": "other"})
    assert read == [TC, {**TC, "method": "DFT"}]
    assert "declared twice" in problems[0]


@pytest.mark.parametrize("declared", [{}, "x", 3])
def test_properties_are_a_list(declared: Any) -> None:
    problems: list[str] = []
    assert read_properties(declared, [], [], problems) == ()
    assert "expected a list" in problems[0]


def test_a_route_without_assets_is_told_that_nothing_will_be_recorded() -> None:
    problems: list[str] = []
    assert read_properties([TC], [], [], problems) == (TC,)
    assert "takes no asset" in problems[0]


@pytest.mark.parametrize(
    ("words", "subject"),
    [
        ({}, ("input", None)),
        ({"subject": {"input": "structure"}}, ("input", "structure")),
        ({"subject": {"output": "relaxed"}}, ("output", "relaxed")),
    ],
)
def test_its_subject_is_the_primary_input_unless_it_says_so(
    words: dict[str, Any], subject: tuple[str, str | None]
) -> None:
    assert subject_of({**TC, **words}) == subject


RESPONSE = {"a": {"b": 0.5, "n": None}, "s": "x", "t": True, "l": [1, {"c": 2}], "three": "3"}


@pytest.mark.parametrize(
    ("requires", "expected"),
    [
        ({}, True),
        ({"a.b": 0.5}, True),
        ({"a.b": 0.6}, False),
        ({"s": ["y", "x"]}, True),
        ({"s": ["y", "z"]}, False),
        ({"t": True}, True),
        ({"t": 1}, False),
        ({"three": 3}, True),
        ({"a.b": {"min": 0.5}}, True),
        ({"a.b": {"min": 0.51}}, False),
        ({"a.b": {"max": 0.5}}, True),
        ({"a.b": {"max": 0.49}}, False),
        ({"a.b": {"min": 0, "max": 1}}, True),
        ({"l.1.c": {"min": 2, "max": 2}}, True),
        ({"t": {"min": 0}}, False),
        ({"three": {"min": 0}}, False),
        ({"a.n": {"min": 0}}, False),
        ({"gone": {"min": 0}}, False),
        ({"gone": 1}, False),
        ({"a.n": [1]}, False),
        ({"a.b": 0.5, "s": "y"}, False),
    ],
)
def test_requires_is_held_against_the_response(requires: dict[str, Any], expected: bool) -> None:
    assert is_met({**TC, "requires": requires}, RESPONSE) is expected


def test_conditions_that_name_a_value_become_it() -> None:
    declaration = {**TC, "conditions": {"b": "a.b", "cell": "fixed"}}
    assert conditions_in(declaration, RESPONSE) == {"b": 0.5, "cell": "fixed"}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("s", "x"),
        ("a.b", 0.5),
        ("l.0", 1),
        ("l.1.c", 2),
        ("l.2", None),
        ("l.-1", None),
        ("l.x", None),
        ("l.٣", None),
        ("a.b.c", None),
        ("", None),
        ("a..b", None),
        ("l.99999999999999999999", None),
    ],
)
def test_a_dot_path_leads_through_objects_and_lists(path: str, value: Any) -> None:
    assert value_at(RESPONSE, path) == value


@pytest.mark.parametrize(
    ("value", "number"),
    [(1, 1), (1.5, 1.5), (True, None), ("1", None), (None, None), (10**400, None), (1e400, None)],
)
def test_a_number_is_one_that_can_be_reckoned_with(value: Any, number: Any) -> None:
    assert as_number(value) == number
