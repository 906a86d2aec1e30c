"""Parameter values in their places, as the OpenAPI Specification writes them."""

import json
from pathlib import Path
from typing import Any

import pytest

from ouro_cli.wire.parameters import cookie_pairs, header_text, path_text, query_pairs, scalar_text

# The table of the specification itself (OAS 3.2.0, Style Examples). A value that is undefined is
# left out, so the rows for it are of no use here; and so is a cell that the table leaves open.
VECTORS = [
    pytest.param(each, id="-".join(str(each[key]) for key in ("style", "explode", "kind")))
    for each in json.loads(Path(__file__).with_name("oas32-styles.json").read_text())
    if each["kind"] != "undefined" and each["expected"] is not None
]
PATH = ("matrix", "label", "simple")


@pytest.mark.parametrize("vector", VECTORS)
def test_a_value_is_written_as_the_specification_writes_it(vector: dict[str, Any]) -> None:
    parameter = {key: vector[key] for key in ("name", "style", "explode")}
    if vector["style"] in PATH:
        written = path_text(parameter, vector["value"])
    elif vector["style"] == "cookie":
        written = "; ".join(cookie_pairs(parameter, vector["value"]))
    else:
        written = "&".join(
            f"{name}={value}" for name, value in query_pairs(parameter, vector["value"])
        )
    assert written == vector["expected"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (None, "null"),
        (1, "1"),
        (1.5, "1.5"),
        ("true", "true"),
        ({"a": [1]}, '{"a": [1]}'),
    ],
)
def test_a_scalar_is_written_as_json_writes_it_but_for_text(value: Any, text: str) -> None:
    assert scalar_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a/b?c d&e", "a%2Fb%3Fc%20d%26e"),
        ("../admin", "..%2Fadmin"),
        ("é€", "%C3%A9%E2%82%AC"),
        ("100%", "100%25"),
        ("a-b_c.d~e", "a-b_c.d~e"),
        ("a\r\nb\x00", "a%0D%0Ab%00"),
        (["a,b", "c/d"], "a%2Cb,c%2Fd"),
        ({"a=b": "c&d"}, "a%3Db,c%26d"),
        ([1, None, True], "1,true"),
        ("\ud800", "%3F"),
    ],
)
def test_a_path_value_is_percent_encoded_and_so_are_delimiters_inside_it(
    value: Any, text: str
) -> None:
    assert path_text({}, value) == text


def test_a_query_value_and_its_name_are_percent_encoded() -> None:
    assert query_pairs({"name": "a[b]"}, "x&y=z+ü") == [("a%5Bb%5D", "x%26y%3Dz%2B%C3%BC")]


@pytest.mark.parametrize(
    ("parameter", "value", "pairs"),
    [
        pytest.param({}, None, [], id="null is left out"),
        pytest.param({}, [1, None, 2], [("q", "1"), ("q", "2")], id="null in a list is left out"),
        pytest.param({}, {"a": 1, "b": None}, [("a", "1")], id="null in an object is left out"),
        pytest.param({}, [], [], id="an empty list is left out"),
        pytest.param({"explode": False}, [], [("q", "")], id="an empty list as one value"),
        pytest.param({"style": "spaceDelimited"}, [1, 2], [("q", "1%202")], id="not exploded"),
        pytest.param(
            {"style": "pipeDelimited", "explode": True},
            [1, 2],
            [("q", "1"), ("q", "2")],
            id="pipes",
        ),
        pytest.param(
            {"style": "deepObject"}, {"a": [1]}, [("q%5Ba%5D", "%5B1%5D")], id="deeper than deep"
        ),
        pytest.param(
            {"content": {"application/json": {}}},
            {"a": "b"},
            [("q", "%7B%22a%22%3A%20%22b%22%7D")],
            id="as JSON",
        ),
        pytest.param(
            {"content": {"application/json": {}}}, "b", [("q", "%22b%22")], id="JSON text"
        ),
        pytest.param({"content": {"text/plain": {}}}, "b c", [("q", "b%20c")], id="as text"),
        pytest.param({"content": {"text/plain": {}}}, 5, [("q", "5")], id="a number as text"),
    ],
)
def test_a_query_parameter_becomes_pairs(
    parameter: dict[str, Any], value: Any, pairs: list[tuple[str, str]]
) -> None:
    assert query_pairs({"name": "q", **parameter}, value) == pairs


@pytest.mark.parametrize(
    ("parameter", "value", "text"),
    [
        ({}, "a b/ü", "a b/ü"),
        ({}, ["a", 1], "a,1"),
        ({}, {"a": 1, "b": True}, "a,1,b,true"),
        ({"explode": True}, {"a": 1, "b": True}, "a=1,b=true"),
        ({"content": {"application/json": {}}}, {"a": [1]}, '{"a": [1]}'),
    ],
)
def test_a_header_value_is_not_encoded(parameter: Any, value: Any, text: str) -> None:
    assert header_text(parameter, value) == text


def test_no_cookie_value_begins_another_cookie() -> None:
    assert cookie_pairs({"name": "a"}, "b; admin=1") == ["a=b%3B%20admin%3D1"]


def test_a_path_parameter_with_content_is_written_by_its_media_type() -> None:
    parameter = {"style": "label", "content": {"application/json": {}}}
    assert path_text(parameter, [1]) == "%5B1%5D"
