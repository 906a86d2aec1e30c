"""A document of several files as one, whose references all lead into itself."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urldefrag, urljoin

from ouro_cli.model.service import Finding
from ouro_cli.openapi import refs
from ouro_cli.openapi.places import nodes

FILES = "x-ouro-files"
"""The word of a joined document under which the other files stand, by their name."""


class NotFollowed(Exception):
    """A file that a reference leads to is not there, or may not be read; the message says why."""


Read = Callable[[str], tuple[Any, str]]
"""Takes an address; the value that lies there, and the address that it really came from."""


def join(root: Any, address: str, read: Read, warnings: list[Finding]) -> Any:
    """The document at this address with every file that it refers to, directly or by way of others.

    Each file stands whole under `FILES`, and references lead to their places there: recursion, and
    what stands beside a reference, stay as they are. A reference that may not be followed stays
    too, and is a warning. The given value is changed.
    """
    return _Bundle(root, address, read, warnings).joined()


class _Bundle:
    def __init__(self, root: Any, address: str, read: Read, warnings: list[Finding]) -> None:
        self._root = root
        self._folder = urljoin(address, ".")
        self._read = read
        self._warnings = warnings
        # Where each file stands in the whole: the beginning of every reference into it.
        self._places: dict[str, str] = {address: "#"}
        self._faults: dict[str, str] = {}
        self._files: dict[str, Any] = {}
        self._pending: list[tuple[Any, str, str]] = [(root, address, "#")]

    def joined(self) -> Any:
        while self._pending:
            self._rewrite(*self._pending.pop())
        if self._files and isinstance(self._root, dict):
            self._root[FILES] = self._files
        return self._root

    def _rewrite(self, value: Any, address: str, place: str) -> None:
        """Have all references of a file, which lies there and stands here, lead from the whole."""
        seen: set[int] = set()
        for tokens, node in list(nodes(value)):
            # An alias of YAML is one object at two places, and is here twice.
            if id(node) in seen:
                continue
            seen.add(id(node))
            where = place + refs.pointer(*tokens)[1:]
            for word in ("$ref", "$dynamicRef"):
                if isinstance(node.get(word), str):
                    node[word] = self._from_whole(node[word], address, place, where)
            mapping = node.get("mapping")
            if tokens[-1:] == ("discriminator",) and isinstance(mapping, dict):
                for name, target in mapping.items():
                    # A mapping holds names of schemas as well.
                    if isinstance(target, str) and _is_reference(target):
                        mapping[name] = self._from_whole(target, address, place, where)

    def _from_whole(self, reference: str, address: str, place: str, where: str) -> str:
        """The reference as it leads from the whole; unchanged, and a warning, if not followed."""
        try:
            target, fragment = urldefrag(urljoin(address, reference))
            beginning = place if reference.startswith("#") else self._place_of(target)
            if fragment and not fragment.startswith("/"):
                raise NotFollowed(f"#{fragment} is no JSON pointer")
        except (ValueError, NotFollowed) as fault:
            why = str(fault) if isinstance(fault, NotFollowed) else "it is no address"
            self._warnings.append(Finding(where, f"{reference} is not followed: {why}"))
            return reference
        return beginning + fragment

    def _place_of(self, target: str) -> str:
        if target in self._places:
            return self._places[target]
        if target in self._faults:
            raise NotFollowed(self._faults[target])
        try:
            value, address = self._read(target)
        except NotFollowed as fault:
            self._faults[target] = str(fault)
            raise
        name = target.removeprefix(self._folder)
        self._places[target] = place = refs.reference(FILES, name)
        self._files[name] = value
        self._pending.append((value, address, place))
        return place


def _is_reference(target: str) -> bool:
    return "#" in target or "/" in target or target.endswith((".json", ".yaml", ".yml"))
