"""Parameter values in their places, as the OpenAPI Specification writes them."""

import json
from pathlib import Path
from typing import Any

import pytest

from ouro_cli.wire.parameters import (
    cookie_pairs,
    header_text,
    path_text,
    plain_pairs,
    query_pairs,
    scalar_text,
)

# The table of the specification itself (OAS 3.2.0, Style Examples), but for the cells that it
# leaves open.
VECTORS = [
    pytest.param(each, id="-".join(str(each[key]) for key in ("style", "explode", "kind")))
    for each in json.loads(Path(__file__).with_name("oas32-styles.json").read_text())
    if each["expected"] is not None
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
        pytest.param({}, None, [("q", "")], id="null by itself"),
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
            {"style": "deepObject"},
            {"a": [1, 2], "b": {"c": "d/e", "n": None}},
            [("q%5Ba%5D%5B%5D", "1"), ("q%5Ba%5D%5B%5D", "2"), ("q%5Bb%5D%5Bc%5D", "d%2Fe")],
            id="deeper than one level",
        ),
        pytest.param(
            {"style": "deepObject"},
            [{"a": 1}, {"a": 2}],
            [("q%5B0%5D%5Ba%5D", "1"), ("q%5B1%5D%5Ba%5D", "2")],
            id="a list of objects",
        ),
        pytest.param(
            {"style": "deepObject"}, ["a", "b"], [("q%5B%5D", "a"), ("q%5B%5D", "b")], id="a list"
        ),
        pytest.param({"style": "deepObject"}, "a", [("q", "a")], id="no object at all"),
        pytest.param(
            {"allowReserved": True},
            "/a:b?c=d,e&f#g+h[i]%2F%zz",
            [("q", "/a:b?c=d,e%26f%23g%2Bh%5Bi%5D%2F%25zz")],
            id="reserved, but for what would split the query",
        ),
        pytest.param(
            {"allowReserved": True, "explode": False},
            ["a,b", "c/d"],
            [("q", "a%2Cb,c/d")],
            id="reserved, but for the delimiter of the list",
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


@pytest.mark.parametrize(
    ("parameter", "value", "text"),
    [
        ({}, "a/b?c#d&e;f", "a%2Fb%3Fc%23d&e;f"),
        ({"style": "label"}, "a.b/c", ".a.b%2Fc"),
        ({}, ["a,b", "c"], "a%2Cb,c"),
        ({"style": "matrix", "name": "m"}, "x;y=1", ";m=x%3By%3D1"),
    ],
)
def test_a_path_value_with_reserved_characters_never_leaves_its_place(
    parameter: dict[str, Any], value: Any, text: str
) -> None:
    assert path_text({"allowReserved": True, **parameter}, value) == text


def test_a_cookie_of_the_cookie_style_is_written_as_it_is() -> None:
    assert cookie_pairs({"name": "a", "style": "cookie"}, "x%2Fy=z") == ["a=x%2Fy=z"]


def test_the_parts_of_a_form_are_written_by_style_and_not_encoded() -> None:
    assert plain_pairs({"name": "a", "style": "deepObject"}, {"b c": "d/e"}) == [("a[b c]", "d/e")]
    assert plain_pairs({"name": "a", "explode": False}, ["x", "y z"]) == [("a", "x,y z")]
    assert plain_pairs({"name": "a", "style": "pipeDelimited", "explode": False}, [1, 2]) == [
        ("a", "1|2")
    ]
