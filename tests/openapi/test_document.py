"""Bytes that should be an OpenAPI document, and those that are not."""

import json
import time
from typing import Any

import pytest

from ouro_cli.errors import DocumentUnreadable
from ouro_cli.openapi.document import parse

SMALL: dict[str, Any] = {"openapi": "3.1.0", "info": {"title": "Tïny", "version": "1"}, "paths": {}}
JSON = json.dumps(SMALL, ensure_ascii=False)
YAML = "openapi: 3.1.0\ninfo: {title: Tïny, version: '1'}\npaths: {}\n"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(JSON.encode(), id="JSON"),
        pytest.param(YAML.encode(), id="YAML"),
        pytest.param(b"\xef\xbb\xbf" + JSON.encode(), id="BOM"),
        pytest.param(b"\xef\xbb\xbf" + YAML.encode(), id="BOM and YAML"),
        pytest.param(JSON.encode("utf-16"), id="UTF-16"),
        pytest.param(b"\xfe\xff" + YAML.encode("utf-16-be"), id="UTF-16, big end first, YAML"),
        pytest.param(b"\r\n\t " + JSON.encode(), id="blanks before"),
        pytest.param(b"# a comment\n" + YAML.encode(), id="a comment before"),
        pytest.param(json.dumps(SMALL).encode(), id="escapes"),
    ],
)
def test_a_document_is_read_however_it_is_encoded(data: bytes) -> None:
    document = parse(data, "x")
    assert (document.value, document.openapi, document.warnings) == (SMALL, "3.1.0", ())


def test_latin_1_is_read_with_a_warning_that_names_the_byte() -> None:
    document = parse(JSON.encode("latin-1"), "x")
    assert document.info["title"] == "Tïny"
    assert "not UTF-8 at byte" in document.warnings[0].message


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ('"3.0.3"', "3.0.3"),
        ('"3.1.1"', "3.1.1"),
        ('"3.2.0"', "3.2.0"),
        ("3.1", "3.1"),
        ('"3.0.0-rc2"', "3.0.0-rc2"),
    ],
)
def test_every_openapi_3_is_read_even_as_a_number(version: str, expected: str) -> None:
    assert parse(f'{{"openapi": {version}, "info": {{}}}}'.encode(), "x").openapi == expected
    assert parse(f"openapi: {version}\ninfo: {{}}\n".encode(), "x").openapi == expected


