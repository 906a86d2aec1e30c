"""Regular expressions of a document: none holds us, whatever it is held against."""

import time
from typing import Any

import pytest

from ouro_cli.openapi import sample
from ouro_cli.wire.fitting import fit
from ouro_cli.wire.inputs import read_arguments
from tests.builders import a_parameter, a_route

PATTERNS = [
    "(a+)+$", "([a-zA-Z]+)*$", "(a|aa)+$", "(a|a?)+$", "(.*a){25}$", "(a*)*$", "(a*)*b", "(.*)*x",
    "^(([a-z])+.)+[A-Z]([a-z])+$", "^(a?){40}a{40}$", "(x+x+)+y", "(a+){30}$", "((a+)+)+$",
    "(?:a+)+$", "^(?=(a+))a*b$", "(a+)\\1$", "(a+)+\\1$", "^(a|b|ab)*c$", "(\\w+\\s?)+$",
    "(\\d+)*$",
    "^(\\w+)*@(\\w+)*$", "([0-9]+)+\\.([0-9]+)+$", "(.+)+=$", "(?!.*b)(a+)+$", "(?<=a)(a+)+$",
    "^((a{1,100}){1,100}){1,100}$", "(a{1,30}){1,30}$", "(a{500}){500}", "((a{99}){99}){99}",
    "[a-z]{1,1000}{1,1000}", "(a?){1000}a{1000}", "(.{1,1000}){1,1000}x", "\\p{L}{1000}{1000}",
    "(?i)((a+)+)$", "(?s)(.*)*x", "(?x) ( a + ) + $", "^(?:(?:a)*)*$", "(()|a)+$", "(a||b)*$",
    "(\\S+\\s+)*$", "<(\\w+)([^>]*)*>", "^(.*?,){40}P", "(ab|a|b)*c", "^(a.?)+$", "(?>a+)+$",
    "((((a*)*)*)*)*$", "(a+a+)+$", "([^a]|a)*$", "(.|\\s)*x", "(a(b)?)+$", "[", "(?P<", "\\",
    "a" * 10_000,
]  # fmt: skip
WORD = "a" * 60 + "!"


def test_there_are_fifty() -> None:
    assert len(PATTERNS) >= 50


@pytest.mark.parametrize("pattern", PATTERNS, ids=range(len(PATTERNS)))
@pytest.mark.parametrize("openapi", ["2.0", "3.0.3", "3.1.0"])
def test_no_pattern_holds_a_run_or_an_example(pattern: str, openapi: str) -> None:
    schema: dict[str, Any] = {"type": "string", "pattern": pattern}
    body = {"type": "object", "properties": {"b": schema}, "patternProperties": {pattern: {}}}
    route = a_route(parameters=[a_parameter("q", schema=schema)], body=body)

    began = time.process_time()
    fit(read_arguments([f"q={WORD}", f"b={WORD}"], read_file=str), route, {}, openapi)
    fitted = time.process_time()
    sample.example_of({}, body)
    made = time.process_time()

    assert fitted - began < 0.4
    assert made - fitted < 2
