"""Streams are read as their bytes come in, wherever a piece may end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ouro_cli.model.streams import StreamReader, is_stream, items_of

SSE = "text/event-stream; charset=utf-8"
LINES = "application/x-ndjson"


@pytest.mark.parametrize(
    ("data", "read"),
    [
        ("data: a\n\n", [("message", "a")]),
        (
            "data:a\r\n\r\ndata:  b\r\rdata\n\n",
            [("message", "a"), ("message", " b"), ("message", "")],
        ),
        ("event: step\ndata: 1\ndata: 2\nid: 7\nretry: 1\n: no\n\n", [("step", "1\n2")]),
        ("event: empty\n\ndata: a\n\n", [("message", "a")]),
        ("\ufeffdata: a\n\n", [("message", "a")]),
        ("data: a\n\ndata: cut off", [("message", "a")]),
        ("data: a\n\ndata: [DONE]\n\n", [("message", "a")]),
        (": only a heartbeat\n\n", []),
        ("", []),
    ],
)
def test_events(data: str, read: list[tuple[str, str]]) -> None:
    assert [(each.kind, each.text) for each in items_of(data.encode(), SSE)] == read


@pytest.mark.parametrize(
    ("data", "values"),
    [
        (b'{"n": 1}\n{"n": 2}\n', [{"n": 1}, {"n": 2}]),
        (b'{"n": 1}\r\n\r\n7', [{"n": 1}, 7]),
        (b'\x1e{"n": 1}\n', [{"n": 1}]),
        (b"no json\n[1]\n", ["no json", [1]]),
        (b"\xff\xfe\n", ["\ufffd\ufffd"]),
        (b"NaN\n", ["NaN"]),
        (b"", []),
    ],
)
def test_lines(data: bytes, values: list[object]) -> None:
    assert [each.value for each in items_of(data, LINES)] == values


@given(st.lists(st.binary(max_size=7)), st.sampled_from([SSE, LINES]))
def test_it_makes_no_difference_where_pieces_end(pieces: list[bytes], kind: str) -> None:
    reader = StreamReader(kind)
    found = [item for piece in pieces for item in reader.feed(piece)]
    found += reader.feed(b"", is_last=True)

    assert found == list(StreamReader(kind).feed(b"".join(pieces), is_last=True))


@given(st.lists(st.sampled_from(["data: ä\n", "\r\n", "\r", "\n", "event: x\r", "data: y"])))
def test_nor_in_the_middle_of_a_letter_or_a_line_end(lines: list[str]) -> None:
    data = "".join(lines).encode()
    reader = StreamReader(SSE)
    found = [item for byte in data for item in reader.feed(bytes([byte]))]
    found += reader.feed(b"", is_last=True)

    assert found == list(StreamReader(SSE).feed(data, is_last=True))


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "", "application/problem+json"])
def test_what_is_no_stream(kind: str) -> None:
    assert not is_stream(kind)


def test_a_line_of_the_story_is_one_line() -> None:
    [item] = items_of(b"event: step\ndata: a\ndata:  b\n\n", SSE)
    assert item.line == "step: a b"
