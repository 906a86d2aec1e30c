"""Where in a document references stand: in what it states, and not in the data that it quotes."""

from collections.abc import Iterator
from enum import Enum, auto
from typing import Any

Tokens = tuple[str, ...]
"""The steps from a document's root to a place in it."""

# Words whose values are quoted, whatever they hold.
_DATA = frozenset({"example", "default", "enum", "const", "value", "dataValue"})

# Words whose value maps names, which are no words, to what is described.
_NAMED = frozenset({
    "paths", "webhooks", "pathItems", "callbacks", "responses", "parameters", "requestBodies",
    "headers", "links", "content", "encoding", "schemas", "securitySchemes", "securityDefinitions",
    "properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "variables",
    "additionalOperations", "mediaTypes",
})  # fmt: skip


class _Keys(Enum):
    """What the keys of an object are."""

    WORDS = auto()
    NAMES = auto()
    NAMES_OF_EXAMPLES = auto()


def nodes(value: Any) -> Iterator[tuple[Tokens, dict[str, Any]]]:
    """Every object of the document whose keys are words of OpenAPI or JSON Schema, in order."""
    pending: list[tuple[Tokens, Any, _Keys]] = []
    if isinstance(value, dict | list):
        pending.append(((), value, _Keys.WORDS))
    while pending:
        tokens, each, keys = pending.pop()
        inside: list[tuple[Tokens, Any, _Keys]]
        if isinstance(each, list):
            # A list of examples is a schema's, and holds data alone.
            if keys is _Keys.NAMES_OF_EXAMPLES:
                continue
            inside = [((*tokens, str(index)), item, keys) for index, item in enumerate(each)]
        elif keys is _Keys.NAMES:
            inside = [((*tokens, name), item, _Keys.WORDS) for name, item in each.items()]
        elif keys is _Keys.NAMES_OF_EXAMPLES:
            # An example may be a reference; all else that it holds is data.
            for name, item in each.items():
                if isinstance(item, dict) and isinstance(item.get("$ref"), str):
                    yield (*tokens, name), item
            continue
        else:
            yield tokens, each
            inside = [
                ((*tokens, word), item, _keys_of(word, item))
                for word, item in each.items()
                if not (word in _DATA or word.startswith("x-"))
            ]
        pending.extend(step for step in reversed(inside) if isinstance(step[1], dict | list))


def references(value: Any) -> Iterator[tuple[Tokens, dict[str, Any], str]]:
    """Every reference: where it stands, the object that makes it, and the word that it stands at.

    A word is `$ref`, or `$dynamicRef`; a property that is named `$ref` is none.
    """
    for tokens, each in nodes(value):
        for word in ("$ref", "$dynamicRef"):
            if isinstance(each.get(word), str):
                yield tokens, each, word


def _keys_of(word: str, item: Any) -> _Keys:
    if word == "examples":
        return _Keys.NAMES_OF_EXAMPLES
    return _Keys.NAMES if word in _NAMED and isinstance(item, dict) else _Keys.WORDS
