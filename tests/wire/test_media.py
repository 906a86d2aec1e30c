"""Media types."""

from typing import Any

import pytest

from ouro_cli.wire.media import is_json, json_media, json_media_type


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
