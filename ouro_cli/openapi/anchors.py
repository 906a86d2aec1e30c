"""References by a schema's own name, `$id`, `$anchor` and `$dynamicAnchor`, written as pointers."""

from typing import Any
from urllib.parse import urldefrag, urljoin

from ouro_cli.openapi import refs
from ouro_cli.openapi.places import Tokens, nodes, references

_WORDS = ("$anchor", "$dynamicAnchor", "$id", "$self", "$dynamicRef")


def may_be_in(text: str) -> bool:
    """Whether a document of this text can name its schemas so; nearly none does."""
    return any(word in text for word in _WORDS)


def write_as_pointers(value: Any) -> None:
    """Turn every reference that one of the document's own names answers into `#/...`, in place.

    As JSON Schema 2020-12, sections 8.2 and 8.5, has it, with two liberties: a pointer that leads
    nowhere within the schema of its `$id`, and somewhere in the document, is left as it is, for
    so it is meant; and `$dynamicRef` leads to the anchor of its own schema, as `$ref` does.
    """
    names = _Names(value)
    for tokens, holder, word in list(references(value)):
        # An alias of YAML is one object at two places, and is here twice.
        found = names.place_of(holder[word], tokens) if word in holder else None
        if found is None:
            continue
        if word == "$ref":
            holder[word] = refs.reference(*found)
        elif "$ref" not in holder:
            del holder[word]
            holder["$ref"] = refs.reference(*found)


class _Names:
    """Every name that the document's schemas give themselves, and where that is."""

    def __init__(self, value: Any) -> None:
        self._document = value
        root = value.get("$self") if isinstance(value, dict) else None
        self._bases: dict[Tokens, str] = {(): root if isinstance(root, str) else ""}
        self._places: dict[str, Tokens] = {"": (), self._bases[()]: ()}
        for tokens, node in nodes(value):
            stated = node.get("$id")
            if isinstance(stated, str):
                base = urldefrag(_joined(self._base_at(tokens[:-1]), stated)).url
                self._bases[tokens] = base
                self._places.setdefault(base, tokens)
            for word in ("$anchor", "$dynamicAnchor"):
                if isinstance(node.get(word), str):
                    self._places.setdefault(f"{self._base_at(tokens)}#{node[word]}", tokens)

    def place_of(self, reference: str, tokens: Tokens) -> Tokens | None:
        """Where a reference at this place leads, if it has to be written anew."""
        base = self._base_at(tokens)
        if reference.startswith("#/") and (not base or self._leads_somewhere(reference)):
            return None
        target = _joined(base, reference)
        address, _, fragment = target.partition("#")
        if not fragment:
            return self._places.get(address)
        if not fragment.startswith("/"):
            return self._places.get(target)
        inside = self._places.get(address)
        return None if inside is None else (*inside, *refs.pointer_tokens("#" + fragment))

    def _base_at(self, tokens: Tokens) -> str:
        if len(self._bases) > 1:
            for length in range(len(tokens), 0, -1):
                if tokens[:length] in self._bases:
                    return self._bases[tokens[:length]]
        return self._bases[()]

    def _leads_somewhere(self, reference: str) -> bool:
        try:
            refs.lookup(self._document, reference)
        except refs.Unresolvable:
            return False
        return True


def _joined(base: str, reference: str) -> str:
    # urljoin knows nothing of `urn:`, whose fragments work all the same.
    if reference.startswith("#"):
        return urldefrag(base).url + reference
    try:
        return urljoin(base, reference)
    except ValueError:
        return reference
