"""Example bodies, as they are shown and printed; what is odd about one is told on stderr."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.program import Program
from tests.support.upstream import write_document

IMPOSSIBLE = {"type": "integer", "minimum": 2, "maximum": 1}
STRANGE: dict[str, Any] = {
    "type": "object",
    "required": ["size", "date"],
    "properties": {"size": IMPOSSIBLE, "date": {"type": "string", "format": "date"}, "note": {}},
}
PLAIN: dict[str, Any] = {
    "type": "object",
    "required": ["count"],
    "properties": {"count": {"type": "integer"}, "note": {"type": "string"}},
}


@pytest.fixture
def shop(ouro: Program, tmp_path: Path) -> Program:
    """The program, knowing a route with an impossible body, and one with a wrong example."""
    media = {"schema": PLAIN, "example": {"count": "5"}}
    path = write_document(
        tmp_path,
        {
            "method": "post",
            "path": "/strange",
            "requestBody": {"content": {"application/json": {"schema": STRANGE}}},
        },
        {
            "method": "post",
            "path": "/plain",
            "requestBody": {"content": {"application/json": media}},
        },
    )
    done = ouro("service", "import", path, "--base-url", "http://127.0.0.1:9")
    assert done.exit_code == 0, done.err
    return ouro


@pytest.mark.parametrize("words", [("run", "ada/strange-post", "--example"), ("show",)])
def test_a_field_that_nothing_fits_is_named_on_stderr(
    shop: Program, words: tuple[str, ...]
) -> None:
    done = shop("route", *words) if len(words) > 1 else shop("route", *words, "ada/strange-post")

    assert done.exit_code == 0
    assert '"date": "2026-01-31"' in done.out
    assert done.err.startswith("warning: the example does not fit, fill in: size: ")


def test_an_authors_mended_example_is_told_on_stderr(shop: Program) -> None:
    done = shop("route", "run", "ada/plain-post", "--example")

    assert done.json == {"count": 5}
    assert done.err == (
        'note: the author\'s own example was mended: count: "5" is not of type "integer"\n'
    )


def test_a_full_example_holds_what_is_optional_too(shop: Program) -> None:
    full = shop("route", "run", "ada/strange-post", "--full-example")
    shown = shop("route", "show", "ada/strange-post", "--json")

    assert set(full.json) == {"size", "date", "note"}
    assert shown.json["body_example_unfilled"][0].startswith("size: ")


def test_an_example_without_gaps_says_nothing(lab: Program) -> None:
    done = lab("route", "run", "ada/predict-post", "--full-example")
    assert set(done.json) == {"composition", "temperature"}
    assert done.err == ""
