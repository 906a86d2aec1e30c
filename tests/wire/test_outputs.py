"""Payloads in responses: what they hold, what is none, and what their names become."""

import base64
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ouro_cli.wire.outputs import (
    Address,
    Encoded,
    Markdown,
    PayloadFault,
    Rows,
    read_payload,
    read_payloads,
    without_base64,
)

FILE: dict[str, Any] = {"asset_type": "file"}
ANY: dict[str, Any] = {"asset_type": "file", "asset_types": ["file", "dataset", "post"]}


@settings(deadline=None)
@given(st.binary(max_size=5000), st.sampled_from(["", "\n", " "]), st.booleans(), st.booleans())
def test_every_spelling_of_base64_gives_the_bytes(
    data: bytes, blank: str, for_addresses: bool, is_padded: bool
) -> None:
    encode = base64.urlsafe_b64encode if for_addresses else base64.b64encode
    text = encode(data).decode()
    text = text if is_padded else text.rstrip("=")
    spaced = blank.join(text[at : at + 76] for at in range(0, len(text), 76))
    assert b"".join(Encoded(spaced).parts()) == data


@pytest.mark.parametrize("text", ["a", "no!", "YQ==YQ==", "é" * 4, "\ud800" * 4, "====a"])
def test_what_is_no_base64_is_said(text: str) -> None:
    with pytest.raises(PayloadFault):
        list(Encoded(text).parts())


@pytest.mark.parametrize(
    ("value", "content"),
    [
        ({"base64": "YQ=="}, Encoded("YQ==")),
        ({"base64": "data:text/plain;base64,YQ=="}, Encoded("YQ==")),
        ({"url": "data:text/plain;base64,YQ=="}, Encoded("YQ==")),
        ({"url": "https://x/y"}, Address("https://x/y")),
        ("https://x/y", Address("https://x/y")),
        ({"data": [{"a": 1}]}, Rows([{"a": 1}])),
        ({"content": {"text": "# A"}}, Markdown("# A")),
        ({"content": {"text": "# A", "json": {}}}, Markdown("# A")),
        ({"content": "# A"}, Markdown("# A")),
        (
            {
                "content": {
                    "json": {
                        "type": "doc",
                        "content": [
                            {"type": "paragraph", "content": [{"type": "text", "text": "A"}]}
                        ],
                    }
                }
            },
            Markdown("A"),
        ),
    ],
)
def test_a_payload_is_told_by_its_shape(value: Any, content: Any) -> None:
    assert read_payload("out", ANY, value).content == content


@pytest.mark.parametrize(
    ("declaration", "value"),
    [
        (FILE, {"data": [{"a": 1}]}),
        (FILE, {"url": "file:///etc/passwd"}),
        (FILE, {"url": "http://x/\x00"}),
        (FILE, "just text"),
        (FILE, ["YQ=="]),
        (FILE, 1.5),
        (FILE, True),
        ({"asset_type": "dataset"}, [{"a": 1}]),
        ({"asset_type": "dataset"}, {"data": []}),
        ({"asset_type": "dataset"}, {"data": [1]}),
        ({"asset_type": "post"}, {"content": 3}),
        ({"asset_type": "comment"}, {"content": "x"}),
    ],
)
def test_what_is_no_payload_is_said(declaration: dict[str, Any], value: Any) -> None:
    with pytest.raises(PayloadFault):
        read_payload("out", declaration, value)


@pytest.mark.parametrize(
    ("words", "filename", "media_type"),
    [
        ({"filename": "a.cif"}, "a.cif", ""),
        ({"filename": "a", "extension": ".CIF"}, "a.cif", ""),
        ({"extension": "cif"}, "unnamed.cif", ""),
        ({"type": "image/png"}, "unnamed.png", "image/png"),
        ({"type": "chemical/x-cif; charset=x"}, "unnamed.cif", "chemical/x-cif"),
        ({"type": "application/octet-stream"}, "unnamed.bin", ""),
        ({}, "unnamed.bin", ""),
        ({"filename": "../../etc/passwd"}, "passwd.bin", ""),
        ({"filename": "a.cif", "extension": "xyz"}, "a.cif.xyz", ""),
        ({"filename": 7, "type": ["x"], "extension": None}, "unnamed.bin", ""),
        ({"type": "no type"}, "unnamed.bin", ""),
    ],
)
def test_a_file_has_a_harmless_name_with_its_extension(
    words: dict[str, Any], filename: str, media_type: str
) -> None:
    payload = read_payload("out", FILE, {"base64": "", **words})
    assert (payload.filename, payload.media_type) == (filename, media_type)


def test_null_missing_and_unwanted_outputs_are_skipped() -> None:
    declarations = {
        "a": FILE,
        "b": FILE,
        "c": {**FILE, "when": {"mode": "x"}},
        "d": {**FILE, "when": {"mode": ["y", "z"]}},
    }
    response = {"a": None, "c": {"base64": ""}, "d": {"base64": ""}}

    payloads, problems = read_payloads(declarations, {}, {"mode": "z"}, response)

    assert [each.name for each in payloads] == ["d"]
    assert problems == []
    assert read_payloads(declarations, {}, {}, ["no object"]) == ([], [])


def test_only_the_bytes_leave_the_response() -> None:
    response = {"a": {"base64": "YQ==", "n": 1}, "b": {"base64": "x"}, "c": [1]}
    assert without_base64(response, {"a", "c"}) == {"a": {"n": 1}, "b": {"base64": "x"}, "c": [1]}
