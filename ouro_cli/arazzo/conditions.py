"""Simple conditions: literals, operators and runtime expressions, as the specification has them.

`!` binds before a comparison of order, that before `==` and `!=`, those before `&&`, and that
before `||`.
"""

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ouro_cli.arazzo.expressions import follow, value_of
from ouro_cli.arazzo.references import Reference, read_reference
from ouro_cli.arazzo.scope import Scope
from ouro_cli.errors import ExpressionFault, NothingThere

_DEEPEST = 50
_LONGEST = 10_000
_WORD = re.compile(
    r"""\s*(?:
      (?P<reference>\$[A-Za-z]+(?:\.[^\s=!<>&|()\[\]{},'"#]*)?(?:\#[^\s=!<>&|()\[\]{},'"]*)?)
    | (?P<text>'(?:[^']|'')*')
    | (?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![\w.]))
    | (?P<word>[A-Za-z_][\w-]*)
    | (?P<operator>==|!=|<=|>=|&&|\|\||[<>!()\[\]{}.])
    )""",
    re.VERBOSE,
)
_LITERALS = {"true": True, "false": False, "null": None}
_NUMBER = re.compile(r"\s*[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?\s*")


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that stands in the condition itself."""

    value: Any


@dataclass(frozen=True, slots=True)
class Part:
    """What properties and indexes lead to within a value."""

    of: "Node"
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One or two values joined by an operator."""

    operator: str
    values: tuple["Node", ...]


Node = Literal | Reference | Part | Operation


@functools.lru_cache(maxsize=1_000)
def read_condition(text: str) -> Node:
    """The condition that the text is; raises ExpressionFault, saying where it ends to be one."""
    if len(text) > _LONGEST:
        raise ExpressionFault(why=f"a condition is longer than {_LONGEST:,} characters")
    return _Reader(text).whole()


def references_of(node: Node) -> list[Reference]:
    """Every runtime expression of a condition."""
    if isinstance(node, Reference):
        return [node]
    if isinstance(node, Part):
        return references_of(node.of)
    if isinstance(node, Operation):
        return [each for value in node.values for each in references_of(value)]
    return []


def result_of(node: Node, scope: Scope) -> Any:
    """What a condition comes to; what is not there is null."""
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Operation):
        return _operate(node, scope)
    try:
        if isinstance(node, Reference):
            return value_of(node, scope)
        return follow(result_of(node.of, scope), node.steps, "")
    except NothingThere:
        return None


def _operate(node: Operation, scope: Scope) -> Any:
    first = result_of(node.values[0], scope)
    if node.operator == "!":
        return not is_true(first)
    if node.operator == "&&":
        return is_true(first) and is_true(result_of(node.values[1], scope))
    if node.operator == "||":
        return is_true(first) or is_true(result_of(node.values[1], scope))
    return _COMPARE[node.operator](first, result_of(node.values[1], scope))


def is_true(value: Any) -> bool:
    """Whether a condition that comes to this value passes; the specification names true alone.

    Of other values, those that JSON calls empty fail: null, 0 and ''.
    """
    return value is True or (value not in (None, False, "") and value != 0)


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one.casefold() == other.casefold()
    if isinstance(one, bool) or isinstance(other, bool):
        return _as_bool(one) is _as_bool(other) if one is not None and other is not None else False
    numbers = _numbers(one, other)
    return numbers[0] == numbers[1] if numbers else bool(one == other)


def _as_bool(value: Any) -> Any:
    words = {"true": True, "false": False}
    return words.get(value.casefold(), value) if isinstance(value, str) else value


