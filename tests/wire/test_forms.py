"""Forms: urlencoded text, and parts, as the OpenAPI Specification has them written."""

import email
import email.policy
from typing import Any

import pytest

from ouro_cli.wire.forms import (
    FileBytes,
    Multipart,
    Part,
    length_of,
    multipart,
    pieces_of,
    query_string,
    urlencoded,
)
from ouro_cli.wire.media import Media
from ouro_cli.wire.uploads import KeptFile, Upload

SHA256 = "ab" * 32


def form(encoding: dict[str, Any] | None = None) -> Media:
    return Media("application/x-www-form-urlencoded", {"encoding": encoding or {}})


def parts(fields: dict[str, Any], encoding: dict[str, Any] | None = None) -> list[Part]:
    media = Media("multipart/form-data", {"encoding": encoding or {}})
    return list(multipart(media, fields, "b", lambda sha256: f"/kept/{sha256}").parts)


@pytest.mark.parametrize(
    ("fields", "encoding", "text"),
    [
        ({"a": "x y&z=1", "b c": True}, {}, "a=x%20y%26z%3D1&b%20c=true"),
        ({"a": [1, None, 2], "b": None}, {}, "a=1&a=2"),
        ({"a": {"b": [1]}}, {}, "a=%7B%22b%22%3A%20%5B1%5D%7D"),
        ({"a": [{"b": 1}]}, {}, "a=%7B%22b%22%3A%201%7D"),
        ({"a": [1, 2]}, {"a": {"explode": False}}, "a=1,2"),
        ({"a": [1, 2]}, {"a": {"style": "pipeDelimited", "explode": False}}, "a=1%7C2"),
        ({"a": {"b": {"c": 1}}}, {"a": {"style": "deepObject"}}, "a%5Bb%5D%5Bc%5D=1"),
        ({"a": "/x?y"}, {"a": {"allowReserved": True}}, "a=/x?y"),
        ({"a": "b"}, {"a": {"contentType": "application/json"}}, "a=%22b%22"),
        ({"a": [1]}, {"a": {"contentType": "text/plain"}}, "a=1"),
        ({"a": "b"}, {"a": 5}, "a=b"),
        ({}, {}, ""),
    ],
)
def test_fields_become_an_urlencoded_text(
    fields: dict[str, Any], encoding: dict[str, Any], text: str
) -> None:
    assert urlencoded(form(encoding), fields) == text


@pytest.mark.parametrize(
    ("content", "value", "text"),
    [
        ({"application/x-www-form-urlencoded": {}}, {"a": "b c", "d": [1, 2]}, "a=b%20c&d=1&d=2"),
        ({"application/json": {}}, {"a": 1}, "%7B%22a%22%3A%201%7D"),
        ({"text/plain": {}}, "$.a[?x]", "%24.a%5B%3Fx%5D"),
        ({}, "a", "a"),
    ],
)
def test_one_parameter_may_be_the_whole_query(content: Any, value: Any, text: str) -> None:
    assert query_string({"name": "q", "in": "querystring", "content": content}, value) == text


@pytest.mark.parametrize(
    ("fields", "encoding", "expected"),
    [
        pytest.param({"a": "x"}, {}, [("a", b"x", "")], id="text"),
        pytest.param({"a": 1.5, "b": False}, {}, [("a", b"1.5", ""), ("b", b"false", "")], id="1"),
        pytest.param({"a": None}, {}, [], id="null is left out"),
        pytest.param({"a": [1, None, "x"]}, {}, [("a", b"1", ""), ("a", b"x", "")], id="a list"),
        pytest.param({"a": {"b": 1}}, {}, [("a", b'{"b": 1}', "application/json")], id="object"),
        pytest.param({"a": [{"b": 1}]}, {}, [("a", b'{"b": 1}', "application/json")], id="objects"),
        pytest.param(
            {"a": "x"},
            {"a": {"contentType": "application/xml; charset=utf-8"}},
            [("a", b"x", "application/xml; charset=utf-8")],
            id="a media type of its own",
        ),
        pytest.param(
            {"a": "x"}, {"a": {"contentType": "application/json"}},
            [("a", b'"x"', "application/json")], id="text as JSON",
        ),
        pytest.param({"a": "x"}, {"a": {"contentType": "text/*"}}, [("a", b"x", "")], id="range"),
        pytest.param(
            {"a": {"b": 1, "c": [2]}}, {"a": {"style": "deepObject"}},
            [("a[b]", b"1", ""), ("a[c][]", b"2", "")], id="by style",
        ),
    ],
)  # fmt: skip
def test_fields_become_parts(
    fields: dict[str, Any], encoding: dict[str, Any], expected: list[tuple[str, bytes, str]]
) -> None:
    found = [(each.name, each.content, each.media_type) for each in parts(fields, encoding)]
    assert found == expected


