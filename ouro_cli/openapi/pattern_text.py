"""Texts that a regular expression might match, made from how it is written; none is ever run here.

The grammar is that of ECMA-262, which JSON Schema asks for. What looks around, anchors or refers
back adds no text of its own, so a text is only a proposal: whoever asks has to try it.
"""

from collections.abc import Callable, Iterator

Maker = Callable[[int, int], str]
"""Makes a text of a part: how often to repeat what may be repeated, and which choice to take."""

LONGEST = 20_000

_DEEPEST = 40
_LONGEST_PATTERN = 4_000
_COUNTS = (1, 0, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 36, 40, 48, 64, 128, 256, 512, 1024)
_CHOICES = 6
_PREFERRED = "aA1 -_./:bB2cC3@+,;=#'\"(){}[]<>*&%$!?~^|\\\n\téΩ中"
_SHORT: dict[str, Callable[[str], bool]] = {
    "d": lambda c: c in "0123456789",
    "w": lambda c: c.isascii() and (c.isalnum() or c == "_"),
    "s": str.isspace,
}
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "0": "\0"}
_CATEGORIES: dict[str, Callable[[str], bool]] = {
    "L": str.isalpha,
    "Lu": str.isupper,
    "Ll": str.islower,
    "N": str.isdigit,
    "Nd": str.isdigit,
    "Z": str.isspace,
    "Zs": lambda c: c == " ",
    "P": lambda c: c in "-_./:@,;#'\"(){}[]*&%!?\\",
    "S": lambda c: c in "+=<>$~^|",
    "M": lambda _: False,
    "C": lambda c: c in "\n\t",
}


class _Unreadable(Exception):
    """The pattern is written in a way that is not known here."""


class _TooLong(Exception):
    """The text would be longer than anybody asks for."""


def texts_of(pattern: str) -> Iterator[str]:
    """Texts that the pattern might match, plain and short ones first; none where it is too odd."""
    if len(pattern) > _LONGEST_PATTERN:
        return
    try:
        make = _Reader(pattern).whole()
    except (_Unreadable, IndexError, ValueError, OverflowError):
        return
    seen = set()
    for choice in range(_CHOICES):
        for count in _COUNTS:
            try:
                text = make(count, choice)
            except _TooLong:
                break
            if text not in seen:
                seen.add(text)
                yield text


