"""References inside a document: followed when they are needed, kept as `$ref` until then."""

import json
import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote

MOST_HOPS = 50

_REFERENCE = re.compile(r'"\$ref": ?("(?:[^"\\]|\\.)*")')


class Unresolvable(LookupError):
    """A reference that leads nowhere; the message names it."""


def lookup(document: Any, reference: str) -> Any:
    """What a reference of the form `#/a/b` leads to (RFC 6901 in a URI fragment)."""
    if not reference.startswith("#"):
        raise Unresolvable(f"{reference} leads out of the document")
    value = document
    for token in pointer_tokens(reference):
        try:
            value = value[int(token)] if isinstance(value, list) else value[token]
        except (LookupError, TypeError, ValueError):
            raise Unresolvable(f"{reference} leads nowhere") from None
    return value


def pointer_tokens(reference: str) -> list[str]:
    """The steps of a `#/a/b` reference, with `%`, `~1` and `~0` decoded."""
    pointer = unquote(reference[1:])
    return [each.replace("~1", "/").replace("~0", "~") for each in pointer.split("/")[1:]]


def pointer(*tokens: object) -> str:
    """A JSON pointer in fragment form, `#/paths/~1pets/get`."""
    return "#" + "".join("/" + str(t).replace("~", "~0").replace("/", "~1") for t in tokens)


def follow(document: Any, value: Any) -> Any:
    """The value itself, or, where it is nothing but a reference, what that leads to in the end."""
    for _ in range(MOST_HOPS):
        if not (isinstance(value, dict) and isinstance(value.get("$ref"), str)):
            return value
        value = lookup(document, value["$ref"])
    raise Unresolvable("a reference leads to itself")


def references_in(json_text: str) -> set[str]:
    """Every reference that a value, written as JSON, makes; now and then one too many.

    Reading the text is many times faster than walking the value, and a string that only
    looks like a reference costs no more than a component too many.
    """
    return {json.loads(each) for each in _REFERENCE.findall(json_text)}


def closure(
    references: Iterable[str], find: Callable[[str], str | None]
) -> tuple[dict[str, str], set[str]]:
    """All that the references reach: reference -> JSON text, and the references that lead nowhere.

    `find` gives the JSON text behind a reference, None where there is nothing.
    """
    found: dict[str, str] = {}
    missing: set[str] = set()
    pending = list(references)
    while pending:
        reference = pending.pop()
        if reference in found or reference in missing:
            continue
        text = find(reference)
        if text is None:
            missing.add(reference)
            continue
        found[reference] = text
        pending.extend(references_in(text))
    return found, missing


def bundle(schema: Any, components: dict[str, Any]) -> Any:
    """One self-contained schema: the components laid where its references look for them."""
    if not components or not isinstance(schema, dict):
        return schema
    root = dict(schema)
    # A shorter reference first: a longer one may lead into it and is then there already.
    for reference in sorted(components, key=len):
        tokens = pointer_tokens(reference)
        if not tokens:
            continue
        place = root
        for token in tokens[:-1]:
            following = place.setdefault(token, {}) if isinstance(place, dict) else None
            if not isinstance(following, dict):
                break
            place = following
        else:
            place.setdefault(tokens[-1], components[reference])
    return root
