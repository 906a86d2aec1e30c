"""YAML as OpenAPI means it: YAML 1.2's core schema, at libyaml's speed, bounded."""

import re
from typing import Any

import yaml

from ouro_cli.model.json_text import DEEPEST

try:
    from yaml import cyaml

    Parser: Any = cyaml.CParser  # type: ignore[attr-defined]
except ImportError:
    # PyYAML may have been built without libyaml; its own parser reads the same, slowly.
    Parser = yaml.Loader

LARGEST = 2_000_000
"""How many nodes a document's aliases may stand for; a text counts by its length too."""

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_CORE = "tag:yaml.org,2002:"
_WORDS: dict[str, Any] = {
    "": None,
    **dict.fromkeys(("~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_MOST_DIGITS = 4_300  # as Python has it for JSON
_TEXT_PER_NODE = 16


class YamlFault(ValueError):
    """What is wrong, and in which line."""


def read_yaml(text: str) -> Any:
    """The one document that the text holds, of dicts with string keys, lists and scalars.

    Raises YamlFault, with the line, for broken YAML, a second document, a duplicate key, a tag
    outside the core schema, and aliases that unfold to more than `LARGEST` nodes or too deep.
    """
    try:
        return _built(text)
    except _Twice as fault:
        # Lines are kept where they are needed, which is seldom.
        return _built(text, lines_of=fault.key)
    except yaml.MarkedYAMLError as fault:
        mark: Any = fault.problem_mark or fault.context_mark
        raise YamlFault(f"line {mark.line + 1}: {_plainly(fault, text[mark.index :])}") from None
    except yaml.reader.ReaderError as fault:
        line = text.encode("utf-8", "replace").count(b"\n", 0, fault.position) + 1
        raise YamlFault(f"line {line}: a control character stands in it") from None
    except UnicodeEncodeError as fault:
        line = text.count("\n", 0, fault.start) + 1
        raise YamlFault(f"line {line}: half a surrogate pair stands in it") from None


def _built(text: str, lines_of: str | None = None) -> Any:
    parser = Parser(text)
    try:
        return _Builder(parser, lines_of).document()
    finally:
        parser.dispose()


class _Twice(Exception):
    """A key stands twice in one mapping."""

    def __init__(self, key: str) -> None:
        self.key = key


class _Anchored:
    """What an anchor names, how many nodes it holds, and how deep they are nested."""

    __slots__ = ("height", "nodes", "value")

    def __init__(self, value: Any, nodes: int = 1, height: int = 0) -> None:
        self.value = value
        self.nodes = nodes
        self.height = height


class _Builder:
    """Builds values straight from the parser's events, with a stack of its own."""

    def __init__(self, parser: Any, lines_of: str | None = None) -> None:
        self._parser = parser
        self._lines_of = lines_of
        self._anchors: dict[str, _Anchored] = {}
        self._open_anchors: set[str] = set()
        self._nodes = 0
        self._unfolded = 0

    def document(self) -> Any:
        events = iter(self._parser.get_event, None)
        value: Any = None
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise YamlFault(f"line {_line(event)}: holds a second document; expected one")
            elif isinstance(event, yaml.NodeEvent):
                value = self._tree(event, events)
        return value

    def _tree(self, first: Any, events: Any) -> Any:
        root: list[Any] = []
        # One entry per open collection: what to close it with, and how to put a child into it.
        stack: list[_Open] = [_Open(root, 0, None)]
        event = first
        while True:
            top = stack[-1]
            if isinstance(event, yaml.ScalarEvent):
                if top.is_mapping and top.key is None:
                    self._take_key(top, _key(event), event)
                    nodes = len(event.value) // _TEXT_PER_NODE
                    self._nodes += nodes
                    if event.anchor:
                        self._anchors[event.anchor] = _Anchored(event.value, 1 + nodes)
                else:
                    value = _scalar(event)
                    nodes = 1 + len(event.value) // _TEXT_PER_NODE
                    self._nodes += nodes
                    if event.anchor:
                        self._anchors[event.anchor] = _Anchored(value, nodes)
                    top.put(value)
            elif isinstance(event, yaml.AliasEvent):
                self._alias(stack, event)
            elif isinstance(event, yaml.CollectionStartEvent):
                if top.is_mapping and top.key is None:
                    raise YamlFault(f"line {_line(event)}: a key is no plain text")
                _check_tag(event)
                _check_depth(len(stack), event)
                self._nodes += 1
                opened: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
                stack.append(_Open(opened, self._nodes, event.anchor))
                if event.anchor:
                    self._open_anchors.add(event.anchor)
            elif isinstance(event, yaml.CollectionEndEvent):
                stack.pop()
                top.close(event)
                if top.anchor:
                    self._open_anchors.discard(top.anchor)
                    self._anchors[top.anchor] = _Anchored(
                        top.value, self._nodes - top.began + 1, top.height + 1
                    )
                stack[-1].put(top.value, top.height + 1)
            if len(stack) == 1 and root:
                return root[0]
            event = next(events)

    def _take_key(self, top: "_Open", key: str, event: Any) -> None:
        # A quoted "<<" is a name like any other, and an alias has no style to tell.
        top.is_merging = key == "<<" and not getattr(event, "style", None)
        top.key = key
        if key == self._lines_of:
            if key in top.value:
                lines = f"lines {top.line} and {_line(event)}"
                raise YamlFault(f"{lines}: the key '{key[:60]}' stands twice")
            top.line = _line(event)
        elif key in top.value:
            raise _Twice(key)

    def _alias(self, stack: list["_Open"], event: Any) -> None:
        top = stack[-1]
        if event.anchor in self._open_anchors:
            raise YamlFault(f"line {_line(event)}: alias *{event.anchor} holds itself")
        anchored = self._anchors.get(event.anchor)
        if anchored is None:
            raise YamlFault(f"line {_line(event)}: alias *{event.anchor} names no anchor")
        self._nodes += anchored.nodes
        self._unfolded += anchored.nodes
        if self._unfolded > LARGEST:
            raise YamlFault(f"line {_line(event)}: aliases unfold to more than {LARGEST:,} nodes")
        if top.is_mapping and top.key is None:
            if not isinstance(anchored.value, str):
                raise YamlFault(f"line {_line(event)}: a key is no plain text")
            self._take_key(top, anchored.value, event)
        else:
            _check_depth(len(stack) - 1 + anchored.height, event)
            top.put(anchored.value, anchored.height)


class _Open:
    """A collection that is still being filled."""

    __slots__ = (
        "anchor", "began", "height", "is_mapping", "is_merging", "key", "line", "merges", "value",
    )  # fmt: skip

    def __init__(self, value: Any, began: int, anchor: str | None) -> None:
        self.value = value
        self.began = began
        self.anchor = anchor
        self.is_mapping = isinstance(value, dict)
        self.key: str | None = None
        self.line = 0
        self.is_merging = False
        self.merges: list[Any] = []
        self.height = 0

    def put(self, value: Any, height: int = 0) -> None:
        if height > self.height:
            self.height = height
        if not self.is_mapping:
            self.value.append(value)
            return
        key, self.key = self.key, None
        if self.is_merging:
            self.merges.append(value)
        else:
            self.value[key] = value

    def close(self, event: Any) -> None:
        """Fill in what `<<` merges: the mapping's own keys win, then the first that has a key."""
        for merge in self.merges:
            for each in merge if isinstance(merge, list) else [merge]:
                if not isinstance(each, dict):
                    raise YamlFault(f"line {_line(event)}: << merges what is no mapping")
                for key, value in each.items():
                    self.value.setdefault(key, value)


def _key(event: Any) -> str:
    _check_tag(event)
    return str(event.value)


def _scalar(event: Any) -> Any:
    text: str = event.value
    if event.tag and event.tag != "!":
        return _tagged(event.tag, text, event)
    if event.style or event.tag:  # quoted or block: text, whatever it looks like
        return text
    return _plain(text, event)


def _plain(text: str, event: Any) -> Any:
    if text and text[0] not in "-+.0123456789~nNtTfF":
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        if len(text) > _MOST_DIGITS:
            raise YamlFault(f"line {_line(event)}: a number is out of range")
        return int(text)
    if _BASED.fullmatch(text):
        if len(text) > _MOST_DIGITS // 2:
            raise YamlFault(f"line {_line(event)}: a number is out of range")
        return int(text, 0)
    if _FLOAT.fullmatch(text) and not text.lstrip("+-")[:2].isdigit():
        return _float(text, event)
    if _FLOAT.fullmatch(text) and ("." in text or "e" in text or "E" in text):
        return _float(text, event)
    if text.lstrip("+-").lower() in (".inf", ".nan"):
        raise YamlFault(f"line {_line(event)}: {text} is no number that JSON can hold")
    return text


def _float(text: str, event: Any) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise YamlFault(f"line {_line(event)}: a number is out of range")
    return number


def _tagged(tag: str, text: str, event: Any) -> Any:
    kind = tag.removeprefix(_CORE)
    if kind == "str":
        return text
    if kind in ("int", "float", "bool", "null"):
        return _plain(text, event)
    raise YamlFault(f"line {_line(event)}: the tag {tag} is not read")


def _check_tag(event: Any) -> None:
    tag = event.tag
    if tag and tag != "!" and tag.removeprefix(_CORE) not in ("map", "seq", "str"):
        raise YamlFault(f"line {_line(event)}: the tag {tag} is not read")


def _check_depth(depth: int, event: Any) -> None:
    if depth > DEEPEST:
        raise YamlFault(f"line {_line(event)}: nested deeper than {DEEPEST}")


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _plainly(fault: yaml.MarkedYAMLError, rest: str) -> str:
    said = fault.problem or "is not well-formed"
    if rest.startswith("\t"):
        return "a tab is used as indentation"
    if "cannot start any token" in said:
        return f"'{rest[:1]}' cannot start a value; put it in quotes"
    return str(said)
