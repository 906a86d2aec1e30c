"""Markdown to TipTap, held against the official reader of TipTap."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ouro.utils.content import tiptap_to_markdown

from ouro_cli.wire.tiptap import text_of, tiptap_of

ASSET = '```assetComponent\n{"id": "x", "assetType": "file", "viewMode": "card"}\n```'


@pytest.mark.parametrize(
    "markdown",
    [
        "# One\n\n## Two",
        "plain",
        "**bold** *italic* ~~gone~~ `code` [link](http://x/y)",
        "- a\n- b\n  - c",
        "3. x\n4. y",
        "> quoted",
        "> [!WARNING]\n> careful",
        "```py\nx = 1\n```",
        ASSET,
        "| A | B |\n| --- | --- |\n| 1 | 2 |",
        "![alt](x.png)",
        "a\n\n---\n\nb",
        "<b>no html</b>",
    ],
)
def test_the_official_reader_gives_the_markdown_back(markdown: str) -> None:
    assert tiptap_to_markdown(tiptap_of(markdown)) == markdown


def test_what_is_no_asset_stays_a_block_of_code() -> None:
    broken = tiptap_of("```assetComponent\n{broken\n```")
    assert broken["content"][0]["type"] == "codeBlock"


@settings(deadline=None)
@given(st.text(alphabet="ab*_`~#>-|[]()!<\n 1.\\&", max_size=120))
def test_whatever_is_written_becomes_a_document(markdown: str) -> None:
    _is_document(tiptap_of(markdown))


@pytest.mark.parametrize("markdown", ["> " * 3000 + "x", "**a " * 3000, "[" * 5000, "- " * 2000])
def test_depth_breaks_nothing(markdown: str) -> None:
    _is_document(tiptap_of(markdown))


def test_the_text_of_a_document_is_its_words() -> None:
    assert text_of(tiptap_of("# A\n\n- b *c*\n\n| d |\n| --- |\n| e |")) == "A\nb c\nd\ne"
    odds: list[Any] = [None, 3, [], {"content": 3}, {"content": [None, {"type": "text"}]}]
    for odd in odds:
        assert text_of(odd) == ""


def _is_document(node: Any) -> None:
    assert node["type"] == "doc"
    assert node["content"]
    assert '"text": ""' not in json.dumps(node)
