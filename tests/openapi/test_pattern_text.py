"""Texts that are made of a regular expression, as it is written."""

import time
from itertools import islice

import jsonschema_rs
import pytest

from ouro_cli.openapi.pattern_text import LONGEST, texts_of


def _first_match(pattern: str) -> str | None:
    judge = jsonschema_rs.Draft202012Validator({"pattern": pattern})
    return next((each for each in islice(texts_of(pattern), 200) if judge.is_valid(each)), None)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("^abc$", "abc"),
        ("^a|b$", "a"),
        ("^(yes|no)$", "yes"),
        ("^[A-Z]{3}$", "AAA"),
        ("^[^a-z]+$", "A"),
        (r"^\d{4}-\d{2}$", "1111-11"),
        (r"^\D\W\S$", "a a"),
        ("^a*b+c?$", "abc"),
        ("^a{2,}$", "aa"),
        ("^a{2,3}?b$", "aab"),
        ("^(?:ab){2}$", "abab"),
        ("^(?<year>20)(?i:x)$", "20x"),
        ("^(?=a)ab$", "ab"),
        ("^(?!b)[ab]$", "a"),
        (r"^\u0041\x42\t$", "AB\t"),
        (r"^\p{Lu}\p{L}\P{L}$", "Aa1"),
        (r"^[\w.-]+@[\w.-]+$", "a@a"),
        (r"^[\u4e00-\u9fff]$", "中"),
        (r"^[-x]\.\/\-$", "-./-"),
        ("^[]x]$", "]"),
        ("^.$", "a"),
        (r"^\bab\b$", "ab"),
        ("^$", ""),
        ("^x{40}$", "x" * 40),
    ],
)
def test_a_text_matches_its_pattern(pattern: str, expected: str) -> None:
    assert _first_match(pattern) == expected


@pytest.mark.parametrize(
    "pattern",
    [
        "[",
        "(",
        "(?<",
        "a)",
        "[a",
        "\\",
        "[]",
        r"\p{",
        "(" * 100,
        "a" * 5_000,
        r"[\d-",
        r"\ud800",
        r"\u{ffffffff}",
    ],
)
def test_a_pattern_that_cannot_be_read_gives_nothing(pattern: str) -> None:
    assert list(texts_of(pattern)) == []


@pytest.mark.parametrize(
    "pattern", ["((a{999}){999}){999}", "(a+)+$", "(((a*)*)*)*", "a{999999999}", "(ab{500}){500}"]
)
def test_no_pattern_makes_much_text_or_takes_long(pattern: str) -> None:
    began = time.process_time()
    assert all(len(each) <= LONGEST for each in texts_of(pattern))
    assert time.process_time() - began < 1
