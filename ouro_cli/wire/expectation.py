"""What a person expects of a result: an expression, and whether it holds of a JSON value."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ouro_cli.errors import UsageFault
from ouro_cli.model.verdict import Verdict

_LONGEST_SHOWN = 200
_MOST_SHOWN = 20

# A jq comparison of two sides whose left one can be looked at by itself.
_COMPARISON = re.compile(r"([^=<>!|,;\"]+(?:\|[^=<>!|,;\"]+)*?)\s*(?:[=!]=|[<>]=?)\s*([^=<>!|,;]+)")
# Where a parser stood; it counts what we put around the expression too.
_AT_LINE = re.compile(r"(,| at <top-level>,) line \d+, column \d+:?$")
_JOINED = re.compile(r"\b(and|or|not|as|if|select|def|reduce|foreach|try)\b")


@dataclass(frozen=True, slots=True)
class Expectation:
    """An expression that was read; `judge` says whether it holds of a value."""

    text: str
    judge: Callable[[Any], Verdict]


def read_expectation(text: str) -> Expectation:
    """Read one expression; UsageFault where it cannot be read, or jq is not installed.

    One that begins with `$` is what may stand in a filter of JSONPath (RFC 9535 section 2.3.5),
    where `$` is the value that is looked at: a query holds where it finds something
    (`$.items[?@.energy < -1]`), a comparison where it is true (`$.n == 3`), and both may be joined
    by `&&`, `||`, `!` and functions. Any other is jq, and holds where its last output is neither
    false nor null.
    """
    stripped = text.strip()
    return _json_path(stripped) if stripped.startswith("$") else _jq(stripped)


def _json_path(text: str) -> Expectation:
    # Loaded only by whoever expects something.
    from jsonpath_rfc9535 import JSONPathEnvironment, JSONPathError  # noqa: PLC0415
    from jsonpath_rfc9535.filter_expressions import FilterContext  # noqa: PLC0415
    from jsonpath_rfc9535.selectors import FilterSelector  # noqa: PLC0415

    environment = JSONPathEnvironment()
    try:
        selectors = [
            each for part in environment.compile(f"$[?{text}]").segments for each in part.selectors
        ]
    except (JSONPathError, RecursionError, ValueError) as fault:
        raise _unreadable(text, "JSONPath", str(fault) or "it is nested too deep") from None
    if len(selectors) != 1 or not isinstance(selectors[0], FilterSelector):
        raise _unreadable(text, "JSONPath", "its brackets do not match")
    expression = selectors[0].expression

    def judge(value: Any) -> Verdict:
        context = FilterContext(env=environment, current=value, root=value)
        try:
            holds = expression.evaluate(context)
        except (JSONPathError, RecursionError) as fault:
            return Verdict(text, False, None, str(fault) or "it is nested too deep")
        return Verdict(text, True) if holds else _missed(text, list(_values(expression, context)))

    return Expectation(text, judge)


def _values(expression: Any, context: Any) -> Iterator[Any]:
    """What the queries of a JSONPath expression find, outside of the filters in them."""
    if hasattr(expression, "query"):
        yield from islice((node.value for node in expression.evaluate(context)), _MOST_SHOWN)
        return
    parts = [getattr(expression, name, None) for name in ("expression", "left", "right")]
    for part in [*parts, *getattr(expression, "args", ())]:
        if part is not None:
            yield from _values(part, context)


def _jq(text: str) -> Expectation:
    try:
        # An extra, and loaded only by whoever expects something in jq.
        import jq  # noqa: PLC0415
    except ImportError:
        raise UsageFault(
            why=f"'{text}' is a jq expression, and needs the 'jq' package",
            hint="pip install 'ouro-cli[jq]', or write it as a JSONPath: $.a == 1",
        ) from None
    if not text:
        raise _unreadable(text, "jq", "it is empty")
    try:
        program = jq.compile(text)
    except ValueError as fault:
        raise _unreadable(text, "jq", str(fault).splitlines()[0]) from None
    left = _left_of(jq, text)

    def judge(value: Any) -> Verdict:
        try:
            last = _last(program.input_text(_json_text(value)))
        except ValueError as fault:
            return Verdict(text, False, None, str(fault).splitlines()[0])
        if last and last[0] is not None and last[0] is not False:
            return Verdict(text, True)
        if left is not None:
            try:
                last = _last(left.input_text(_json_text(value)))
            except ValueError:
                last = []
        return _missed(text, last)

    return Expectation(text, judge)


def _left_of(jq: Any, text: str) -> Any:
    """The left side of a jq comparison, whose value tells more than that the whole is false."""
    match = _COMPARISON.fullmatch(text)
    if match is None or _JOINED.search(text):
        return None
    try:
        return jq.compile(match[1])
    except ValueError:
        return None


def _json_text(value: Any) -> str:
    # jq refuses half a surrogate pair, which an API may well have sent.
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()


def _last(outputs: Iterable[Any]) -> list[Any]:
    """The last of the outputs, as a list; an empty one where there is none."""
    last: list[Any] = []
    for each in outputs:
        last = [each]
    return last


def _missed(text: str, found: list[Any]) -> Verdict:
    if not found:
        return Verdict(text, False, None, "found nothing")
    shown = ", ".join(_shown(each) for each in found)
    value = found[0] if len(found) == 1 else found
    return Verdict(text, False, value, f"found {_cut(shown)}")


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"


def _unreadable(text: str, language: str, why: str) -> UsageFault:
    said = _AT_LINE.sub("", why.removeprefix("jq: error: ")).rstrip(".:")
    return UsageFault(
        why=f"the expression '{text}' cannot be read as {language}: {said}",
        hint="One that begins with $ is a JSONPath, any other is jq.",
    )
