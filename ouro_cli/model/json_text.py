"""JSON read strictly: whatever is read here can be written again, and read by everybody."""

import json
import re
from typing import Any

DEEPEST = 200
"""How deep a value may be nested; all that walks one, to print it or to check it, has its limit."""

# An exponent of three digits, or three hundred digits in a row: only then may a float overflow.
_MAY_OVERFLOW = re.compile(r"[eE]\+?0*[1-9]\d\d|\d{300}")
_BLANKS_BEFORE_COLON = re.compile(r'"[ \t\n\r]+:')
_MAY_OVERFLOW_BYTES = re.compile(_MAY_OVERFLOW.pattern.encode())


class JsonFault(ValueError):
    """What is wrong with a JSON text that is well-formed all the same."""


def read_json(text: str | bytes, *, unlike_keys: bool = False) -> Any:
    """The value of a JSON text.

    Raises json.JSONDecodeError, or UnicodeDecodeError, where it is none; JsonFault for NaN,
    Infinity, a number beyond what a float or Python holds, nesting deeper than `DEEPEST`, and,
    where `unlike_keys` is asked for, a key that stands twice in one object.
    """
    if isinstance(text, bytes):
        may_overflow = _MAY_OVERFLOW_BYTES.search(text) is not None
        openings = text.count(b"{") + text.count(b"[")
    else:
        may_overflow = _MAY_OVERFLOW.search(text) is not None
        openings = text.count("{") + text.count("[")
    keys = _keys_in(text) if unlike_keys and isinstance(text, str) else None
    value = _load(text, may_overflow=may_overflow, unlike_keys=unlike_keys and keys is None)
    if openings > DEEPEST or keys is not None:
        found = _count_keys(value)
        if keys not in (None, found):
            # To name the key costs a function call for each object: only now is it worth that.
            _load(text, may_overflow=may_overflow, unlike_keys=True)
    return value


def _load(text: str | bytes, *, may_overflow: bool, unlike_keys: bool) -> Any:
    try:
        return json.loads(
            text,
            parse_constant=_refuse_constant,
            parse_float=_finite if may_overflow else None,
            object_pairs_hook=_with_unlike_keys if unlike_keys else None,
        )
    except (json.JSONDecodeError, UnicodeDecodeError, JsonFault):
        raise
    except ValueError:
        raise JsonFault("a number is out of range") from None
    except RecursionError:
        raise JsonFault(f"nested deeper than {DEEPEST}") from None


def _keys_in(text: str) -> int | None:
    """How many keys a JSON text states; None where that cannot be told without reading it.

    A key is followed by `":`, and within a string a quote stands behind a backslash. Blanks
    between quote and colon, and a key that ends in a backslash, would deceive the count.
    """
    if '\\\\":' in text or _BLANKS_BEFORE_COLON.search(text):
        return None
    return text.count('":') - text.count('\\":')


def _count_keys(value: Any) -> int:
    """How many keys all objects of the value hold; JsonFault where it is nested too deep."""
    level: list[Any] = [value] if isinstance(value, dict | list) else []
    count = 0
    for _ in range(DEEPEST):
        below: list[Any] = []
        for each in level:
            children = each
            if type(each) is dict:
                count += len(each)
                children = each.values()
            for child in children:
                if type(child) is dict or type(child) is list:
                    below.append(child)
        if not below:
            return count
        level = below
    raise JsonFault(f"nested deeper than {DEEPEST}")


def _refuse_constant(word: str) -> Any:
    # Shown as JSON, NaN and Infinity would break every reader behind us.
    raise JsonFault(f"{word} is no JSON")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise JsonFault("a number is out of range")
    return number


def _with_unlike_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        names = [name for name, _ in pairs]
        again = next(name for name in names if names.count(name) > 1)
        raise JsonFault(f"the key '{again[:60]}' stands twice")
    return value