@pytest.mark.parametrize(
    ("said", "allowed", "media_type"),
    [
        ("image/png", "", "image/png"),
        ("", "", "application/octet-stream"),
        ("image/png", "image/png, image/jpeg", "image/png"),
        ("image/gif", "image/png, image/jpeg", "image/png"),
        ("image/gif", "image/*", "image/gif"),
        ("", "*/*", "application/octet-stream"),
    ],
)
def test_a_file_has_the_type_that_its_name_suggests_and_the_document_allows(
    said: str, allowed: str, media_type: str
) -> None:
    encoding = {"f": {"contentType": allowed}} if allowed else {}
    (part,) = parts({"f": Upload("/x/cat.png", "cat.png", 3, said)}, encoding)
    assert part.media_type == media_type
    assert part.content == FileBytes("/x/cat.png", 3, "cat.png", said)


def test_a_kept_file_is_sent_from_where_it_lies() -> None:
    kept = KeptFile(SHA256, 3, "cat.png", "image/png").as_value()
    (part,) = parts({"f": [kept]})
    assert part.content == FileBytes(f"/kept/{SHA256}", 3, "cat.png", "image/png")


def test_a_list_of_files_is_a_part_each() -> None:
    files = [Upload("a", "a", 1), Upload("b", "b", 1)]
    assert [part.name for part in parts({"f": files}, {"f": {"style": "form"}})] == ["f", "f"]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ({"schema": {"const": "a"}}, (("X-A", "a"),)),
        ({"schema": {"enum": [5]}}, (("X-A", "5"),)),
        ({"schema": {"default": "d"}, "required": True}, (("X-A", "d"),)),
        ({"schema": {"default": "d"}}, ()),
        ({"schema": {"enum": [1, 2]}}, ()),
        ({"schema": {"const": "a\r\nEvil: 1"}}, ()),
        (None, ()),
    ],
)
def test_a_part_has_the_headers_whose_value_the_document_states(header: Any, expected: Any) -> None:
    (part,) = parts({"a": "x"}, {"a": {"headers": {"X-A": header}}})
    assert part.headers == expected


def test_a_form_is_read_back_by_others_as_it_was_meant() -> None:
    body = Multipart(
        "b0",
        (
            Part('odd "name"\r\nX: y', b"two\r\nlines"),
            Part("ü", b'{"a":1}', "application/json", (("X-A", "b"),)),
        ),
    )
    written = b"".join(each for each in pieces_of(body) if isinstance(each, bytes))
    message = email.message_from_bytes(
        b"Content-Type: multipart/form-data; boundary=b0\r\n\r\n" + written,
        policy=email.policy.HTTP,
    )
    first, second = message.iter_parts()
    assert first.get_param("name", header="content-disposition") == "odd %22name%22%0D%0AX: y"
    assert first.get_payload(decode=True) == b"two\r\nlines"
    assert (second.get_content_type(), second["x-a"]) == ("application/json", "b")
    assert length_of(body) == len(written)


def test_a_files_bytes_count_and_are_not_read() -> None:
    body = Multipart("b", (Part("f", FileBytes("/nowhere", 5_000_000_000, "x")),))
    assert length_of(body) > 5_000_000_000
    assert length_of(FileBytes("/nowhere", 7)) == 7
