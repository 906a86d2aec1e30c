"""Request bodies of steps: a template, filled in, and what is replaced in it."""

import json
from typing import Any

from ouro_cli.arazzo.expressions import as_text, evaluate, value_of
from ouro_cli.arazzo.references import Reference, is_expression, pieces, pointer_steps
from ouro_cli.arazzo.scope import Scope
from ouro_cli.arazzo.selectors import XPATH_REFUSED, places
from ouro_cli.errors import ExpressionFault
from ouro_cli.model.chain import Payload, Replacement, SelectorKind
from ouro_cli.model.json_text import JsonFault, read_json

Steps = tuple[str | int, ...]


def filled(payload: Payload, scope: Scope) -> Any:
    """The body: expressions evaluated, then each replacement put in its place.

    A text in a JSON media type is a template: it is read as JSON once it is filled in, and what
    is put between quotes there cannot end them. Raises ExpressionFault.
    """
    body = _template(payload, scope)
    for each in payload.replacements:
        body = _replaced(body, each, evaluate(each.value, scope), payload.content_type)
    return body


def _template(payload: Payload, scope: Scope) -> Any:
    text = payload.payload
    if not isinstance(text, str) or is_expression(text) or not _is_json(payload, text):
        return evaluate(text, scope)
    made, is_quoted = [], False
    for piece in pieces(text):
        if isinstance(piece, Reference):
            made.append(_in_json(piece, scope, is_quoted=is_quoted))
        else:
            made.append(piece)
            is_quoted = _ends_quoted(piece, is_quoted=is_quoted)
    try:
        return read_json("".join(made))
    except (JsonFault, json.JSONDecodeError) as fault:
        if not payload.content_type:
            return evaluate(text, scope)
        raise ExpressionFault(why=f"the payload is no JSON once it is filled in: {fault}") from None


def _is_json(payload: Payload, text: str) -> bool:
    kind = payload.content_type.partition(";")[0].strip().lower()
    if kind:
        return kind == "application/json" or kind.endswith("+json")
    return text.lstrip()[:1] in ("{", "[")


def _in_json(piece: Reference, scope: Scope, *, is_quoted: bool) -> str:
    value = value_of(piece, scope)
    if is_quoted:
        return json.dumps(as_text(value), ensure_ascii=False)[1:-1]
    return json.dumps(value, ensure_ascii=False)


def _ends_quoted(text: str, *, is_quoted: bool) -> bool:
    is_escaped = False
    for each in text:
        if is_escaped:
            is_escaped = False
        elif each == "\\":
            is_escaped = is_quoted
        elif each == '"':
            is_quoted = not is_quoted
    return is_quoted


def kind_of(replacement: Replacement, content_type: str) -> SelectorKind:
    """How a replacement's target is written: as it says, else as its media type has it."""
    if replacement.kind is not None:
        return replacement.kind
    if replacement.target.startswith("$"):
        return SelectorKind.JSONPATH
    if "xml" in content_type.lower():
        return SelectorKind.XPATH
    return SelectorKind.JSONPOINTER


def _replaced(body: Any, replacement: Replacement, value: Any, content_type: str) -> Any:
    kind = kind_of(replacement, content_type)
    if kind is SelectorKind.XPATH:
        raise ExpressionFault(why=f"{replacement.target}: {XPATH_REFUSED}")
    if kind is SelectorKind.JSONPATH:
        found: list[Steps] = list(places(replacement.target, body))
        if not found:
            raise ExpressionFault(why=f"{replacement.target} leads nowhere in the payload")
    else:
        found = [pointer_steps(replacement.target)]
    for each in found:
        body = _put(body, each, value, replacement.target)
    return body


def _put(body: Any, steps: Steps, value: Any, target: str) -> Any:
    """The body with a value in that place; what is given stays as it is."""
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if isinstance(body, dict):
        key = str(step)
        if rest and key not in body:
            raise ExpressionFault(why=f"{target} leads nowhere in the payload at '{key}'")
        return {**body, key: _put(body.get(key), rest, value, target)}
    if isinstance(body, list):
        index = len(body) if step == "-" and not rest else _index(step, body, target)
        changed = [*body, None] if index == len(body) else list(body)
        changed[index] = _put(changed[index], rest, value, target)
        return changed
    raise ExpressionFault(why=f"{target} leads nowhere in the payload at '{step}'")


def _index(step: str | int, body: list[Any], target: str) -> int:
    if str(step).isdecimal() and int(step) < len(body):
        return int(step)
    raise ExpressionFault(why=f"{target} leads nowhere in the payload at '{step}'")
