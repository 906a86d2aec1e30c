"""Names in a document that can be taken for another: told, for they stay as their author chose."""

import re
import unicodedata
from collections.abc import Callable

from ouro_cli.model.route import Operation
from ouro_cli.safety import safe

_TEMPLATE = re.compile(r"\{[^{}]*\}")
_WORD = re.compile(r"[^\W\d_]+")


class Names:
    """Looks at the paths and ids of a document's operations, one after the other."""

    def __init__(self, warn: Callable[[str, str], None]) -> None:
        self._warn = warn
        self._ids: dict[str, str] = {}
        self._shapes: dict[tuple[str, str], str] = {}

    def check(self, operation: Operation, where: str) -> None:
        """Warn of what looks like an earlier operation's name, or like none."""
        called, path = operation.operation_id, operation.path
        before = self._ids.setdefault(called, where) if called else where
        if before != where:
            self._warn(where, f"the operationId '{called}' is also that of {before}")
        if "{" in path:
            shape = (operation.method, _TEMPLATE.sub("{}", path))
            other = self._shapes.setdefault(shape, path)
            if other != path:
                self._warn(where, f"is the same path as '{other}' but for the names in it")
        for name in (called, path):
            if not name.isascii() or not name.isprintable():
                self._check_letters(name, where)

    def _check_letters(self, name: str, where: str) -> None:
        if safe(name) != name:
            self._warn(where, "has a name with characters that cannot be seen")
        for word in _WORD.findall(name):
            scripts = {unicodedata.name(letter, "").partition(" ")[0] for letter in word}
            if "LATIN" in scripts and scripts & {"CYRILLIC", "GREEK", "CHEROKEE", "ARMENIAN"}:
                self._warn(where, f"mixes scripts in '{word[:60]}', which may look like another")
