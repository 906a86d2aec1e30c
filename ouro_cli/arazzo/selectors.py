"""Parts of a value, by JSON pointer or JSONPath; XPath is refused by name."""

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ouro_cli.arazzo.references import pointer_steps
from ouro_cli.errors import ExpressionFault
from ouro_cli.model.chain import Selector, SelectorKind
from ouro_cli.openapi.judge import Judge

if TYPE_CHECKING:
    from jsonpath_rfc9535 import JSONPathNode, JSONPathQuery

DRAFT = "draft-goessner-dispatch-jsonpath-00"
VERSIONS = {
    "jsonpath": ("rfc9535", DRAFT),
    "xpath": ("xpath-31", "xpath-30", "xpath-20", "xpath-10"),
    "jsonpointer": ("rfc6901",),
}
"""Which versions of each language the specification names; the first is the default."""

MOST_NODES = 10_000

XPATH_REFUSED = "XPath is not supported; jsonpath and jsonpointer are"


def select(selector: Selector, value: Any) -> Any:
    """The selected part of a value.

    Of a JSONPath that can select one place alone, what stands there; of any other, the list of all
    that it selects. Raises ExpressionFault where the place is none, or nothing is there.
    """
    if selector.kind is SelectorKind.XPATH:
        raise ExpressionFault(why=XPATH_REFUSED)
    if selector.kind is SelectorKind.JSONPOINTER:
        for step in pointer_steps(selector.selector):
            value = _child(value, step, selector.selector)
        return value
    query = read_jsonpath(selector.selector)
    nodes = _nodes(query, value)
    if not query.singular_query():
        return [each.value for each in nodes]
    if not nodes:
        raise ExpressionFault(why=f"{selector.selector} selects nothing of {selector.context}")
    return nodes[0].value


def places(path: str, value: Any) -> list[tuple[str | int, ...]]:
    """Where in a value a JSONPath leads, as keys and indexes."""
    return [each.location for each in _nodes(read_jsonpath(path), value)]


def is_selected(path: str, value: Any) -> bool:
    """Whether a JSONPath selects anything of a value."""
    return next(iter(_nodes(read_jsonpath(path), value)), None) is not None


def matches(pattern: str, text: str) -> bool:
    """Whether a regular expression is found in a text, in bounded time; ExpressionFault if none."""
    judge = _judge(pattern)
    if not judge.is_able:
        raise ExpressionFault(why=f"'{pattern[:80]}' is no regular expression")
    return judge.faults(text) == []


@functools.lru_cache(maxsize=500)
def _judge(pattern: str) -> Judge:
    return Judge({"pattern": pattern}, formats=False)


@functools.lru_cache(maxsize=500)
def read_jsonpath(path: str) -> "JSONPathQuery":
    """The JSONPath (RFC 9535) that the text is; ExpressionFault, in one line, where it is none."""
    # Worth its import only where a file has a JSONPath.
    import jsonpath_rfc9535  # noqa: PLC0415
    from jsonpath_rfc9535.function_extensions import (  # noqa: PLC0415
        ExpressionType,
        FilterFunction,
    )

    class Matching(FilterFunction):
        """`match` and `search`, bounded: both sides may be somebody else's."""

        arg_types = [ExpressionType.VALUE, ExpressionType.VALUE]  # noqa: RUF012
        return_type = ExpressionType.LOGICAL

        def __init__(self, form: str) -> None:
            self._form = form

        def __call__(self, text: object, pattern: object) -> bool:
            if not isinstance(text, str) or not isinstance(pattern, str):
                return False
            try:
                return matches(self._form.format(pattern), text)
            except ExpressionFault:
                return False

    environment = jsonpath_rfc9535.JSONPathEnvironment()
    environment.function_extensions["match"] = Matching("^(?:{})$")
    environment.function_extensions["search"] = Matching("{}")
    try:
        return environment.compile(path)
    except jsonpath_rfc9535.JSONPathError as fault:
        why = str(fault).split("\n", 1)[0]
        raise ExpressionFault(why=f"'{path[:80]}' is no JSONPath (RFC 9535): {why}") from None
    except RecursionError:
        raise ExpressionFault(why=f"'{path[:80]}' is nested too deep") from None


def _nodes(query: "JSONPathQuery", value: Any) -> "list[JSONPathNode]":
    import jsonpath_rfc9535  # noqa: PLC0415

    found = []
    try:
        for node in query.finditer(value):
            found.append(node)
            if len(found) > MOST_NODES:
                raise ExpressionFault(why=f"{query} selects more than {MOST_NODES:,} places")
    except jsonpath_rfc9535.JSONPathError as fault:
        why = str(fault).split("\n", 1)[0]
        raise ExpressionFault(why=f"{query} cannot be applied: {why}") from None
    return found


def _child(value: Any, step: str, pointer: str) -> Any:
    if isinstance(value, Mapping) and step in value:
        return value[step]
    if isinstance(value, list) and step.isdecimal() and int(step) < len(value):
        return value[int(step)]
    raise ExpressionFault(why=f"{pointer} leads nowhere at '{step}'")
