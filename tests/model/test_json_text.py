"""JSON, read strictly."""

import json
from typing import Any

import pytest

from ouro_cli.model.json_text import DEEPEST, JsonFault, read_json


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": [1, 2.5, true, null, "x"]}', {"a": [1, 2.5, True, None, "x"]}),
        (b"\xef\xbb\xbf{}", {}),
        ('"\u00e9"'.encode("utf-16"), "é"),
        ("1e308", 1e308),
        ("1e-999", 0.0),
        ("1" * 4_000, int("1" * 4_000)),
        ("[" * DEEPEST + "]" * DEEPEST, None),
    ],
    ids=["object", "BOM", "UTF-16", "large float", "tiny float", "long integer", "deep"],
)
def test_json_is_read(text: str | bytes, expected: Any) -> None:
    value = read_json(text)
    assert expected is None or value == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("[NaN]", "NaN is no JSON", id="NaN"),
        pytest.param('{"a": -Infinity}', "-Infinity is no JSON", id="Infinity"),
        pytest.param("[1e999]", "a number is out of range", id="exponent"),
        pytest.param(b"[-1E+0400]", "a number is out of range", id="exponent in bytes"),
        pytest.param("1" * 400 + ".5", "a number is out of range", id="long float"),
        pytest.param("9" * 5_000, "a number is out of range", id="5,000 digits"),
        pytest.param("[" * 201 + "]" * 201, "nested deeper than 200", id="201 lists"),
        pytest.param('{"a":' * 201 + "1" + "}" * 201, "nested deeper than 200", id="201 objects"),
        pytest.param("[" * 100_000, "nested deeper than 200", id="100,000 openings"),
        pytest.param(b'{"a":' * 100_000, "nested deeper than 200", id="100,000 objects"),
    ],
)
def test_what_could_not_be_written_again_is_refused(text: str | bytes, why: str) -> None:
    with pytest.raises(JsonFault, match=why):
        read_json(text)


@pytest.mark.parametrize("text", ["", "{", "[1,]", "{'a': 1}", "nul"])
def test_what_is_no_json_says_where(text: str) -> None:
    with pytest.raises(json.JSONDecodeError):
        read_json(text)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(UnicodeDecodeError):
        read_json(b'{"a": "\xff\xfe\xfa"}')


def test_many_shallow_objects_are_not_deep() -> None:
    assert len(read_json("[" + ",".join(["{}"] * 1_000) + "]")) == 1_000


def test_of_a_key_that_stands_twice_the_later_value_counts() -> None:
    assert read_json('{"a": 1, "a": 2}') == {"a": 2}


def test_a_key_that_stands_twice_is_refused_where_that_is_asked_for() -> None:
    with pytest.raises(JsonFault, match="the key 'b' stands twice"):
        read_json('{"a": 1, "b": {"a": 1}, "b": 2}', unlike_keys=True)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "a": 2}',
        '{"a" : 1, "a": 2}',
        '{"a":{"b":1,"b":[{"c":1}]}}',
        '[{"x\\\\": 1, "b": 1, "b": 2}]',
        '{"say \\": ": 1, "say \\": ": 2}',
        '{"a": "\\":", "a": "\\":"}',
        '{"a":1,"\\u0061":2}',
    ],
)
def test_a_key_that_stands_twice_is_named_however_it_is_written(text: str) -> None:
    assert json.loads(text) is not None
    with pytest.raises(JsonFault, match="stands twice"):
        read_json(text, unlike_keys=True)


@pytest.mark.parametrize(
    "text",
    ['{"a": "\\":", "b": "x\\\\", "c\\\\": 1}', '{"a" : {"a":\n1}}', '"x"', "[]"],
)
def test_unlike_keys_are_read(text: str) -> None:
    assert read_json(text, unlike_keys=True) == json.loads(text)
