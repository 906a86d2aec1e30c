"""A body: bytes, and JSON as a view of them; what is too large for a row is read where it lies."""

import io
from collections.abc import Callable
from typing import BinaryIO

import pytest

from ouro_cli.errors import FileUnreadable
from ouro_cli.model.action import MOST_READ, Beside, Body


def _beside(data: bytes, size: int | None = None) -> Beside:
    return Beside("0" * 64, len(data) if size is None else size, "/x", lambda: io.BytesIO(data))


def test_the_value_of_a_head_is_that_of_the_whole() -> None:
    body = Body(b'{"a": [1', beside=_beside(b'{"a": [1, 2]}'), is_head=True)
    assert body.value == {"a": [1, 2]}
    assert body.text == '{"a": [1'
    assert b"".join(body.parts()) == b'{"a": [1, 2]}'


def test_what_lies_behind_an_error_is_not_its_value() -> None:
    body = Body(b'{"error": 1}', beside=_beside(b"half an ans"))
    assert body.value == {"error": 1}
    assert b"".join(body.parts()) == b"half an ans"


def test_a_body_that_is_too_large_is_not_read_as_one_value_unless_asked_for_whole() -> None:
    body = Body(b"[1", beside=_beside(b"[1, 2]", MOST_READ + 1), is_head=True)
    assert body.is_cut
    assert body.value == "[1"
    assert body.last_value == [1, 2]


def _gone() -> BinaryIO:
    raise FileUnreadable(path="/x", why="no such file")


def _broken() -> BinaryIO:
    raise OSError(5, "Input/output error")


@pytest.mark.parametrize("opening", [_gone, _broken])
def test_of_bytes_that_are_gone_the_head_is_left(opening: Callable[[], BinaryIO]) -> None:
    body = Body(b"[1, ", beside=Beside("0" * 64, 9, "/x", opening), is_head=True)
    assert body.value == "[1, "