@pytest.mark.parametrize("info", ["{}", '{"info": null}', '{"info": [1]}'])
def test_a_document_that_does_not_say_what_it_is_is_read_with_a_warning(info: str) -> None:
    document = parse(json.dumps({"openapi": "3.1.0"} | json.loads(info)).encode(), "x")
    assert document.info == {}
    assert document.warnings[0].pointer == "#/info"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        pytest.param(b"", "it is empty", id="3: empty"),
        pytest.param(b" \n\t", "it is empty", id="3: blank"),
        pytest.param(b"<!DOCTYPE html><html>", "it is HTML, not OpenAPI; perhaps", id="4: HTML"),
        pytest.param(b"  <HTML><body>", "it is HTML", id="4: HTML without doctype"),
        pytest.param(b"<?xml version='1.0'?><a/>", "it is XML", id="4: XML"),
        pytest.param(JSON.encode()[:-20], "invalid JSON at line 1 column ", id="5: cut"),
        pytest.param(b'{\n "a": 1,\n}', "invalid JSON at line 3 column 1", id="5: comma"),
        pytest.param(b"a:\n\t- b", "invalid YAML at line 2: a tab is used", id="6: tab"),
        pytest.param(b"a: 1\n---\nb: 1", "invalid YAML at line 2: holds a second", id="7: two"),
        pytest.param(b'{"swaggerVersion": "1.2"}', "it is a Swagger 1.2", id="8: Swagger 1.2"),
        pytest.param(b"swagger: 1.1", "Swagger 1.1 is not supported", id="8: Swagger 1.1"),
        pytest.param(b"asyncapi: 2.0.0", "it is an AsyncAPI document", id="8: AsyncAPI"),
        pytest.param(b"arazzo: 1.0.0", "it is an Arazzo workflow", id="8: Arazzo"),
        pytest.param(b"#%RAML 1.0\ntitle: x", "it is a RAML document", id="8: RAML"),
        pytest.param(b'{"info": {"_postman_id": "1"}}', "a Postman collection", id="8: Postman"),
        pytest.param(b'{"$schema": "x"}', "it is a JSON Schema", id="8: JSON Schema"),
        pytest.param(b"openapi: 9.9", "OpenAPI version 9.9 is not supported", id="8: 9.9"),
        pytest.param(b"openapi: 4.0.0", "OpenAPI version 4.0.0 is not", id="8: 4.0"),
        pytest.param(b"openapi:", "OpenAPI version None is not supported", id="9: null"),
        pytest.param(b"title: x", "it has no 'openapi' field", id="9: no version"),
        pytest.param(b"[]", "it holds a list, not an OpenAPI document", id="9: list"),
        pytest.param(b"hello world", "it holds plain text", id="9: prose"),
        pytest.param(b"# hello", "it holds nothing", id="9: a comment"),
        pytest.param(b"42", "it holds a scalar", id="9: a number"),
        pytest.param(
            b'{\n"a": 1,\n"b": 2,\n"a": 3}',
            "invalid JSON at lines 2 and 4: the key 'a' stands twice",
            id="11: duplicate key",
        ),
        pytest.param(
            b"paths:\n  get: 1\n  get: 2",
            "invalid YAML at lines 2 and 3: the key 'get' stands twice",
            id="11: duplicate key in YAML",
        ),
        pytest.param(b"[" * 100_000, "nested deeper than 200", id="13: 100,000 lists"),
        pytest.param(b'{"a":' * 100_000, "nested deeper than 200", id="13: 100,000 objects"),
        pytest.param(
            b'{"a":' * 400 + b"1" + b"}" * 400, "nested deeper than 200", id="13: 400 objects"
        ),
        pytest.param(b"- " * 400, "nested deeper than 200", id="13: 400 lists in YAML"),
        pytest.param(b'{"a": ' + b"9" * 5_000 + b"}", "number is out of range", id="14: digits"),
        pytest.param(b'{"a": 1e999}', "a number is out of range", id="14: 1e999"),
        pytest.param(b'{"a": NaN}', "NaN is no JSON", id="14: NaN"),
        pytest.param(b"a: 1e999", "line 1: a number is out of range", id="14: 1e999 in YAML"),
    ],
)
def test_what_is_no_openapi_document_is_named_in_one_line(data: bytes, why: str) -> None:
    began = time.process_time()
    with pytest.raises(DocumentUnreadable) as caught:
        parse(data, "spec")
    assert caught.value.message.startswith("Cannot read spec: ")
    assert why in caught.value.message
    assert "\n" not in caught.value.message
    assert len(caught.value.message) < 160
    assert time.process_time() - began < 1


def test_a_long_version_is_not_repeated_whole() -> None:
    with pytest.raises(DocumentUnreadable) as caught:
        parse(b'{"openapi": "' + b"9" * 10_000 + b'"}', "x")
    assert len(caught.value.message) < 120


def test_a_duplicate_key_that_only_json_sees_is_refused_without_its_line() -> None:
    with pytest.raises(DocumentUnreadable, match="invalid JSON: the key 'a' stands twice"):
        parse(rb'{"x": "\ud83d\ude00", "a": 1, "a": 2}', "x")


def test_two_hundred_levels_are_no_fault() -> None:
    deep = json.dumps({"openapi": "3.1.0", "info": {}})[:-1] + ', "x": ' + "[" * 199
    assert parse((deep + "]" * 199 + "}").encode(), "x").value["x"]


def test_half_a_surrogate_pair_becomes_a_question_mark() -> None:
    data = rb'{"openapi": "3.1.0", "info": {"title": "\ud800 \ud83d\ude00"}}'
    assert parse(data, "x").info["title"] == "? 😀"
