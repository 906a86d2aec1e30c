"""Markdown as a TipTap document, the form in which editors and services read posts."""

import json
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markdown_it.tree import SyntaxTreeNode

Node = dict[str, Any]

_MARKS = {"strong": "bold", "em": "italic", "s": "strike"}
_CALLOUT = re.compile(r"\[!(\w+)\][ \t]*\n?")
_DEEPEST = 60


def tiptap_of(markdown: str) -> Node:
    """The Markdown as a TipTap document, with the node names of contract section 9.6.

    HTML stays the text that it is. A fenced block `assetComponent` embeds an asset, a quote that
    begins with `[!NOTE]` is a callout (section 14).
    """
    # It takes as long to load as a small command takes to run.
    from markdown_it import MarkdownIt  # noqa: PLC0415
    from markdown_it.tree import SyntaxTreeNode  # noqa: PLC0415

    parser = MarkdownIt("js-default", {"maxNesting": _DEEPEST})
    try:
        content = _blocks(SyntaxTreeNode(parser.parse(markdown)))
    except RecursionError:
        # Thousands of marks in each other mean nothing to anybody.
        content = _paragraph_of(markdown)
    return {"type": "doc", "content": content or [{"type": "paragraph"}]}


def text_of(node: Any) -> str:
    """The plain text of a TipTap document, a line for each block of text."""
    return "\n".join("".join(line) for line in _lines(node, 0)).strip()


def _lines(node: Any, depth: int) -> Iterator[list[str]]:
    content = node.get("content") if isinstance(node, dict) else None
    if not isinstance(content, list) or depth > _DEEPEST:
        return
    words = [each["text"] for each in content if isinstance(each, dict) and _is_text(each)]
    if words:
        yield words
    for each in content:
        yield from _lines(each, depth + 1)


def _is_text(node: Node) -> bool:
    return node.get("type") == "text" and isinstance(node.get("text"), str)


def _blocks(node: "SyntaxTreeNode") -> list[Node]:
    return [made for child in node.children for made in _block(child)]


def _block(node: "SyntaxTreeNode") -> list[Node]:
    make = _BLOCKS.get(node.type)
    if make is not None:
        return [make(node)]
    # What has no counterpart stands for what is in it.
    return _blocks(node) if node.children else _paragraph_of(node.content)


def _paragraph_of(text: str) -> list[Node]:
    content = _text(text, [])
    return [{"type": "paragraph", "content": content}] if content else []


def _inside(node: "SyntaxTreeNode") -> Node:
    content = [part for child in node.children for part in _inline(child, [])]
    return {"content": content} if content else {}


def _heading(node: "SyntaxTreeNode") -> Node:
    return {"type": "heading", "attrs": {"level": int(node.tag[1:])}, **_inside(node)}


def _code(node: "SyntaxTreeNode") -> Node:
    info = node.info.strip() if node.type == "fence" else ""
    if info == "assetComponent":
        embedded = _embedded(node.content)
        if embedded is not None:
            return embedded
    language = info.split()[0] if info else None
    content = _text(node.content.removesuffix("\n"), [])
    code: Node = {"type": "codeBlock", "attrs": {"language": language}}
    return code | ({"content": content} if content else {})


def _embedded(text: str) -> Node | None:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or not {"id", "assetType"} <= said.keys():
        return None
    attributes = {key: said.get(key) for key in ("id", "assetType", "viewMode", "displayConfig")}
    return {"type": "assetComponent", "attrs": attributes}


def _list(kind: str) -> Callable[["SyntaxTreeNode"], Node]:
    def make(node: "SyntaxTreeNode") -> Node:
        start = {"attrs": {"start": int(node.attrs.get("start", 1))}}
        items: Node = {"type": kind, "content": _blocks(node)}
        return items | (start if kind == "orderedList" else {})

    return make


def _holding_blocks(kind: str) -> Callable[["SyntaxTreeNode"], Node]:
    def make(node: "SyntaxTreeNode") -> Node:
        return {"type": kind, "content": _blocks(node) or [{"type": "paragraph"}]}

    return make


def _quote(node: "SyntaxTreeNode") -> Node:
    content = _blocks(node)
    first = content[0].get("content", [{}])[0] if content else {}
    match = _CALLOUT.match(first.get("text", ""))
    if match is None or content[0]["type"] != "paragraph":
        return {"type": "blockquote", "content": content or [{"type": "paragraph"}]}
    rest = content[0]["content"][1:]
    if rest and rest[0].get("text") == "\n":
        rest = rest[1:]
    left = first["text"][match.end() :]
    words = [*([{**first, "text": left}] if left else []), *rest]
    body = [*([{"type": "paragraph", "content": words}] if words else []), *content[1:]]
    kind = match[1].lower()
    return {
        "type": "callout",
        "attrs": {"kind": kind},
        "content": body or [{"type": "paragraph"}],
    }


def _rows(node: "SyntaxTreeNode") -> Node:
    rows = [
        {"type": "tableRow", "content": [_cell(cell) for cell in row.children]}
        for part in node.children
        for row in part.children
    ]
    return {"type": "table", "content": rows}


def _cell(node: "SyntaxTreeNode") -> Node:
    kind = "tableHeader" if node.type == "th" else "tableCell"
    return {"type": kind, "content": [{"type": "paragraph", **_inside(node)}]}


_BLOCKS: dict[str, Callable[["SyntaxTreeNode"], Node]] = {
    "paragraph": lambda node: {"type": "paragraph", **_inside(node)},
    "heading": _heading,
    "fence": _code,
    "code_block": _code,
    "blockquote": _quote,
    "bullet_list": _list("bulletList"),
    "ordered_list": _list("orderedList"),
    "list_item": _holding_blocks("listItem"),
    "table": _rows,
    "hr": lambda _: {"type": "horizontalRule"},
}


def _inline(node: "SyntaxTreeNode", marks: list[Node]) -> list[Node]:
    match node.type:
        case "text" | "html_inline":
            return _text(node.content, marks)
        case "softbreak":
            return _text("\n", marks)
        case "hardbreak":
            return [{"type": "hardBreak"}]
        case "code_inline":
            return _text(node.content, [*marks, {"type": "code"}])
        case "image":
            alternative = "".join(child.content for child in node.children)
            attributes = {"src": node.attrs.get("src", ""), "alt": alternative}
            return [{"type": "image", "attrs": attributes}]
        case "link":
            link = {"type": "link", "attrs": {"href": str(node.attrs.get("href", ""))}}
            marks = [*marks, link]
        case kind if kind in _MARKS:
            marks = [*marks, {"type": _MARKS[kind]}]
    return [part for child in node.children for part in _inline(child, marks)]


def _text(text: str, marks: list[Node]) -> list[Node]:
    # TipTap knows no empty text.
    if not text:
        return []
    return [{"type": "text", "text": text, **({"marks": marks} if marks else {})}]