class _Reader:
    def __init__(self, pattern: str) -> None:
        self._text = pattern
        self._at = 0
        self._depth = 0

    def whole(self) -> Maker:
        made = self._choices()
        if self._at < len(self._text):
            raise _Unreadable
        return made

    def _choices(self) -> Maker:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _Unreadable
        ways = [self._sequence()]
        while self._take("|"):
            ways.append(self._sequence())
        self._depth -= 1
        return lambda count, choice: ways[choice % len(ways)](count, choice)

    def _sequence(self) -> Maker:
        parts: list[Maker] = []
        while self._at < len(self._text) and self._peek() not in "|)":
            parts.append(self._repeated(self._atom()))

        def make(count: int, choice: int) -> str:
            return _short("".join(part(count, choice) for part in parts))

        return make

    def _repeated(self, part: Maker) -> Maker:
        low, high = self._quantifier()
        if (low, high) == (1, 1):
            return part

        def make(count: int, choice: int) -> str:
            times = max(low, count if high is None else min(count, high))
            if times > LONGEST:
                raise _TooLong
            text = part(count, choice) if times else ""
            if len(text) * times > LONGEST:
                raise _TooLong
            return text * times

        return make

    def _quantifier(self) -> tuple[int, int | None]:
        bounds: tuple[int, int | None] = (1, 1)
        if self._take("*"):
            bounds = (0, None)
        elif self._take("+"):
            bounds = (1, None)
        elif self._take("?"):
            bounds = (0, 1)
        elif self._at < len(self._text) and self._peek() == "{":
            end = self._text.find("}", self._at)
            low, comma, high = self._text[self._at + 1 : end].partition(",")
            if end < 0 or not low.isdigit() or len(low) > 9:
                return bounds
            self._at = end + 1
            bounds = (int(low), (int(high[:9]) if high else None) if comma else int(low))
        if bounds != (1, 1):
            # Lazy or possessive makes no difference to what it matches at its best.
            _ = self._take("?") or self._take("+")
        return bounds

    def _atom(self) -> Maker:
        char = self._next()
        if char == "(":
            return self._group()
        if char == "[":
            return self._class()
        if char in "^$":
            return _nothing
        if char == ".":
            return _one_of(lambda c: c != "\n", "")
        if char == "\\":
            return self._escape()
        return _text(char)

    def _group(self) -> Maker:
        adds_nothing = False
        if self._take("?"):
            if self._take("<") and self._peek() not in "=!":
                self._at = self._text.index(">", self._at) + 1
            elif self._peek() in "=!":
                self._next()
                adds_nothing = True
            elif not (self._take(":") or self._take(">")):
                while self._peek() not in ":)":  # flags, with or without what they are for
                    self._next()
                self._take(":")
        inner = self._choices()
        if not self._take(")"):
            raise _Unreadable
        return _nothing if adds_nothing else inner

    def _escape(self) -> Maker:
        char = self._next()
        if char in "bBAzZG" or (char.isdigit() and char != "0"):
            return _nothing
        if char == "k" and self._take("<"):
            self._at = self._text.index(">", self._at) + 1
            return _nothing
        matches, low = self._escaped(char)
        return _text(low) if matches is None else _one_of(matches, low)

    def _escaped(self, char: str) -> tuple[Callable[[str], bool] | None, str]:
        """A class of characters, or None and the one character that the escape stands for."""
        if char.lower() in _SHORT:
            known = _SHORT[char.lower()]
            return (known, "") if char.islower() else (lambda c: not known(c), "")
        if char in "pP":
            return self._property(negated=char == "P"), ""
        if char in "xu":
            return None, self._code(2 if char == "x" else 4)
        if char == "c":
            return None, chr(ord(self._next()) % 32)
        return None, _ESCAPED.get(char, char)

    def _property(self, *, negated: bool) -> Callable[[str], bool]:
        name = self._next()
        if name == "{":
            end = self._text.index("}", self._at)
            name, self._at = self._text[self._at : end], end + 1
        name = name.rpartition("=")[2].removeprefix("Is").removeprefix("^")
        known = _CATEGORIES.get(name) or _CATEGORIES.get(name[:1], str.isalpha)
        return (lambda c: not known(c)) if negated else known

    def _code(self, digits: int) -> str:
        if self._take("{"):
            end = self._text.index("}", self._at)
            code, self._at = self._text[self._at : end], end + 1
        else:
            code = self._text[self._at : self._at + digits]
            self._at += digits
        char = chr(int(code[:8], 16))
        if "\ud800" <= char <= "\udfff":
            raise _Unreadable  # half a pair is no text
        return char

    def _class(self) -> Maker:
        negated = self._take("^")
        tests: list[Callable[[str], bool]] = []
        lows = ""
        is_first = True
        while is_first or self._peek() != "]":
            is_first = False
            matches, low = self._member()
            if matches is not None:
                tests.append(matches)
                continue
            high = low
            if self._peek() == "-" and self._text[self._at + 1 : self._at + 2] not in ("]", ""):
                self._next()
                matches, high = self._member()
                if matches is not None:
                    tests.append(matches)
                    high = low
            tests.append(_between(low, high))
            lows += low
        self._next()
        if negated:
            return _one_of(lambda c: not any(test(c) for test in tests), "")
        return _one_of(lambda c: any(test(c) for test in tests), lows)

    def _member(self) -> tuple[Callable[[str], bool] | None, str]:
        char = self._next()
        if char != "\\":
            return None, char
        char = self._next()
        return (None, "\b") if char == "b" else self._escaped(char)

    def _peek(self) -> str:
        return self._text[self._at]

    def _next(self) -> str:
        char = self._text[self._at]
        self._at += 1
        return char

    def _take(self, char: str) -> bool:
        if self._text[self._at : self._at + 1] != char:
            return False
        self._at += 1
        return True


def _between(low: str, high: str) -> Callable[[str], bool]:
    return lambda c: low <= c <= high


def _one_of(matches: Callable[[str], bool], others: str) -> Maker:
    chars = [each for each in _PREFERRED if matches(each)] + list(others)
    if not chars:
        raise _Unreadable
    return lambda _, choice: chars[choice % len(chars)]


def _text(text: str) -> Maker:
    return lambda _, __: text


def _nothing(_: int, __: int) -> str:
    return ""


def _short(text: str) -> str:
    if len(text) > LONGEST:
        raise _TooLong
    return text