def _numbers(one: Any, other: Any) -> tuple[float, float] | None:
    """Both as numbers, where at least one is one and the other is, or is written like one."""
    if not (_is_number(one) or _is_number(other)):
        return None
    pair = [_number(one), _number(other)]
    return None if None in pair else (pair[0], pair[1])  # type: ignore[return-value]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(value: Any) -> float | None:
    if _is_number(value):
        return value  # type: ignore[no-any-return]
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value)
    return None


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def judge(one: Any, other: Any) -> bool:
        numbers = _numbers(one, other)
        if numbers is None and isinstance(one, str) and isinstance(other, str):
            both = _number(one), _number(other)
            if None in both:
                return compare(one.casefold(), other.casefold())
            return compare(*both)
        return compare(*numbers) if numbers else False

    return judge


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": _equal,
    "!=": lambda one, other: not _equal(one, other),
    "<": _ordered(lambda one, other: one < other),
    "<=": _ordered(lambda one, other: one <= other),
    ">": _ordered(lambda one, other: one > other),
    ">=": _ordered(lambda one, other: one >= other),
}
_LEVELS = (("||",), ("&&",), ("==", "!="), ("<", "<=", ">", ">="))
_CLOSING = {"(": ")", "{": "}"}


class _Reader:
    """Reads a condition from left to right, an operator's level at a time."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._words = self._cut()
        self._at = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._level(0)
        if self._kind:
            raise self._fault(f"'{self._word}' was not expected")
        return node

    def _cut(self) -> list[tuple[str, str]]:
        words, at = [], 0
        while self._text[at:].strip():
            word = _WORD.match(self._text, at)
            if word is None:
                rest = self._text[at:].strip()
                why = f"'{rest[:20]}' cannot be read"
                if rest[0] in "'\"":
                    why += "; a text stands between single quotes"
                raise self._fault(why)
            kind = str(word.lastgroup)
            words.append((kind, word.group(kind)))
            at = word.end()
        return words

    @property
    def _kind(self) -> str:
        return self._words[self._at][0] if self._at < len(self._words) else ""

    @property
    def _word(self) -> str:
        return self._words[self._at][1] if self._at < len(self._words) else ""

    def _take(self, *operators: str) -> str:
        if self._kind == "operator" and self._word in operators:
            self._at += 1
            return self._words[self._at - 1][1]
        return ""

    def _level(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self._unary()
        node = self._level(level + 1)
        while operator := self._take(*_LEVELS[level]):
            node = Operation(operator, (node, self._level(level + 1)))
        return node

    def _unary(self) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._fault(f"it is nested deeper than {_DEEPEST}")
        node: Node = Operation("!", (self._unary(),)) if self._take("!") else self._value()
        self._depth -= 1
        return node

    def _value(self) -> Node:
        node = self._first()
        steps: list[str] = []
        while operator := self._take("[", "."):
            steps.append(self._step(operator))
        return Part(node, tuple(steps)) if steps else node

    def _step(self, operator: str) -> str:
        kind, word = self._kind, self._word
        self._at += 1
        if operator == ".":
            if kind != "word":
                raise self._fault("a property's name must follow a dot")
            return word
        if kind == "text":
            word = word[1:-1].replace("''", "'")
        elif not (kind == "number" and word.isdecimal()):
            raise self._fault("an index counts from 0")
        if not self._take("]"):
            raise self._fault("a ] is missing")
        return word

    def _first(self) -> Node:
        if opening := self._take("(", "{"):
            node = self._level(0)
            if not self._take(_CLOSING[opening]):
                raise self._fault(f"a {_CLOSING[opening]} is missing")
            return node
        kind, word = self._kind, self._word
        self._at += 1
        if kind == "reference":
            return read_reference(word)
        if kind == "text":
            return Literal(word[1:-1].replace("''", "'"))
        if kind == "number":
            return Literal(_finite(word))
        if kind == "word" and word in _LITERALS:
            return Literal(_LITERALS[word])
        if kind == "word":
            raise self._fault(f"'{word}' stands in no quotes; a text stands between single quotes")
        raise self._fault(f"a value is missing before '{word}'" if word else "it ends too early")

    def _fault(self, why: str) -> ExpressionFault:
        return ExpressionFault(why=f"'{self._text[:80]}' is no condition: {why}")


def _finite(word: str) -> Any:
    if not word.lstrip("-").isdecimal():
        number = float(word)
        if number in (float("inf"), float("-inf")):
            raise ExpressionFault(why=f"the number {word[:20]} is out of range")
        return number
    if len(word) > 4_000:
        raise ExpressionFault(why="a number is out of range")
    return int(word)
