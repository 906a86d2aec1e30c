"""Media types."""

from typing import Any

import pytest

from ouro_cli.wire.media import (
    Given,
    Kind,
    Media,
    accept_of,
    choose_media,
    is_json,
    json_media,
    json_media_type,
    kind_of,
    media_of,
)


@pytest.mark.parametrize(
    ("media_type", "expected"),
    [
        ("application/json", True),
        ("Application/JSON; charset=utf-8", True),
        ("text/json", True),
        ("application/merge-patch+json", True),
        ("*/*", True),
        ("application/*", True),
        ("application/jsonlines", False),
        ("text/plain", False),
        ("multipart/form-data", False),
        ("", False),
    ],
)
def test_json_has_many_names(media_type: str, expected: bool) -> None:
    assert is_json(media_type) is expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param({"application/json": {}}, "application/json", id="JSON"),
        pytest.param(
            {"*/*": {}, "application/json": {}, "text/json": {}}, "application/json", id="by name"
        ),
        pytest.param({"*/*": {}, "a/b+json": {}}, "a/b+json", id="by another name"),
        pytest.param({"multipart/form-data": {}}, None, id="none"),
        pytest.param({}, None, id="nothing"),
    ],
)
def test_of_several_offers_plain_json_is_taken(content: Any, expected: str | None) -> None:
    assert json_media_type({"content": content}) == expected


def test_a_media_type_without_an_object_says_nothing() -> None:
    assert json_media({"content": {"application/json": None}}) == {}


@pytest.mark.parametrize("body", [None, {}, {"content": None}, {"content": {"a/b": {}}}])
def test_a_body_need_not_offer_json(body: Any) -> None:
    assert json_media(body) is None


@pytest.mark.parametrize(
    ("media_type", "kind"),
    [
        ("application/json", Kind.JSON),
        ("application/vnd.api+json; charset=utf-8", Kind.JSON),
        ("application/x-www-form-urlencoded", Kind.URLENCODED),
        ("Multipart/Form-Data; boundary=x", Kind.MULTIPART),
        ("text/csv", Kind.TEXT),
        ("application/xml", Kind.TEXT),
        ("image/svg+xml", Kind.TEXT),
        ("application/x-ndjson", Kind.TEXT),
        ("application/json-seq", Kind.TEXT),
        ("application/octet-stream", Kind.BINARY),
        ("multipart/mixed", Kind.BINARY),
        ("image/png", Kind.BINARY),
    ],
)
def test_a_media_type_says_how_its_body_is_made(media_type: str, kind: Kind) -> None:
    assert kind_of(media_type) is kind


JSON, XML, TEXT = "application/json", "application/xml", "text/plain"
FORM, MULTI = "application/x-www-form-urlencoded", "multipart/form-data"
OCTETS = "application/octet-stream"


@pytest.mark.parametrize(
    ("offered", "wanted", "given", "name"),
    [
        pytest.param([XML, JSON], "", Given(), JSON, id="JSON before all others"),
        pytest.param([MULTI, FORM], "", Given(), FORM, id="the plainer form"),
        pytest.param([JSON, MULTI], "", Given(has_uploads=True), MULTI, id="files in parts"),
        pytest.param([XML, TEXT], "", Given(), XML, id="the first of equals"),
        pytest.param([JSON, TEXT], "", Given(is_raw=True), TEXT, id="what is no JSON as text"),
        pytest.param([JSON], "", Given(is_raw=True), JSON, id="JSON where nothing else is"),
        pytest.param([JSON, "image/png"], "", Given(suggested="image/png"), "image/png", id="name"),
        pytest.param([JSON, XML], "", Given(suggested="text/xml"), XML, id="the same by two names"),
        pytest.param([JSON, "image/*"], "", Given(suggested="image/png"), "image/png", id="range"),
        pytest.param(["*/*"], "", Given(), JSON, id="anything is JSON"),
        pytest.param(["*/*"], "", Given(is_raw=True), OCTETS, id="anything is bytes"),
        pytest.param(["image/*"], "", Given(), None, id="a range that nothing narrows"),
        pytest.param([JSON, XML], "application/XML", Given(), "application/XML", id="wanted"),
        pytest.param([JSON], "application/json; v=2", Given(), "application/json; v=2", id="more"),
        pytest.param(["text/*"], "text/csv", Given(), "text/csv", id="wanted of a range"),
        pytest.param([JSON], XML, Given(), None, id="wanted and not offered"),
        pytest.param([], "", Given(), None, id="no body"),
    ],
)
def test_what_was_given_decides_between_media_types(
    offered: list[str], wanted: str, given: Given, name: str | None
) -> None:
    body: dict[str, Any] = {"content": {each: {} for each in offered}}
    media = choose_media(body, wanted, given)
    assert (media and media.name) == name


def test_what_is_stored_finds_its_media_type_again() -> None:
    stated = {"schema": {"type": "string"}}
    body = {"content": {JSON: {}, "text/*": stated}}
    assert media_of(body, "text/csv") == Media("text/csv", stated)
    assert media_of(body, "") == Media(JSON)
    assert media_of(body, "a/b") == Media("a/b")
    assert media_of(None, "") is None


@pytest.mark.parametrize(
    ("responses", "accept"),
    [
        ({}, "application/json, */*;q=0.5"),
        ({"200": {}}, "application/json, */*;q=0.5"),
        ({"200": {"content": {"text/csv": {}}}}, "text/csv, */*;q=0.5"),
        (
            {"200": {"content": {"text/csv": {}, "application/json": {}}}},
            "application/json, text/csv;q=0.9, */*;q=0.5",
        ),
        (
            {"2XX": {"content": {"a/b+json; x=1": {}}}, "404": {"content": {"x/y": {}}}},
            "a/b+json, */*;q=0.5",
        ),
        ({"default": {"content": {"image/png": {}}}}, "image/png, */*;q=0.5"),
        ({"200": {"content": {"*/*": {}, "a\r\nEvil: 1": {}}}}, "application/json, */*;q=0.5"),
    ],
)
def test_what_the_document_says_is_answered_is_asked_for(responses: Any, accept: str) -> None:
    assert accept_of(responses) == accept
