"""What a template or a runtime expression of OpenAPI's stands for, once a call was answered."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from ouro_cli.model.route import Operation
from ouro_cli.wire.inputs import Input
from ouro_cli.wire.json_path import value_at, value_at_pointer
from ouro_cli.wire.outcome import UpstreamResponse

LONGEST_ADDRESS = 4_000

_NAMED = re.compile(r"\{([^{}]+)\}")
_INSIDE = ("data", "job", "task", "result", "output")


@dataclass(frozen=True, slots=True)
class Call:
    """A request that was sent: to which operation, with what, where, and what came back."""

    operation: Operation
    values: Input
    base_url: str
    answer: UpstreamResponse


def filled_in(call: Call, template: str, values: dict[str, Any]) -> str | None:
    """A path or address with its places filled; None where one cannot be.

    Each from `values`, else a runtime expression of OpenAPI's or a JSON path into the answer,
    else what the call itself had in its path, else a field of the answer's body.
    """
    missing = False

    def fill(match: re.Match[str]) -> str:
        nonlocal missing
        name = match[1]
        value = values.get(name)
        if value is None and name.startswith("$"):
            value = evaluated(call, name)
        if value is None:
            value = call.values.path.get(name)
        if value is None:
            value = field_in(call.answer.body.value, (name,))
        if isinstance(value, bool) or not isinstance(value, str | int) or str(value) == "":
            missing = True
            return ""
        # A dot segment would be resolved away, and lead elsewhere.
        text = quote(str(value), safe="")
        return text.replace(".", "%2E") if text in (".", "..") else text

    filled = _NAMED.sub(fill, template)
    return None if missing else filled


def evaluated(call: Call, expression: Any) -> Any:
    """What a runtime expression stands for (OpenAPI 3.2, 4.20.4); a constant stands for itself."""
    if not isinstance(expression, str) or not expression.startswith("$"):
        return expression
    if expression == "$url":
        return call.answer.url
    if expression == "$method":
        return call.operation.method
    if expression == "$statusCode":
        return call.answer.status
    side, _, rest = expression.partition(".")
    if side not in ("$request", "$response"):
        return value_at(call.answer.body.value, expression)
    if rest.startswith("body"):
        body = call.answer.body.value if side == "$response" else call.values.body
        return value_at_pointer(body, rest.partition("#")[2])
    kind, _, name = rest.partition(".")
    if side == "$response":
        return call.answer.header(name) if kind == "header" else None
    if kind == "header":
        known = {each.lower(): value for each, value in call.values.headers.items()}
        return known.get(name.lower())
    return {"path": call.values.path, "query": call.values.query}.get(kind, {}).get(name)


def field_in(value: Any, names: Iterable[str]) -> str | None:
    """The first of these fields that holds a text or a number, at the top or one level below."""
    names = tuple(names)
    holders = [value]
    if isinstance(value, dict):
        holders += [value.get(each) for each in _INSIDE]
    for holder in holders:
        for key in names:
            found = holder.get(key) if isinstance(holder, dict) else None
            if isinstance(found, str | int) and not isinstance(found, bool) and str(found):
                return str(found)
    return None


def address_in(found: Any, beside: str) -> str | None:
    """An http(s) address in full, without fragment; None for what is none.

    One that is relative is read beside another; one that holds a password is refused.
    """
    if not isinstance(found, str) or not found.strip() or len(found) > LONGEST_ADDRESS:
        return None
    try:
        address = urljoin(beside, found.strip())
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        return None
    return parts._replace(fragment="").geturl()
