"""Text on its way out, and names: what holds for every text there is."""

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ouro_cli.model.identity import slug
from ouro_cli.safety import (
    forget_secrets,
    redact,
    redact_bytes,
    redact_parts,
    redact_values,
    remember_secret,
    safe,
    safe_json,
)

ANY_TEXT = st.text(st.characters())
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | ANY_TEXT,
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(ANY_TEXT, inside, max_size=4),
    max_leaves=12,
)
PIECES = st.lists(
    st.sampled_from(
        [
            *("Authorization: ", "Bearer ", "api_key=", '"access_token": "', '\\"', '"', "'", "&"),
            *(" ", "\n", "http://", "u:p@", "@", "/", "?", "[secret]", "$OURO_X", "s3cret", "}"),
            *("abc", ";", "="),
        ]
    ),
    max_size=12,
).map("".join)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    forget_secrets()
    yield
    forget_secrets()


@given(ANY_TEXT)
def test_safe_text_has_no_control_and_is_safe_again(text: str) -> None:
    made = safe(text)
    assert not any(
        unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in made if c not in "\n\t"
    )
    assert safe(made) == made


@given(JSON)
def test_safe_json_is_the_same_json(value: Any) -> None:
    text = safe_json(json.dumps(value, ensure_ascii=False))
    assert json.loads(text) == value
    assert safe(text) == text


@given(PIECES)
def test_what_is_redacted_stays_as_it_is_when_redacted_again(text: str) -> None:
    assert redact(redact(text)) == redact(text)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=4), ANY_TEXT, ANY_TEXT)
def test_a_remembered_secret_is_nowhere_in_what_leaves(
    secret: str, before: str, after: str
) -> None:
    forget_secrets()
    remember_secret(secret)
    shown = redact_values(f"{before}{secret}{after}")
    assert secret not in shown.replace("[secret]", "\0") or secret in "[secret]"
    told = redact_values(json.dumps({"echo": secret}))
    assert json.loads(told)["echo"] == "[secret]"


@given(ANY_TEXT)
def test_a_slug_is_an_address_and_its_own_slug(text: str) -> None:
    made = slug(text)
    assert made == "" or re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", made)
    assert len(made) <= 80
    assert slug(made) == made


@given(
    st.lists(st.sampled_from([b"canary", b"can", b"ary", b"canarycanary9", b"x", b"9", b""])),
    st.data(),
)
def test_bytes_in_parts_are_redacted_as_they_are_in_one(
    words: list[bytes], data: st.DataObject
) -> None:
    whole = b"".join(words)
    parts, rest = [], whole
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        parts.append(rest[:size])
        rest = rest[size:]
    forget_secrets()
    for secret in ("canary", "canarycanary9"):
        remember_secret(secret)
    try:
        assert b"".join(redact_parts(parts)) == redact_bytes(whole)
        assert b"canary" not in redact_bytes(whole)
    finally:
        forget_secrets()
