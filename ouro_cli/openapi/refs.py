"""References inside a document: followed when they are needed, kept as `$ref` until then."""

import json
import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote, unquote

from ouro_cli.openapi.weight import is_too_heavy

MOST_HOPS = 50

MOST_PARTS = 20_000
"""So many components a schema may reach; of the largest one known it is a few thousand."""

_INDEX = re.compile(r"[0-9]{1,9}")
_MAY_STAND = "#/%~!$&'()*+,;=:@?"
_STRAY_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
_REFERENCE = re.compile(r'"\$ref": ?("(?:[^"\\]|\\.)*")')


class Unresolvable(LookupError):
    """A reference that leads nowhere; the message names it."""


class LeadsOut(Unresolvable):
    """A reference that leads out of the document."""


def lookup(document: Any, reference: str) -> Any:
    """What a reference of the form `#/a/b` leads to (RFC 6901 in a URI fragment)."""
    if not reference.startswith("#"):
        raise LeadsOut(f"{reference} leads out of the document")
    if reference != "#" and not reference.startswith("#/"):
        raise Unresolvable(f"{reference} is no JSON pointer")
    value = document
    for token in pointer_tokens(reference):
        if isinstance(value, dict) and token in value:
            value = value[token]
        elif isinstance(value, list) and _INDEX.fullmatch(token) and int(token) < len(value):
            value = value[int(token)]
        else:
            raise Unresolvable(f"{reference} leads nowhere")
    return value


def pointer_tokens(reference: str) -> list[str]:
    """The steps of a `#/a/b` reference, with `%`, `~1` and `~0` decoded."""
    pointer = unquote(reference[1:])
    return [each.replace("~1", "/").replace("~0", "~") for each in pointer.split("/")[1:]]


def as_uri(reference: str) -> str:
    """The reference with what may not stand in an address percent-encoded: `Page<Pet>`, `A B`."""
    return _STRAY_PERCENT.sub("%25", quote(reference, safe=_MAY_STAND, errors="replace"))


def pointer(*tokens: object) -> str:
    """A JSON pointer in fragment form, `#/paths/~1pets/get`."""
    return "#" + "".join("/" + str(t).replace("~", "~0").replace("/", "~1") for t in tokens)


def reference(*tokens: object) -> str:
    """The reference that `lookup` follows there: a pointer whose percent signs are encoded."""
    return pointer(*tokens).replace("%", "%25")


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
        # "#" is the document itself, which is no schema: whoever writes it means his own.
        if reference in found or reference in missing or reference == "#":
            continue
        text = find(reference)
        if text is None:
            missing.add(reference)
            continue
        found[reference] = text
        pending.extend(references_in(text))
    return found, missing


def bundle(schema: Any, components: dict[str, Any]) -> Any:
    """One self-contained schema: the components laid where its references look for them.

    What is referred to and is not there lets every value pass, so that the rest can be checked;
    so does a whole that is made to take for ever.
    """
    if not isinstance(schema, dict):
        return schema
    if len(components) > MOST_PARTS:
        return {}
    root = dict(schema)
    own = {id(root)}
    # A shorter reference first: a longer one may lead into it and is then there already.
    for reference in sorted(components, key=len):
        _lay(root, reference, components[reference], own)
    for reference in sorted(references_in(json.dumps(root)), key=len):
        try:
            lookup(root, reference)
        except Unresolvable:
            _lay(root, reference, {}, own)
    return {} if is_too_heavy(root, lookup) else root


def _lay(root: dict[str, Any], reference: str, value: Any, own: set[int]) -> None:
    """Put a value in its place; `own` are the ids of the objects on the way that are copies."""
    tokens = pointer_tokens(reference)
    place = root
    for token in tokens[:-1]:
        following = place.get(token, {})
        if not isinstance(following, dict):
            return
        if id(following) not in own:
            # A copy: what was given stays as it is.
            place[token] = following = dict(following)
            own.add(id(following))
        place = following
    if tokens:
        place.setdefault(tokens[-1], value)
