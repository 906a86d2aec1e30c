"""How each place in an example is filled, and what is learnt where a schema refuses it."""

from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

Path = tuple[str | int, ...]
"""A place in a value: the names and numbers on the way there."""

_MOST_HINTS = 12


class Choices:
    """Which of its options every place takes; a refusal makes it, or what holds it, take the next.

    `hints` are values that a refusal itself named; `wanted` and `unwanted` the members that an
    object was refused for lacking or having. `spent`, where no option is left, and `optional`,
    the members that may be left out, are filled in by whoever makes the value.
    """

    def __init__(self) -> None:
        self.hints: dict[Path, list[Any]] = {}
        self.wanted: dict[Path, dict[str, None]] = defaultdict(dict)
        self.unwanted: dict[Path, set[str]] = defaultdict(set)
        self.spent: set[Path] = set()
        self.optional: set[Path] = set()
        self._turns: dict[Path, int] = {}
        self._made: set[Path] = set()

    def begin(self) -> None:
        """A new value is being made."""
        self.optional.clear()
        self._made.clear()

    def turn_of(self, path: Path) -> int:
        """Which option the place takes: 0 is the first."""
        self._made.add(path)
        return self._turns.get(path, 0)

    def learn(self, causes: "list[ValidationError]") -> bool:
        """Choose otherwise where something was wrong; False where there is no other choice."""
        turned: set[Path] = set()
        learned = [self._learn_of(cause, turned) for cause in causes]
        return any(learned)

    def _learn_of(self, cause: "ValidationError", turned: set[Path]) -> bool:
        path: Path = tuple(cause.instance_path)
        kind: Any = cause.kind
        match kind.name:
            case "required" if kind.property not in {*self.wanted[path], *self.unwanted[path]}:
                self.wanted[path][kind.property] = None
                return True
            case "additionalProperties" | "unevaluatedProperties":
                if not self.unwanted[path].issuperset(kind.unexpected):
                    self.unwanted[path].update(kind.unexpected)
                    for name in kind.unexpected:
                        self.wanted[path].pop(name, None)
                    return True
            case "const" | "enum" if path not in self.hints:
                options = [kind.expected_value] if kind.name == "const" else kind.options
                self.hints[path] = list(options)[:_MOST_HINTS]
                self._turns[path] = 0
                return True
        return self._turn(path, turned)

    def _turn(self, path: Path, turned: set[Path]) -> bool:
        """Let the place take its next option; where none is left, do without it, or go up."""
        if any(path[:length] in turned for length in range(len(path) + 1)):
            return True
        while True:
            turned.add(path)
            if path in self._made and path not in self.spent:
                self._forget(path)
                self._turns[path] = self._turns.get(path, 0) + 1
                return True
            if not path:
                return False
            name, holder = path[-1], path[:-1]
            if path in self.optional and name not in self.unwanted[holder]:
                self.unwanted[holder].add(str(name))
                return True
            path = holder

    def _forget(self, path: Path) -> None:
        """Forget what was learnt inside of the place, for something else will stand there."""
        depth = len(path)
        learnt: list[dict[Path, Any]] = [self._turns, self.hints, self.wanted, self.unwanted]
        for known in learnt:
            for each in [each for each in known if len(each) > depth and each[:depth] == path]:
                del known[each]
        self.wanted.pop(path, None)
        self.unwanted.pop(path, None)
        self.spent = {each for each in self.spent if each[:depth] != path}
